# SPDX-License-Identifier: Apache-2.0
"""The qualification check, its answer, and what the answer means."""
