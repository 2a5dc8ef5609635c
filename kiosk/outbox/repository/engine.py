# SPDX-License-Identifier: Apache-2.0
"""The connection to the database: how it is opened, how it writes, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.outbox import migrations

_BUSY_TIMEOUT_S = 2.0  # well below the flow's limit for a commit, so that its failure is known in time
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # in WAL the default may lose the last commits with the power
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)


class Database:
    """One SQLite file, opened with full durability.

    Lives on: any thread; each `reading` or `writing` block has its own connection, writers take turns.
    """

    def __init__(self, path: Path, *, create: bool) -> None:
        if create:
            _create_private(path)
        elif not path.is_file():
            raise EnvironmentProblem(FailureCode.STORE_UNUSABLE, detail="there are no records yet")
        self._turn = threading.Lock()
        self._engine = _engine(path)
        self._writer = self._engine.execution_options(kiosk_begin="IMMEDIATE")

    def prepare(self, *, may_upgrade: bool) -> None:
        """Bring the tables to this program's form; a form it does not know is refused, never guessed."""
        with _as_kiosk_error(FailureCode.STORE_UNUSABLE), self._writer.begin() as connection:
            found = migrations.revision(connection)
            if found == migrations.HEAD:
                return
            known = found is None or found < migrations.HEAD
            if not known or not may_upgrade:
                raise EnvironmentProblem(
                    FailureCode.STORE_UNUSABLE,
                    detail=f"the records have form {found}, known is {migrations.HEAD}",
                )
            migrations.upgrade(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view for reading."""
        with _as_kiosk_error(FailureCode.STORE_UNUSABLE), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: written and synced when the block ends, undone when it raises."""
        with self._turn, _as_kiosk_error(FailureCode.STORE_WRITE_FAILED), self._writer.begin() as connection:
            yield connection

    @property
    def engine(self) -> Engine:
        """The engine below, for tests that listen to what happens on it."""
        return self._engine

    def close(self) -> None:
        """Give back every connection; the last one folds the write-ahead log into the file."""
        self._engine.dispose()


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": _BUSY_TIMEOUT_S, "check_same_thread": False},
        hide_parameters=True,  # an error's text never shows values
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # the driver would begin transactions late and by its own rules; we begin them ourselves
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("kiosk_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _create_private(path: Path) -> None:
    """Make the file readable by its owner only; SQLite gives its log files the same rights."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    except OSError as error:
        raise EnvironmentProblem(
            FailureCode.STORE_UNUSABLE, detail=f"the records' file cannot be opened ({type(error).__name__})"
        ) from None


@contextmanager
def _as_kiosk_error(code: FailureCode) -> Iterator[None]:
    """Database trouble as a failure with its code; the driver's own words stay behind."""
    try:
        yield
    except IntegrityError as error:
        raise KioskError(
            FailureCode.INTERNAL, detail=f"a rule of the tables was broken: {_name(error.orig)}"
        ) from None
    except (DBAPIError, sqlite3.Error) as error:  # the driver's own where it fails while connecting
        name = _name(error.orig if isinstance(error, DBAPIError) else error)
        if name.startswith("SQLITE_FULL"):
            raise EnvironmentProblem(FailureCode.STORE_DISK_FULL, detail=name) from None
        raise EnvironmentProblem(code, detail=name) from None
    except SQLAlchemyError as error:
        raise EnvironmentProblem(code, detail=type(error).__name__) from None


def _name(cause: BaseException | None) -> str:
    name = getattr(cause, "sqlite_errorname", None)
    return name if isinstance(name, str) else type(cause).__name__
