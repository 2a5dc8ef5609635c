# SPDX-License-Identifier: Apache-2.0
"""Staff, their codes, and the front desk."""
