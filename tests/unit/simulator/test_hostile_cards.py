# SPDX-License-Identifier: Apache-2.0
"""Whatever a card does, each dialogue ends: in our own words, soon, in little memory, with no try lost."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.auth.dialogue import (
    CardFacts,
    CardTrouble,
    PhoneFound,
    PhotoFailed,
    PhotoOpened,
    PinFailed,
    PinNowBlocked,
    PinSigned,
    PinWrong,
    SigningFailed,
    VisuallySigned,
    open_photo,
    read_card,
    read_pin_tries,
    sign_with_visual_key,
    verify_pin_and_sign,
)
from kiosk.auth.evidence import Statement, VerificationMethod
from kiosk.errors import FailureCode, KioskError
from kiosk.reader.errors import CardTooSlowError
from kiosk.reader.info import card_info
from kiosk.reader.session import MAX_COMMANDS, CardSession
from kiosk.reader.status import TryCounter
from kiosk.secret import Secret
from kiosk.simulator.card.hostile import HostileCard, Mischief
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.surface import SimulatedSurface
from tests.fakes.cards import card_of
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.trust import demo_trust

LIMIT_S = 25.0
MOST_MEMORY = 1 << 20
STATEMENT = Statement("1310000001", "K1", "01J", bytes(32), VerificationMethod.PIN, MORNING)
HONEST = {Mischief.SLOW}
ENDS = (
    CardFacts
    | CardTrouble
    | TryCounter
    | PinSigned
    | PinWrong
    | PinNowBlocked
    | PinFailed
    | PhotoOpened
    | PhotoFailed
    | VisuallySigned
    | SigningFailed
)


@dataclass
class Meeting:
    """A hostile card, and a session with it in which time passes only when the card lets it."""

    card: HostileCard
    session: CardSession
    clock: FakeClock


@contextmanager
def meeting(
    mischief: Mischief, *, honest_for: int = 0, seed: int = 0, long_reads: bool = True
) -> Iterator[Meeting]:
    clock = FakeClock()
    card = HostileCard(card_of("taro"), mischief, honest_for=honest_for, seed=seed, wait=clock.advance)
    driver = SimulatedDriver()
    driver.insert(card)
    with driver.connect(driver.snapshot().readers[0].name) as connection:
        session = CardSession(connection, extended_reads=long_reads, monotonic=clock.monotonic)
        yield Meeting(card, session, clock)


def end_of(met: Meeting, job: Callable[[CardSession], object]) -> object:
    """What came of it: a value of ours or an error of ours, and nothing else, within all bounds."""
    met.session.begin_job(LIMIT_S)
    began, commands = met.clock.monotonic(), met.card.commands
    tracemalloc.start()
    try:
        result: object = job(met.session)
    except KioskError as error:
        result = error
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert isinstance(result, ENDS | KioskError)
    assert met.card.commands - commands <= MAX_COMMANDS
    assert met.clock.monotonic() - began <= LIMIT_S + 31.0  # the command under way is waited for
    assert peak < MOST_MEMORY
    return result


def read(session: CardSession) -> CardFacts | PhoneFound | CardTrouble:
    return read_card(session, demo_trust(), MORNING)


@pytest.fixture(scope="module")
def known() -> CardFacts:
    """What the card that pretends to be taro's told when it was honest."""
    with meeting(Mischief.SAYS_YES) as met:
        facts = read(met.session)
    assert isinstance(facts, CardFacts)
    return facts


@pytest.mark.parametrize("long_reads", [False, True])
@pytest.mark.parametrize("honest_for", [0, 3, 6])
@pytest.mark.parametrize("mischief", Mischief)
def test_reading_ends(mischief: Mischief, honest_for: int, *, long_reads: bool) -> None:
    with meeting(mischief, honest_for=honest_for, long_reads=long_reads) as met:
        result = end_of(met, read)
        assert met.card.presented == 0
    if mischief in HONEST:
        assert isinstance(result, CardFacts)


@pytest.mark.parametrize("honest_for", [0, 9, 13, 14, 15])
@pytest.mark.parametrize("mischief", Mischief)
def test_a_pin_is_presented_once_and_never_believed_without_a_signature(
    mischief: Mischief, honest_for: int, known: CardFacts
) -> None:
    for digits in (b"0000", b"1470"):
        with meeting(mischief, honest_for=honest_for) as met:
            pin = Secret.of(digits)
            result = end_of(met, lambda session: verify_pin_and_sign(session, known, pin, STATEMENT))  # noqa: B023
            assert met.card.presented <= 1
            assert len(pin) == 0
        if isinstance(result, PinSigned):
            assert digits == b"1470"  # the right one, and the key itself signed


