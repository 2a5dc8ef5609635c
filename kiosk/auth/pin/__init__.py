# SPDX-License-Identifier: Apache-2.0
"""Verification by the four-digit PIN."""
