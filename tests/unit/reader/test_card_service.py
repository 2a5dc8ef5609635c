# SPDX-License-Identifier: Apache-2.0
"""The card service on simulated readers: events, jobs, and cards that bounce."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from kiosk.errors import FailureCode, KioskError
from kiosk.reader.apdu import CommandApdu, ResponseApdu
from kiosk.reader.cards.jpki import JpkiCard
from kiosk.reader.errors import (
    CardRemovedError,
    CardResetError,
    CardTooSlowError,
    CardUnreadableError,
    ReaderServiceDownError,
)
from kiosk.reader.minder import JobMinder
from kiosk.reader.ports import CardConnection, ReaderDriver, ReaderSnapshot
from kiosk.reader.service import CardService
from kiosk.reader.session import CardSession
from kiosk.reader.watch import (
    CardEvent,
    CardExchanged,
    CardLaid,
    CardTaken,
    CardTakesLong,
    ReaderBack,
    ReaderTrouble,
)
from kiosk.simulator.card.foreign import ForeignCard, MuteCard
from kiosk.simulator.driver import SimulatedDriver
from tests.fakes.cards import card_of
from tests.fakes.recording import RecordingDriver

T = TypeVar("T")
WAIT_S = 20.0
A, B = "Reader A", "Reader B"


class Kiosk:
    """A card service under test, and everything it tells."""

    def __init__(self, *names: str, debounce_s: float = 0.1) -> None:
        self.hand = SimulatedDriver(names or (A,))
        self.driver = RecordingDriver(self.hand)
        self.events: queue.SimpleQueue[CardEvent] = queue.SimpleQueue()
        self.cards = CardService(self.driver, self.events.put, debounce_s=debounce_s)

    def expect(self, *events: CardEvent) -> None:
        for event in events:
            assert self.events.get(timeout=WAIT_S) == event

    def ask(self, job: Callable[[CardSession], T], **options: bool) -> T | KioskError:
        done: queue.SimpleQueue[T | KioskError] = queue.SimpleQueue()
        self.cards.submit(job, done.put, **options)
        return done.get(timeout=WAIT_S)


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    kiosk = Kiosk()
    yield kiosk
    assert kiosk.cards.stop()


def certificate(session: CardSession) -> bytes:
    jpki = JpkiCard(session)
    assert jpki.select()
    return jpki.read_certificate()


def test_laid_read_and_taken(kiosk: Kiosk) -> None:
    kiosk.cards.start()
    kiosk.expect(ReaderBack())
    kiosk.hand.insert(card_of("taro"))
    kiosk.expect(CardLaid(A))
    read = kiosk.ask(certificate)
    assert isinstance(read, bytes)
    assert kiosk.ask(certificate) == read
    assert kiosk.driver.connections == 1  # powered once for both
    kiosk.hand.remove()
    kiosk.expect(CardTaken())


def test_a_card_there_at_the_start(kiosk: Kiosk) -> None:
    kiosk.hand.insert(card_of("taro"))
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))


def test_without_a_card_a_job_comes_back_as_removed(kiosk: Kiosk) -> None:
    kiosk.cards.start()
    assert isinstance(kiosk.ask(certificate, repeatable=True), CardRemovedError)


def test_power_off_comes_before_the_result(kiosk: Kiosk) -> None:
    kiosk.hand.insert(card_of("taro"))
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    assert isinstance(kiosk.ask(certificate, power_off=True), bytes)
    kiosk.hand.connect(A).close()  # nobody holds it
    kiosk.ask(certificate)
    done = threading.Event()
    kiosk.cards.power_off(done.set)
    assert done.wait(WAIT_S)
    kiosk.hand.connect(A).close()


def test_the_same_card_bouncing_is_no_event_and_is_read_again() -> None:
    kiosk = Kiosk(debounce_s=WAIT_S)
    card = card_of("taro")
    kiosk.hand.insert(card)
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    before = kiosk.ask(certificate)
    kiosk.hand.remove()
    kiosk.hand.insert(card)
    assert kiosk.ask(certificate, repeatable=True) == before
    kiosk.hand.stop_service()
    kiosk.expect(ReaderTrouble(FailureCode.READER_SERVICE_DOWN))
    assert kiosk.cards.stop()


def test_a_read_waits_for_a_card_that_bounces() -> None:
    kiosk = Kiosk(debounce_s=WAIT_S)
    card = card_of("taro")
    kiosk.hand.insert(card)
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    kiosk.hand.remove_after(3)
    back = threading.Timer(0.1, kiosk.hand.insert, (card,))
    back.start()
    assert isinstance(kiosk.ask(certificate, repeatable=True), bytes)
    back.join()
    assert kiosk.cards.stop()


def test_a_card_laid_slowly_is_no_card_the_wrong_way_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the edge of a reader's field it is there, and does not answer to power yet."""
    kiosk = Kiosk(debounce_s=WAIT_S)
    kiosk.hand.insert(card_of("taro"))
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    silences = [CardUnreadableError(), CardUnreadableError(), CardUnreadableError()]
    connect = kiosk.hand.connect

    def slowly(reader: str) -> CardConnection:
        if silences:
            raise silences.pop()
        return connect(reader)

    monkeypatch.setattr(kiosk.hand, "connect", slowly)
    assert isinstance(kiosk.ask(certificate, repeatable=True), bytes)
    assert not silences
    silences.append(CardUnreadableError())
    kiosk.cards.power_off()
    assert isinstance(kiosk.ask(certificate), CardUnreadableError)  # what is no read is not tried again
    assert kiosk.cards.stop()


