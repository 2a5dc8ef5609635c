# SPDX-License-Identifier: Apache-2.0
"""From a state of the flow to what a screen says; no Qt."""
