# SPDX-License-Identifier: Apache-2.0
"""Checks by number are kept with who made them before anything is told, and answered late as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.consent.items import Given
from kiosk.eligibility.codec_xml import Encoding
from kiosk.errors import FailureCode, KioskError
from kiosk.jobs import SerialJobRunner
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.folders import FolderLimits, FolderUpstream
from kiosk.outbox.model import ItemState, OutboxKind, Reception, ReceptionDraft
from kiosk.outbox.store import Store
from kiosk.outbox.worker import ItemResult, SyncWorker
from kiosk.runtime.card_effects import KioskIdentity
from kiosk.runtime.number_checks import NumberChecks
from kiosk.simulator.terminal import SimulatedTerminal
from kiosk.ui.viewmodels.staff_number import NumberProgress, TypedNumbers
from tests.fakes.executor import AtOnce

INSTITUTION = "0000000000"
MASAO = TypedNumbers("39138999", "", "00954321", "", "19400429", limit=True)


class NoHandOver:
    """No reception computer."""

    def deliver(self, kind: OutboxKind, key: str, answer: bytes, /) -> None:
        raise KioskError(FailureCode.CONFIG_INVALID)


class House:
    """A store, a terminal and the checks between them; the queue is stepped by hand."""

    def __init__(self, folder: Path) -> None:
        clock = SystemClock()
        self.terminal = SimulatedTerminal(folder / "terminal", clock, Encoding.CP932)
        for made in (self.terminal.requests, self.terminal.answers):
            made.mkdir(parents=True)
        self.store = Store.open(folder / "state", folder / "key", clock, hand_overs=())
        limits = FolderLimits(poll_s=0.01, wait_s=0.0)
        self.upstream = FolderUpstream(
            self.terminal.requests, self.terminal.answers, INSTITUTION, clock, limits=limits
        )
        self.sync = SyncWorker(
            self.store,
            {"terminal": self.upstream},
            NoHandOver(),
            AnswerReader(INSTITUTION),
            clock,
            on_result=self.hear,
        )
        self.checks = NumberChecks(
            self.store,
            self.sync,
            "terminal",
            KioskIdentity(INSTITUTION, "kiosk-1"),
            SerialJobRunner(AtOnce(), lambda call: call()),
            clock,
            lambda call: call(),
        )
        self.told: list[NumberProgress] = []

    def hear(self, result: ItemResult) -> None:
        self.checks.hear(result)

    def close(self) -> None:
        self.upstream.close()
        self.store.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def test_kept_sent_answered_and_told(house: House) -> None:
    house.checks.check(MASAO, "受付 花", house.told.append)
    assert [progress.reception for progress in house.told] == ["A-001"]
    (item,) = house.store.list()
    assert (item.kind, item.endpoint) == (OutboxKind.QUALIFICATION_CHECK, "terminal")
    house.sync.step()
    assert house.store.list(ItemState.ACCEPTED)
    house.terminal.step()
    house.sync.try_now()
    house.sync.step()
    assert house.store.list(ItemState.DONE)
    outcome = house.told[-1].outcome
    assert outcome is not None
    assert outcome.kind.value == "eligible"
    assert house.store.outcome_of(house.checks.last_session) == outcome
    assert house.store.verify_audit().ok


@pytest.mark.expect_log("could not be kept")
def test_what_cannot_be_kept_is_told_and_sends_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_draft: ReceptionDraft) -> None:
        raise KioskError(FailureCode.STORE_DISK_FULL)

    monkeypatch.setattr(house.store, "commit", full)
    house.checks.check(MASAO, "受付 花", house.told.append)
    assert house.told == [NumberProgress(failed=FailureCode.STORE_DISK_FULL)]
    assert house.store.list() == []
    assert "954321" not in caplog.text


def test_the_body_is_the_request_by_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts: list[ReceptionDraft] = []
    real = house.store.commit

    def commit(draft: ReceptionDraft) -> Reception:
        drafts.append(draft)
        return real(draft)

    monkeypatch.setattr(house.store, "commit", commit)
    house.checks.check(MASAO, "受付 花", house.told.append)
    (draft,) = drafts
    body = json.loads(draft.items[0].body)
    assert body["kind"] == "number"
    assert body["search"] == {
        "InsurerNumber": "39138999",
        "InsuredIdentificationNumber": "00954321",
        "Birthdate": "19400429",
        "LimitApplicationCertificateRelatedConsFlg": "1",
    }
    (limit,) = draft.consents
    assert limit.given is Given.STAFF_ORAL
    assert draft.person_key == b""
