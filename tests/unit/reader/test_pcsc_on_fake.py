# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: N802  # the names are the library's
"""The PC/SC driver against a library that fails wherever a real one may."""

from __future__ import annotations

import threading
import time

import pytest

from kiosk.errors import FailureCode
from kiosk.reader.apdu import CommandApdu, VerifyApdu
from kiosk.reader.errors import (
    CardCommunicationError,
    CardRemovedError,
    CardUnreadableError,
    ReaderBusyError,
    ReaderServiceDownError,
)
from kiosk.reader.pcsc.driver import PcscDriver
from kiosk.reader.pcsc.library import PNP_READER
from kiosk.reader.ports import CardPresence, ReaderSnapshot, ReaderState
from kiosk.secret import Secret

OK, TIMEOUT, CANCELLED = 0, 0x8010000A, 0x80100002
NO_SERVICE, NO_READERS, UNKNOWN_READER = 0x8010001D, 0x8010002E, 0x80100009
SHARING_VIOLATION, UNRESPONSIVE, REMOVED = 0x8010000B, 0x80100066, 0x80100069
INVALID_HANDLE = 0x80100003
PRESENT, EMPTY, MUTE = 0x20, 0x10, 0x220


class FakeScard:
    """`smartcard.scard` with a memory: readers and their raw states, and results to give instead."""

    def __init__(self) -> None:
        self.readers: dict[str, int] = {}
        self.failures: dict[str, list[int]] = {}
        self.calls: list[str] = []
        self.contexts: set[int] = set()
        self.made = 0
        self.changed = threading.Condition()
        self.cancelled = False
        self.seen: list[list[int]] = []
        self.answer: list[int] = [0x90, 0x00]
        self.disconnected: list[int] = []

    def _result(self, call: str) -> int:
        self.calls.append(call)
        planned = self.failures.get(call)
        return planned.pop(0) if planned else OK

    def set(self, name: str, state: int | None) -> None:
        with self.changed:
            if state is None:
                self.readers.pop(name, None)
            else:
                self.readers[name] = state
            self.changed.notify_all()

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]:
        result = self._result("establish")
        if result:
            return result, 0
        self.made += 1
        self.contexts.add(self.made)
        return OK, self.made

    def SCardReleaseContext(self, context: int) -> int:
        self.contexts.discard(context)
        return self._result("release")

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]:
        result = self._result("list")
        if not result and not self.readers:
            result = NO_READERS
        return result, [] if result else [*self.readers, PNP_READER]

    def SCardGetStatusChange(
        self, context: int, timeout_ms: int, states: list[tuple[str, int]]
    ) -> tuple[int, list[tuple[str, int, list[int]]]]:
        result = self._result("look" if timeout_ms == 0 else "wait")
        if result:
            return result, []
        asked = dict(states)
        asked.pop(PNP_READER, None)

        def now() -> dict[str, int]:
            return {name: self.readers[name] for name in asked if name in self.readers}

        if timeout_ms:
            assert PNP_READER in dict(states)
            with self.changed:
                changed = self.changed.wait_for(
                    lambda: self.cancelled or now() != asked or set(self.readers) != set(asked),
                    timeout=timeout_ms / 1000,
                )
            if self.cancelled:
                return CANCELLED, []
            return (OK if changed else TIMEOUT), []
        return OK, [(name, state, []) for name, state in now().items()]

    def SCardCancel(self, context: int) -> int:
        with self.changed:
            self.cancelled = True
            self.changed.notify_all()
        return self._result("cancel")

    def SCardConnect(self, context: int, reader: str, share: int, protocols: int) -> tuple[int, int, int]:
        assert (share, protocols) == (1, 3)
        return self._result("connect"), 77, 2

    def SCardBeginTransaction(self, card: int) -> int:
        return self._result("begin")

    def SCardStatus(self, card: int) -> list[object]:
        return [self._result("status"), "r", 0, 2, [0x3B, 0x88]]

    def SCardTransmit(self, card: int, protocol: int, command: list[int]) -> tuple[int, list[int]]:
        self.seen.append(command)
        return self._result("transmit"), self.answer

    def SCardDisconnect(self, card: int, disposition: int) -> int:
        self.disconnected.append(disposition)
        return self._result("disconnect")


