# SPDX-License-Identifier: Apache-2.0
"""Carries out the flow's effects and brings their results back as events."""
