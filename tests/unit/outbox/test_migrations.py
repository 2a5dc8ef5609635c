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
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.schema import Base
from kiosk.outbox.store import DATABASE_NAME
from tests.fakes.clock import FakeClock
from tests.fakes.outbox import open_store


def steps() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [migrations.HEAD]
    return [revision.revision for revision in script.walk_revisions()]


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
