# SPDX-License-Identifier: Apache-2.0
"""A new key, checkpoints that others keep, and what is forgotten when."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.outbox import key_file
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.audit import AuditProblem
from kiosk.outbox.checkpoint import parse, sign
from kiosk.outbox.custodian import Custodian
from kiosk.outbox.key_file import CREDENTIAL_NAME, KeyPlace, find_key
from kiosk.outbox.model import Finish, ItemState, OutboxKind
from kiosk.outbox.repository import rotation
from kiosk.outbox.schema import Base
from kiosk.outbox.sealing import Keys
from kiosk.outbox.store import DATABASE_NAME, Store
from kiosk.outbox.upkeep import Retention
from kiosk.outbox.upstream import Reply
from kiosk.outbox.worker import SyncWorker
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.outbox import (
    GATEWAY,
    INSTITUTION,
    FakeHandOver,
    FakeUpstream,
    answer,
    draft,
    open_store,
)

COUNTS = tuple(f"SELECT count(*) FROM {table}" for table in ("consents", "receptions", "outbox"))  # noqa: S608
SECRET = "架空　太郎の中身".encode()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()


def received(store: Store, session: str, *, done: bool = True, hand_over_done: bool = True) -> str:
    """A reception whose check was answered; its item's id."""
    item = store.commit(draft(session, MORNING, body=SECRET)).check_id
    if done:
        assert store.mark_in_flight(item) is not None
        store.finish(item, Finish(ItemState.DONE, 200, answer=answer(item)))
        if hand_over_done:
            assert store.mark_in_flight(f"{item}:face") is not None
            store.finish(f"{item}:face", Finish(ItemState.DONE))
    return item


def place_of(folder: Path) -> KeyPlace:
    return KeyPlace(folder / "keys" / "store.key")


def raw(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "records" / DATABASE_NAME)) as connection:
        return connection.execute(statement).fetchall()


# --- a new key ---------------------------------------------------------------------------------------------


def test_with_a_new_key_everything_is_as_it_was_and_the_old_key_opens_nothing(
    tmp_path: Path, clock: FakeClock
) -> None:
    store = open_store(tmp_path, clock)
    done, waiting = received(store, "S1"), received(store, "S2", done=False)
    store.record_staff_act("受付 花子", "staff_reset", "S3", "asked for it")
    before = store.upkeep.checkpoint()
    old = place_of(tmp_path).path.read_bytes()
    assert store.upkeep.change_key(place_of(tmp_path), "技術 次郎") == 3
    store.close()

    assert place_of(tmp_path).path.read_bytes() != old
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["store.key"]
    store = open_store(tmp_path, clock)
    assert store.answer(done) == answer(done)
    parcel = store.mark_in_flight(waiting)
    assert parcel is not None
    assert parcel.body == SECRET
    assert store.verify_audit(before).ok
    assert raw(tmp_path, "SELECT who FROM audit WHERE what = 'key_changed'") == [("技術 次郎",)]
    store.close()
    old_keys = Keys(old)
    for row_id, sealed in raw(tmp_path, "SELECT id, payload_sealed FROM outbox WHERE payload_sealed NOTNULL"):
        assert isinstance(sealed, bytes)
        with pytest.raises(EnvironmentProblem):
            old_keys.open(sealed, place=f"outbox.payload:{row_id}")

    place_of(tmp_path).path.write_bytes(old)
    with pytest.raises(EnvironmentProblem) as caught:
        open_store(tmp_path, clock)
    assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE


def test_the_key_can_be_changed_again_and_again(tmp_path: Path, clock: FakeClock) -> None:
    for turn in range(3):
        store = open_store(tmp_path, clock)
        received(store, f"S{turn}")
        store.record_staff_act("受付 花子", "staff_reset", f"S{turn}", f"reason {turn}")
        store.upkeep.change_key(place_of(tmp_path), "技術 次郎")
        store.close()
    store = open_store(tmp_path, clock)
    assert store.verify_audit().ok
    assert all(store.answer(item.id) for item in store.list() if item.kind is OutboxKind.QUALIFICATION_CHECK)
    store.close()


