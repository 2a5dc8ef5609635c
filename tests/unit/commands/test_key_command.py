# SPDX-License-Identifier: Apache-2.0
"""``kiosk key rotate``: by a person that is known, with the kiosk stopped, and nothing is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk import settings
from kiosk.app import open_store
from kiosk.clock import SystemClock
from kiosk.ids import UlidFactory
from kiosk.outbox.store import DATABASE_NAME
from tests.fakes.commands import Command
from tests.fakes.outbox import draft


@pytest.fixture
def waiting(folders: Path) -> str:
    """A reception that waits, in records whose kiosk has stopped."""
    store = open_store(settings.load(), SystemClock())
    now = SystemClock().now()
    item = store.commit(draft(UlidFactory().new(now), now)).check_id
    store.close()
    return item


def test_a_known_person_gives_the_records_a_new_key(kiosk: Command, folders: Path, waiting: str) -> None:
    key = settings.load().paths.records_key_file()
    before = key.read_bytes()
    assert kiosk("staff", "add", "Sato", "--role", "technician", stdin="739154\n").status == 0
    document = kiosk("key", "rotate", "--staff", "Sato", "--json").document
    assert document == {"ok": True, "resealed": 1, "new_key": None}
    assert key.read_bytes() != before
    store = open_store(settings.load(), SystemClock())
    assert store.mark_in_flight(waiting) is not None
    assert store.verify_audit().ok
    store.close()
    with closing(sqlite3.connect(settings.load().paths.state_folder() / DATABASE_NAME)) as connection:
        assert connection.execute("SELECT who FROM audit WHERE what = 'key_changed'").fetchall() == [
            ("Sato",)
        ]


@pytest.mark.parametrize("name", ["Nobody", "x" * 200, "a\nb"])
def test_somebody_unknown_changes_nothing(kiosk: Command, folders: Path, waiting: str, name: str) -> None:
    key = settings.load().paths.records_key_file()
    before = key.read_bytes()
    assert kiosk("key", "rotate", "--staff", name).status != 0  # nobody is registered
    assert kiosk("staff", "add", "Sato", "--role", "technician", stdin="739154\n").status == 0
    assert "STF" in kiosk("key", "rotate", "--staff", name).err
    assert key.read_bytes() == before
    assert [path.name for path in key.parent.iterdir() if path.name.startswith(key.name)] == [key.name]


def test_a_running_kiosk_keeps_its_key(kiosk: Command, folders: Path, waiting: str) -> None:
    assert kiosk("staff", "add", "Sato", "--role", "technician", stdin="739154\n").status == 0
    owner = open_store(settings.load(), SystemClock())
    ended = kiosk("key", "rotate", "--staff", "Sato")
    owner.close()
    assert "OUT-007" in ended.err
    assert not settings.load().paths.records_key_file().with_suffix(".next").exists()
