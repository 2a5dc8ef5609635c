# SPDX-License-Identifier: Apache-2.0
"""The applications of the card, one module each."""
