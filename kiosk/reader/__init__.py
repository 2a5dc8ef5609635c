# SPDX-License-Identifier: Apache-2.0
"""Card readers: ports, commands, sessions and the thread that talks to the card."""