def test_every_sealed_column_is_sealed_anew() -> None:
    sealed = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    # notes are bound into the chain as they are: they stay under the key they were sealed with;
    # what was taken in is filed before anything else is done in the same transaction
    assert sealed - {("audit", "note_sealed"), ("intake", "record_sealed")} == {
        (table.name, column) for table, column, _place in rotation.SEALED
    }


def test_a_crash_before_the_records_changed_leaves_the_old_key(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path, clock)
    item = received(store, "S1")
    monkeypatch.setattr(rotation, "change_key", _break)
    with pytest.raises(RuntimeError):
        store.upkeep.change_key(place_of(tmp_path), "技術 次郎")
    store.close()
    assert place_of(tmp_path).next_path.exists()
    store = open_store(tmp_path, clock)
    assert store.answer(item) == answer(item)
    store.close()
    assert not place_of(tmp_path).next_path.exists()


def test_a_crash_after_the_records_changed_leaves_the_new_key(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path, clock)
    item = received(store, "S1")
    with monkeypatch.context() as broken:
        broken.setattr("kiosk.outbox.upkeep.put_in_place", _break)
        with pytest.raises(RuntimeError):
            store.upkeep.change_key(place_of(tmp_path), "技術 次郎")
    store.close()
    store = open_store(tmp_path, clock)
    assert store.answer(item) == answer(item)
    store.close()
    assert not place_of(tmp_path).next_path.exists()


def test_what_a_crash_left_of_a_key_being_written_goes_and_others_stay(
    tmp_path: Path, clock: FakeClock
) -> None:
    open_store(tmp_path, clock).close()
    folder = place_of(tmp_path).path.parent
    for name in (
        ".store.key.0123456789ab",
        ".store.key.next.0123456789ab",
        ".store.key.mine",
        "store.key.bak",
    ):
        (folder / name).write_bytes(bytes(32))
    open_store(tmp_path, clock).close()
    assert sorted(path.name for path in folder.iterdir()) == [".store.key.mine", "store.key", "store.key.bak"]


def _break(*_args: object, **_named: object) -> int:
    raise RuntimeError


# --- the credential ----------------------------------------------------------------------------------------


def test_a_credential_of_the_service_manager_comes_first(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    credential = folder / CREDENTIAL_NAME
    credential.write_bytes(bytes(range(32)))
    credential.chmod(0o440)  # as systemd hands it over
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    store = open_store(tmp_path, clock)
    item = received(store, "S1")
    assert not (tmp_path / "keys").exists()

    place = find_key(tmp_path / "keys" / "store.key", {"CREDENTIALS_DIRECTORY": str(folder)})
    assert place.credential
    with pytest.raises(EnvironmentProblem):
        store.upkeep.change_key(place, "技術 次郎")
    new = tmp_path / "new.key"
    store.upkeep.change_key(place, "技術 次郎", to=new)
    store.close()
    with pytest.raises(EnvironmentProblem):
        open_store(tmp_path, clock)
    shutil.copyfile(new, tmp_path / "copy")
    credential.chmod(0o640)
    credential.write_bytes(new.read_bytes())
    store = open_store(tmp_path, clock)
    assert store.answer(item) == answer(item)
    store.close()


def test_a_credential_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem):
        key_file.load_or_make_key(KeyPlace(tmp_path / "none", credential=True), may_make=True)
    assert list(tmp_path.iterdir()) == []


# --- checkpoints -------------------------------------------------------------------------------------------


