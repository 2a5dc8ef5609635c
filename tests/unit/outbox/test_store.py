# SPDX-License-Identifier: Apache-2.0
"""What is committed is there, whole, sealed and in order; what is not is not there at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.clock import TOKYO
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.outbox.audit import AuditReport
from kiosk.outbox.model import (
    DraftItem,
    Finish,
    ItemState,
    OutboxKind,
    RetryResult,
    SettleResult,
)
from kiosk.outbox.repository import item_rows, single_values
from kiosk.outbox.repository.prepared import driver
from kiosk.outbox.schema import ConsentRow, ReceptionRow, VisitRow
from kiosk.outbox.store import DATABASE_NAME, Access, Store
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.outbox import GATEWAY, draft, open_store

NAME = "架空太郎マーカー"
LATER = MORNING + timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()


def send(store: Store, item_id: str, result: Finish) -> None:
    assert store.mark_in_flight(item_id) is not None
    assert store.finish(item_id, result) is not None


def done(outcome: Outcome | None = None) -> Finish:
    return Finish(ItemState.DONE, 200, answer=NAME.encode(), outcome=outcome)


def test_commit_keeps_everything_together(store: Store) -> None:
    reception = store.commit(draft("S1", MORNING, body=NAME.encode()))
    assert reception.number == "A-001"
    item = store.show(reception.check_id)
    assert item is not None
    assert (item.kind, item.state, item.endpoint) == (
        OutboxKind.QUALIFICATION_CHECK,
        ItemState.PENDING,
        GATEWAY,
    )
    assert item.occurred_at.isoformat() == "2026-06-01T09:12:00+09:00"
    with store.database.reading() as connection:
        consents = connection.execute(
            select(ConsentRow.item, ConsentRow.decision, ConsentRow.decided_at)
        ).all()
        kept = connection.execute(
            select(ReceptionRow.letter, ReceptionRow.ordinal, ReceptionRow.day, ReceptionRow.outcome)
        ).one()
    assert {(row.item, row.decision) for row in consents} == {
        ("treatment_and_medicine", "yes"),
        ("limit", "yes"),
    }
    assert all(row.decided_at == MORNING for row in consents)
    assert tuple(kept) == ("A", 1, date(2026, 6, 1), None)
    parcel = store.mark_in_flight(reception.check_id)
    assert parcel is not None
    assert parcel.body == NAME.encode()
    assert store.verify_audit() == AuditReport(1)


def test_numbers_count_by_the_day_in_japan(store: Store, clock: FakeClock) -> None:
    assert [store.commit(draft(f"S{n}", MORNING)).number for n in range(3)] == ["A-001", "A-002", "A-003"]
    clock.jump(datetime(2026, 6, 1, 14, 59, tzinfo=UTC))
    assert store.commit(draft("late", clock.now())).number == "A-004"
    clock.jump(datetime(2026, 6, 1, 15, 0, tzinfo=UTC))
    assert store.commit(draft("next day", clock.now())).number == "A-001"
    clock.jump(MORNING)
    assert store.commit(draft("clock put back", clock.now())).number == "A-005"


def test_same_person_twice_a_day_is_two_acts_and_is_noticed(store: Store, clock: FakeClock) -> None:
    first = store.commit(draft("S1", MORNING, person_key=b"serial"))
    clock.advance(60)
    second = store.commit(draft("S2", clock.now(), person_key=b"serial"))
    other = store.commit(draft("S3", clock.now(), person_key=b"another"))
    assert first.earlier_today is None
    assert second.earlier_today == MORNING
    assert second.earlier_today.tzinfo is TOKYO
    assert other.earlier_today is None
    assert second.check_id != first.check_id
    clock.advance(86400)
    assert store.commit(draft("S4", clock.now(), person_key=b"serial")).earlier_today is None
    with store.database.reading() as connection:
        marks = connection.execute(select(VisitRow.mark)).scalars().all()
    assert len(marks) == 1
    assert b"serial" not in marks[0]


def test_failing_commit_leaves_nothing(store: Store) -> None:
    store.commit(draft("S1", MORNING))
    with pytest.raises(KioskError) as caught:
        store.commit(draft("S1", MORNING))
    assert caught.value.code is FailureCode.INTERNAL
    assert store.stats().pending == 1
    assert store.verify_audit() == AuditReport(1)
    assert store.commit(draft("S2", MORNING)).number == "A-002"


def test_full_disk_is_said_and_nothing_is_pretended(store: Store) -> None:
    with store.database.writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1").close()
    with pytest.raises(EnvironmentProblem) as caught:
        store.commit(draft("S1", MORNING, body=bytes(500_000)))
    assert caught.value.code is FailureCode.STORE_DISK_FULL
    assert store.stats().pending == 0
    assert store.verify_audit() == AuditReport(0)


def test_naive_time_of_an_act_is_a_mistake(store: Store) -> None:
    wrong = draft("S1", MORNING)
    with pytest.raises((KioskError, ValueError)):
        store.commit(type(wrong)("S1", datetime(2026, 6, 1), (), wrong.items, b"", "pin"))  # noqa: DTZ001
    assert store.stats().pending == 0


def test_sealed_columns_show_nothing_in_any_file(tmp_path: Path, store: Store, clock: FakeClock) -> None:
    reception = store.commit(draft("S1", MORNING, body=NAME.encode(), person_key=b"serial-0123456789"))
    send(store, reception.check_id, done())
    store.record_staff_act("受付 花子", "staff_check", "S1", NAME)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    for path in files:
        data = path.read_bytes()
        assert NAME.encode() not in data
        assert b"serial-0123456789" not in data
        assert path.stat().st_mode & 0o077 == 0
    assert store.answer(reception.check_id) == NAME.encode()
    store.close()
    assert NAME.encode() not in (tmp_path / "records" / DATABASE_NAME).read_bytes()


def test_sealed_value_moved_to_another_row_does_not_open(store: Store) -> None:
    keys = [store.commit(draft(f"S{n}", MORNING, body=f"{n}".encode())).check_id for n in range(2)]
    with store.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox SET payload_sealed = (SELECT payload_sealed FROM outbox WHERE id = ?)"
            " WHERE id = ?",
            (keys[0], keys[1]),
        )
    with pytest.raises(EnvironmentProblem) as caught:
        store.mark_in_flight(keys[1])
    assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE
    assert store.list(ItemState.PENDING, limit=1)[0].attempts == 0


def test_answer_makes_the_hand_over_in_the_same_breath(store: Store) -> None:
    reception = store.commit(draft("S1", MORNING))
    eligible = Outcome(OutcomeKind.ELIGIBLE)
    send(store, reception.check_id, done(eligible))
    key = f"{reception.check_id}:face"
    item = store.show(key)
    assert item is not None
    assert (item.kind, item.state, item.depends_on) == (
        OutboxKind.HANDOVER_FACE_FILE,
        ItemState.PENDING,
        reception.check_id,
    )
    assert store.outcome_of("S1") == eligible
    parcel = store.mark_in_flight(key)
    assert parcel is not None
    assert parcel.body == NAME.encode()


def test_late_second_answer_changes_nothing(store: Store) -> None:
    reception = store.commit(draft("S1", MORNING))
    send(store, reception.check_id, done(Outcome(OutcomeKind.ELIGIBLE)))
    late = Finish(
        ItemState.REFUSED, 422, FailureCode.UPSTREAM_REFUSED, outcome=Outcome(OutcomeKind.ASK_STAFF)
    )
    assert store.finish(reception.check_id, late) is None
    assert store.mark_in_flight(reception.check_id) is None
    assert store.outcome_of("S1") == Outcome(OutcomeKind.ELIGIBLE)


def test_item_waits_for_the_one_it_depends_on(store: Store) -> None:
    items = (
        DraftItem(OutboxKind.USAGE_REGISTRATION, b"r", GATEWAY),
        DraftItem(OutboxKind.QUALIFICATION_CHECK, b"c", GATEWAY, depends_on=0),
    )
    reception = store.commit(draft("S1", MORNING, items=items))
    (first,) = store.due(LATER, 10)
    assert first.kind is OutboxKind.USAGE_REGISTRATION
    assert store.mark_in_flight(reception.check_id) is None
    assert store.retry(reception.check_id, "Sato") is RetryResult.BUSY
    send(store, first.id, Finish(ItemState.DONE, 200, answer=b"{}"))
    assert [item.id for item in store.due(LATER, 10)] == [reception.check_id]


def test_never_tried_items_come_first_then_the_longest_due(store: Store, clock: FakeClock) -> None:
    old = [store.commit(draft(f"S{n}", MORNING)).check_id for n in range(3)]
    for n, item_id in enumerate(old):
        again = clock.now() + timedelta(seconds=30 - n)
        send(store, item_id, Finish(ItemState.PENDING, 503, next_attempt_at=again))
    clock.advance(60)
    new = store.commit(draft("new", clock.now())).check_id
    assert [item.id for item in store.due(clock.now(), 10)] == [new, *reversed(old)]
    assert [item.id for item in store.due(clock.now(), 2)] == [new, old[2]]
    assert store.due(clock.now(), 10, without=[GATEWAY]) == []
    assert store.next_due() == MORNING + timedelta(seconds=28)
    assert store.next_due(without=[GATEWAY]) is None


def test_picking_walks_its_indices_and_sorts_nothing(tmp_path: Path, store: Store) -> None:
    statements = [*item_rows.PICK, *item_rows.NEXT, item_rows.RELEASE, item_rows.LAST_SUCCESS]
    with store.database.reading() as connection:
        plans = [
            str(
                driver(connection)
                .execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.bound({}))
                .fetchall()
            )
            for statement in statements
        ]
    for index, plan in zip(
        ("fresh", "waiting", "fresh", "waiting", "depends_on", "ended"), plans, strict=True
    ):
        assert f"INDEX ix_outbox_{index}" in plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    ("column", "rubbish"),
    [
        ("kind", "'telegram'"),
        ("kind", "CAST(x'ff80ca' AS TEXT)"),
        ("occurred_at", "'yesterday'"),
        ("last_error_code", "'XYZ-999'"),
        ("attempts", "'many'"),
    ],
)
def test_damaged_row_hides_no_other_and_is_shown(store: Store, column: str, rubbish: str) -> None:
    damaged, whole = (store.commit(draft(f"S{n}", MORNING)).check_id for n in range(2))
    with store.database.writing() as connection:
        change = f"UPDATE outbox SET {column} = {rubbish} WHERE id = ?"  # noqa: S608  # our own words
        connection.exec_driver_sql(change, (damaged,))
    assert whole in [item.id for item in store.due(LATER, 10)]
    shown = store.show(damaged)
    assert shown is not None
    assert [item.id for item in store.list()] == [damaged, whole]
    assert store.stats().pending == 2
    assert (shown.kind is OutboxKind.UNREADABLE) == (column != "last_error_code")
    assert store.settle(damaged, reason="by telephone", staff="Sato") is SettleResult.SETTLED
    assert store.verify_audit().ok


def test_recover_puts_back_under_the_same_key(tmp_path: Path, clock: FakeClock) -> None:
    first = open_store(tmp_path, clock)
    key = first.commit(draft("S1", MORNING)).check_id
    parcel = first.mark_in_flight(key)
    assert parcel is not None
    assert first.due(LATER, 10) == []
    first.close()
    second = open_store(tmp_path, clock)
    assert second.recover() == 1
    assert second.recover() == 0
    again = second.mark_in_flight(key)
    assert again is not None
    assert again.body == parcel.body
    assert again.item.attempts == 2
    second.close()


def test_retry_and_settle_are_acts_of_named_persons(store: Store) -> None:
    keys = [store.commit(draft(f"S{n}", MORNING)).check_id for n in range(2)]
    assert store.retry("unknown", "Sato") is RetryResult.UNKNOWN
    assert store.settle("unknown", reason="r", staff="Sato") is SettleResult.UNKNOWN
    refused = Finish(ItemState.REFUSED, 422, FailureCode.UPSTREAM_REFUSED, needs_staff=True)
    for key in keys:
        assert store.mark_in_flight(key) is not None
        assert store.retry(key, "Sato") is RetryResult.BUSY
        assert store.settle(key, reason="r", staff="Sato") is SettleResult.BUSY
        store.finish(key, refused)
    assert [item.id for item in store.list(ItemState.REFUSED, needs_staff=True)] == keys
    assert store.stats().needs_staff == 2
    with pytest.raises(ValueError, match="reason"):
        store.settle(keys[0], reason="  ", staff="Sato")
    assert store.settle(keys[0], reason="by telephone", staff="Sato") is SettleResult.SETTLED
    assert store.settle(keys[0], reason="again", staff="Sato") is SettleResult.FINISHED
    assert store.retry(keys[0], "Sato") is RetryResult.FINISHED
    assert store.retry(keys[1], "Sato") is RetryResult.QUEUED
    assert [item.id for item in store.due(LATER, 10)] == [keys[1]]
    assert store.stats().needs_staff == 0
    assert store.verify_audit() == AuditReport(4)


def test_set_outcome_finds_session_or_check(store: Store) -> None:
    reception = store.commit(draft("S1", MORNING))
    asked = Outcome(OutcomeKind.ASK_STAFF, FailureCode.NO_RECORD)
    assert store.outcome_of("S1") is None
    assert store.set_outcome(reception.check_id, asked)
    assert store.outcome_of("S1") == asked
    assert store.set_outcome("S1", Outcome(OutcomeKind.ELIGIBLE))
    assert store.outcome_of("S1") == Outcome(OutcomeKind.ELIGIBLE)
    assert not store.set_outcome("unknown", asked)


def test_stats_tell_length_age_and_last_success(store: Store, clock: FakeClock) -> None:
    empty = store.stats()
    assert (empty.waiting, empty.oldest, empty.last_success, empty.last_error) == (0, None, None, None)
    keys = [store.commit(draft(f"S{n}", MORNING + timedelta(minutes=n))).check_id for n in range(4)]
    clock.advance(10)
    send(store, keys[1], done())
    store.mark_in_flight(f"{keys[1]}:face")
    send(store, keys[2], Finish(ItemState.ACCEPTED, 202, next_attempt_at=LATER))
    send(store, keys[3], Finish(ItemState.REFUSED, 400, FailureCode.UPSTREAM_REFUSED, needs_staff=True))
    stats = store.stats()
    assert (stats.pending, stats.in_flight, stats.accepted, stats.done, stats.refused) == (1, 1, 1, 1, 1)
    assert (stats.waiting, stats.needs_staff) == (3, 1)
    assert stats.oldest == MORNING
    assert stats.last_success == clock.now()
    assert stats.last_error is FailureCode.UPSTREAM_REFUSED


def test_second_kiosk_on_the_same_records_is_refused(tmp_path: Path, store: Store, clock: FakeClock) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        open_store(tmp_path, clock)
    assert caught.value.code is FailureCode.STORE_TAKEN
    store.close()
    open_store(tmp_path, clock).close()


def test_command_beside_the_kiosk_may_look_and_act(tmp_path: Path, store: Store, clock: FakeClock) -> None:
    key = store.commit(draft("S1", MORNING)).check_id
    visitor = open_store(tmp_path, clock, access=Access.VISITOR)
    assert visitor.stats().pending == 1
    assert visitor.retry(key, "Sato") is RetryResult.QUEUED
    visitor.close()
    assert store.verify_audit() == AuditReport(2)


def test_visitor_finds_no_records_and_makes_none(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        open_store(tmp_path, clock, access=Access.VISITOR)
    assert caught.value.code is FailureCode.STORE_UNUSABLE
    assert list(tmp_path.rglob("*")) == []


def test_lost_or_wrong_key_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    open_store(tmp_path, clock).close()
    key_file = tmp_path / "keys" / "store.key"
    key = key_file.read_bytes()
    key_file.unlink()
    for wrong in (None, bytes(32)):
        if wrong is not None:
            key_file.touch(0o600)
            key_file.write_bytes(wrong)
        for access in Access:
            with pytest.raises(EnvironmentProblem) as caught:
                open_store(tmp_path, clock, access=access)
            assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE
    key_file.write_bytes(key)
    open_store(tmp_path, clock).close()


def test_folder_that_cannot_be_made_is_said(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "records").write_text("a file where the folder should be")
    with pytest.raises(EnvironmentProblem) as caught:
        open_store(tmp_path, clock)
    assert caught.value.code is FailureCode.STORE_UNUSABLE


def test_only_hand_overs_are_hand_overs(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="hand-over"):
        Store.open(tmp_path, tmp_path / "key", clock, hand_overs=[OutboxKind.PERSON_UPDATE])


def test_a_visitor_begins_no_records(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks while the kiosk starts for the first time must not take the records from it."""
    with monkeypatch.context() as patched:
        patched.setattr(single_values, "knows_key", lambda _connection: False)
        open_store(tmp_path, clock).close()
        with pytest.raises(EnvironmentProblem) as problem:
            open_store(tmp_path, clock, access=Access.VISITOR)
    assert problem.value.code is FailureCode.STORE_UNUSABLE
