# SPDX-License-Identifier: Apache-2.0
"""Whether a person stands there: challenges that are answered, and signs that speak against it."""
