# SPDX-License-Identifier: Apache-2.0
"""Printed faces of fictional cards, as a camera over the reader sees them."""
