# SPDX-License-Identifier: Apache-2.0
"""The clinic's own number from the desk's act to the terminal and back: once, and never taken for done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.eligibility import codec_json
from kiosk.eligibility.codec_xml import Encoding
from kiosk.eligibility.request import InsuranceNumbers, number_check_body
from kiosk.errors import FailureCode, KioskError
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.folders import FolderLimits, FolderUpstream
from kiosk.outbox.model import DraftItem, ItemState, OutboxItem, OutboxKind, SettleResult
from kiosk.outbox.references import ReferenceAct, ReferenceResult
from kiosk.outbox.store import Store
from kiosk.outbox.worker import ItemResult, SyncWorker
from kiosk.simulator.terminal import SimulatedTerminal, TerminalFault
from tests.fakes.outbox import draft

INSTITUTION = "1310000001"
MASAO = InsuranceNumbers("39138999", "00954321", "19400429")
REFERENCE = OutboxKind.REFERENCE_NUMBER.value


class NoHandOver:
    """No reception computer."""

    def deliver(self, kind: OutboxKind, key: str, answer: bytes, /) -> None:
        raise KioskError(FailureCode.CONFIG_INVALID)


class House:
    """A store, a terminal, and a queue that is stepped by hand."""

    def __init__(self, folder: Path, *, switched_on: bool = True) -> None:
        self.clock = SystemClock()
        self.terminal = SimulatedTerminal(folder / "terminal", self.clock, Encoding.CP932)
        for made in (self.terminal.requests, self.terminal.answers):
            made.mkdir(parents=True)
        self.store = Store.open(folder / "state", folder / "key", self.clock, hand_overs=())
        limits = FolderLimits(poll_s=0.01, wait_s=0.0)
        self.upstream = FolderUpstream(
            self.terminal.requests, self.terminal.answers, INSTITUTION, self.clock, limits=limits
        )
        self.heard: list[ItemResult] = []
        self.sync = SyncWorker(
            self.store,
            {"terminal": self.upstream} | ({REFERENCE: self.upstream} if switched_on else {}),
            NoHandOver(),
            AnswerReader(INSTITUTION),
            self.clock,
            on_result=self.heard.append,
        )
        self._visits = 0

    def close(self) -> None:
        self.upstream.close()
        self.store.close()

    def check(self, numbers: InsuranceNumbers = MASAO) -> str:
        """A check by number, answered by the terminal."""
        now = self.clock.now()
        body = json.dumps(number_check_body(numbers, now, INSTITUTION)).encode()
        item = DraftItem(OutboxKind.QUALIFICATION_CHECK, body, "terminal")
        self._visits += 1
        check_id = self.store.commit(draft(f"S{self._visits}", now, items=(item,))).check_id
        self.exchange()
        return check_id

    def exchange(self) -> None:
        """What is due goes to the terminal, and what it says is fetched."""
        for _ in range(2):
            self.sync.try_now()
            self.sync.step()
            self.terminal.step()
        self.sync.try_now()
        self.sync.step()

    def register(self, check_id: str, number: str = "00011") -> ReferenceAct:
        return self.store.references.register(check_id, number, INSTITUTION, "Sato")

    def references(self) -> list[OutboxItem]:
        return [item for item in self.store.list() if item.kind is OutboxKind.REFERENCE_NUMBER]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def test_the_number_is_registered_and_comes_with_the_next_answer(house: House) -> None:
    check = house.check()
    act = house.register(check)
    assert act.result is ReferenceResult.QUEUED
    house.sync.step()
    # its own names, beside those of the checks
    assert [file.name for file in house.terminal.requests.iterdir()] == [
        f"OQSsiimm01req_uketsuke{act.item_id}.xml"
    ]
    house.terminal.step()
    assert [file.name for file in house.terminal.answers.iterdir() if file.name.startswith("OQSsiimm01")] == [
        f"OQSsiimm01res_uketsuke{act.item_id}.xml"
    ]
    house.sync.try_now()
    house.sync.step()
    (item,) = house.references()
    assert (item.state, item.last_error, item.needs_staff) == (ItemState.DONE, None, False)
    assert house.terminal.answered == 2
    later = house.check()
    answer = house.store.answer(later)
    assert answer is not None
    assert codec_json.parse_answer(answer).results[0].reference_number == "00011"
    assert house.register(later) == ReferenceAct(ReferenceResult.KNOWN)
    house.upstream.health()
    assert list(house.terminal.requests.iterdir()) == list(house.terminal.answers.iterdir()) == []


def test_the_same_act_again_makes_nothing_new(house: House) -> None:
    check = house.check()
    entries = house.store.verify_audit().entries
    first = house.register(check)
    for _ in range(2):
        assert house.register(check) == ReferenceAct(ReferenceResult.ASKED_ALREADY, first.item_id)
        house.exchange()
    assert len(house.references()) == 1
    assert house.terminal.answered == 2
    report = house.store.verify_audit()
    assert report.ok
    assert report.entries == entries + 1


def test_a_wrong_number_is_put_right_once_it_has_ended(house: House) -> None:
    check = house.check()
    first = house.register(check, "00012")
    assert house.register(check, "00011") == ReferenceAct(ReferenceResult.OTHER_WAITS, first.item_id)
    house.exchange()
    assert house.register(check, "00011").result is ReferenceResult.QUEUED
    house.exchange()
    assert [item.state for item in house.references()] == [ItemState.DONE] * 2
    assert list(house.terminal.numbers.values()) == ["00011"]


def test_what_was_settled_by_hand_can_be_asked_for_again(house: House) -> None:
    check = house.check()
    first = house.register(check)
    assert first.item_id
    assert house.store.settle(first.item_id, reason="on paper", staff="Sato") is SettleResult.SETTLED
    assert house.register(check).result is ReferenceResult.QUEUED


def test_a_refusal_is_kept_for_the_desk_and_can_be_sent_again(house: House) -> None:
    check = house.check()
    house.terminal.fault = TerminalFault.REFUSES
    act = house.register(check)
    assert act.item_id
    house.exchange()
    (item,) = house.references()
    assert (item.state, item.needs_staff) == (ItemState.REFUSED, True)
    assert item.last_error is FailureCode.REFERENCE_REFUSED
    assert b"SIMULATED" in (house.store.answer(act.item_id) or b"")
    assert house.heard[-1].outcome is None
    house.terminal.fault = TerminalFault.NONE
    house.store.retry(act.item_id, "Sato")
    house.exchange()
    assert house.references()[0].state is ItemState.DONE


@pytest.mark.parametrize("fault", [TerminalFault.WRONG_ID, TerminalFault.GARBAGE])
def test_what_is_no_answer_decides_nothing(house: House, fault: TerminalFault) -> None:
    check = house.check()
    house.terminal.fault = fault
    house.register(check)
    house.exchange()
    (item,) = house.references()
    assert item.state is ItemState.ACCEPTED
    assert item.last_error is FailureCode.UPSTREAM_ANSWER_WRONG


def test_a_check_without_one_insured_person_registers_nothing(house: House) -> None:
    nobody = house.check(InsuranceNumbers("39138999", "11111111", "19400429"))
    assert house.register(nobody) == ReferenceAct(ReferenceResult.NOT_ONE_PERSON)
    assert house.register("01J00000000000000000000009") == ReferenceAct(ReferenceResult.NO_CHECK)
    house.terminal.fault = TerminalFault.SILENT
    assert house.register(house.check()) == ReferenceAct(ReferenceResult.NO_CHECK)
    with pytest.raises(ValueError, match="not a number"):
        house.register(nobody, "患者")
    assert house.references() == []


def test_switched_off_again_it_waits(tmp_path: Path) -> None:
    house = House(tmp_path, switched_on=False)
    check = house.check()
    house.register(check)
    house.exchange()
    (item,) = house.references()
    assert (item.state, item.last_error) == (ItemState.PENDING, FailureCode.CONFIG_INVALID)
    assert house.terminal.answered == 1
    house.close()


def test_nothing_of_it_lies_open_in_the_records(house: House, tmp_path: Path) -> None:
    house.register(house.check(), "CLINIC-000778")
    house.exchange()
    for file in (tmp_path / "state").rglob("*"):
        assert file.is_dir() or b"CLINIC-000778" not in file.read_bytes()
