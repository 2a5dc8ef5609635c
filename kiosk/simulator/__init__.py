# SPDX-License-Identifier: Apache-2.0
"""Cards, readers, cameras, people and an upstream that are not real."""