def test_records_put_back_from_a_copy_are_found_by_a_checkpoint(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(tmp_path, clock)
    received(store, "S1")
    store.close()
    shutil.copytree(tmp_path / "records", tmp_path / "copy")
    store = open_store(tmp_path, clock)
    received(store, "S2")
    kept = parse(store.upkeep.checkpoint().text)
    assert kept is not None
    assert store.verify_audit(kept).ok
    store.close()
    shutil.rmtree(tmp_path / "records")
    (tmp_path / "copy").rename(tmp_path / "records")
    store = open_store(tmp_path, clock)
    assert store.verify_audit().ok  # the chain by itself cannot know that it went on
    assert store.verify_audit(kept).problem is AuditProblem.NOT_AS_KEPT
    received(store, "S3")  # nor does growing again to the same length help
    assert store.verify_audit(kept).problem is AuditProblem.NOT_AS_KEPT
    store.close()


def test_a_checkpoint_of_another_hand_is_no_checkpoint(store: Store) -> None:
    received(store, "S1")
    true = store.upkeep.checkpoint()
    forged = sign(true.seq, true.head, true.at, Keys(bytes(32)).checkpoint_key())
    assert store.verify_audit(forged).problem is AuditProblem.FALSE_CHECKPOINT
    assert store.verify_audit(true).ok


@pytest.mark.parametrize(
    "text",
    ["", "v1", "v2.1." + "0" * 64 + ".20260601T000000Z." + "A" * 86, "v1.1.zz.20260601T000000Z.AA",
     "v1.1." + "0" * 64 + ".20261399T000000Z." + "A" * 86, "v1." + "9" * 40 + ".", "\0" * 200],
)  # fmt: skip
def test_what_is_no_checkpoint_is_not_taken_for_one(text: str) -> None:
    assert parse(text) is None


def test_a_checkpoint_says_nothing_about_anybody(store: Store) -> None:
    received(store, "S1")
    text = store.upkeep.checkpoint().text
    assert text.isascii()
    assert len(text) < 250
    assert parse(text) == store.upkeep.checkpoint()


# --- what is forgotten -------------------------------------------------------------------------------------


def test_what_is_done_is_forgotten_after_its_days_and_leaves_no_trace(
    tmp_path: Path, store: Store, clock: FakeClock
) -> None:
    done, waiting = received(store, "S1"), received(store, "S2", done=False)
    needed = received(store, "S3", hand_over_done=False)
    clock.advance(timedelta(days=6, hours=23).total_seconds())
    assert not store.upkeep.erase_old(Retention()).anything
    before = dict(raw(tmp_path, "SELECT id, answer_sealed FROM outbox WHERE answer_sealed NOTNULL"))
    sealed = before[done]
    assert isinstance(sealed, bytes)
    clock.advance(7200)
    assert store.upkeep.erase_old(Retention()).items == 1
    assert store.answer(done) is None
    assert store.answer(needed) == answer(needed)  # a hand-over is still to be made of it
    parcel = store.mark_in_flight(waiting)
    assert parcel is not None
    assert parcel.body == SECRET
    assert len(before) == 2
    for path in (tmp_path / "records").iterdir():
        assert sealed[17:49] not in path.read_bytes(), path.name
    assert store.verify_audit().ok


def test_decisions_and_the_trail_stay_for_years_and_then_go_behind_a_checkpoint(
    tmp_path: Path, store: Store, clock: FakeClock
) -> None:
    received(store, "S1")
    entries = store.verify_audit().entries
    store.upkeep.checkpoint_delivered(store.upkeep.checkpoint())
    store.end_session("S9", "cleared", "cancelled")  # after the checkpoint
    clock.advance(timedelta(days=5 * 366 - 1).total_seconds())
    store.upkeep.erase_old(Retention())
    assert raw(tmp_path, "SELECT count(*) FROM consents") == [(2,)]
    clock.advance(timedelta(days=3).total_seconds())
    erased = store.upkeep.erase_old(Retention())
    assert (erased.receptions, erased.audit_entries) == (1, entries)
    assert [raw(tmp_path, count) for count in COUNTS] == [[(0,)]] * 3
    report = store.verify_audit()
    assert report.ok
    assert report.entries == 3  # the ended session, and two erasings
    with closing(sqlite3.connect(tmp_path / "records" / DATABASE_NAME)) as connection, connection:
        connection.execute("DELETE FROM audit WHERE seq = (SELECT min(seq) FROM audit)")
    assert store.verify_audit().problem is AuditProblem.MISSING


def test_without_a_checkpoint_elsewhere_no_entry_goes(store: Store, clock: FakeClock) -> None:
    received(store, "S1")
    clock.advance(timedelta(days=10 * 366).total_seconds())
    assert store.upkeep.erase_old(Retention()).audit_entries == 0


def test_what_is_open_is_never_forgotten(store: Store, clock: FakeClock) -> None:
    waiting = received(store, "S1", done=False)
    clock.advance(timedelta(days=10 * 366).total_seconds())
    assert not store.upkeep.erase_old(Retention()).anything
    assert store.show(waiting) is not None


# --- the custodian -----------------------------------------------------------------------------------------


def test_a_checkpoint_is_made_once_a_minute_and_noted_once_it_is_delivered(
    tmp_path: Path, store: Store, clock: FakeClock
) -> None:
    custodian = Custodian(store.upkeep, clock)
    first = custodian.checkpoint()
    store.end_session("S1", "cleared", "cancelled")
    assert custodian.checkpoint() == first
    clock.advance(61)
    second = custodian.checkpoint()
    assert second != first
    assert raw(tmp_path, "SELECT count(*) FROM meta WHERE name = 'audit_checkpoint'") == [(0,)]
    custodian.delivered()
    assert raw(tmp_path, "SELECT value FROM meta WHERE name = 'audit_checkpoint'") == [(second.encode(),)]


def test_the_custodian_forgets_once_an_hour(store: Store, clock: FakeClock) -> None:
    done = received(store, "S1")
    custodian = Custodian(store.upkeep, clock, Retention(personal_days=1))
    custodian.look_after()
    clock.advance(timedelta(days=2).total_seconds())
    custodian.look_after()
    assert store.answer(done) is None


def years_later(tmp_path: Path, store: Store, clock: FakeClock, *, told: timedelta | None) -> int:
    """So many receptions are left when the clock stands six years ahead, and upstream's that far from it."""
    received(store, "S1")
    upstream = FakeUpstream()
    worker = SyncWorker(store, {GATEWAY: upstream}, FakeHandOver(), AnswerReader(INSTITUTION), clock)
    clock.jump(MORNING + timedelta(days=6 * 366))
    theirs = None if told is None else clock.now() + told
    upstream.on_send = lambda key: Reply(200, answer(key), date=theirs)
    received(store, "S2", done=False)
    worker.step()
    clock.advance(3601)
    worker.step()
    ((count,),) = raw(tmp_path, "SELECT count(*) FROM receptions")
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize("told", [None, timedelta(days=-6 * 366), timedelta(days=2)])
def test_a_clock_that_nobody_vouches_for_erases_no_decision(
    tmp_path: Path, store: Store, clock: FakeClock, told: timedelta | None
) -> None:
    assert years_later(tmp_path, store, clock, told=told) == 2


def test_a_clock_that_upstream_agrees_with_does(tmp_path: Path, store: Store, clock: FakeClock) -> None:
    assert years_later(tmp_path, store, clock, told=timedelta(minutes=-5)) == 1


def test_a_clock_that_was_set_after_that_is_not_vouched_for(
    tmp_path: Path, store: Store, clock: FakeClock
) -> None:
    received(store, "S1")
    custodian = Custodian(store.upkeep, clock)
    custodian.heard(clock.now())
    custodian.look_after()
    clock.jump(MORNING + timedelta(days=6 * 366))
    clock.advance(3601)
    custodian.look_after()
    assert raw(tmp_path, "SELECT count(*) FROM consents") == [(2,)]
    assert store.answer(store.list()[0].id) is None  # what is personal goes all the same


@pytest.mark.parametrize("taken", [True, False])
def test_only_whoever_took_a_checkpoint_counts_as_holding_it(
    tmp_path: Path, store: Store, clock: FakeClock, *, taken: bool
) -> None:
    upstream = FakeUpstream()
    upstream.on_send = lambda key: Reply(200, answer(key), took_checkpoint=taken)
    worker = SyncWorker(store, {GATEWAY: upstream}, FakeHandOver(), AnswerReader(INSTITUTION), clock)
    received(store, "S1", done=False)
    worker.step()
    assert raw(tmp_path, "SELECT count(*) FROM meta WHERE name = 'audit_checkpoint'") == [(int(taken),)]
