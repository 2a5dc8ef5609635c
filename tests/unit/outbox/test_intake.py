# SPDX-License-Identifier: Apache-2.0
"""A reception is kept as one row, and nobody ever sees it unfiled."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from kiosk.clock import TOKYO
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Given
from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.outbox.audit import AuditReport
from kiosk.outbox.key_file import KeyPlace
from kiosk.outbox.model import DraftItem, ItemState, OutboxKind, ReceptionDraft, SettleResult
from kiosk.outbox.person_updates import CertificateName
from kiosk.outbox.repository import intake, receptions
from kiosk.outbox.repository.intake import Intake
from kiosk.outbox.repository.prepared import Prepared, param
from kiosk.outbox.schema import IntakeRow
from kiosk.outbox.store import DATABASE_NAME, Access, Store
from kiosk.outbox.taken_in import TakenIn, pack, unpack
from kiosk.outbox.upkeep import Retention
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.outbox import GATEWAY, draft, open_store

TABLES = ("intake", "receptions", "consents", "outbox", "audit", "visits", "person_updates")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()


def raw(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What lies in the file, past everything that would file it first."""
    with closing(sqlite3.connect(folder / "records" / DATABASE_NAME, isolation_level=None)) as connection:
        return connection.execute(query).fetchall()


def rows(folder: Path) -> dict[str, int]:
    return {table: int(str(raw(folder, f"SELECT count(*) FROM {table}")[0][0])) for table in TABLES}  # noqa: S608


def one_of_everything(at: datetime) -> ReceptionDraft:
    items = (
        DraftItem(OutboxKind.USAGE_REGISTRATION, b"first\0\xff", GATEWAY),
        DraftItem(OutboxKind.QUALIFICATION_CHECK, b"second", "terminal", depends_on=0),
    )
    agreed = ConsentRecord(ConsentItem.PERSON_UPDATE, Decision.YES, "2024-06", "vi", at, Given.STAFF_ORAL)
    made = draft("S1", at, items=items, person_key=b"somebody")
    return replace(
        made,
        consents=(*made.consents, agreed),
        certificate=CertificateName("ab" * 32, 4711),
        verification="face",
    )


def test_commit_is_one_row_and_the_first_look_files_it(store: Store, tmp_path: Path) -> None:
    made = one_of_everything(MORNING)
    reception = store.commit(made)
    assert rows(tmp_path) == dict.fromkeys(TABLES, 0) | {"intake": 1}
    registration, check = store.list()
    assert rows(tmp_path) == {
        "intake": 0,
        "receptions": 1,
        "consents": 3,
        "outbox": 2,
        "audit": 1,
        "visits": 1,
        "person_updates": 1,
    }
    assert (registration.kind, check.kind) == (made.items[0].kind, made.items[1].kind)
    assert (check.id, check.depends_on, check.endpoint) == (reception.check_id, registration.id, "terminal")
    assert (check.next_attempt_at, registration.next_attempt_at) == (None, MORNING)
    assert registration.occurred_at == made.occurred_at
    assert registration.occurred_at.utcoffset() == timedelta(hours=9)
    parcel = store.mark_in_flight(registration.id)
    assert parcel is not None
    assert parcel.body == b"first\0\xff"
    assert raw(tmp_path, "SELECT letter, ordinal, day, verification, committed_at FROM receptions") == [
        ("A", 1, "2026-06-01", "face", "2026-06-01T00:12:00.000000Z")
    ]
    assert raw(tmp_path, "SELECT item, decision, language, given FROM consents WHERE language = 'vi'") == [
        ("person_update", "yes", "vi", "staff_oral")
    ]
    assert raw(tmp_path, "SELECT what, session_id, detail FROM audit") == [
        ("reception_committed", "S1", "A-001:face")
    ]
    assert store.verify_audit() == AuditReport(1)


def test_whatever_writes_next_files_it_first(store: Store) -> None:
    store.commit(draft("S1", MORNING))
    store.end_session("S1", "eligible", "done")
    store.commit(draft("S2", MORNING))
    store.record_staff_act("Sato", "staff_reset", "S2")
    with store.database.reading() as connection:
        acts = connection.exec_driver_sql("SELECT what, session_id FROM audit ORDER BY seq").all()
    assert [tuple(act) for act in acts] == [
        ("reception_committed", "S1"),
        ("session_ended", "S1"),
        ("reception_committed", "S2"),
        ("staff_act", "S2"),
    ]


