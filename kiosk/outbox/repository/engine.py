# SPDX-License-Identifier: Apache-2.0
"""The connection to the database: how it is opened, how it writes, and what its errors mean."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.outbox import migrations
from kiosk.outbox.repository.prepared import Prepared, Value, driver

_log = logging.getLogger("kiosk.outbox")

_ROOM_BYTES = 100 * 1024 * 1024
_LOG_BYTES = 5 * 1024 * 1024  # a little more than what SQLite folds back into the file by itself (1000 pages)
_THOROUGH_BYTES = 256 * 1024 * 1024  # beyond it the indices are not compared with their tables at each start
_BUSY_TIMEOUT_S = 2.0  # well below the flow's limit for a commit, so that its failure is known in time
_READER_WAITS_S = 0.25  # for its turn, and again for other processes, where something is to be filed
_READER_RESTS_S = 2.0  # before it is tried for the next reader, when it did not work
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # in WAL the default may lose the last commits with the power
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)


class Filing(Protocol):
    """What lies in the file and must be put in its place before anybody else looks."""

    def waits(self, connection: Connection) -> bool:
        """Whether there is something."""

    def file(self, connection: Connection) -> None:
        """Put it in its place, where there is something."""


class Database:
    """One SQLite file, opened with full durability.

    Lives on: any thread; each `reading` or `writing` block has its own connection, writers take turns.
    """

    filing: Filing | None = None
    """Done first in every transaction, by whoever begins one; set once, before the file is shared."""

    def __init__(self, path: Path, *, create: bool) -> None:
        if create:
            _create_private(path)
        elif not path.is_file():
            raise EnvironmentProblem(FailureCode.STORE_UNUSABLE, detail="there are no records yet")
        self._path = path
        self._turn = threading.Lock()
        self._not_before = 0.0
        self._told: FailureCode | None = None
        self._engine = _engine(path)
        self._writing: Connection | None = None

    def prepare(self, *, may_upgrade: bool) -> None:
        """Bring the tables to this program's form; a form it does not know is refused, never guessed."""
        with _as_kiosk_error(FailureCode.STORE_UNUSABLE), self._engine.connect() as connection:
            raw = driver(connection)
            # a step may make a table anew to which others refer; the setting holds outside of transactions
            raw.execute("PRAGMA foreign_keys = OFF")
            try:
                raw.execute("BEGIN IMMEDIATE")
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
                connection.commit()
            finally:
                connection.rollback()
                raw.rollback()
                raw.execute("PRAGMA foreign_keys = ON")

    def check_whole(self) -> int:
        """Read all of it, tables and indices; how many frames of the log could be used.

        Raises `STORE_DAMAGED`. A hole that is found while a patient waits is found too late, and an index
        that has lost an entry would hide an item for ever.
        """
        thorough = self._path.stat().st_size <= _THOROUGH_BYTES
        with _as_kiosk_error(FailureCode.STORE_UNUSABLE), self._engine.connect() as connection:
            raw = driver(connection)
            usable = int(raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1])
            check = "integrity_check" if thorough else "quick_check"
            found = raw.execute(f"PRAGMA {check}(1)").fetchone()[0]
        if found != "ok":
            raise EnvironmentProblem(FailureCode.STORE_DAMAGED, detail="the file does not hold together")
        return max(usable, 0)

    def lay_out_log(self) -> None:
        """Give the write-ahead log its full length now, so that a commit has only its own pages to sync.

        A file that grows with each commit makes the file system write its own journal each time, too. What
        lies behind the last whole frame of the log means nothing (the format's own rule, as after a reset).
        The write lock is held meanwhile, so that nobody's frames can be where the zeros go.
        """
        log = Path(f"{self._path}-wal")
        with self.writing(), contextlib.suppress(OSError):  # without it a commit is slower, and as safe
            descriptor = os.open(log, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                free = os.fstatvfs(descriptor)
                if free.f_bavail * free.f_frsize < _ROOM_BYTES:
                    return  # what room is left is for what patients do
                size = os.fstat(descriptor).st_size
                while size < _LOG_BYTES:
                    size += os.pwrite(descriptor, bytes(_LOG_BYTES - size), size)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def fold_log(self) -> None:
        """Fold the log into the file, and empty it: nothing that was erased is left in either.

        Where somebody reads just now it is done with the next one that is due.
        """
        with self._turn, _as_kiosk_error(FailureCode.STORE_WRITE_FAILED), self._engine.connect() as reader:
            driver(reader).execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        self.lay_out_log()

    @contextmanager
    def reading(self, *, filed: bool = False, patient: bool = False) -> Iterator[Connection]:
        """A consistent view for reading, of everything that was committed before.

        Where something cannot be filed just now, the view is of the rest; where `filed` is wanted it raises.
        Who is `patient` tries each time, also where it did not work for others just before.
        """
        with _as_kiosk_error(FailureCode.STORE_UNUSABLE), self._engine.connect() as connection:
            if self.filing is not None and self.filing.waits(connection):
                self._file(wanted=filed, patient=filed or patient)
            with connection.begin():
                yield connection

    def _file(self, *, wanted: bool, patient: bool) -> None:
        """File what lies there; somebody who only reads does not wait long, nor again and again, for that."""
        if not patient and time.monotonic() < self._not_before:
            return
        try:
            if not self._turn.acquire(timeout=_READER_WAITS_S):
                raise EnvironmentProblem(FailureCode.STORE_WRITE_FAILED, detail="somebody writes")
            try:
                with self._transaction(filed=True, patience_s=_READER_WAITS_S):
                    """It does it first."""
                self._not_before = 0.0
            finally:
                self._turn.release()
        except KioskError as error:
            self._not_before = time.monotonic() + _READER_RESTS_S
            if wanted:
                raise
            self._tell_unfiled(error)

    def _tell_unfiled(self, error: KioskError | None) -> None:
        """Once for each trouble, and not with each transaction."""
        code = None if error is None else error.code
        if code is not None and code is not self._told:
            _log.warning("what was taken in could not be filed yet: %s", code.value)
        self._told = code

    def append(self, statement: Prepared, values: tuple[Value, ...]) -> None:
        """One statement that is a transaction by itself, on the disk when this returns.

        For what a patient waits for, and what is filed later: nothing is filed before it.
        """
        with self._turn, _as_kiosk_error(FailureCode.STORE_WRITE_FAILED):
            connection = self._writing or self._engine.connect()
            self._writing = None
            try:
                statement.put(connection, values)
            except BaseException:
                connection.close()
                raise
            self._writing = connection

    @contextmanager
    def writing(self, *, filed: bool = False) -> Iterator[Connection]:
        """One transaction: written and synced when the block ends, undone when it raises.

        What was taken in is filed first. Where that cannot be done the rest goes on without it; where `filed`
        is wanted it raises.
        """
        with self._turn, self._transaction(filed=filed) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, filed: bool, patience_s: float | None = None) -> Iterator[Connection]:
        """The same for whoever has the turn; with its own patience towards other processes."""
        with _as_kiosk_error(FailureCode.STORE_WRITE_FAILED):
            connection = self._writing or self._engine.connect()
            self._writing = None  # kept for the next writer only where nothing went wrong
            try:
                # begun and ended here: SQLAlchemy's own way to it takes as long as three rows
                raw = driver(connection)
                if patience_s is not None:
                    raw.execute(f"PRAGMA busy_timeout = {patience_s * 1000:.0f}").close()
                raw.execute("BEGIN IMMEDIATE")
                if patience_s is not None:
                    raw.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_S * 1000:.0f}").close()
                if self.filing is not None and self.filing.waits(connection):
                    self._file_first(connection, self.filing, filed=filed)
                yield connection
                raw.commit()
                if connection.in_transaction():  # its statements took part, and it has to know of the end
                    connection.commit()
            except BaseException:
                if patience_s is not None:
                    connection.invalidate()  # it may be as impatient as it was made
                connection.close()
                raise
            self._writing = connection

    def _file_first(self, connection: Connection, filing: Filing, *, filed: bool) -> None:
        raw = driver(connection)
        raw.execute("SAVEPOINT before_filing")
        try:
            with _as_kiosk_error(FailureCode.STORE_WRITE_FAILED):
                filing.file(connection)
        except KioskError as error:
            # a disk that is full has undone the whole transaction
            if filed or not raw.in_transaction:
                raise
            raw.execute("ROLLBACK TO before_filing")
            self._tell_unfiled(error)
        else:
            self._tell_unfiled(None)
        raw.execute("RELEASE before_filing")

    @property
    def engine(self) -> Engine:
        """The engine below, for tests that listen to what happens on it."""
        return self._engine

    def close(self) -> None:
        """Give back every connection; the last one folds the write-ahead log into the file."""
        with self._turn:
            if self._writing is not None:
                self._writing.close()
                self._writing = None
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
        # a damaged text is one value that is wrong, and no reason not to see the other rows
        connection.text_factory = _readable
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        raw = driver(connection)
        if not raw.in_transaction:
            raw.execute("BEGIN")

    return engine


