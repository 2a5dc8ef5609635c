# SPDX-License-Identifier: Apache-2.0
"""What status words mean, those about tries above all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.reader.status import Meaning, TryCounter, meaning, tries_from_sw


@pytest.mark.parametrize(
    ("sw", "counter"),
    [
        (0x63C3, TryCounter(3)),
        (0x63CF, TryCounter(15)),
        (0x63C0, TryCounter(0)),
        (0x6983, TryCounter(0)),
        (0x6984, TryCounter(0)),
        (0x6300, TryCounter(None)),
        (0x9000, TryCounter(None, verified=True)),
        (0x6700, None),
        (0x6A80, None),
        (0x6982, None),
        (0x6F00, None),
    ],
)
def test_tries(sw: int, counter: TryCounter | None) -> None:
    assert tries_from_sw(sw) == counter


def test_a_counter_that_is_not_told_is_neither_blocked_nor_enough() -> None:
    unknown = TryCounter(None)
    assert not unknown.blocked
    assert not unknown.allows(1)


@pytest.mark.parametrize(
    ("sw", "said"),
    [
        (0x9000, Meaning.OK),
        (0x6110, Meaning.MORE_DATA),
        (0x6C10, Meaning.WRONG_LE),
        (0x6282, Meaning.END_OF_FILE),
        (0x6B00, Meaning.PAST_END),
        (0x6A82, Meaning.NOT_FOUND),
        (0x6982, Meaning.ACCESS_DENIED),
        (0x6986, Meaning.NO_CURRENT_FILE),
        (0x6F00, Meaning.CARD_TROUBLE),
        (0x66F1, Meaning.OTHER),
        (0x69FC, Meaning.OTHER),
    ],
)
def test_meanings(sw: int, said: Meaning) -> None:
    assert meaning(sw) is said


@given(st.integers(0, 0xFFFF))
def test_every_word_means_something(sw: int) -> None:
    counter = tries_from_sw(sw)
    assert (counter is not None) == (
        meaning(sw) in {Meaning.OK, Meaning.TRIES_LEFT, Meaning.BLOCKED, Meaning.NOT_VERIFIED}
    )
