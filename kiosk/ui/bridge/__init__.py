# SPDX-License-Identifier: Apache-2.0
"""The objects QML talks to."""
