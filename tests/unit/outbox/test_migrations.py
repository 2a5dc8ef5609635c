# SPDX-License-Identifier: Apache-2.0
"""Every form of the tables ever released can be brought to the newest, and that is what the code expects."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.outbox import migrations
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.model import OutboxKind
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.schema import Base
from kiosk.outbox.store import DATABASE_NAME
from kiosk.outbox.worker import SyncWorker
from tests.fakes.clock import FakeClock
from tests.fakes.outbox import GATEWAY, INSTITUTION, FakeHandOver, FakeUpstream, draft, open_store

FORMS = Path(__file__).parents[2] / "fixtures" / "forms"
KEY = bytes(range(32))  # of tests/fixtures/forms/make.py
CONTENT = ("consents", "outbox", "audit", "visits", "meta")
RECEPTIONS = (
    "SELECT session_id, {number}, day, occurred_at, committed_at, verification, outcome, outcome_code"
)
FACE = OutboxKind.HANDOVER_FACE_FILE


def steps() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [migrations.HEAD]
    return [revision.revision for revision in script.walk_revisions()]


def tables(path: Path) -> list[tuple[str, str, str]]:
    """How every table and index was made, for comparing."""
    with closing(sqlite3.connect(path)) as connection:
        return sorted(
            (kind, name, sql or "")
            for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master")
        )


@pytest.mark.parametrize("form", steps())
def test_records_of_each_program_ever_are_opened_and_carried_on(tmp_path: Path, form: str) -> None:
    """What each program wrote is kept: today's opens it, finds all of it, and sends it."""
    records, key_file = tmp_path / "records", tmp_path / "keys" / "store.key"
    for folder in (records, key_file.parent):
        folder.mkdir()
    key_file.touch(0o600)
    key_file.write_bytes(KEY)
    with closing(sqlite3.connect(records / DATABASE_NAME)) as connection:
        connection.executescript((FORMS / f"form_{form}.sql").read_text("utf-8"))
        before = content(connection)
    clock = FakeClock()
    clock.advance(7200)
    store = open_store(tmp_path, clock)
    assert store.verify_audit().ok
    states = {item.session_id: item.state.value for item in store.list() if item.kind is not FACE}
    assert states == {
        **{name: name for name in ("pending", "in_flight", "accepted", "done", "refused")},
        "settled": "done",
        "two": "pending",
    }
    with closing(sqlite3.connect(records / DATABASE_NAME)) as connection:
        assert content(connection) == before
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    upstream, hand_over = FakeUpstream(), FakeHandOver()
    worker = SyncWorker(store, {GATEWAY: upstream}, hand_over, AnswerReader(INSTITUTION), clock)
    store.recover()
    for _ in range(5):
        worker.step()
    assert store.stats().waiting == 0
    assert {body for _, body in upstream.sent} == {
        b"body of pending",
        b"body of in_flight",
        b"first",
        b"second",
    }
    assert len(upstream.asked) == 1
    assert len(hand_over.delivered) == 5
    assert store.commit(draft("new", clock.now())).number == "A-008"
    store.close()
    fresh = open_store(tmp_path / "fresh", clock)
    fresh.close()
    assert tables(records / DATABASE_NAME) == tables(tmp_path / "fresh" / "records" / DATABASE_NAME)


def content(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """All that is kept, whatever the form: reception numbers are one column until 0003, and two since."""
    columns = [row[1] for row in connection.execute("PRAGMA table_info(receptions)")]
    number = "number" if "number" in columns else "letter || '-' || printf('%03d', ordinal)"
    queries = {"receptions": f"{RECEPTIONS.format(number=number)} FROM receptions"}
    queries |= {table: f"SELECT * FROM {table}" for table in CONTENT}  # noqa: S608  # our own names
    return {table: sorted(connection.execute(query).fetchall(), key=repr) for table, query in queries.items()}


@pytest.mark.parametrize("start", [None, *steps()])
def test_each_form_is_brought_to_the_newest(tmp_path: Path, start: str | None) -> None:
    database = Database(tmp_path / DATABASE_NAME, create=True)
    if start is not None:
        with database.writing() as connection:
            migrations.upgrade(connection, start)
    database.prepare(may_upgrade=True)
    with database.reading() as connection:
        assert migrations.revision(connection) == migrations.HEAD
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    database.close()


def test_failing_step_leaves_the_old_form_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(tmp_path / DATABASE_NAME, create=True)
    whole = migrations.upgrade

    def upgrade_then_fail(*arguments: object) -> None:
        whole(*arguments)  # type: ignore[arg-type]  # handed on as they came
        raise sqlite3.OperationalError

    monkeypatch.setattr(migrations, "upgrade", upgrade_then_fail)
    with pytest.raises(EnvironmentProblem):
        database.prepare(may_upgrade=True)
    with database.reading() as connection:
        assert migrations.revision(connection) is None
    database.close()


def test_records_of_a_newer_program_are_left_alone(tmp_path: Path) -> None:
    clock = FakeClock()
    open_store(tmp_path, clock).close()
    with closing(sqlite3.connect(tmp_path / "records" / DATABASE_NAME)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(EnvironmentProblem) as caught:
        open_store(tmp_path, clock)
    assert caught.value.code is FailureCode.STORE_UNUSABLE
    assert "9999" in caught.value.detail


def test_settings_of_the_connection_are_those_of_the_contract(tmp_path: Path) -> None:
    database = Database(tmp_path / DATABASE_NAME, create=True)
    with database.reading() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    database.close()