def test_what_lies_unfiled_counts(store: Store, tmp_path: Path, clock: FakeClock) -> None:
    """Numbers, the second visit and the second commit of a session, with a hundred and more unfiled."""
    first = store.commit(draft("S0", MORNING, person_key=b"somebody"))
    assert (first.number, first.earlier_today) == ("A-001", None)
    clock.advance(60)
    again = store.commit(draft("S1", MORNING, person_key=b"somebody"))
    assert (again.number, again.earlier_today) == ("A-002", MORNING.astimezone(TOKYO))
    with pytest.raises(KioskError):
        store.commit(draft("S0", MORNING))
    for n in range(2, 130):
        assert store.commit(draft(f"S{n}", MORNING)).number == f"A-{n + 1:03d}"
    assert rows(tmp_path)["intake"] == 128  # the refused one had the first two filed
    clock.advance(86_400)
    assert store.commit(draft("tomorrow", clock.now(), person_key=b"somebody")).number == "A-001"
    clock.advance(-86_400)
    assert store.commit(draft("back", clock.now())).number == "A-131"
    assert rows(tmp_path)["intake"] == 1  # the day's numbers were read anew, with everything filed first
    assert [item.session_id for item in store.list(limit=200)] == [
        *(f"S{n}" for n in range(130)),
        "tomorrow",
        "back",
    ]
    with pytest.raises(KioskError):
        store.commit(draft("S0", MORNING))
    assert store.verify_audit() == AuditReport(132)


@pytest.mark.parametrize("access", Access)
def test_a_crash_leaves_it_to_whoever_comes_next(tmp_path: Path, clock: FakeClock, access: Access) -> None:
    store = open_store(tmp_path, clock)
    store.commit(draft("S1", MORNING))
    store.close()  # nobody looked
    assert rows(tmp_path)["intake"] == 1
    after = open_store(tmp_path, clock, access=access)
    assert [(item.session_id, item.state) for item in after.list()] == [("S1", ItemState.PENDING)]
    assert rows(tmp_path)["intake"] == 0
    if access is Access.VISITOR:
        with pytest.raises(KioskError):
            after.commit(draft("S2", MORNING))
    else:
        assert after.commit(draft("S2", MORNING)).number == "A-002"
    after.close()


