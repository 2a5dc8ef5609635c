# SPDX-License-Identifier: Apache-2.0
"""Damaged records are kept aside whole, new ones begun, and people told; what SQLite can read goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.outbox.audit import AuditReport
from kiosk.outbox.damage import kept_aside, log_was_cut, read_log
from kiosk.outbox.store import DATABASE_NAME, Access, Store
from tests.fakes.clock import FakeClock
from tests.fakes.outbox import draft, open_store

pytestmark = pytest.mark.allow_log("damaged")
RECEPTIONS = 30


def receive(store: Store, clock: FakeClock) -> None:
    """Receptions that are taken in and filed one by one, as with a sync thread that runs."""
    for n in range(RECEPTIONS):
        store.commit(draft(f"S{n}", clock.now(), body=bytes(3000)))
        store.stats()


def filled(folder: Path, clock: FakeClock) -> Path:
    """Records after an orderly end: everything is in the one file."""
    store = open_store(folder, clock)
    receive(store, clock)
    store.close()
    return folder / "records" / DATABASE_NAME


def cut_off(folder: Path, clock: FakeClock) -> Path:
    """Records as a power cut leaves them: the last commits are only in the log."""
    store = open_store(folder, clock)
    receive(store, clock)
    left = folder / "left" / "records"
    left.mkdir(parents=True)
    for file in (folder / "records").iterdir():
        if not file.name.endswith("-shm"):
            (left / file.name).write_bytes(file.read_bytes())
    keys = folder / "left" / "keys"
    keys.mkdir()
    (keys / "store.key").touch(0o600)
    (keys / "store.key").write_bytes((folder / "keys" / "store.key").read_bytes())
    store.close()
    return left / DATABASE_NAME


def header(data: bytearray) -> None:
    data[:100] = b"\xff" * 100


def page(data: bytearray) -> None:
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xa5" * 4096


def names(data: bytearray) -> None:
    """What SQLite would say about it is no text."""
    place = data.index(b"CREATE TABLE outbox")
    data[place - 12 : place + 30] = b"\xca" * 42


def truncated(data: bytearray) -> None:
    del data[len(data) // 2 :]


def emptied(data: bytearray) -> None:
    data.clear()


@pytest.mark.parametrize("damage", [header, page, names, truncated, emptied])
def test_damaged_file_is_kept_aside_and_a_new_one_begun(
    tmp_path: Path, damage: Callable[[bytearray], None]
) -> None:
    clock = FakeClock()
    path = filled(tmp_path, clock)
    data = bytearray(path.read_bytes())
    damage(data)
    path.write_bytes(data)
    store = open_store(tmp_path, clock)
    assert store.stats().waiting == 0
    (aside,) = kept_aside(path.parent)
    assert aside.read_bytes() == data
    assert store.commit(draft("new", clock.now())).number == "A-001"
    with store.database.reading() as connection:
        entries = connection.exec_driver_sql("SELECT what, detail FROM audit ORDER BY seq").all()
    assert tuple(entries[0]) == ("records_damaged", aside.name)
    assert store.verify_audit() == AuditReport(2)
    store.close()
    open_store(tmp_path, clock).close()
    assert kept_aside(path.parent) == [aside]


def test_index_that_lost_an_entry_is_damage(tmp_path: Path) -> None:
    """It would hide an item from picking, for ever and without a word."""
    clock = FakeClock()
    path = filled(tmp_path, clock)
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = replace(sql, 'attempts = 0', 'attempts = 9') "
        "WHERE name = 'ix_outbox_fresh';"
    )
    connection.close()
    open_store(tmp_path, clock).close()
    assert len(kept_aside(path.parent)) == 1


def test_visitor_moves_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    path = filled(tmp_path, clock)
    path.write_bytes(b"no database " * 1000)
    with pytest.raises(EnvironmentProblem) as caught:
        open_store(tmp_path, clock, access=Access.VISITOR)
    assert caught.value.code is FailureCode.STORE_DAMAGED
    assert kept_aside(path.parent) == []


def test_damage_without_the_key_makes_no_new_key(tmp_path: Path) -> None:
    clock = FakeClock()
    path = filled(tmp_path, clock)
    path.write_bytes(b"no database " * 1000)
    (tmp_path / "keys" / "store.key").unlink()
    with pytest.raises(EnvironmentProblem) as caught:
        open_store(tmp_path, clock)
    assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE
    assert len(kept_aside(path.parent)) == 1


def sessions(store: Store) -> list[str]:
    return [item.session_id for item in store.list()]


def test_log_that_was_cut_short_loses_the_last_commit_at_most(tmp_path: Path) -> None:
    """However much of it a power cut leaves: each whole commit is there, and no alarm is given."""
    clock = FakeClock()
    path = cut_off(tmp_path, clock)
    log = path.with_name(f"{path.name}-wal")
    whole = log.read_bytes()
    used = len(whole.rstrip(b"\0"))
    base = path.read_bytes()
    for cut in [used, *range(used - 3, used - 60_000, -4999)]:
        path.write_bytes(base)
        log.write_bytes(whole[:cut].ljust(len(whole), b"\0"))
        store = open_store(tmp_path / "left", clock)
        found = sessions(store)
        store.close()
        assert found == [f"S{n}" for n in range(len(found))]
        assert len(found) >= RECEPTIONS - 1 - (used - cut) // 40_000
    assert len(found) < RECEPTIONS
    assert kept_aside(path.parent) == []


@pytest.mark.parametrize("place", [0.3, 0.6])
def test_garbage_in_the_log_is_noticed_and_a_copy_kept(tmp_path: Path, place: float) -> None:
    clock = FakeClock()
    path = cut_off(tmp_path, clock)
    log = path.with_name(f"{path.name}-wal")
    data = bytearray(log.read_bytes())
    middle = int(len(data.rstrip(b"\0")) * place)
    data[middle : middle + 200] = b"\xa5" * 200
    log.write_bytes(data)
    store = open_store(tmp_path / "left", clock)
    found = sessions(store)
    assert 0 < len(found) < RECEPTIONS
    assert found == [f"S{n}" for n in range(len(found))]
    (aside,) = kept_aside(path.parent)
    assert aside.read_bytes() == data
    assert store.verify_audit().ok
    store.close()


def test_garbage_for_a_log_is_noticed(tmp_path: Path) -> None:
    clock = FakeClock()
    path = filled(tmp_path, clock)
    path.with_name(f"{path.name}-wal").write_bytes(b"\xa5" * 9000)
    store = open_store(tmp_path, clock)
    assert len(sessions(store)) == RECEPTIONS
    store.close()
    assert len(kept_aside(path.parent)) == 1


def test_log_of_an_orderly_end_is_none(tmp_path: Path) -> None:
    path = filled(tmp_path, FakeClock())
    assert read_log(path) == b""
    assert not log_was_cut(b"", 0)
    assert not log_was_cut(bytes(5000), 0)
