# SPDX-License-Identifier: Apache-2.0
"""The reception as a pure function: states, events, effects and what leads to what."""
