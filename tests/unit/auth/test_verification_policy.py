# SPDX-License-Identifier: Apache-2.0
"""Which ways are open: face and PIN stand in for each other, and the last try is kept."""

from __future__ import annotations

import pytest

from kiosk.auth.policy import Circumstances, VerificationRules, Way, pin_offered, ways_offered

RULES = VerificationRules()


@pytest.mark.parametrize(
    ("tries", "allowed", "offered"),
    [
        (3, False, True),
        (2, False, True),
        (1, False, False),
        (1, True, True),
        (0, False, False),
        (0, True, False),
        (None, False, False),
        (None, True, False),
    ],
)
def test_pin(tries: int | None, *, allowed: bool, offered: bool) -> None:
    assert pin_offered(tries, last_attempt_allowed=allowed) is offered


@pytest.mark.parametrize(
    ("now", "ways"),
    [
        (Circumstances(3, camera_ready=True, photo_can_be_opened=True), (Way.FACE, Way.PIN, Way.STAFF)),
        (Circumstances(3, camera_ready=False, photo_can_be_opened=True), (Way.PIN, Way.STAFF)),
        (Circumstances(3, camera_ready=True, photo_can_be_opened=False), (Way.PIN, Way.STAFF)),
        (Circumstances(0, camera_ready=True, photo_can_be_opened=True), (Way.FACE, Way.STAFF)),
        (Circumstances(0, camera_ready=False, photo_can_be_opened=True), (Way.STAFF,)),
        (
            Circumstances(1, camera_ready=True, photo_can_be_opened=True, face_tries_used=3),
            (Way.STAFF,),
        ),
        (
            Circumstances(1, camera_ready=False, photo_can_be_opened=True, last_attempt_allowed=True),
            (Way.PIN, Way.STAFF),
        ),
    ],
)
def test_ways(now: Circumstances, ways: tuple[Way, ...]) -> None:
    assert ways_offered(now, RULES) == ways


def test_without_staff_check_and_with_the_clinics_last_try() -> None:
    now = Circumstances(1, camera_ready=False, photo_can_be_opened=False)
    assert ways_offered(now, VerificationRules(staff_check=False)) == ()
    assert ways_offered(now, VerificationRules(allow_last_attempt=True, staff_check=False)) == (Way.PIN,)