def test_a_bouncing_card_is_connected_to_once_the_monitor_has_seen_it_again() -> None:
    kiosk = Kiosk(debounce_s=WAIT_S)
    card = card_of("taro")
    kiosk.hand.insert(card)
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    before = kiosk.ask(certificate)
    gone, may_look = threading.Event(), threading.Event()
    look, connect = kiosk.driver.wait_for_change, kiosk.driver.connect
    early: list[bool] = []

    def look_late(known: ReaderSnapshot, timeout_s: float) -> ReaderSnapshot:
        gone.set()
        assert may_look.wait(WAIT_S)
        return look(known, timeout_s)

    def noted(reader: str) -> CardConnection:
        early.append(not may_look.is_set())
        return connect(reader)

    kiosk.driver.wait_for_change = look_late  # type: ignore[method-assign]  # after the look under way
    kiosk.driver.connect = noted  # type: ignore[method-assign]
    kiosk.hand.remove()
    assert gone.wait(WAIT_S)
    kiosk.hand.insert(card)
    seen = threading.Timer(0.3, may_look.set)
    seen.start()
    assert kiosk.ask(certificate, repeatable=True) == before
    seen.join()
    assert early
    assert not any(early)
    assert kiosk.cards.stop()


def test_what_is_no_read_is_never_repeated() -> None:
    kiosk = Kiosk(debounce_s=WAIT_S)
    card = card_of("taro")
    kiosk.hand.insert(card)
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    runs = []

    def job(session: CardSession) -> None:
        runs.append(session)
        kiosk.hand.remove()
        kiosk.hand.insert(card)  # it could be run again at once
        certificate(session)

    assert isinstance(kiosk.ask(job), CardRemovedError)
    assert len(runs) == 1
    assert isinstance(kiosk.ask(job, repeatable=True), CardRemovedError)
    assert len(runs) == 3
    assert kiosk.cards.stop()


def test_another_card_in_its_place_is_an_exchange(kiosk: Kiosk) -> None:
    kiosk.hand.insert(card_of("taro"))
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    before = kiosk.ask(certificate)
    kiosk.hand.swap(card_of("hanako"))
    kiosk.expect(CardExchanged(A))
    after = kiosk.ask(certificate)
    assert isinstance(after, bytes)
    assert after != before


@pytest.mark.parametrize("other", [ForeignCard("licence"), MuteCard()])
def test_something_else_in_its_place_is_an_exchange(kiosk: Kiosk, other: ForeignCard | MuteCard) -> None:
    kiosk.hand.insert(card_of("taro"))
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    kiosk.ask(certificate)
    kiosk.hand.swap(other)
    kiosk.expect(CardExchanged(A))


def test_a_card_the_wrong_way_round_is_laid_and_unreadable(kiosk: Kiosk) -> None:
    kiosk.hand.insert(MuteCard())
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    failed = kiosk.ask(certificate)
    assert isinstance(failed, KioskError)
    assert failed.code is FailureCode.CARD_UNREADABLE


