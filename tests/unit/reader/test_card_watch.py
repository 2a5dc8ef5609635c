# SPDX-License-Identifier: Apache-2.0
"""What looks at the readers mean."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import FailureCode
from kiosk.reader.ports import CardPresence, ReaderSnapshot, ReaderState
from kiosk.reader.watch import (
    CardExchanged,
    CardLaid,
    CardTaken,
    CardWatch,
    Compare,
    Finding,
    Probe,
    ReaderBack,
    ReaderTrouble,
    name_pattern,
)

ABSENT, PRESENT, MUTE = CardPresence.ABSENT, CardPresence.PRESENT, CardPresence.MUTE


def one(card: CardPresence, insertions: int = 0) -> ReaderSnapshot:
    return ReaderSnapshot((ReaderState("A", card, insertions),))


def two(a: CardPresence, b: CardPresence, insertions: tuple[int, int] = (1, 1)) -> ReaderSnapshot:
    return ReaderSnapshot((ReaderState("A", a, insertions[0]), ReaderState("B", b, insertions[1])))


def watch(pattern: str = "*") -> CardWatch:
    return CardWatch(pattern, debounce_s=0.4)


def test_a_card_there_at_the_start_is_seen() -> None:
    assert watch().see(one(PRESENT, 3), 0) == [ReaderBack(), CardLaid("A")]


def test_laid_and_taken_after_it_stayed_away() -> None:
    card = watch()
    assert card.see(one(ABSENT), 0) == [ReaderBack()]
    assert card.see(one(PRESENT, 1), 1) == [CardLaid("A")]
    assert card.see(one(ABSENT, 1), 2) == []
    assert card.deadline() == 2.4
    assert card.see(one(ABSENT, 1), 2.39) == []
    assert card.see(one(ABSENT, 1), 2.4) == [CardTaken()]
    assert card.deadline() is None
    assert card.reader is None


def test_a_bounce_asks_whether_it_is_the_same() -> None:
    card = watch()
    card.see(one(PRESENT, 1), 0)
    card.see(one(ABSENT, 1), 1)
    back = ReaderState("A", PRESENT, 2)
    assert card.see(one(PRESENT, 2), 1.2) == [Compare(back)]
    assert card.see(one(PRESENT, 2), 1.3) == []
    assert card.compared(back, same=True) == []
    assert card.see(one(ABSENT, 2), 5.0) == []  # the wait for a removal begins anew
    assert card.see(one(PRESENT, 3), 5.1) == [Compare(ReaderState("A", PRESENT, 3))]
    assert card.compared(back, same=False) == []  # an answer that comes too late
    assert card.compared(ReaderState("A", PRESENT, 3), same=False) == [CardExchanged("A")]


def test_a_swap_between_two_looks_is_still_seen() -> None:
    card = watch()
    card.see(one(PRESENT, 1), 0)
    assert card.see(one(PRESENT, 2), 1) == [Compare(ReaderState("A", PRESENT, 2))]


def test_a_mute_card_is_a_card() -> None:
    assert watch().see(one(MUTE, 1), 0) == [ReaderBack(), CardLaid("A")]


def test_trouble_is_told_once_and_ends_with_its_own_event() -> None:
    card = watch()
    down = ReaderSnapshot(problem=FailureCode.READER_SERVICE_DOWN)
    assert card.see(down, 0) == [ReaderTrouble(FailureCode.READER_SERVICE_DOWN)]
    assert card.see(down, 1) == []
    assert card.see(ReaderSnapshot(problem=FailureCode.NO_READER), 2) == [
        ReaderTrouble(FailureCode.NO_READER)
    ]
    assert card.see(one(PRESENT, 1), 3) == [ReaderBack(), CardLaid("A")]
    assert card.see(down, 4) == [ReaderTrouble(FailureCode.READER_SERVICE_DOWN)]
    assert card.reader is None
    assert card.see(one(PRESENT, 1), 5) == [ReaderBack(), CardLaid("A")]


def test_a_reader_pulled_with_its_card() -> None:
    card = watch()
    card.see(two(PRESENT, ABSENT), 0)
    card.probed(ReaderState("A", PRESENT, 1), answers=True)
    only_b = ReaderSnapshot((ReaderState("B", ABSENT, 1),))
    assert card.see(only_b, 1) == [ReaderTrouble(FailureCode.READER_LOST), ReaderBack()]


def test_only_readers_of_the_configured_name() -> None:
    card = watch("B*")
    assert card.see(two(PRESENT, ABSENT), 0) == [ReaderBack()]
    assert card.see(two(PRESENT, PRESENT), 1) == [CardLaid("B")]
    assert watch("C*").see(two(PRESENT, PRESENT), 0) == [ReaderTrouble(FailureCode.NO_READER)]


def test_of_several_cards_the_one_that_answers() -> None:
    card = watch()
    a, b = ReaderState("A", PRESENT, 1), ReaderState("B", PRESENT, 1)
    assert card.see(two(PRESENT, PRESENT), 0) == [ReaderBack(), Probe(a), Probe(b)]
    assert card.see(two(PRESENT, PRESENT), 0.1) == []
    assert card.probed(a, answers=False) == []  # lay there before: somebody's key, left alone
    assert card.probed(b, answers=True) == [CardLaid("B")]
    assert card.see(two(PRESENT, PRESENT), 1) == []


def test_another_card_laid_during_operation_is_told_and_gives_way() -> None:
    card = watch()
    card.see(two(ABSENT, ABSENT, (0, 0)), 0)
    a, b = ReaderState("A", PRESENT, 1), ReaderState("B", PRESENT, 1)
    assert card.see(two(PRESENT, ABSENT, (1, 0)), 1) == [Probe(a)]
    assert card.probed(a, answers=False) == [CardLaid("A")]
    assert card.see(two(PRESENT, PRESENT), 2) == [Probe(b)]
    assert card.probed(b, answers=True) == [CardExchanged("B")]
    assert card.see(two(PRESENT, PRESENT), 3) == []


def test_a_second_card_waits_until_the_first_is_taken() -> None:
    card = watch()
    card.see(two(ABSENT, ABSENT, (0, 0)), 0)
    a, b = ReaderState("A", PRESENT, 1), ReaderState("B", PRESENT, 1)
    card.see(two(PRESENT, ABSENT, (1, 0)), 1)
    assert card.probed(a, answers=True) == [CardLaid("A")]
    card.see(two(PRESENT, PRESENT), 2)
    assert card.probed(b, answers=True) == []
    assert card.see(two(ABSENT, PRESENT), 3) == []
    assert card.see(two(ABSENT, PRESENT), 4) == [CardTaken(), Probe(b)]
    assert card.probed(b, answers=True) == [CardLaid("B")]


def test_an_answer_about_a_card_that_is_gone_counts_for_nothing() -> None:
    card = watch()
    card.see(two(ABSENT, ABSENT, (0, 0)), 0)
    card.see(two(PRESENT, ABSENT, (1, 0)), 1)
    card.see(two(ABSENT, ABSENT, (1, 0)), 2)
    assert card.probed(ReaderState("A", PRESENT, 1), answers=True) == []


_states = st.builds(
    ReaderState, st.sampled_from(["A", "B"]), st.sampled_from(CardPresence), st.integers(0, 3)
)
_looks = st.builds(
    ReaderSnapshot,
    st.lists(_states, max_size=2, unique_by=lambda state: state.name).map(tuple),
    st.sampled_from([None, None, None, FailureCode.READER_SERVICE_DOWN]),
)


@given(st.lists(st.tuples(_looks, st.floats(0.01, 1.0), st.booleans(), st.booleans()), max_size=30))
def test_cards_are_laid_before_they_are_taken(
    steps: list[tuple[ReaderSnapshot, float, bool, bool]],
) -> None:
    card, now, lies, ready = watch(), 0.0, False, False
    for snapshot, seconds, answers, same in steps:
        now += seconds
        todo: list[Finding] = card.see(snapshot, now)
        while todo:
            match todo.pop(0):
                case CardLaid():
                    assert ready
                    assert not lies
                    lies = True
                case CardExchanged():
                    assert lies
                case CardTaken():
                    assert lies
                    lies = False
                case ReaderTrouble():
                    lies = ready = False
                case ReaderBack():
                    assert not ready
                    ready = True
                case Probe(reader):
                    todo += card.probed(reader, answers=answers)
                case Compare(reader):
                    todo += card.compared(reader, same=same)
        assert (card.reader is not None) == lies


@pytest.mark.parametrize(
    ("part", "name", "meant"),
    [
        ("", "ACS ACR39U [ICC] 00 00", True),
        ("[ICC]", "ACS ACR39U [ICC] 00 00", True),
        ("ACR39", "ACS ACR39U [ICC] 00 00", True),
        ("* 00 00", "ACS ACR39U [ICC] 00 00", True),
        ("* 00 01", "ACS ACR39U [ICC] 00 00", False),
        ("acr39", "ACS ACR39U [ICC] 00 00", False),
    ],
)
def test_reader_is_meant_by_a_part_of_its_name(part: str, name: str, meant: bool) -> None:
    assert fnmatchcase(name, name_pattern(part)) is meant


def test_a_card_of_another_kind_is_left_alone_also_after_ours_was_taken() -> None:
    card = watch()
    card.see(two(PRESENT, ABSENT, (1, 0)), 0)
    a, b = ReaderState("A", PRESENT, 1), ReaderState("B", PRESENT, 1)
    assert card.probed(a, answers=False) == []
    card.see(two(PRESENT, PRESENT), 1)
    assert card.probed(b, answers=True) == [CardLaid("B")]
    card.see(two(PRESENT, ABSENT), 2)
    assert card.see(two(PRESENT, ABSENT), 3) == [CardTaken()]
    assert card.see(two(PRESENT, ABSENT), 4) == []


def test_after_trouble_a_card_of_another_kind_counts_as_having_been_there() -> None:
    card = watch()
    card.see(two(ABSENT, ABSENT, (0, 0)), 0)
    card.see(ReaderSnapshot(problem=FailureCode.READER_SERVICE_DOWN), 1)
    a = ReaderState("A", PRESENT, 1)
    assert card.see(two(PRESENT, ABSENT, (1, 0)), 2) == [ReaderBack(), Probe(a)]
    assert card.probed(a, answers=False) == []
