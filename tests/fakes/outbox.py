# SPDX-License-Identifier: Apache-2.0
"""Drafts, answers and the other ends of the outbox, for tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.clock import TOKYO, Clock
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision
from kiosk.errors import KioskError
from kiosk.outbox.model import DraftItem, OutboxKind, Parcel, ReceptionDraft
from kiosk.outbox.retry import SendError
from kiosk.outbox.store import Access, Store
from kiosk.outbox.upstream import Health, Registration, Reply

INSTITUTION = "1319999999"
GATEWAY = "gateway"


def open_store(folder: Path, clock: Clock, *, access: Access = Access.OWNER) -> Store:
    """A store as the kiosk opens it, records and key apart."""
    return Store.open(folder / "records", folder / "keys" / "store.key", clock, access=access)


def draft(
    session_id: str,
    at: datetime,
    *,
    body: bytes = b'{"kind":"card"}',
    person_key: bytes = b"",
    items: tuple[DraftItem, ...] | None = None,
) -> ReceptionDraft:
    """One patient's reception with one check, at a Tokyo time."""
    moment = at.astimezone(TOKYO)
    consents = tuple(
        ConsentRecord(item, Decision.YES, "2024-06", "ja", at)
        for item in (ConsentItem.TREATMENT_AND_MEDICINE, ConsentItem.LIMIT)
    )
    if items is None:
        items = (DraftItem(OutboxKind.QUALIFICATION_CHECK, body, GATEWAY),)
    return ReceptionDraft(session_id, moment, consents, items, person_key, "pin")


def answer(key: str, *, institution: str = INSTITUTION, segment: str = "1", validity: str = "1") -> bytes:
    """An answer in the shape of facts/oqs.md 2.2 and 2.3, to the check of that key."""
    result = {"ResultOfQualificationConfirmation": {"Name": "架空　太郎"}}
    message = {
        "MessageHeader": {
            "ProcessExecutionTime": "20260601091203",
            "MedicalInstitutionCode": institution,
            "ArbitraryFileIdentifier": key,
            "SegmentOfResult": segment,
        },
        "MessageBody": {
            "ProcessingResultStatus": "1",
            "QualificationValidity": validity,
            "ResultList": [result],
        },
    }
    return json.dumps({"XmlMsg": message}).encode()


class FakeUpstream:
    """Answers as told, and remembers what came; effects are counted by key, as a real one does."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.asked: list[str] = []
        self.on_send: Callable[[str], Reply] = lambda key: Reply(200, answer(key))
        self.on_ask: Callable[[str], Reply] = lambda key: Reply(200, answer(key))
        self.on_register: Callable[[str], Reply] = lambda _key: Reply(200, b'{"registered": true}')

    def send_check(self, parcel: Parcel) -> Reply:
        self.sent.append((parcel.item.id, parcel.body))
        if parcel.item.kind is OutboxKind.USAGE_REGISTRATION:
            return self.on_register(parcel.item.id)
        return self.on_send(parcel.item.id)

    def ask(self, key: str, kind: OutboxKind = OutboxKind.QUALIFICATION_CHECK) -> Reply:
        self.asked.append(key)
        return self.on_ask(key)

    def health(self) -> Health:
        return Health(SendError.UNREACHABLE, 0.0)

    def registration(self, certificate_sha256: str) -> Registration:
        return Registration.UNKNOWN

    def close(self) -> None:
        pass

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.sent]


class FakeHandOver:
    """Takes answers, or fails with what it is told to."""

    def __init__(self) -> None:
        self.delivered: list[tuple[OutboxKind, str, bytes]] = []
        self.failure: KioskError | None = None
        self.tries = 0

    def deliver(self, kind: OutboxKind, key: str, answer: bytes) -> None:
        self.tries += 1
        if self.failure is not None:
            raise self.failure
        self.delivered.append((kind, key, answer))
