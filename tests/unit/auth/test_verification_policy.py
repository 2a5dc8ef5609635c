# SPDX-License-Identifier: Apache-2.0
"""The card's last try is kept, whatever the counter says."""

from __future__ import annotations

import pytest

from kiosk.auth.policy import pin_offered, usable_tries


@pytest.mark.parametrize(
    ("left", "allowed", "usable"),
    [
        (3, False, 2),
        (2, False, 1),
        (1, False, 0),
        (0, False, 0),
        (None, False, 0),
        (3, True, 3),
        (1, True, 1),
        (0, True, 0),
        (None, True, 0),
    ],
)
def test_one_try_is_kept_unless_staff_allow_it(left: int | None, *, allowed: bool, usable: int) -> None:
    assert usable_tries(left, last_attempt_allowed=allowed) == usable
    assert pin_offered(left, last_attempt_allowed=allowed) is (usable > 0)
