# SPDX-License-Identifier: Apache-2.0
"""A virtual My Number Card, to the byte."""