def test_a_new_key_seals_it_too(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(tmp_path, clock)
    check = store.commit(draft("S1", MORNING, body=b"to be sent")).check_id
    store.upkeep.change_key(KeyPlace(tmp_path / "keys" / "store.key"), "Sato")
    store.close()
    store = open_store(tmp_path, clock)
    parcel = store.mark_in_flight(check)
    assert parcel is not None
    assert parcel.body == b"to be sent"
    store.close()


@pytest.mark.allow_log(r"a reception that was taken in (cannot be opened|is no record)")
@pytest.mark.parametrize(
    "change",
    [
        "record_sealed = zeroblob(3)",
        "record_sealed = 'text'",
        "record_sealed = CAST(substr(record_sealed, 1, 40) || x'00' || substr(record_sealed, 42) AS BLOB)",
        "record_sealed = CAST(x'02' || substr(record_sealed, 2) AS BLOB)",
        "record_sealed = (SELECT record_sealed FROM intake WHERE seq = 1)",
        "session_id = 'S0'",
        "session_id = x'ff00'",
        "session_id = 'あ'",
    ],
)
def test_a_damaged_record_is_shown_and_kept_and_holds_up_no_other(
    store: Store, tmp_path: Path, change: str
) -> None:
    for n in range(3):
        assert store.commit(draft(f"S{n}", MORNING, person_key=b"somebody")).number == f"A-00{n + 1}"
    raw(tmp_path, f"UPDATE intake SET {change} WHERE seq = 2")  # noqa: S608  # written above
    kept = raw(tmp_path, "SELECT session_id, record_sealed FROM intake WHERE seq = 2")
    items = store.list()
    (lost,) = [item for item in items if item.session_id not in ("S0", "S2")]
    whole = [item for item in items if item is not lost]
    assert [item.kind for item in whole] == [OutboxKind.QUALIFICATION_CHECK] * 2
    assert (lost.kind, lost.needs_staff) == (OutboxKind.UNREADABLE, True)
    assert lost.last_error is FailureCode.STORE_ITEM_DAMAGED
    assert store.due(MORNING + timedelta(days=1), 9) == whole
    assert raw(
        tmp_path, "SELECT session_id, ordinal FROM receptions WHERE session_id <> 'S0' ORDER BY 2"
    ) == [
        (lost.session_id, 2),
        ("S2", 3),
    ]
    assert store.verify_audit() == AuditReport(3)
    assert store.commit(draft("S3", MORNING)).number == "A-004"
    # nothing is thrown away before somebody has dealt with it, and its time has come
    query = "SELECT session_id, record_sealed FROM intake WHERE item_id IS NOT NULL"
    assert raw(tmp_path, query) == kept
    assert store.settle(lost.id, reason="asked again at the desk", staff="Sato") is SettleResult.SETTLED
    assert raw(tmp_path, query) == kept
    store.upkeep.erase_old(Retention(personal_days=0))
    assert raw(tmp_path, query) == kept
    store.upkeep.erase_old(Retention(personal_days=-1))
    assert raw(tmp_path, query) == []


@pytest.mark.parametrize("trouble", [ValueError, OverflowError, LookupError, sqlite3.InterfaceError])
@pytest.mark.expect_log(r"a reception could not be filed: ")
def test_whatever_a_record_raises_it_holds_up_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
    """Half of it was written already, and none of that stays."""
    whole = Intake._file_whole  # there is no known way to such a record

    def fail(intake: Intake, connection: Connection, taken: TakenIn) -> None:
        whole(intake, connection, taken)
        if taken.draft.session_id == "S0":
            raise trouble

    monkeypatch.setattr(Intake, "_file_whole", fail)
    for n in range(2):
        store.commit(draft(f"S{n}", MORNING))
    kinds = {item.session_id == "S1": item.kind for item in store.list()}
    assert kinds == {True: OutboxKind.QUALIFICATION_CHECK, False: OutboxKind.UNREADABLE}
    assert raw(tmp_path, "SELECT count(*) FROM receptions WHERE session_id = 'S0'") == [(0,)]
    assert store.verify_audit() == AuditReport(2)


@pytest.mark.expect_log(r"a reception could not be filed: IntegrityError")
def test_a_number_that_is_taken_loses_nothing(store: Store, tmp_path: Path) -> None:
    """The reception goes on under the next number, in its own session; later ones get what they are told."""
    for n in range(2):
        store.commit(draft(f"S{n}", MORNING, body=f"body of {n}".encode()))
        with closing(sqlite3.connect(tmp_path / "records" / DATABASE_NAME)) as other, other:
            if n == 0:
                store.stats()
                other.execute("UPDATE receptions SET ordinal = 2")
    parcels = [store.mark_in_flight(item.id) for item in store.list()]
    assert [parcel.body for parcel in parcels if parcel] == [b"body of 0", b"body of 1"]
    assert store.commit(draft("S2", MORNING)).number == "A-004"
    store.stats()
    query = "SELECT session_id, ordinal FROM receptions ORDER BY ordinal"
    assert raw(tmp_path, query) == [("S0", 2), ("S1", 3), ("S2", 4)]
    assert raw(tmp_path, "SELECT session_id, detail FROM audit WHERE what = 'records_damaged'") == [
        ("S1", "A-002:A-003")
    ]
    assert store.verify_audit() == AuditReport(4)


@pytest.mark.expect_log(r"a reception could not be filed: IntegrityError")
def test_what_was_filed_already_is_not_told_twice(store: Store, tmp_path: Path) -> None:
    store.commit(draft("S0", MORNING))
    raw(tmp_path, "CREATE TABLE copied AS SELECT * FROM intake")
    store.stats()
    raw(tmp_path, "INSERT INTO intake SELECT * FROM copied")
    assert [item.kind for item in store.list()] == [OutboxKind.QUALIFICATION_CHECK, OutboxKind.UNREADABLE]
    assert len(store.due(MORNING + timedelta(days=1), 9)) == 1


def disk_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is written, the rest is not: filing begins, and the disk has no room for it."""

    def full(*_arguments: object, **_values: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    monkeypatch.setattr(receptions, "add", full)


@pytest.mark.expect_log(r"could not be filed yet: OUT-003")
def test_what_cannot_be_filed_yet_is_kept_for_later(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading and sending go on without it; whoever asks for the queue is told; nobody else is taken in."""
    store.commit(draft("S0", MORNING))
    store.stats()
    with monkeypatch.context() as patched:
        disk_full(patched)
        store.commit(draft("S1", MORNING))
        assert [item.session_id for item in store.list()] == ["S0"]
        assert [item.session_id for item in store.list()] == ["S0"]
        # what is there already goes on
        (waiting,) = store.due(MORNING, 9)
        assert store.mark_in_flight(waiting.id) is not None
        assert store.recover() == 1
        for refused in (store.stats, lambda: store.commit(draft("S2", MORNING))):
            with pytest.raises(EnvironmentProblem) as caught:
                refused()
            assert caught.value.code is FailureCode.STORE_DISK_FULL
    assert [item.session_id for item in store.due(MORNING, 9)] == ["S1", "S0"]
    assert store.commit(draft("S2", MORNING)).number == "A-003"
    assert rows(tmp_path)["intake"] == 1
    assert store.verify_audit() == AuditReport(3)


@pytest.mark.expect_log(r"could not be filed yet: OUT-002")
def test_another_process_that_writes_for_long_stops_neither_readers_nor_receptions(
    store: Store, tmp_path: Path
) -> None:
    store.commit(draft("S0", MORNING))
    store.stats()
    store.commit(draft("S1", MORNING))
    with closing(sqlite3.connect(tmp_path / "records" / DATABASE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        for _ in range(20):
            assert [item.session_id for item in store.list()] == ["S0"]
        # one wait of a quarter of a second, not twenty of two
        assert time.monotonic() - began < 2
        other.execute("ROLLBACK")
    assert [item.session_id for item in store.due(MORNING, 9)] == ["S0", "S1"]


def test_threads_and_processes_at_once(tmp_path: Path) -> None:
    """Each number is the one that was told, whoever files it."""
    clock = FakeClock()
    store = open_store(tmp_path, clock)
    visitor = open_store(tmp_path, clock, access=Access.VISITOR)
    told: dict[str, str] = {}

    def receive(part: int) -> None:
        for n in range(20):
            session = f"S{part}-{n}"
            told[session] = store.commit(draft(session, MORNING, person_key=session.encode())).number

    def look(one: Store) -> None:
        for n in range(20):
            one.list()
            one.end_session(f"looked {n}", "cleared", "left")

    work = [Thread(target=receive, args=(part,)) for part in range(3)]
    work += [Thread(target=look, args=(one,)) for one in (store, visitor, visitor)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join(60)
    assert len(store.list(limit=100)) == 60
    filed = raw(tmp_path, "SELECT session_id, printf('A-%03d', ordinal) FROM receptions")
    assert sorted(filed) == sorted(told.items())
    assert len(set(told.values())) == 60
    assert store.verify_audit() == AuditReport(120)
    visitor.close()
    store.close()


def test_a_second_visit_is_noticed_after_a_new_start(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(tmp_path, clock)
    store.commit(draft("S0", MORNING, person_key=b"somebody"))
    store.close()
    store = open_store(tmp_path, clock)
    again = store.commit(draft("S1", MORNING, person_key=b"somebody"))
    assert (again.number, again.earlier_today) == ("A-002", MORNING)
    store.close()


@pytest.mark.expect_log(r"could not be filed yet: OUT-004")
def test_a_visitor_of_before_a_new_key_leaves_new_receptions_alone(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(tmp_path, clock)
    visitor = open_store(tmp_path, clock, access=Access.VISITOR)
    store.upkeep.change_key(KeyPlace(tmp_path / "keys" / "store.key"), "Sato")
    store.close()
    store = open_store(tmp_path, clock)
    check = store.commit(draft("S0", MORNING, body=b"to be sent")).check_id
    assert visitor.list() == []
    with pytest.raises(EnvironmentProblem) as caught:
        visitor.stats()
    assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE
    visitor.close()
    parcel = store.mark_in_flight(check)
    assert parcel is not None
    assert parcel.body == b"to be sent"
    store.close()


@pytest.mark.expect_log(r"a reception could not be filed: IntegrityError", r"filed yet: OUT-005")
def test_only_the_kiosk_itself_gives_another_number(tmp_path: Path, clock: FakeClock) -> None:
    """It would not know of it, and tell every later patient one that is taken."""
    store = open_store(tmp_path, clock)
    visitor = open_store(tmp_path, clock, access=Access.VISITOR)
    store.commit(draft("S0", MORNING))
    store.stats()
    raw(tmp_path, "UPDATE receptions SET ordinal = 2")
    store.commit(draft("S1", MORNING))
    assert [item.session_id for item in visitor.list()] == ["S0"]
    visitor.close()
    assert [item.session_id for item in store.list()] == ["S0", "S1"]
    assert store.commit(draft("S2", MORNING)).number == "A-004"
    store.close()


@pytest.mark.expect_log(r"could not be filed yet: SYS-003")
def test_what_passes_sets_nothing_aside(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def scarce(*_arguments: object, **_values: object) -> None:
        raise MemoryError

    store.commit(draft("S0", MORNING))
    with monkeypatch.context() as patched:
        patched.setattr(receptions, "add", scarce)
        assert store.list() == []
        store.end_session("S9", "cleared", "left")
    assert [item.kind for item in store.due(MORNING, 9)] == [OutboxKind.QUALIFICATION_CHECK]
    assert store.verify_audit() == AuditReport(2)


@pytest.mark.expect_log(r"could not be filed yet: OUT-006")
def test_a_row_that_cannot_be_removed_ends_the_filing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage of the table's own order: it would be filed for ever."""
    store.commit(draft("S0", MORNING))
    with monkeypatch.context() as patched:
        patched.setattr(
            intake, "_REMOVE", Prepared(delete(IntakeRow).where(IntakeRow.seq == -1, param("row") > 0))
        )
        assert store.list() == []
    assert [item.session_id for item in store.due(MORNING, 9)] == ["S0"]


def test_a_session_is_received_once_over_midnight(store: Store, clock: FakeClock) -> None:
    store.commit(draft("S0", MORNING))
    clock.advance(86_400)
    with pytest.raises(KioskError):
        store.commit(draft("S0", clock.now()))
    assert store.commit(draft("S1", clock.now())).number == "A-001"


@pytest.mark.expect_log(r"a reception that was taken in cannot be opened")
def test_what_was_set_aside_goes_with_the_reception_that_stands_for_it(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    """Settled or not long ago: the foreign key holds up no erasing."""
    store.commit(draft("S0", MORNING))
    raw(tmp_path, "UPDATE intake SET record_sealed = zeroblob(9)")
    (lost,) = store.list()
    clock.advance(6 * 366 * 86_400)
    assert store.settle(lost.id, reason="long ago", staff="Sato") is SettleResult.SETTLED
    assert store.upkeep.erase_old(Retention()).receptions == 1
    assert raw(tmp_path, "SELECT * FROM intake") == []
    assert store.list() == []


def test_nobody_is_received_after_the_end(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(tmp_path, clock)
    store.close()
    store.close()
    with pytest.raises(KioskError):
        store.commit(draft("S0", MORNING))


YES = ConsentRecord(ConsentItem.LIMIT, Decision.YES, "2024-06", "ja", MORNING)


@pytest.mark.parametrize(
    "wrong",
    [
        {"occurred_at": datetime(2026, 6, 1, 9)},  # noqa: DTZ001  # a moment without its zone
        {"verification": "山田"},
        {"consents": (YES, YES)},
        {"items": (DraftItem(OutboxKind.QUALIFICATION_CHECK, b"", GATEWAY, depends_on=0),)},
        {"items": (DraftItem(OutboxKind.QUALIFICATION_CHECK, b"", GATEWAY, depends_on=-1),)},
        {"items": (DraftItem(OutboxKind.QUALIFICATION_CHECK, b"", "\ud800"),)},
    ],
)
def test_what_could_not_be_filed_is_not_taken_in(
    store: Store, tmp_path: Path, wrong: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"zone|codes|one decision|earlier|surrogates"):
        store.commit(replace(draft("S1", MORNING), **wrong))  # type: ignore[arg-type]  # on purpose
    assert rows(tmp_path) == dict.fromkeys(TABLES, 0)
    assert store.commit(draft("S1", MORNING)).number == "A-001"


MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001  # the zone comes beside it
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from(
        [UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))]
    ),
)
DECISIONS = st.builds(
    ConsentRecord,
    st.sampled_from(ConsentItem),
    st.sampled_from(Decision),
    st.text(max_size=9),
    st.sampled_from(["ja", "vi"]),
    MOMENTS,
    st.sampled_from(Given),
)
ITEMS = st.lists(
    st.tuples(st.sampled_from(OutboxKind), st.binary(max_size=40), st.text(max_size=9)), max_size=4
)


@given(
    st.lists(DECISIONS, max_size=7, unique_by=lambda record: record.item),
    ITEMS,
    MOMENTS,
    st.none() | st.builds(CertificateName, st.just("0f" * 32), st.integers(0, 2**159)),
    st.none() | st.binary(min_size=32, max_size=32),
)
def test_nothing_is_lost_in_one_row(
    consents: list[ConsentRecord],
    items: list[tuple[OutboxKind, bytes, str]],
    at: datetime,
    certificate: CertificateName | None,
    mark: bytes | None,
) -> None:
    made = [DraftItem(*item, depends_on=n - 1 if n else None) for n, item in enumerate(items)]
    act = ReceptionDraft("S", at, tuple(consents), tuple(made), b"", "pin", certificate)
    taken = TakenIn(act, tuple(f"id{n}" for n in range(len(items))), "A", 7, MORNING.date(), at, mark)
    assert unpack("S", pack(taken)) == taken


@given(st.binary(max_size=80))
def test_rubbish_is_no_reception(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of any kind
        unpack("S", data)
