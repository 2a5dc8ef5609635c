# SPDX-License-Identifier: Apache-2.0
"""What the commands do; `kiosk.cli` only reads what was typed."""
