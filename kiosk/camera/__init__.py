# SPDX-License-Identifier: Apache-2.0
"""Cameras, and the one-slot box that holds their newest frame."""
