# SPDX-License-Identifier: Apache-2.0
"""``kiosk updates``: the desk sees who agreed, reads news once, and ends a consent by today's number."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from kiosk import settings
from kiosk.app import open_store
from kiosk.clock import SystemClock
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision
from kiosk.ids import UlidFactory
from kiosk.outbox.model import Finish, ItemState
from kiosk.outbox.person_updates import CertificateName
from kiosk.outbox.store import Store
from tests.fakes.commands import Command
from tests.fakes.outbox import GATEWAY, INSTITUTION, draft


def agreed(store: Store) -> str:
    """Somebody agrees; the reception's number."""
    now = SystemClock().now()
    yes = ConsentRecord(ConsentItem.PERSON_UPDATE, Decision.YES, "2024-06", "ja", now)
    made = draft(UlidFactory().new(now), now, items=())
    return store.commit(replace(made, consents=(yes,), certificate=CertificateName("ab" * 32, 77))).number


def moved(store: Store) -> None:
    (one,) = store.updates.subscribed()
    item = store.updates.ask(one.id, GATEWAY, INSTITUTION)
    assert item is not None
    parcel = store.mark_in_flight(item)
    assert parcel is not None
    told = {
        "certificate": json.loads(parcel.body)["certificate"],
        "changed": True,
        "person": {"name": "移川　香苗", "address": "幻想市", "birth_date": "19831203", "sex": "2"},
        "successor": None,
        "source": "provider",
        "as_of": "2026-06-01T00:00:00Z",
    }
    store.finish(item, Finish(ItemState.DONE, 200, answer=json.dumps(told).encode()))


def test_the_desk_reads_news_once_and_ends_it(kiosk: Command, folders: Path) -> None:
    assert kiosk("updates", "list").out == "Nobody has agreed to be kept up to date.\n"
    assert kiosk("staff", "add", "Sato", "--role", "reception", stdin="739154\n").status == 0
    assert kiosk("updates", "show", "A-001", "--staff", "Sato").status == 1
    assert kiosk("updates", "withdraw", "A-001", "--staff", "Sato").status == 1
    store = open_store(settings.load(), SystemClock())
    number = agreed(store)
    listed = kiosk("updates", "list")
    assert number in listed.out
    assert "watched" in listed.out
    assert kiosk("updates", "list", "--news").out == "No news.\n"
    moved(store)
    news = kiosk("updates", "list", "--news", "--json").document["subscriptions"]
    assert isinstance(news, list)
    assert [(one["number"], one["state"]) for one in news] == [(number, "changed")]
    assert "幻想市" not in json.dumps(news, ensure_ascii=False)
    read = kiosk("updates", "show", number, "--staff", "Sato")
    assert read.status == 0
    assert "幻想市" in read.out
    assert "provider, as of 2026-06-01T00:00:00Z" in read.out
    assert kiosk("updates", "show", number, "--staff", "Sato").status == 1
    assert kiosk("updates", "withdraw", number, "--staff", "Nobody").status != 0
    assert kiosk("updates", "withdraw", number, "--staff", "Sato").status == 0
    again = kiosk("updates", "withdraw", number, "--staff", "Sato", "--json")
    assert (again.status, again.document["result"]) == (1, "ended")
    assert store.verify_audit().ok
    store.close()