def _readable(text: bytes) -> str:
    return text.decode("utf-8", "replace")


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
    except (IntegrityError, sqlite3.IntegrityError) as error:
        cause = error.orig if isinstance(error, IntegrityError) else error
        raise KioskError(
            FailureCode.INTERNAL, detail=f"a rule of the tables was broken: {_name(cause)}"
        ) from None
    except (DBAPIError, sqlite3.Error) as error:  # the driver's own where it fails while connecting
        name = _name(error.orig if isinstance(error, DBAPIError) else error)
        if name.startswith("SQLITE_FULL"):
            raise EnvironmentProblem(FailureCode.STORE_DISK_FULL, detail=name) from None
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise EnvironmentProblem(FailureCode.STORE_DAMAGED, detail=name) from None
        raise EnvironmentProblem(code, detail=name) from None
    except UnicodeDecodeError:  # the driver, where SQLite names a thing of a file that is no text any more
        raise EnvironmentProblem(FailureCode.STORE_DAMAGED, detail="names that are no text") from None
    except SQLAlchemyError as error:
        raise EnvironmentProblem(code, detail=type(error).__name__) from None


def _name(cause: BaseException | None) -> str:
    name = getattr(cause, "sqlite_errorname", None)
    return name if isinstance(name, str) else type(cause).__name__
