# SPDX-License-Identifier: Apache-2.0
"""When a PIN may be asked for, and how often. Pure: no card, no clock."""

from __future__ import annotations

KEPT_TRIES = 1
"""Tries of the card that are not spent here unless a person of the staff allows it."""


def usable_tries(tries_left: int | None, *, last_attempt_allowed: bool) -> int:
    """How many of the card's tries may be used here; of a counter that is not told, none."""
    if tries_left is None:
        return 0
    return max(0, tries_left if last_attempt_allowed else tries_left - KEPT_TRIES)


def pin_offered(tries_left: int | None, *, last_attempt_allowed: bool) -> bool:
    """Whether a PIN may be asked for at all."""
    return usable_tries(tries_left, last_attempt_allowed=last_attempt_allowed) > 0
