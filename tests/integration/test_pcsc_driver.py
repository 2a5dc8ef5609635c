# SPDX-License-Identifier: Apache-2.0
"""Our PC/SC driver on a real pcscd, with simulated cards in its virtual readers."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator

import pytest

from kiosk.auth.certificate.trust import Trust
from kiosk.auth.dialogue import CardFacts, PinSigned, PinWrong, read_card, verify_pin_and_sign
from kiosk.auth.evidence import Statement, VerificationMethod
from kiosk.errors import FailureCode, KioskError
from kiosk.reader.errors import CardRemovedError, ReaderBusyError
from kiosk.reader.pcsc.driver import PcscDriver
from kiosk.reader.pcsc.library import load_scard
from kiosk.reader.ports import CardPresence, ReaderSnapshot
from kiosk.reader.service import CardService
from kiosk.reader.session import CardSession
from kiosk.reader.watch import CardEvent, CardExchanged, CardLaid, CardTaken, ReaderBack, ReaderTrouble
from kiosk.secret import Secret
from kiosk.simulator.card.foreign import ForeignCard
from kiosk.simulator.patients.people import patient
from kiosk.simulator.vpcd import VpcdLink
from tests.fakes import pcscd
from tests.fakes.cards import authority, card_of
from tests.fakes.clock import MORNING

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(pcscd.missing() is not None, reason=pcscd.missing() or ""),
]

WAIT_S = 20.0


@pytest.fixture
def service() -> Iterator[pcscd.PrivatePcscd]:
    with pcscd.PrivatePcscd() as running:
        yield running


@pytest.fixture
def driver(service: pcscd.PrivatePcscd) -> Iterator[PcscDriver]:
    driver = PcscDriver(load_scard())
    yield driver
    driver.close()


def trust() -> Trust:
    anchors = authority().trust_anchors()
    return Trust.load([anchors.user_ca_file], anchors.cv_issuers_file, allow_test=True)


def statement() -> Statement:
    return Statement("1310000001", "K1", "01J", bytes(32), VerificationMethod.PIN, MORNING)


def wait_for(driver: PcscDriver, reader: str, presence: CardPresence) -> ReaderSnapshot:
    end = time.monotonic() + WAIT_S
    snapshot = driver.snapshot()
    while not any(state.name == reader and state.card is presence for state in snapshot.readers):
        assert time.monotonic() < end
        snapshot = driver.wait_for_change(snapshot, 1.0)
    return snapshot


class Events:
    """What the card service told, in order."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[CardEvent] = queue.SimpleQueue()

    def expect(self, event: CardEvent) -> None:
        assert self.queue.get(timeout=WAIT_S) == event


def run_job(cards: CardService, job: object, **options: bool) -> object:
    done: queue.SimpleQueue[object] = queue.SimpleQueue()
    cards.submit(job, done.put, **options)  # type: ignore[arg-type]  # any job will do
    return done.get(timeout=WAIT_S)


def test_a_card_is_seen_read_and_powered_off(service: pcscd.PrivatePcscd, driver: PcscDriver) -> None:
    link = VpcdLink(port=service.port)
    assert all(state.card is CardPresence.ABSENT for state in driver.snapshot().readers)
    link.insert(card_of("taro"))
    before = wait_for(driver, service.reader, CardPresence.PRESENT)
    with driver.connect(service.reader) as connection:
        assert connection.atr[:2] == bytes.fromhex("3B88")
        session = CardSession(connection)
        card = read_card(session, trust(), MORNING)
        assert isinstance(card, CardFacts)
        wrong = verify_pin_and_sign(session, card, Secret.of(b"0000"), statement())
        assert wrong == PinWrong(2)
        signed = verify_pin_and_sign(session, card, Secret.of(patient("taro").pin.encode()), statement())
        assert isinstance(signed, PinSigned)
        other = PcscDriver(load_scard())
        with pytest.raises(ReaderBusyError):
            other.connect(service.reader)
        other.close()
    # the insertions counter is about cards, not about power
    assert driver.wait_for_change(before, 0.5) == before
    link.remove()
    wait_for(driver, service.reader, CardPresence.ABSENT)
    with pytest.raises(CardRemovedError):
        driver.connect(service.reader)


