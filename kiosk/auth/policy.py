# SPDX-License-Identifier: Apache-2.0
"""Which ways of verification a patient is offered just now. Pure: no card, no camera, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """A way to prove that one is the holder, in the order in which they are offered."""

    FACE = "face"
    PIN = "pin"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class VerificationRules:
    """The clinic's choices; `face_tries` bounds the tries of one session."""

    face_tries: int = 3
    allow_last_attempt: bool = False
    staff_check: bool = True


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How things stand: the card's counter (None where it is not told), camera, photo, tries used."""

    pin_tries: int | None
    camera_ready: bool
    photo_can_be_opened: bool
    face_tries_used: int = 0
    last_attempt_allowed: bool = False  # by a staff code, for this session


def pin_offered(tries_left: int | None, *, last_attempt_allowed: bool) -> bool:
    """A PIN is asked for while a try is left beside the one that is kept; a counter not told is no try."""
    if tries_left is None:
        return False
    return tries_left >= (1 if last_attempt_allowed else 2)


def ways_offered(now: Circumstances, rules: VerificationRules) -> tuple[Way, ...]:
    """The ways open to the patient; empty where only the desk can help."""
    ways = []
    if now.camera_ready and now.photo_can_be_opened and now.face_tries_used < rules.face_tries:
        ways.append(Way.FACE)
    if pin_offered(now.pin_tries, last_attempt_allowed=now.last_attempt_allowed or rules.allow_last_attempt):
        ways.append(Way.PIN)
    if rules.staff_check:
        ways.append(Way.STAFF)
    return tuple(ways)
