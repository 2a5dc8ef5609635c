# SPDX-License-Identifier: Apache-2.0
"""Fictional people, drawn by code."""
