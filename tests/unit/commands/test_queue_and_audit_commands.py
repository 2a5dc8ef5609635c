# SPDX-License-Identifier: Apache-2.0
"""``kiosk queue`` and ``kiosk audit``, beside the kiosk that owns the records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import settings
from kiosk.app import open_store
from kiosk.clock import SystemClock
from kiosk.ids import UlidFactory
from kiosk.outbox.store import DATABASE_NAME, Store
from tests.fakes.commands import Command
from tests.fakes.outbox import draft

BODY = b'{"kind":"card","marker":"marker-body"}'
REASON = "marker reason"


@pytest.fixture
def owner(folders: Path) -> Iterator[Store]:
    """The records as the running kiosk has them open."""
    store = open_store(settings.load(), SystemClock())
    yield store
    store.close()


def receive(store: Store) -> str:
    """One reception; the id of its check."""
    now = SystemClock().now()
    return store.commit(draft(UlidFactory().new(now), now, body=BODY)).check_id


def sign_up(kiosk: Command, name: str = "Sato") -> None:
    assert kiosk("staff", "add", name, "--role", "reception", stdin="739154\n").status == 0


def test_kiosk_that_kept_nothing_yet(kiosk: Command) -> None:
    stats = kiosk("queue", "stats")
    assert stats.status == 0
    assert "no records yet" in stats.out
    document = kiosk("queue", "stats", "--json").document
    assert (document["records"], document["waiting"]) == (False, 0)
    assert kiosk("queue", "list", "--json").document == {"records": False, "items": []}
    assert kiosk("queue", "show", "X").status == 1
    assert kiosk("queue", "retry", "X").status == 1
    # a chain that is not there is no chain that holds
    ended = kiosk("audit", "verify")
    assert ended.status == 3
    assert ended.err.endswith("[OUT-001]\n")


def test_queue_is_seen_while_the_kiosk_runs(kiosk: Command, owner: Store) -> None:
    first, second = receive(owner), receive(owner)
    document = kiosk("queue", "stats", "--json").document
    assert (document["records"], document["pending"], document["waiting"]) == (True, 2, 2)
    assert "pending      2" in kiosk("queue", "stats").out
    listed = kiosk("queue", "list")
    assert listed.status == 0
    assert [line.split()[0] for line in listed.out.splitlines()] == ["id", first, second]
    items = kiosk("queue", "list", "--json", "--limit", "1").document["items"]
    assert isinstance(items, list)
    assert [item["id"] for item in items] == [first]
    assert kiosk("queue", "list", "--state", "done", "--json").document["items"] == []
    assert kiosk("queue", "list", "--needs-staff", "--json").document["items"] == []


def test_one_item_shows_nothing_personal(kiosk: Command, owner: Store) -> None:
    item = receive(owner)
    shown = kiosk("queue", "show", item)
    assert shown.status == 0
    assert "qualification_check" in shown.out
    as_document = kiosk("queue", "show", item, "--json")
    assert as_document.document["state"] == "pending"
    assert "marker-body" not in shown.out + as_document.out
    unknown = kiosk("queue", "show", "01UNKNOWN", "--json")
    assert (unknown.status, unknown.document["found"]) == (1, False)


def test_retry(kiosk: Command, owner: Store) -> None:
    item = receive(owner)
    assert kiosk("queue", "retry", item, "--json").document == {"id": item, "result": "queued"}
    assert kiosk("queue", "retry", "01UNKNOWN").status == 1
    assert kiosk("queue", "retry", item, "--staff", "Nobody").status == 3  # there are no staff at all
    sign_up(kiosk)
    assert kiosk("queue", "retry", item, "--staff", "Nobody").status == 1
    assert kiosk("queue", "retry", item, "--staff", "Sato").status == 0


def test_settling_needs_a_known_person_and_keeps_the_reason_sealed(
    kiosk: Command, owner: Store, folders: Path
) -> None:
    item = receive(owner)
    words = ("queue", "settle", item, "--reason", REASON, "--staff")
    assert kiosk(*words, "Sato").err.endswith("[STF-004]\n")
    sign_up(kiosk)
    assert kiosk(*words, "Suzuki").err.endswith("[STF-005]\n")
    settled = kiosk(*words, "Sato")
    assert settled.status == 0
    again = kiosk(*words, "Sato", "--json")
    assert (again.status, again.document["result"]) == (1, "finished")
    for file in (folders / "state").rglob("*"):
        assert file.is_dir() or REASON.encode() not in file.read_bytes()


def test_audit_chain_holds_until_somebody_changes_it(kiosk: Command, owner: Store, folders: Path) -> None:
    receive(owner)
    receive(owner)
    assert kiosk("audit", "verify", "--json").document == {
        "ok": True,
        "entries": 2,
        "problem": None,
        "at": None,
    }
    database = sqlite3.connect(folders / "state" / "uketsuke" / DATABASE_NAME)
    try:
        table = next(
            name
            for (name,) in database.execute("select name from sqlite_master where type = 'table'")
            if name.startswith("audit")
        )
        database.execute(f"update {table} set who = 'somebody else' where seq = 1")  # noqa: S608
        database.commit()
    finally:
        database.close()
    ended = kiosk("audit", "verify")
    assert ended.status == 1
    assert ended.out == "The audit chain is broken at entry 1: an entry was changed.\n"


def test_key_that_is_gone(kiosk: Command, owner: Store, folders: Path) -> None:
    receive(owner)
    (folders / "data" / "uketsuke" / "records.key").unlink()
    ended = kiosk("queue", "stats")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.endswith("[OUT-004]\n")