def test_readers_lost_and_found(kiosk: Kiosk) -> None:
    kiosk.cards.start()
    kiosk.expect(ReaderBack())
    kiosk.hand.unplug()
    kiosk.expect(ReaderTrouble(FailureCode.NO_READER))
    kiosk.hand.stop_service()
    kiosk.expect(ReaderTrouble(FailureCode.READER_SERVICE_DOWN))
    kiosk.hand.start_service()
    kiosk.expect(ReaderTrouble(FailureCode.NO_READER))
    kiosk.hand.plug()
    kiosk.expect(ReaderBack())


def test_the_right_one_of_two_cards() -> None:
    kiosk = Kiosk(A, B)
    kiosk.hand.insert(ForeignCard("licence"), 0)
    kiosk.hand.insert(card_of("taro"), 1)
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(B))
    assert isinstance(kiosk.ask(certificate), bytes)
    assert kiosk.cards.stop()
    kiosk.hand.connect(A).close()  # left alone
    kiosk.hand.connect(B).close()


@pytest.mark.expect_log("ValueError in broken")
def test_a_mistake_in_a_job_shows_nothing_of_the_card_and_ends_nothing(kiosk: Kiosk) -> None:
    kiosk.hand.insert(card_of("taro"))
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))

    def broken(session: CardSession) -> None:
        raise ValueError(certificate(session).hex())

    failed = kiosk.ask(broken)
    assert isinstance(failed, KioskError)
    assert (failed.code, failed.detail) == (FailureCode.INTERNAL, "ValueError")
    assert isinstance(kiosk.ask(certificate), bytes)


def test_a_service_that_never_started_can_be_stopped(kiosk: Kiosk) -> None:
    kiosk.hand.insert(card_of("taro"))


def test_stop_powers_the_card_off() -> None:
    kiosk = Kiosk()
    kiosk.hand.insert(card_of("taro"))
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    kiosk.ask(certificate)
    assert kiosk.cards.stop()
    kiosk.hand.connect(A).close()


@pytest.mark.expect_log("RuntimeError in hang_up", "OSError in fail")
def test_neither_a_listener_nor_a_driver_that_fails_ends_the_threads() -> None:
    kiosk = Kiosk()
    kiosk.hand.insert(card_of("taro"))
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))

    def hang_up(_: object) -> None:
        raise RuntimeError

    kiosk.cards.submit(certificate, hang_up)
    assert isinstance(kiosk.ask(certificate), bytes)

    def fail(known: object, timeout_s: float) -> ReaderSnapshot:
        kiosk.driver.wait_for_change = look  # type: ignore[method-assign]  # only once
        raise OSError

    look = kiosk.driver.wait_for_change
    kiosk.driver.wait_for_change = fail  # type: ignore[method-assign]  # at the next look
    kiosk.hand.remove()
    kiosk.expect(CardTaken())
    assert kiosk.cards.stop()


class GatedCard:
    """An honest card that keeps its answers back until the gate is opened."""

    def __init__(self) -> None:
        self._inner = card_of("taro")
        self.key, self.printed = self._inner.key, self._inner.printed
        self.power_on, self.power_off, self.reset = (
            self._inner.power_on,
            self._inner.power_off,
            self._inner.reset,
        )
        self.gate = threading.Event()
        self.asked = threading.Event()

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        self.asked.set()
        assert self.gate.wait(WAIT_S)
        return self._inner.transmit(apdu)


@pytest.fixture
def slow_card() -> Iterator[tuple[Kiosk, GatedCard]]:
    kiosk, card = Kiosk(), GatedCard()
    kiosk.cards = CardService(kiosk.driver, kiosk.events.put, debounce_s=0.1, slow_after_s=0.05)
    kiosk.hand.insert(card)
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    yield kiosk, card
    card.gate.set()
    assert kiosk.cards.stop()


def test_a_job_that_takes_long_is_told_once_and_then_comes_to_its_end(
    slow_card: tuple[Kiosk, GatedCard],
) -> None:
    kiosk, card = slow_card
    done: queue.SimpleQueue[object] = queue.SimpleQueue()
    kiosk.cards.submit(certificate, done.put)
    kiosk.expect(CardTakesLong())
    assert done.empty()
    card.gate.set()
    assert isinstance(done.get(timeout=WAIT_S), bytes)
    kiosk.hand.remove()
    kiosk.expect(CardTaken())  # and it was told once only


