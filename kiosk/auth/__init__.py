# SPDX-License-Identifier: Apache-2.0
"""Proving that the person is the holder: PIN, face, or staff's eyes."""
