# SPDX-License-Identifier: Apache-2.0
"""What takes part in `bench.outbox.enqueue`: our own commit, SQLite alone, and two queues made of it.

All sync fully. What each writes is counted and not said: rows and bytes in its tables, seals and keyed hashes
at the functions that make them.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol
from unittest import mock

import litequeue
import persistqueue

from kiosk.clock import SystemClock
from kiosk.ids import UlidFactory
from kiosk.outbox import sealing
from kiosk.outbox.model import DraftItem, OutboxKind, ReceptionDraft
from kiosk.outbox.repository import items
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.repository.prepared import driver
from kiosk.outbox.sealing import Keys
from kiosk.outbox.store import Store
from tests.fakes.checks import check_body, evidence
from tests.fakes.outbox import GATEWAY, draft, open_store

CLOCK = SystemClock()
IDS = UlidFactory()
HEAD = "SELECT * FROM meta WHERE name = 'audit_head'"
OF_A_SESSION = {
    table: f"SELECT * FROM {table} WHERE session_id = ?"  # noqa: S608  # our own names
    for table in ("receptions", "consents", "outbox", "audit")
}
NEWEST_MARK = "SELECT * FROM visits ORDER BY first_at DESC LIMIT 1"


class Side(Protocol):
    """One way of keeping something durably; `rows` are written with each put, of `size` bytes in all."""

    rows: int
    size: int
    connection: sqlite3.Connection

    def prepare(self, count: int) -> None:
        """Make what the next `count` puts keep; this is not measured."""

    def put(self) -> None: ...
    def close(self) -> None: ...


class Ours:
    """The whole commit of a reception: number, consents, check, mark of the visit, audit entry, its head."""

    def __init__(self, folder: Path, body: bytes, records: list[bytes]) -> None:
        self.rows, self.size = len(records), sum(map(len, records))
        self.store = open_store(folder, CLOCK)
        self.connection = writer(self.store)
        self.body = body
        self.ready: list[ReceptionDraft] = []

    def prepare(self, count: int) -> None:
        for _ in range(count):
            session = IDS.new(CLOCK.now())
            self.ready.append(draft(session, CLOCK.now(), body=self.body, person_key=session.encode()))

    def put(self) -> None:
        self.store.commit(self.ready.pop())

    def close(self) -> None:
        self.store.close()


class OneItem:
    """One more item of a reception that is there: sealed, one row, nothing else."""

    def __init__(self, folder: Path, size: int) -> None:
        self.rows, self.size = 1, size
        self.store = open_store(folder, CLOCK)
        self.keys = Keys((folder / "keys" / "store.key").read_bytes())
        self.connection = writer(self.store)
        self.reception = draft("S", CLOCK.now(), body=b"")
        self.store.commit(self.reception)
        with self.store.database.reading() as connection:
            empty = sum(row_sizes(driver(connection), "SELECT * FROM outbox"))
        self.body = os.urandom(size - empty)
        self.ready: list[tuple[str, ReceptionDraft]] = []

    def prepare(self, count: int) -> None:
        item = DraftItem(OutboxKind.QUALIFICATION_CHECK, self.body, GATEWAY)
        made = replace(self.reception, consents=(), items=(item,))
        self.ready += [(IDS.new(CLOCK.now()), made) for _ in range(count)]

    def put(self) -> None:
        item_id, made = self.ready.pop()
        with self.store.database.writing() as connection:
            items.add_draft(connection, self.keys, made, [item_id], now=CLOCK.now())

    def close(self) -> None:
        self.store.close()


class SameRows:
    """SQLite alone with the rows of our receptions, already made, in our tables: no seals, chain or types."""

    def __init__(self, folder: Path, body: bytes, records: list[bytes]) -> None:
        self.rows, self.size = len(records), sum(map(len, records))
        self.maker = Ours(folder / "maker", body, records)
        self.store = open_store(folder / "side", CLOCK)
        self.connection, self.made = writer(self.store), self.maker.connection
        self.made.execute("PRAGMA synchronous = OFF")
        self.inserts: dict[str, str] = {}
        for table in (*OF_A_SESSION, "visits"):
            places = ", ".join("?" for _ in self.connection.execute(f"PRAGMA table_info({table})"))
            self.inserts[table] = f"INSERT INTO {table} VALUES ({places})"  # noqa: S608  # our own names
        self.ready: list[tuple[list[tuple[str, list[tuple[object, ...]]]], bytes]] = []

    def prepare(self, count: int) -> None:
        """The rows that a kiosk of its own has just written."""
        for _ in range(count):
            self.maker.prepare(1)
            session = self.maker.ready[0].session_id
            self.maker.put()
            made = [
                (self.inserts[table], self.made.execute(query, (session,)).fetchall())
                for table, query in OF_A_SESSION.items()
            ]
            made.append((self.inserts["visits"], self.made.execute(NEWEST_MARK).fetchall()))
            self.ready.append((made, self.made.execute(HEAD).fetchone()[1]))

    def put(self) -> None:
        made, head = self.ready.pop(0)
        self.connection.execute("BEGIN IMMEDIATE")
        for statement, rows in made:
            self.connection.executemany(statement, rows)
        self.connection.execute("UPDATE meta SET value = ? WHERE name = 'audit_head'", (head,))
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.maker.close()
        self.store.close()


class Bare:
    """SQLite's own insert of one row: an id and the bytes."""

    def __init__(self, folder: Path, data: bytes, *, laid_out: bool = False) -> None:
        folder.mkdir()
        self.rows, self.size = 1, len(data)
        self.data = data
        if laid_out:
            self.base = Database(folder / "bare.sqlite3", create=True)
        self.connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("CREATE TABLE queue (id TEXT PRIMARY KEY, data BLOB NOT NULL)")
        if laid_out:
            self.base.lay_out_log()

    def prepare(self, count: int) -> None:
        """There is nothing to make."""

    def put(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute("INSERT INTO queue VALUES (?, ?)", (IDS.new(CLOCK.now()), self.data))
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()


class Litequeue:
    """One message, or one for each record in a transaction of its own."""

    def __init__(self, folder: Path, messages: list[bytes]) -> None:
        folder.mkdir()
        self.rows, self.size = len(messages), sum(map(len, messages))
        self.messages = messages
        self.queue = litequeue.LiteQueue(str(folder / "queue.sqlite3"))
        self.connection: sqlite3.Connection = self.queue.conn
        # NORMAL is its own, which loses commits with the power
        self.connection.execute("PRAGMA synchronous = FULL")

    def prepare(self, count: int) -> None:
        """There is nothing to make."""

    def put(self) -> None:
        for message in self.messages:
            self.queue.put(message)

    def close(self) -> None:
        self.connection.close()


class PersistQueue:
    """One message, or one for each record."""

    def __init__(self, folder: Path, messages: list[bytes]) -> None:
        self.rows, self.size = len(messages), sum(map(len, messages))
        self.messages = messages
        self.queue = persistqueue.FIFOSQLiteQueue(str(folder), multithreading=True, auto_commit=True)
        self.connection: sqlite3.Connection = self.queue._putter  # noqa: SLF001  # there is no public way
        self.connection.execute("PRAGMA synchronous = FULL")

    def prepare(self, count: int) -> None:
        """There is nothing to make."""

    def put(self) -> None:
        for message in self.messages:
            self.queue.put(message)

    def close(self) -> None:
        self.queue.close()


def writer(store: Store) -> sqlite3.Connection:
    """The one connection through which a store writes."""
    with store.database.writing() as connection:
        return driver(connection)


def row_sizes(connection: sqlite3.Connection, query: str, *values: str) -> list[int]:
    """How many bytes each row holds that a query finds."""
    found = connection.execute(query, values).fetchall()
    return [
        sum(
            len(value if isinstance(value, bytes) else str(value).encode())
            for value in row
            if value is not None
        )
        for row in found
    ]


def records_of_one_commit(folder: Path, body: bytes) -> list[bytes]:
    """As many bytes as each row of one commit holds, row by row."""
    side = Ours(folder, body, [])
    side.prepare(1)
    session = side.ready[0].session_id
    side.put()
    with side.store.database.reading() as connection:
        raw = driver(connection)
        sizes = [size for query in OF_A_SESSION.values() for size in row_sizes(raw, query, session)]
        sizes += row_sizes(raw, NEWEST_MARK) + row_sizes(raw, HEAD)
    side.close()
    return [bytes(size) for size in sizes]


def sides(folder: Path) -> dict[str, Callable[[], Side]]:
    """Every side by its name, to be made when its turn comes."""
    body = json.dumps(check_body(evidence())).encode()
    records = records_of_one_commit(folder / "measured", body)
    size = sum(map(len, records))
    whole = os.urandom(size)
    return {
        "ours: a whole reception": partial(Ours, folder / "ours", body, records),
        "ours: one item more": partial(OneItem, folder / "item", size),
        "SQLite alone, one row": partial(Bare, folder / "bare", whole),
        "SQLite alone, one row, log laid out": partial(Bare, folder / "laid", whole, laid_out=True),
        "SQLite alone, our rows in our tables": partial(SameRows, folder / "same", body, records),
        "litequeue, one message": partial(Litequeue, folder / "lite", [whole]),
        "persist-queue, one message": partial(PersistQueue, folder / "persist", [whole]),
        "litequeue, a message a record": partial(Litequeue, folder / "lites", records),
        "persist-queue, a message a record": partial(PersistQueue, folder / "persists", records),
    }


def seals_and_hashes(side: Side) -> tuple[int, int]:
    """How many values one put seals, and how many keyed hashes it makes."""
    side.prepare(4)
    for _ in range(3):  # until it is under way
        side.put()
    seal, digest = Keys.seal, sealing.hmac.digest
    with (
        mock.patch.object(Keys, "seal", autospec=True, side_effect=seal) as seals,
        mock.patch.object(sealing.hmac, "digest", side_effect=digest) as hashes,
    ):
        side.put()
    return seals.call_count, hashes.call_count
