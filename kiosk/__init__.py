# SPDX-License-Identifier: Apache-2.0
"""Uketsuke: a reception kiosk driven by the My Number Card."""

__version__ = "0.1.0"
