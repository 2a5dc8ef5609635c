# SPDX-License-Identifier: Apache-2.0
"""A card that is registered first: the check waits for it, and is held up by no refusal."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.consent.items import ConsentItem
from kiosk.eligibility.request import registration_body
from kiosk.errors import FailureCode
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.model import DraftItem, Finish, ItemState, OutboxKind
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import Reply
from kiosk.outbox.worker import SyncWorker
from tests.fakes import openapi
from tests.fakes.checks import INSTITUTION, evidence, yes_to
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.outbox import GATEWAY, FakeHandOver, FakeUpstream, draft, open_store


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()


def kinds_due(store: Store, now: datetime) -> list[OutboxKind]:
    return [item.kind for item in store.due(now, 10)]


@pytest.fixture
def registration(store: Store, clock: FakeClock) -> str:
    items = (
        DraftItem(OutboxKind.USAGE_REGISTRATION, b"{}", GATEWAY),
        DraftItem(OutboxKind.QUALIFICATION_CHECK, b"{}", GATEWAY, depends_on=0),
    )
    store.commit(draft("S", clock.now(), items=items))
    assert kinds_due(store, clock.now()) == [OutboxKind.USAGE_REGISTRATION]
    item_id = store.due(clock.now(), 1)[0].id
    assert store.mark_in_flight(item_id) is not None
    return item_id


@pytest.mark.parametrize(
    ("state", "released"),
    [
        (ItemState.DONE, True),
        (ItemState.REFUSED, True),
        (ItemState.ACCEPTED, False),
        (ItemState.PENDING, False),
    ],
)
def test_the_check_goes_when_the_registration_is_decided(
    store: Store, clock: FakeClock, registration: str, state: ItemState, released: bool
) -> None:
    answered = b"{}" if state is ItemState.DONE else None
    store.finish(registration, Finish(state, 200, needs_staff=state is ItemState.REFUSED, answer=answered))
    assert (OutboxKind.QUALIFICATION_CHECK in kinds_due(store, clock.now())) is released
    assert (store.stats().needs_staff == 1) is (state is ItemState.REFUSED)


CERTIFICATE = b"a certificate"
SHA256 = hashlib.sha256(CERTIFICATE).hexdigest()
REGISTERED = {"certificate_sha256": SHA256, "registered": True}
WRONG = FailureCode.UPSTREAM_ANSWER_WRONG
BODY = json.dumps({"evidence": {"certificate": base64.b64encode(CERTIFICATE).decode()}}).encode()


@pytest.mark.parametrize(
    ("told", "state", "code"),
    [
        ({"certificate_sha256": SHA256, "registered": True}, ItemState.DONE, None),
        (
            {"certificate_sha256": SHA256, "registered": False},
            ItemState.REFUSED,
            FailureCode.UPSTREAM_REFUSED,
        ),
        ({"certificate_sha256": "ab" * 32, "registered": True}, ItemState.PENDING, WRONG),
        ({"certificate_sha256": SHA256}, ItemState.PENDING, WRONG),
        ({"certificate_sha256": SHA256, "registered": 1}, ItemState.PENDING, WRONG),
        ({"registered": True}, ItemState.PENDING, WRONG),
        ([], ItemState.PENDING, WRONG),
        (None, ItemState.PENDING, WRONG),
        (b"", ItemState.PENDING, WRONG),
        (b'{"certificate_sha256": "', ItemState.PENDING, WRONG),
        (b"<html>", ItemState.PENDING, WRONG),
        (b"[" * 100_000, ItemState.PENDING, WRONG),
    ],
    ids=range(12),
)
def test_only_an_answer_about_this_card_ends_it(
    store: Store, clock: FakeClock, told: object, state: ItemState, code: FailureCode | None
) -> None:
    items = (
        DraftItem(OutboxKind.USAGE_REGISTRATION, BODY, GATEWAY),
        DraftItem(OutboxKind.QUALIFICATION_CHECK, b"{}", GATEWAY, depends_on=0),
    )
    store.commit(draft("S", clock.now(), items=items))
    upstream = FakeUpstream()
    upstream.on_register = lambda _: Reply(
        200, told if isinstance(told, bytes) else json.dumps(told).encode()
    )
    worker = SyncWorker(store, {GATEWAY: upstream}, FakeHandOver(), AnswerReader(INSTITUTION), clock)
    worker.step()
    (registration,) = (item for item in store.list() if item.kind is OutboxKind.USAGE_REGISTRATION)
    assert (registration.state, registration.last_error) == (state, code)
    assert (OutboxKind.QUALIFICATION_CHECK in kinds_due(store, clock.now())) is (code is not WRONG)
    upstream.on_register = lambda _: Reply(200, json.dumps(REGISTERED).encode())
    clock.advance(600)
    worker.step()
    worker.step()
    assert [item.state for item in store.list() if item.kind is OutboxKind.QUALIFICATION_CHECK] == [
        ItemState.DONE
    ]


def test_what_is_sent_is_what_upstream_takes() -> None:
    records = yes_to(ConsentItem.USAGE_REGISTRATION)
    body = registration_body(evidence("nozomi"), records, MORNING, INSTITUTION)
    openapi.conforms(body, openapi.schema_of("Act"))
