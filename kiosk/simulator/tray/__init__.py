# SPDX-License-Identifier: Apache-2.0
"""The second window of a demo: patients' cards to lay down, and the world around the kiosk."""
