# SPDX-License-Identifier: Apache-2.0
"""A card that leaves at any command: cleared before the commit, the patient's outcome after it.

All commands of all ways are walked in ``bench/card_removal.py``; here are the first, the last, some between.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.flow.session import ClearReason, EndKind
from kiosk.flow.states import (
    ChoosingVerification,
    Consenting,
    LimitChoosing,
    Matched,
    PinChecking,
    PinEntry,
    PinWrong,
    Received,
    State,
    Submitting,
    TakeYourCard,
)
from tests.fakes.removal import WAYS, Pull, Walk, faults, walk
from tests.fakes.trust import demo_trust

# what is known of the dialogues, in commands: 18 by PIN (16 VERIFY, 17 SELECT key, 18 signature), 20 by face,
# 20 by phone (16 VERIFY, then the certificate, and the signature)
AT = {
    "pin": (0, 5, 12, 14, 15, 16, 17),
    "face": (0, 9, 13, 14, 16, 19),
    "phone": (0, 6, 15, 17, 18, 19),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_whole_dialogue_has_the_commands_that_are_pulled_at(way: str, tmp_path: Path) -> None:
    seen = walk(tmp_path, demo_trust(), way)
    assert faults(way, Pull.BOUNCES, seen) == []
    assert seen.commands == max(AT[way]) + 1
    assert seen.verifies == 1


@pytest.mark.parametrize("pull", Pull)
@pytest.mark.parametrize(("way", "at"), [(way, at) for way, all_at in AT.items() for at in all_at])
def test_a_card_that_leaves_at_a_command(way: str, at: int, pull: Pull, tmp_path: Path) -> None:
    seen = walk(tmp_path, demo_trust(), way, pull, at)
    assert faults(way, pull, seen) == []


@pytest.mark.parametrize(
    "state", [ChoosingVerification, PinEntry, PinChecking, Matched, Consenting, LimitChoosing]
)
def test_a_card_taken_before_the_commit_clears(state: type[State], tmp_path: Path) -> None:
    seen = walk(tmp_path, demo_trust(), "pin", remove_in=state)
    assert seen.ends == ((EndKind.CLEARED, ClearReason.CARD_REMOVED),)
    assert faults("pin", Pull.BEFORE, seen) == []


@pytest.mark.parametrize("state", [Submitting, Received, TakeYourCard])
@pytest.mark.parametrize("way", WAYS)
def test_a_card_taken_after_it_leaves_the_patients_outcome(
    way: str, state: type[State], tmp_path: Path
) -> None:
    seen = walk(tmp_path, demo_trust(), way, remove_in=state)
    assert seen.ends == ((EndKind.ELIGIBLE, None),)
    assert seen.count(Received) > 0
    assert seen.receptions == 1
    assert faults(way, Pull.BEFORE, seen) == []


def test_the_faults_are_found() -> None:
    """The judge itself: it must be able to say no."""
    good = Walk((), ((EndKind.CLEARED, ClearReason.CARD_REMOVED),), 0, 0, 0, 0)
    assert faults("pin", Pull.BEFORE, good) == ["not cleared once"]
    assert "presented more than once" in faults("pin", Pull.BEFORE, Walk((), good.ends, 9, 2, 0, 0))
    assert "neither committed nor cleared" in faults(
        "pin", Pull.BEFORE, Walk((), ((EndKind.HANDED_TO_STAFF, None),), 9, 0, 0, 0)
    )
    wrong = object.__new__(PinWrong)
    assert "called a wrong PIN" in faults("pin", Pull.BEFORE, Walk((wrong,), good.ends, 9, 1, 0, 0))
