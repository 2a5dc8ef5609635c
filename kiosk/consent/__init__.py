# SPDX-License-Identifier: Apache-2.0
"""What is asked, in which words, and what was answered."""
