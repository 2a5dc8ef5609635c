# SPDX-License-Identifier: Apache-2.0
"""The only code that speaks to the database: connection, receptions, items and the audit chain."""