def test_a_quick_job_is_not_told_of(kiosk: Kiosk) -> None:
    kiosk.hand.insert(card_of("taro"))
    kiosk.cards.start()
    kiosk.expect(ReaderBack(), CardLaid(A))
    kiosk.ask(certificate)
    kiosk.hand.remove()
    kiosk.expect(CardTaken())


@pytest.mark.expect_log("RuntimeError in hang_up")
def test_a_listener_that_fails_does_not_end_the_minding() -> None:
    told = threading.Semaphore(0)

    def hang_up() -> None:
        told.release()
        raise RuntimeError

    minder = JobMinder(0.0, hang_up)
    minder.start()
    for _ in range(2):
        with minder.minding():
            assert told.acquire(timeout=WAIT_S)
    assert minder.stop(WAIT_S)


def test_a_service_that_stops_while_a_card_is_compared_is_no_exchange(
    slow_card: tuple[Kiosk, GatedCard],
) -> None:
    kiosk, card = slow_card
    card.gate.set()
    assert isinstance(kiosk.ask(certificate), bytes)
    card.gate.clear()
    card.asked.clear()
    may_look, look = threading.Event(), kiosk.driver.wait_for_change

    def look_late(known: ReaderSnapshot, timeout_s: float) -> ReaderSnapshot:
        assert may_look.wait(WAIT_S)
        return look(known, timeout_s)

    kiosk.driver.wait_for_change = look_late  # type: ignore[method-assign]  # after the look under way
    kiosk.hand.swap(card)  # back at once: it is compared
    assert card.asked.wait(WAIT_S)
    kiosk.hand.stop_service()
    card.gate.set()
    assert isinstance(kiosk.ask(certificate), ReaderServiceDownError)  # so the comparing is over
    may_look.set()
    kiosk.expect(ReaderTrouble(FailureCode.READER_SERVICE_DOWN))


def test_a_card_that_never_ends_is_given_up_and_not_asked_again() -> None:
    hand = SimulatedDriver((A,))
    driver = RecordingDriver(hand)
    events: queue.SimpleQueue[CardEvent] = queue.SimpleQueue()
    cards = CardService(driver, events.put, job_limit_s=0.0)
    hand.insert(card_of("taro"))
    cards.start()
    assert [events.get(timeout=WAIT_S) for _ in range(2)] == [ReaderBack(), CardLaid(A)]
    done: queue.SimpleQueue[object] = queue.SimpleQueue()
    cards.submit(certificate, done.put, repeatable=True)
    assert isinstance(done.get(timeout=WAIT_S), CardTooSlowError)
    assert driver.connections == 1
    assert driver.sent == []
    assert cards.stop()


class BrokenReader:
    """A reader on which long reads reset the card, as some do; short ones work."""

    def __init__(self, inner: ReaderDriver) -> None:
        self._inner = inner
        self.long_reads = 0
        self.snapshot, self.wait_for_change = inner.snapshot, inner.wait_for_change
        self.cancel, self.close = inner.cancel, inner.close

    def connect(self, reader: str) -> CardConnection:
        connection = self._inner.connect(reader)
        transmit = connection.transmit

        def broken(command: CommandApdu) -> ResponseApdu:
            if command.extended:
                self.long_reads += 1
                raise CardResetError
            return transmit(command)

        connection.transmit = broken  # type: ignore[method-assign]  # this one reader
        return connection


def test_long_reads_that_break_the_talk_are_not_asked_of_that_reader_again() -> None:
    hand = SimulatedDriver((A,))
    reader = BrokenReader(hand)
    events: queue.SimpleQueue[CardEvent] = queue.SimpleQueue()
    cards = CardService(reader, events.put, debounce_s=0.1)
    hand.insert(card_of("taro"))
    cards.start()
    assert [events.get(timeout=WAIT_S) for _ in range(2)] == [ReaderBack(), CardLaid(A)]
    done: queue.SimpleQueue[object] = queue.SimpleQueue()
    for _ in range(3):
        cards.submit(certificate, done.put, repeatable=True, power_off=True)
        assert isinstance(done.get(timeout=WAIT_S), bytes)
    assert reader.long_reads == 1
    assert cards.stop()
