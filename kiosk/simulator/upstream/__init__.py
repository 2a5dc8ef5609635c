# SPDX-License-Identifier: Apache-2.0
"""A simulated upstream that checks what it is sent."""
