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

from kiosk.clock import SystemClock, tokyo_date
from kiosk.ids import UlidFactory
from kiosk.outbox import sealing
from kiosk.outbox.model import DraftItem, OutboxKind, ReceptionDraft
from kiosk.outbox.repository import items
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.repository.prepared import driver
from kiosk.outbox.sealing import Keys
from kiosk.outbox.store import Store
from kiosk.outbox.taken_in import TakenIn, pack
from tests.fakes.checks import check_body, evidence
from tests.fakes.outbox import GATEWAY, draft, open_store

CLOCK = SystemClock()
IDS = UlidFactory()
TAKEN_IN = "SELECT * FROM intake WHERE session_id = ?"


class Side(Protocol):
    """One way of keeping something durably; `rows` are written with each put, of `size` bytes in all.

    `follow` is what is done with it afterwards, when nobody waits.
    """

    rows: int
    size: int
    connection: sqlite3.Connection

    @property
    def follow(self) -> Callable[[], None] | None: ...

    def prepare(self, count: int) -> None:
        """Make what the next `count` puts keep; this is not measured."""

    def put(self) -> None: ...
    def close(self) -> None: ...


class Ours:
    """The whole commit of a reception: number, consents, check and mark of the visit, in one sealed row.

    What follows is its filing by the sync thread: reception, consents, check, mark and audit entry in their
    tables, and the head of the chain written anew. `at_once` as the kiosk does it; otherwise the next block
    finds them unfiled, as when many came before the sync thread had its turn.
    """

    rows = 1

    def __init__(self, folder: Path, body: bytes, size: int, *, at_once: bool = True) -> None:
        self.size = size
        self.store = open_store(folder, CLOCK)
        self.connection = writer(self.store)
        self.body = body
        self.ready: list[ReceptionDraft] = []
        self.follow = self.file if at_once else None

    def prepare(self, count: int) -> None:
        self.file()
        for _ in range(count):
            session = IDS.new(CLOCK.now())
            self.ready.append(draft(session, CLOCK.now(), body=self.body, person_key=session.encode()))

    def put(self) -> None:
        self.store.commit(self.ready.pop())

    def file(self) -> None:
        with self.store.database.writing():
            """Whoever writes files first."""

    def close(self) -> None:
        self.store.close()


class OneItem:
    """One more item of a reception that is there: sealed, one row, nothing else."""

    follow = None

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


class Bare:
    """SQLite's own insert of one row: an id and the bytes."""

    follow = None

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
    """One message."""

    follow = None

    def __init__(self, folder: Path, message: bytes) -> None:
        folder.mkdir()
        self.rows, self.size = 1, len(message)
        self.message = message
        self.queue = litequeue.LiteQueue(str(folder / "queue.sqlite3"))
        self.connection: sqlite3.Connection = self.queue.conn
        # NORMAL is its own, which loses commits with the power
        self.connection.execute("PRAGMA synchronous = FULL")

    def prepare(self, count: int) -> None:
        """There is nothing to make."""

    def put(self) -> None:
        self.queue.put(self.message)

    def close(self) -> None:
        self.connection.close()


class PersistQueue:
    """One message."""

    follow = None

    def __init__(self, folder: Path, message: bytes) -> None:
        self.rows, self.size = 1, len(message)
        self.message = message
        self.queue = persistqueue.FIFOSQLiteQueue(str(folder), multithreading=True, auto_commit=True)
        self.connection: sqlite3.Connection = self.queue._putter  # noqa: SLF001  # there is no public way
        self.connection.execute("PRAGMA synchronous = FULL")

    def prepare(self, count: int) -> None:
        """There is nothing to make."""

    def put(self) -> None:
        self.queue.put(self.message)

    def close(self) -> None:
        self.queue.close()


class SameWithAnother:
    """The same reception with another queue: packed and sealed as ours, then one message of it."""

    follow = None

    @property
    def size(self) -> int:
        return len(self.queue.message)

    def __init__(self, queue: Litequeue | PersistQueue, body: bytes) -> None:
        self.queue = queue
        self.rows, self.connection = 1, queue.connection
        self.keys = Keys(os.urandom(32))
        self.body = body
        self.numbers = iter(range(1, 1_000_000))
        self.ready: list[ReceptionDraft] = []

    def prepare(self, count: int) -> None:
        for _ in range(count):
            session = IDS.new(CLOCK.now())
            self.ready.append(draft(session, CLOCK.now(), body=self.body, person_key=session.encode()))

    def put(self) -> None:
        made, now = self.ready.pop(), CLOCK.now()
        day = tokyo_date(now)
        mark = self.keys.visit_mac(day.isoformat(), made.person_key)
        taken = TakenIn(made, (IDS.new(now),), "A", next(self.numbers), day, now, mark)
        sealed = self.keys.seal(pack(taken), place=made.session_id)
        self.queue.message = f"{made.session_id} {now.isoformat()} ".encode() + sealed
        self.queue.put()

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


def size_of_one_commit(folder: Path, body: bytes) -> int:
    """How many bytes the row holds that one commit writes."""
    side = Ours(folder, body, 0)
    side.prepare(1)
    session = side.ready[0].session_id
    side.put()
    (size,) = row_sizes(side.connection, TAKEN_IN, session)
    side.close()
    return size


def sides(folder: Path) -> dict[str, Callable[[], Side]]:
    """Every side by its name, to be made when its turn comes."""
    body = json.dumps(check_body(evidence())).encode()
    size = size_of_one_commit(folder / "measured", body)
    whole = os.urandom(size)
    return {
        "ours: a whole reception": partial(Ours, folder / "ours", body, size),
        "ours: a whole reception, up to nine lying unfiled": partial(
            Ours, folder / "burst", body, size, at_once=False
        ),
        "ours: one item more of a reception": partial(OneItem, folder / "item", size),
        "SQLite alone, one row": partial(Bare, folder / "bare", whole),
        "SQLite alone, one row, log laid out": partial(Bare, folder / "laid", whole, laid_out=True),
        "litequeue, the same reception": lambda: SameWithAnother(Litequeue(folder / "same", whole), body),
        "persist-queue, the same reception": lambda: SameWithAnother(
            PersistQueue(folder / "also", whole), body
        ),
        "litequeue, as many random bytes": partial(Litequeue, folder / "lite", whole),
        "persist-queue, as many random bytes": partial(PersistQueue, folder / "persist", whole),
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
