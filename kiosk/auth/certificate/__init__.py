# SPDX-License-Identifier: Apache-2.0
"""Whether a certificate can be trusted."""