def test_a_long_read_works_or_falls_back(service: pcscd.PrivatePcscd, driver: PcscDriver) -> None:
    link = VpcdLink(port=service.port)
    link.insert(card_of("taro"))
    wait_for(driver, service.reader, CardPresence.PRESENT)
    with driver.connect(service.reader) as connection:
        card = read_card(CardSession(connection, extended_reads=True), trust(), MORNING)
    assert isinstance(card, CardFacts)
    link.remove()


def test_a_card_pulled_in_the_middle_is_removed_not_wrong(
    service: pcscd.PrivatePcscd, driver: PcscDriver
) -> None:
    link = VpcdLink(port=service.port)
    link.insert(card_of("taro"))
    wait_for(driver, service.reader, CardPresence.PRESENT)
    with driver.connect(service.reader) as connection:
        session = CardSession(connection)
        card = read_card(session, trust(), MORNING)
        assert isinstance(card, CardFacts)
        link.remove()
        with pytest.raises(KioskError) as raised:
            verify_pin_and_sign(session, card, Secret.of(b"1470"), statement())
        assert raised.value.code in {FailureCode.CARD_REMOVED, FailureCode.CARD_COMMUNICATION}


def test_the_monitor_outlives_the_service(service: pcscd.PrivatePcscd, driver: PcscDriver) -> None:
    events = Events()
    cards = CardService(driver, events.queue.put, reader_pattern="* 00 00")
    link = VpcdLink(port=service.port)
    cards.start()
    try:
        events.expect(ReaderBack())
        link.insert(card_of("taro"))
        events.expect(CardLaid(service.reader))
        assert isinstance(run_job(cards, lambda s: read_card(s, trust(), MORNING)), CardFacts)
        service.stop()
        events.expect(ReaderTrouble(FailureCode.READER_SERVICE_DOWN))
        assert isinstance(run_job(cards, lambda s: read_card(s, trust(), MORNING)), KioskError)
        link.remove()
        service.start()
        events.expect(ReaderBack())
        link.insert(card_of("hanako"))
        events.expect(CardLaid(service.reader))
        assert isinstance(run_job(cards, lambda s: read_card(s, trust(), MORNING), power_off=True), CardFacts)
        link.remove()
        events.expect(CardTaken())
    finally:
        assert cards.stop()


def test_the_card_that_answers_is_found_among_two_readers(
    service: pcscd.PrivatePcscd, driver: PcscDriver
) -> None:
    other, link = VpcdLink(port=service.port), VpcdLink(port=service.second_port)
    other.insert(ForeignCard("licence"))
    wait_for(driver, service.reader, CardPresence.PRESENT)
    events = Events()
    cards = CardService(driver, events.queue.put)
    cards.start()
    try:
        events.expect(ReaderBack())
        link.insert(card_of("taro"))
        events.expect(CardLaid(service.second_reader))
        link.remove()
        events.expect(CardTaken())
    finally:
        assert cards.stop()
        other.remove()


def test_another_card_laid_quickly_is_an_exchange(service: pcscd.PrivatePcscd, driver: PcscDriver) -> None:
    events = Events()
    cards = CardService(driver, events.queue.put, reader_pattern="* 00 00", debounce_s=8.0)
    link = VpcdLink(port=service.port)
    link.insert(card_of("taro"))
    cards.start()
    try:
        events.expect(ReaderBack())
        events.expect(CardLaid(service.reader))
        assert isinstance(run_job(cards, lambda s: read_card(s, trust(), MORNING)), CardFacts)
        link.remove()
        wait_for_other = PcscDriver(load_scard())
        wait_for(wait_for_other, service.reader, CardPresence.ABSENT)
        wait_for_other.close()
        link.insert(card_of("hanako"))
        events.expect(CardExchanged(service.reader))
    finally:
        assert cards.stop()
        link.remove()