@pytest.fixture
def scard() -> FakeScard:
    return FakeScard()


def test_snapshot_tells_readers_cards_and_insertions(scard: FakeScard) -> None:
    scard.readers = {"A": 5 << 16 | PRESENT, "B": EMPTY, "C": 1 << 16 | MUTE}
    assert PcscDriver(scard).snapshot() == ReaderSnapshot(
        (
            ReaderState("A", CardPresence.PRESENT, 5),
            ReaderState("B", CardPresence.ABSENT, 0),
            ReaderState("C", CardPresence.MUTE, 1),
        )
    )


def test_no_reader_and_only_the_notification_name(scard: FakeScard) -> None:
    assert PcscDriver(scard).snapshot() == ReaderSnapshot(problem=FailureCode.NO_READER)


@pytest.mark.parametrize("call", ["establish", "list", "look"])
@pytest.mark.parametrize(
    "result", [NO_SERVICE, 0x8010001E, 0x80100013, INVALID_HANDLE, INVALID_HANDLE - (1 << 32)]
)
def test_a_service_that_went_away_at_any_call_gets_a_new_context(
    scard: FakeScard, call: str, result: int
) -> None:
    scard.readers = {"A": EMPTY}
    scard.failures[call] = [result]
    driver = PcscDriver(scard)
    assert driver.snapshot() == ReaderSnapshot(problem=FailureCode.READER_SERVICE_DOWN)
    assert not scard.contexts
    assert driver.snapshot().readers
    driver.close()
    assert not scard.contexts


def test_a_reader_that_went_away_between_two_calls_is_looked_for_again(scard: FakeScard) -> None:
    scard.readers = {"A": EMPTY}
    scard.failures["look"] = [UNKNOWN_READER]
    assert PcscDriver(scard).snapshot().problem is None
    scard.failures["look"] = [UNKNOWN_READER] * 9
    assert PcscDriver(scard).snapshot().problem is FailureCode.READER_LOST


def _changed_by(driver: PcscDriver, act: object, timeout_s: float = 20.0) -> tuple[ReaderSnapshot, float]:
    known = driver.snapshot()
    assert callable(act)
    timer = threading.Timer(0.05, act)
    timer.start()
    began = time.monotonic()
    try:
        return driver.wait_for_change(known, timeout_s), time.monotonic() - began
    finally:
        timer.join()


def test_a_card_laid_and_a_reader_plugged_end_the_wait(scard: FakeScard) -> None:
    scard.readers = {"A": EMPTY}
    driver = PcscDriver(scard)
    snapshot, _ = _changed_by(driver, lambda: scard.set("A", 1 << 16 | PRESENT))
    assert snapshot.readers[0].card is CardPresence.PRESENT
    snapshot, _ = _changed_by(driver, lambda: scard.set("B", EMPTY))
    assert [reader.name for reader in snapshot.readers] == ["A", "B"]
    snapshot, _ = _changed_by(driver, lambda: scard.set("A", None))
    assert [reader.name for reader in snapshot.readers] == ["B"]
    snapshot, _ = _changed_by(driver, lambda: scard.set("B", None))
    assert snapshot.problem is FailureCode.NO_READER


def test_power_and_sharing_are_no_change(scard: FakeScard) -> None:
    scard.readers = {"A": 1 << 16 | PRESENT}
    driver = PcscDriver(scard)
    known = driver.snapshot()
    scard.set("A", 1 << 16 | PRESENT | 0x180)  # exclusive, in use
    assert driver.wait_for_change(known, 0.2) == known
    assert scard.calls.count("wait") <= 3


def test_cancel_ends_the_wait(scard: FakeScard) -> None:
    scard.readers = {"A": EMPTY}
    driver = PcscDriver(scard)
    _, seconds = _changed_by(driver, driver.cancel)
    assert seconds < 3


def test_close_ends_a_wait_for_a_service_that_does_not_come(scard: FakeScard) -> None:
    scard.failures["establish"] = [NO_SERVICE] * 1000
    driver = PcscDriver(scard)
    snapshot, seconds = _changed_by(driver, driver.close)
    assert seconds < 3
    assert snapshot.problem is FailureCode.READER_SERVICE_DOWN
    assert driver.snapshot().problem is FailureCode.READER_SERVICE_DOWN