def test_a_card_that_says_yes_to_any_pin_is_caught_by_its_missing_signature(known: CardFacts) -> None:
    with meeting(Mischief.SAYS_YES) as met:
        wrong = Secret.of(b"0000")
        result = verify_pin_and_sign(met.session, known, wrong, STATEMENT)
    assert result == PinFailed(FailureCode.SIGNATURE_INVALID)


@pytest.mark.parametrize("honest_for", [0, 9, 14])
@pytest.mark.parametrize("mischief", Mischief)
def test_opening_the_photo_ends(mischief: Mischief, honest_for: int, known: CardFacts) -> None:
    with meeting(mischief, honest_for=honest_for) as met:
        printed = SimulatedSurface(lambda: met.card).read()
        assert printed is not None
        result = end_of(met, lambda session: open_photo(session, known, printed, demo_trust()))
        assert met.card.presented <= 1
        assert len(printed.number_b) == 0
    if isinstance(result, PhotoFailed):
        assert result.code in {
            FailureCode.PHOTO_NOT_OPENED,
            FailureCode.PHOTO_FORGED,
            FailureCode.CARD_SWAPPED,
        }


@pytest.mark.parametrize("mischief", Mischief)
def test_counter_and_own_signature_end(mischief: Mischief, known: CardFacts) -> None:
    with meeting(Mischief.SAYS_YES) as honest:
        printed = SimulatedSurface(lambda: honest.card).read()
        assert printed is not None
        # it says yes to anything, so its photo stays shut: the number was never compared
        assert isinstance(open_photo(honest.session, known, printed, demo_trust()), PhotoFailed)
    with meeting(Mischief.SLOW) as slow:
        printed = SimulatedSurface(lambda: slow.card).read()
        assert printed is not None
        opened = open_photo(slow.session, known, printed, demo_trust())
        assert isinstance(opened, PhotoOpened)
    with meeting(mischief) as met:
        end_of(met, read_pin_tries)
        signed = end_of(met, lambda session: sign_with_visual_key(session, known, STATEMENT, opened.evidence))
        assert met.card.presented == 0
    if isinstance(signed, VisuallySigned):
        assert mischief in {Mischief.SLOW, Mischief.COUNTS_UP, Mischief.SINGLE_BYTES}  # the key itself signed


@pytest.mark.parametrize("mischief", Mischief)
def test_a_technicians_look_ends_and_presents_nothing(mischief: Mischief) -> None:
    card = HostileCard(card_of("taro"), mischief, wait=lambda _: None)
    driver = SimulatedDriver()
    driver.insert(card)
    info = card_info(driver, "*", lambda _: "valid")
    assert len(info.readers) == 1
    assert card.presented == 0
    assert card.commands <= MAX_COMMANDS


def test_a_slow_card_is_waited_for_but_not_for_ever(known: CardFacts) -> None:
    with meeting(Mischief.SLOW) as met:
        assert isinstance(end_of(met, read), CardFacts)
    with meeting(Mischief.VERY_SLOW, honest_for=2) as met:
        assert isinstance(end_of(met, read), CardTooSlowError)
        assert met.card.commands == 3
    # out of time in the middle: what was not sent yet is not sent any more
    with meeting(Mischief.VERY_SLOW, honest_for=1) as met:
        pin = Secret.of(b"1470")
        assert isinstance(
            end_of(met, lambda session: verify_pin_and_sign(session, known, pin, STATEMENT)),
            CardTooSlowError | PinFailed,
        )
        assert met.card.presented == 0


@settings(max_examples=150, deadline=None)
@given(
    mischief=st.sampled_from([Mischief.RANDOM_BYTES, Mischief.STATUS_WORDS, Mischief.NO_ANSWER]),
    honest_for=st.integers(0, 20),
    seed=st.integers(0, 2**32),
    digits=st.sampled_from([b"0000", b"1470"]),
)
def test_no_seed_of_a_hostile_card_gets_more_than_one_entry(
    known: CardFacts, mischief: Mischief, honest_for: int, seed: int, digits: bytes
) -> None:
    with meeting(mischief, honest_for=honest_for, seed=seed) as met:
        pin = Secret.of(digits)
        result = end_of(met, lambda session: verify_pin_and_sign(session, known, pin, STATEMENT))
        assert met.card.presented <= 1
        if isinstance(result, PinSigned):
            assert digits == b"1470"
