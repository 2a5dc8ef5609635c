# SPDX-License-Identifier: Apache-2.0
"""A reception is kept as one row, and nobody ever sees it unfiled."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.clock import TOKYO
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Given
from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.outbox.audit import AuditReport
from kiosk.outbox.key_file import KeyPlace
from kiosk.outbox.model import DraftItem, ItemState, OutboxKind, ReceptionDraft, SettleResult
from kiosk.outbox.person_updates import CertificateName
from kiosk.outbox.repository.intake import packed, unpacked
from kiosk.outbox.store import DATABASE_NAME, Access, Store
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


@pytest.mark.allow_log(r"a reception that was taken in cannot be opened|a reception could not be filed")
@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("record_sealed = zeroblob(3)", 2),
        ("record_sealed = substr(record_sealed, 1, 40) || x'00' || substr(record_sealed, 42)", 2),
        ("record_sealed = (SELECT record_sealed FROM intake WHERE seq = 1)", 2),
        ("committed_at = 'soon'", 2),
        ("day = 'today'", 2),
        ("ordinal = 'many'", 2),
        ("ordinal = 7", 7),
        ("session_id = 'S0'", 2),
        ("letter = x'ff00'", 2),
    ],
)
def test_a_damaged_record_is_shown_and_holds_up_no_other(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, change: str, number: int
) -> None:
    caplog.set_level(logging.ERROR, "kiosk.outbox")
    for n in range(3):
        store.commit(draft(f"S{n}", MORNING, person_key=b"somebody"))
    raw(tmp_path, f"UPDATE intake SET {change} WHERE seq = 2")  # noqa: S608  # written above
    items = store.list()
    assert [item.kind for item in items if item.session_id in ("S0", "S2")] == [
        OutboxKind.QUALIFICATION_CHECK
    ] * 2
    (lost,) = [item for item in items if item.session_id not in ("S0", "S2")]
    if number != 7:  # a number that nobody has is no damage that can be seen
        assert (lost.kind, lost.needs_staff, lost.last_error) == (
            OutboxKind.UNREADABLE,
            True,
            FailureCode.STORE_ITEM_DAMAGED,
        )
        assert len(caplog.records) >= 1
        assert store.due(MORNING + timedelta(days=1), 9, without=()) == [
            item for item in items if item is not lost
        ]
    assert raw(tmp_path, "SELECT ordinal FROM receptions ORDER BY committed_at, ordinal")
    assert (number,) in raw(tmp_path, "SELECT ordinal FROM receptions WHERE session_id NOT IN ('S0', 'S2')")
    assert rows(tmp_path)["intake"] == 0
    assert store.verify_audit() == AuditReport(3)
    assert store.settle(lost.id, reason="asked again at the desk", staff="Sato") is SettleResult.SETTLED


@pytest.mark.expect_log(r"a reception could not be filed: IntegrityError")
def test_a_number_that_is_taken_loses_nothing(store: Store, tmp_path: Path) -> None:
    for n in range(3):
        store.commit(draft(f"S{n}", MORNING, body=f"body of {n}".encode()))
    raw(tmp_path, "UPDATE intake SET ordinal = 1 WHERE seq = 2")
    items = store.list()
    assert [item.kind for item in items] == [OutboxKind.QUALIFICATION_CHECK] * 3
    parcels = [store.mark_in_flight(item.id) for item in items]
    assert [parcel.body for parcel in parcels if parcel] == [f"body of {n}".encode() for n in range(3)]
    assert sorted(raw(tmp_path, "SELECT ordinal FROM receptions")) == [(1,), (2,), (3,)]
    assert store.verify_audit() == AuditReport(3)


@pytest.mark.expect_log(r"a reception could not be filed: IntegrityError")
def test_what_was_filed_already_is_not_told_twice(store: Store, tmp_path: Path) -> None:
    store.commit(draft("S0", MORNING))
    raw(tmp_path, "CREATE TABLE copied AS SELECT * FROM intake")
    store.stats()
    raw(tmp_path, "INSERT INTO intake SELECT * FROM copied")
    assert [item.kind for item in store.list()] == [OutboxKind.QUALIFICATION_CHECK, OutboxKind.UNREADABLE]
    assert len(store.due(MORNING + timedelta(days=1), 9)) == 1


@pytest.mark.expect_log(r"could not be filed yet: OUT-")
def test_what_cannot_be_filed_yet_is_kept_for_later(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading goes on without it, writing says why it cannot, and nothing is lost."""
    store.commit(draft("S0", MORNING))
    store.stats()
    filing = store.database.filing
    assert filing is not None

    def full(_connection: object) -> None:
        raise EnvironmentProblem(FailureCode.STORE_DISK_FULL, detail="SQLITE_FULL")

    with monkeypatch.context() as patched:
        patched.setattr(filing, "file", full)
        store.commit(draft("S1", MORNING))
        assert [item.session_id for item in store.list()] == ["S0"]
        with pytest.raises(EnvironmentProblem):
            store.end_session("S1", "eligible", "done")
    assert [item.session_id for item in store.list()] == ["S0", "S1"]
    assert rows(tmp_path)["intake"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"occurred_at": datetime(2026, 6, 1, 9)},  # noqa: DTZ001  # a moment without its zone
        {"verification": "山田"},
    ],
)
def test_what_could_not_be_filed_is_not_taken_in(
    store: Store, tmp_path: Path, wrong: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"zone|codes"):
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
    st.builds(
        DraftItem,
        st.sampled_from(OutboxKind),
        st.binary(max_size=40),
        st.text(max_size=9),
        st.none() | st.just(0),
    ),
    max_size=4,
)


@given(
    st.lists(DECISIONS, max_size=8),
    ITEMS,
    MOMENTS,
    st.none() | st.builds(CertificateName, st.just("0f" * 32), st.integers(0, 2**159)),
)
def test_nothing_is_lost_in_one_row(
    consents: list[ConsentRecord], items: list[DraftItem], at: datetime, certificate: CertificateName | None
) -> None:
    made = ReceptionDraft("S", at, tuple(consents), tuple(items), b"", "pin", certificate)
    ids = [f"id{n}" for n in range(len(items))]
    assert unpacked("S", packed(made, ids)) == (made, ids)
