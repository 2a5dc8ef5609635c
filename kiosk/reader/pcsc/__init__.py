# SPDX-License-Identifier: Apache-2.0
"""The PC/SC driver; the only importer of smartcard."""
