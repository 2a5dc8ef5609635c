# SPDX-License-Identifier: Apache-2.0
"""The simulated readers, as the kiosk sees them and as the outside drives them."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from kiosk.errors import FailureCode
from kiosk.reader.apdu import CommandApdu, VerifyApdu
from kiosk.reader.errors import (
    CardCommunicationError,
    CardRemovedError,
    CardUnreadableError,
    ReaderBusyError,
    ReaderLostError,
    ReaderServiceDownError,
)
from kiosk.reader.ports import CardPresence, ReaderDriver, ReaderSnapshot, ReaderState
from kiosk.secret import Secret
from kiosk.simulator.card.applications import AID_JPKI
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.foreign import ForeignCard, MuteCard
from kiosk.simulator.card.options import ATR_CONTACTLESS
from kiosk.simulator.driver import DEFAULT_NAMES, SimulatedDriver
from tests.fakes.cards import card_of

NAME = DEFAULT_NAMES[0]
SELECT = CommandApdu.select_application(AID_JPKI)


@pytest.fixture
def driver() -> SimulatedDriver:
    return SimulatedDriver()


def state(driver: ReaderDriver) -> ReaderState:
    return driver.snapshot().readers[0]


def test_laying_and_taking_show_in_the_snapshot(driver: SimulatedDriver) -> None:
    assert state(driver) == ReaderState(NAME, CardPresence.ABSENT, 0)
    driver.insert(card_of())
    assert state(driver) == ReaderState(NAME, CardPresence.PRESENT, 1)
    driver.swap(ForeignCard("licence"))
    assert state(driver) == ReaderState(NAME, CardPresence.PRESENT, 2)
    driver.remove()
    driver.remove()
    assert state(driver) == ReaderState(NAME, CardPresence.ABSENT, 2)
    driver.insert(MuteCard())
    assert state(driver) == ReaderState(NAME, CardPresence.MUTE, 3)


def test_missing_readers_and_services_are_told(driver: SimulatedDriver) -> None:
    driver.unplug()
    assert driver.snapshot() == ReaderSnapshot((), FailureCode.NO_READER)
    driver.plug()
    assert driver.snapshot().problem is None
    driver.stop_service()
    assert driver.snapshot() == ReaderSnapshot((), FailureCode.READER_SERVICE_DOWN)
    driver.start_service()
    assert driver.snapshot().problem is None


def test_a_card_answers_through_a_connection(driver: SimulatedDriver) -> None:
    driver.insert(card_of())
    with driver.connect(NAME) as card:
        assert card.atr == ATR_CONTACTLESS
        assert card.transmit(SELECT).sw == 0x9000
        assert card.transmit(CommandApdu.select_file(0x0006)).sw == 0x9000
        answer = card.transmit(CommandApdu.read_binary(0, 15))
        assert (answer.data, answer.sw) == (b"JPKIAPICCTOKEN2", 0x9000)
        card.transmit(CommandApdu.select_file(0x0018))
        with Secret.of(b"2580") as pin:
            assert card.transmit(VerifyApdu.of(pin)).sw == 0x9000


def test_closing_takes_the_power_and_with_it_the_verification(driver: SimulatedDriver) -> None:
    lying = card_of()
    driver.insert(lying)
    connection = driver.connect(NAME)
    connection.transmit(SELECT)
    connection.close()
    connection.close()
    assert lying.transmit(bytes.fromhex("00A40000")).hex() == "6f00"
    with pytest.raises(CardCommunicationError):
        connection.transmit(SELECT)


def test_only_one_holds_the_card_at_a_time(driver: SimulatedDriver) -> None:
    driver.insert(card_of())
    with driver.connect(NAME), pytest.raises(ReaderBusyError):
        driver.connect(NAME)
    driver.connect(NAME).close()


@pytest.mark.parametrize(
    ("arrange", "error"),
    [
        (lambda driver: driver.remove(), CardRemovedError),
        (lambda driver: driver.insert(MuteCard()), CardUnreadableError),
        (lambda driver: driver.unplug(), ReaderLostError),
        (lambda driver: driver.stop_service(), ReaderServiceDownError),
        (lambda driver: driver.close(), ReaderServiceDownError),
    ],
)
def test_what_prevents_a_connection(
    driver: SimulatedDriver, arrange: Callable[[SimulatedDriver], None], error: type[Exception]
) -> None:
    arrange(driver)
    with pytest.raises(error):
        driver.connect(NAME)


def test_an_unknown_reader_is_a_lost_one(driver: SimulatedDriver) -> None:
    with pytest.raises(ReaderLostError):
        driver.connect("another")


@pytest.mark.parametrize(
    ("happen", "error"),
    [
        (lambda driver: driver.remove(), CardRemovedError),
        (lambda driver: driver.swap(ForeignCard("licence")), CardRemovedError),
        (lambda driver: driver.unplug(), ReaderLostError),
        (lambda driver: driver.stop_service(), ReaderServiceDownError),
        (lambda driver: driver.close(), ReaderServiceDownError),
    ],
)
def test_what_ends_a_dialogue(
    driver: SimulatedDriver, happen: Callable[[SimulatedDriver], None], error: type[Exception]
) -> None:
    driver.insert(card_of())
    connection = driver.connect(NAME)
    happen(driver)
    with pytest.raises(error):
        connection.transmit(SELECT)
    connection.close()


def test_a_card_pulled_while_it_thinks_gives_no_answer(driver: SimulatedDriver) -> None:
    lying = card_of()

    class Slow(ForeignCard):
        def transmit(self, apdu: bytes | bytearray) -> bytes:
            driver.remove()
            return lying.transmit(apdu)

    driver.insert(Slow("slow"))
    connection = driver.connect(NAME)
    with pytest.raises(CardRemovedError):
        connection.transmit(SELECT)


def test_a_card_can_be_pulled_after_some_commands(driver: SimulatedDriver) -> None:
    driver.insert(card_of())
    driver.remove_after(2)
    connection = driver.connect(NAME)
    connection.transmit(SELECT)
    connection.transmit(SELECT)
    with pytest.raises(CardRemovedError):
        connection.transmit(SELECT)
    assert state(driver).card is CardPresence.ABSENT


def test_closing_an_old_connection_leaves_the_new_one_alone(driver: SimulatedDriver) -> None:
    lying = card_of()
    driver.insert(lying)
    old = driver.connect(NAME)
    driver.insert(lying)
    new = driver.connect(NAME)
    old.close()
    assert new.transmit(SELECT).sw == 0x9000
    with pytest.raises(ReaderBusyError):
        driver.connect(NAME)


def test_a_wait_ends_with_a_change(driver: SimulatedDriver) -> None:
    known = driver.snapshot()
    seen: list[ReaderSnapshot] = []
    thread = threading.Thread(target=lambda: seen.append(driver.wait_for_change(known, 30)))
    thread.start()
    driver.insert(card_of())
    thread.join(10)
    assert seen[0].readers[0].card is CardPresence.PRESENT


def test_a_change_before_the_wait_is_not_missed(driver: SimulatedDriver) -> None:
    known = driver.snapshot()
    driver.insert(card_of())
    driver.remove()
    assert driver.wait_for_change(known, 30).readers[0].insertions == 1


def test_a_wait_ends_with_its_time_with_cancel_and_with_close(driver: SimulatedDriver) -> None:
    known = driver.snapshot()
    assert driver.wait_for_change(known, 0.01) == known
    for end in (driver.cancel, driver.close):
        thread = threading.Thread(target=driver.wait_for_change, args=(known, 30))
        thread.start()
        while thread.is_alive():  # a cancel before the wait ends nothing, as with PC/SC
            end()
            thread.join(0.01)


def test_several_readers_do_not_mix() -> None:
    driver = SimulatedDriver(("one", "two"))
    first, second = card_of(), card_of("taro")
    driver.insert(first, 0)
    driver.insert(second, 1)
    assert (driver.card_in(0), driver.card_in(1)) == (first, second)
    with driver.connect("one"), driver.connect("two"):
        driver.remove(0)
        assert [entry.card for entry in driver.snapshot().readers] == [
            CardPresence.ABSENT,
            CardPresence.PRESENT,
        ]


def test_the_driver_is_a_reader_driver(driver: SimulatedDriver) -> None:
    port: ReaderDriver = driver
    assert port.snapshot().problem is None
    card = driver.card_in()
    assert not isinstance(card, VirtualCard)
