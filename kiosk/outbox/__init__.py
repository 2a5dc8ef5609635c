# SPDX-License-Identifier: Apache-2.0
"""The durable local queue of what must reach upstream."""