def test_looks_for_a_service_grow_rarer(scard: FakeScard) -> None:
    scard.failures["establish"] = [NO_SERVICE] * 1000
    driver = PcscDriver(scard)
    known = driver.snapshot()
    driver.wait_for_change(known, 1.6)  # 0, 0.5, 1.5, 1.6
    assert scard.calls.count("establish") <= 6


def test_a_wait_that_fails_does_not_spin(scard: FakeScard) -> None:
    scard.readers = {"A": EMPTY}
    scard.failures["wait"] = [UNKNOWN_READER] * 1000
    driver = PcscDriver(scard)
    driver.wait_for_change(driver.snapshot(), 0.5)
    assert scard.calls.count("wait") <= 6


def test_connect_holds_transmits_and_powers_off(scard: FakeScard) -> None:
    scard.answer = [1, 2, 0x90, 0x00]
    with PcscDriver(scard).connect("A") as connection:
        assert connection.atr == b"\x3b\x88"
        assert scard.calls[-3:] == ["connect", "begin", "status"]
        response = connection.transmit(CommandApdu.select_file(6))
        assert (response.data, response.sw) == (b"\x01\x02", 0x9000)
        connection.transmit(VerifyApdu.of(Secret.of(b"1234")))
    assert scard.disconnected == [2]
    assert not any(any(command) for command in scard.seen)  # overwritten after use
    connection.close()
    assert scard.disconnected == [2]
    with pytest.raises(CardCommunicationError):
        connection.transmit(CommandApdu.select_file(6))


@pytest.mark.parametrize("result", [0, REMOVED, INVALID_HANDLE])
def test_power_off_happens_and_never_raises_whatever_went_before(scard: FakeScard, result: int) -> None:
    scard.failures = {"transmit": [REMOVED], "disconnect": [result]}
    with PcscDriver(scard).connect("A") as connection, pytest.raises(CardRemovedError):
        connection.transmit(CommandApdu.select_file(6))
    assert scard.disconnected == [2]


def test_an_answer_without_status_word(scard: FakeScard) -> None:
    scard.answer = [0x90]
    with PcscDriver(scard).connect("A") as connection, pytest.raises(CardCommunicationError):
        connection.transmit(CommandApdu.select_file(6))


def test_connect_after_a_restart_of_the_service(scard: FakeScard) -> None:
    driver = PcscDriver(scard)
    driver.connect("A").close()
    scard.failures["connect"] = [INVALID_HANDLE]
    driver.connect("A").close()
    scard.failures["connect"] = [INVALID_HANDLE, NO_SERVICE]
    with pytest.raises(ReaderServiceDownError):
        driver.connect("A")


def test_a_busy_reader_is_tried_again_for_a_short_while(scard: FakeScard) -> None:
    driver = PcscDriver(scard)
    scard.failures["connect"] = [SHARING_VIOLATION]
    driver.connect("A").close()
    scard.failures["connect"] = [SHARING_VIOLATION] * 9
    with pytest.raises(ReaderBusyError):
        driver.connect("A")


def test_a_card_the_wrong_way_round(scard: FakeScard) -> None:
    scard.failures["connect"] = [UNRESPONSIVE]
    with pytest.raises(CardUnreadableError):
        PcscDriver(scard).connect("A")


def test_a_transaction_that_does_not_begin_lets_go(scard: FakeScard) -> None:
    scard.failures["begin"] = [REMOVED]
    with pytest.raises(CardRemovedError):
        PcscDriver(scard).connect("A")
    assert scard.disconnected == [2]


def test_a_card_that_the_service_has_not_seen_yet_is_not_connected_to(scard: FakeScard) -> None:
    scard.readers = {"A": EMPTY, "B": 1 << 16 | PRESENT}
    driver = PcscDriver(scard)
    with pytest.raises(CardRemovedError):
        driver.connect("A")
    assert "connect" not in scard.calls
    driver.connect("B").close()
    scard.failures["look"] = [NO_SERVICE]
    driver.connect("A").close()  # what connecting says counts where looking says nothing
