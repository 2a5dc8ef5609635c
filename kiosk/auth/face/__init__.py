# SPDX-License-Identifier: Apache-2.0
"""Verification by face, in a process of its own."""
