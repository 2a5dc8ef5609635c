# SPDX-License-Identifier: Apache-2.0
"""The audit chain notices every row changed, removed, added or reordered by somebody without the key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.errors import FailureCode, KioskError
from kiosk.outbox.audit import AuditProblem, AuditReport
from kiosk.outbox.store import DATABASE_NAME, Store
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.outbox import draft, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    clock = FakeClock()
    opened = open_store(tmp_path, clock)
    opened.commit(draft("S1", MORNING))
    opened.record_staff_act("受付 花子", "staff_reset", "S2", "asked for it")
    clock.advance(1)
    opened.end_session("S2", "cleared", "staff_reset", "STF-001")
    opened.commit(draft("S3", MORNING))
    opened.end_session("S3", "received", "done")
    yield opened
    opened.close()


def tamper(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "records" / DATABASE_NAME)) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0


def test_untouched_chain_holds(store: Store) -> None:
    assert store.verify_audit() == AuditReport(5)
    assert store.verify_audit().ok


COPY = (
    "INSERT INTO audit SELECT 6, at, who, what, session_id, detail, note_sealed, note_digest, prev_hash, hash"
    " FROM audit WHERE seq = 5"
)


@pytest.mark.parametrize(
    ("statements", "problem", "seq"),
    [
        (["UPDATE audit SET who = 'x' WHERE seq = 2"], AuditProblem.CHANGED, 2),
        (["UPDATE audit SET detail = 'x' WHERE seq = 5"], AuditProblem.CHANGED, 5),
        (["UPDATE audit SET at = '2026-06-02T00:00:00.000000Z' WHERE seq = 1"], AuditProblem.CHANGED, 1),
        (["UPDATE audit SET session_id = 'S9' WHERE seq = 3"], AuditProblem.CHANGED, 3),
        (["UPDATE audit SET hash = zeroblob(32) WHERE seq = 4"], AuditProblem.CHANGED, 4),
        (["UPDATE audit SET note_sealed = zeroblob(40) WHERE seq = 2"], AuditProblem.NOTE_CHANGED, 2),
        (["DELETE FROM audit WHERE seq = 1"], AuditProblem.MISSING, 1),
        (["DELETE FROM audit WHERE seq = 3"], AuditProblem.MISSING, 3),
        (["DELETE FROM audit WHERE seq = 5"], AuditProblem.CUT, 4),
        (["DELETE FROM audit"], AuditProblem.CUT, 0),
        (["DELETE FROM audit", "DELETE FROM meta WHERE name = 'audit_head'"], AuditProblem.CUT, 0),
        (["DELETE FROM meta WHERE name = 'audit_head'"], AuditProblem.CUT, 5),
        (["UPDATE meta SET value = zeroblob(72) WHERE name = 'audit_head'"], AuditProblem.CUT, 5),
        ([COPY], AuditProblem.CHANGED, 6),
        (
            [
                "UPDATE audit SET seq = 99 WHERE seq = 2",
                "UPDATE audit SET seq = 2 WHERE seq = 3",
                "UPDATE audit SET seq = 3 WHERE seq = 99",
            ],
            AuditProblem.CHANGED,
            2,
        ),
    ],
)
def test_tampering_is_found_where_it_begins(
    tmp_path: Path, store: Store, statements: list[str], problem: AuditProblem, seq: int
) -> None:
    tamper(tmp_path, *statements)
    report = store.verify_audit()
    assert report.problem is problem
    assert report.at_seq == seq


def test_erased_note_leaves_the_chain_whole(tmp_path: Path, store: Store) -> None:
    tamper(tmp_path, "UPDATE audit SET note_sealed = NULL WHERE seq = 2")
    assert store.verify_audit().ok


@pytest.mark.expect_log(r"could not be filed yet: OUT-")
def test_nothing_is_added_after_a_changed_head(tmp_path: Path, store: Store) -> None:
    """One reception may still be taken in; it is kept, and once it could not be filed no other is."""
    entries = store.verify_audit().entries
    tamper(tmp_path, "UPDATE meta SET value = zeroblob(72) WHERE name = 'audit_head'")
    store.commit(draft("S4", MORNING))
    assert [item.session_id for item in store.list()][-1] != "S4"
    with pytest.raises(KioskError) as caught:
        store.stats()
    assert caught.value.code is FailureCode.STORE_UNUSABLE
    with pytest.raises(KioskError) as caught:
        store.commit(draft("S5", MORNING))
    assert caught.value.code is FailureCode.STORE_UNUSABLE
    with pytest.raises(KioskError) as caught:
        store.end_session("S4", "eligible", "done")
    assert caught.value.code is FailureCode.STORE_UNUSABLE
    with closing(sqlite3.connect(tmp_path / "records" / DATABASE_NAME)) as connection:
        assert connection.execute("SELECT session_id FROM intake").fetchall() == [("S4",)]
        assert connection.execute("SELECT count(*) FROM audit").fetchone() == (entries,)


@pytest.mark.parametrize("detail", ["山田", "a b", "x" * 130])
def test_detail_is_made_of_codes(store: Store, detail: str) -> None:
    with pytest.raises(ValueError, match="codes"):
        store.record_staff_act("Sato", detail, "S1")
    with pytest.raises(ValueError, match="codes"):
        store.end_session("S9", detail, "reason")
    assert store.verify_audit() == AuditReport(5)


@pytest.mark.parametrize("who", ["", "a\nb", "x" * 61])
def test_who_is_a_short_name(store: Store, who: str) -> None:
    with pytest.raises(ValueError, match="who"):
        store.record_staff_act(who, "staff_reset", "S1")
