# SPDX-License-Identifier: Apache-2.0
"""What is printed on the card's face."""
