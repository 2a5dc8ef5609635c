# SPDX-License-Identifier: Apache-2.0
"""A card that is registered first: the check waits for it, and is held up by no refusal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.consent.items import ConsentItem
from kiosk.eligibility.request import registration_body
from kiosk.outbox.model import DraftItem, Finish, ItemState, OutboxKind
from kiosk.outbox.store import Store
from tests.fakes import openapi
from tests.fakes.checks import INSTITUTION, evidence, yes_to
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.outbox import GATEWAY, draft, open_store


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


def test_what_is_sent_is_what_upstream_takes() -> None:
    records = yes_to(ConsentItem.USAGE_REGISTRATION)
    body = registration_body(evidence("nozomi"), records, MORNING, INSTITUTION)
    openapi.conforms(body, openapi.schema_of("Act"))
