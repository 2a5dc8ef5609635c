# SPDX-License-Identifier: Apache-2.0
"""What a durable enqueue costs, against SQLite alone and two queues made of it, all with a full sync.

python -m bench.outbox.enqueue [--commits N] [--json]      (by bench/outbox/run, which has the two queues)

The sides take turns in short blocks on one disk, so that what else the disk does meets all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

_HOME = tempfile.TemporaryDirectory(prefix="uketsuke-bench-")
for _variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = _HOME.name  # before the fakes look: the keys of the test cards are kept there

import litequeue  # noqa: E402
import persistqueue  # noqa: E402

from kiosk.clock import SystemClock  # noqa: E402
from kiosk.ids import UlidFactory  # noqa: E402
from kiosk.outbox.model import ReceptionDraft  # noqa: E402
from kiosk.outbox.repository.engine import Database  # noqa: E402
from tests.fakes.checks import check_body, evidence  # noqa: E402
from tests.fakes.outbox import draft, open_store  # noqa: E402

BLOCK = 10
CLOCK = SystemClock()
IDS = UlidFactory()


class Side(Protocol):
    """One way of keeping something durably."""

    def put(self) -> None: ...
    def close(self) -> None: ...


class Ours:
    """The whole commit of a reception: consents, check, number, mark of the visit, audit entry."""

    def __init__(self, folder: Path, body: bytes) -> None:
        self.store = open_store(folder, CLOCK)
        self.body = body
        self.ready: list[ReceptionDraft] = []

    def prepare(self, count: int) -> None:
        """What the patient did is there before the commit begins."""
        for _ in range(count):
            session = IDS.new(CLOCK.now())
            self.ready.append(draft(session, CLOCK.now(), body=self.body, person_key=session.encode()))

    def put(self) -> None:
        if not self.ready:
            self.prepare(1)
        self.store.commit(self.ready.pop())

    def close(self) -> None:
        self.store.close()


class Bare:
    """SQLite's own insert of one row: an id and the bytes."""

    def __init__(self, folder: Path, data: bytes, *, laid_out: bool = False) -> None:
        folder.mkdir()
        self.data = data
        if laid_out:
            self.base = Database(folder / "bare.sqlite3", create=True)
        self.connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("CREATE TABLE queue (id TEXT PRIMARY KEY, data BLOB NOT NULL)")
        if laid_out:
            self.base.lay_out_log()

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
        self.messages = messages
        self.queue = litequeue.LiteQueue(str(folder / "queue.sqlite3"))
        self.queue.conn.execute(
            "PRAGMA synchronous = FULL"
        )  # NORMAL is its own, which loses commits with the power

    def put(self) -> None:
        for message in self.messages:
            self.queue.put(message)

    def close(self) -> None:
        self.queue.conn.close()


class PersistQueue:
    """One message, or one for each record."""

    def __init__(self, folder: Path, messages: list[bytes]) -> None:
        self.messages = messages
        self.queue = persistqueue.FIFOSQLiteQueue(str(folder), multithreading=True, auto_commit=True)
        self.queue._putter.execute("PRAGMA synchronous = FULL")  # noqa: SLF001  # there is no public way

    def put(self) -> None:
        for message in self.messages:
            self.queue.put(message)

    def close(self) -> None:
        self.queue.close()


def records_of_one_commit(folder: Path, body: bytes) -> list[bytes]:
    """As many bytes as each row of one commit holds, row by row."""
    side = Ours(folder, body)
    side.put()
    rows = []
    with side.store.database.reading() as connection:
        for table in ("receptions", "consents", "outbox", "audit", "visits", "number_counters"):
            names = [str(row[1]) for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
            size = " + ".join(f"ifnull(length(CAST({name} AS BLOB)), 0)" for name in names)
            query = f"SELECT {size} FROM {table}"  # noqa: S608  # our own names
            sizes = connection.exec_driver_sql(query).scalars()
            rows += [bytes(int(length)) for length in sizes]
    side.close()
    return rows


def sides(folder: Path) -> tuple[dict[str, Callable[[], Side]], list[bytes]]:
    body = json.dumps(check_body(evidence())).encode()
    records = records_of_one_commit(folder / "measured", body)
    whole = [os.urandom(sum(map(len, records)))]
    return {
        "ours: a whole reception": lambda: Ours(folder / "ours", body),
        "SQLite alone, one row": lambda: Bare(folder / "bare", whole[0]),
        "SQLite alone, one row, log laid out": lambda: Bare(folder / "laid", whole[0], laid_out=True),
        "litequeue, one message": lambda: Litequeue(folder / "lite", whole),
        "persist-queue, one message": lambda: PersistQueue(folder / "persist", whole),
        "litequeue, a message a record": lambda: Litequeue(folder / "lites", records),
        "persist-queue, a message a record": lambda: PersistQueue(folder / "persists", records),
    }, records


def race(commits: int, folder: Path) -> dict[str, list[float]]:
    makers, _ = sides(folder)
    racers = {name: make() for name, make in makers.items()}
    seconds: dict[str, list[float]] = {name: [] for name in racers}
    for racer in racers.values():
        for _ in range(5):
            racer.put()
    for block in range(-(-commits // BLOCK)):
        order = list(racers) if block % 2 else list(reversed(racers))
        for name in order:
            racer = racers[name]
            if isinstance(racer, Ours):
                racer.prepare(BLOCK)
            for _ in range(BLOCK):
                began = time.perf_counter()
                racer.put()
                seconds[name].append(time.perf_counter() - began)
    for racer in racers.values():
        racer.close()
    return seconds


def blocks(took: list[float]) -> list[float]:
    """How long each block took: a sync takes one tick of the disk or none, so a single one says little."""
    return [sum(took[start : start + BLOCK]) for start in range(0, len(took), BLOCK)]


def written(name: str, folder: Path) -> None:
    """Five puts of one side, for whoever counts system calls; a mark before and after."""
    makers, _ = sides(folder)
    racer = makers[name]()
    for _ in range(3):
        racer.put()
    mark = os.open(folder / "mark", os.O_WRONLY | os.O_CREAT)
    os.write(mark, b"MARK-BEGIN")
    for _ in range(5):
        racer.put()
    os.write(mark, b"MARK-END")
    racer.close()


def counted(name: str) -> dict[str, float] | None:
    """Syncs and bytes written to disk by one put, as strace sees them; None without strace."""
    if shutil.which("strace") is None:
        return None
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        trace = Path(folder) / "trace"
        command = ["strace", "-f", "-o", str(trace), "-e", "trace=pwrite64,write,fsync,fdatasync"]
        subprocess.run(
            [*command, sys.executable, "-m", "bench.outbox.enqueue", "--written", name], check=True
        )
        text = trace.read_text("utf-8", "replace")
    between = text[text.index("MARK-BEGIN") : text.index("MARK-END")].splitlines()[1:-1]
    writes = [line for line in between if "pwrite64(" in line]
    size = sum(int(line.rsplit("=", 1)[1].split()[0]) for line in writes)
    syncs = sum("fsync(" in line or "fdatasync(" in line for line in between)
    pages = sum(line.rsplit("=", 1)[1].strip() == "4096" for line in writes)
    return {"syncs": syncs / 5, "pages": pages / 5, "bytes": size / 5}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commits", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--written", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        if chosen.written:
            written(chosen.written, Path(name))
            return 0
        _, records = sides(Path(name))
        seconds = race(chosen.commits, Path(name) / "race")
    base = blocks(seconds["SQLite alone, one row"])
    table = {
        side: {
            "median_ms": statistics.median(took) * 1000,
            "mean_ms": statistics.mean(took) * 1000,
            "p95_ms": sorted(took)[int(len(took) * 0.95)] * 1000,
            "ratio_to_sqlite": statistics.median(a / b for a, b in zip(blocks(took), base, strict=True)),
            "least_ms": min(took) * 1000,
            "mean_ratio_to_sqlite": statistics.mean(took) / statistics.mean(seconds["SQLite alone, one row"]),
            **(counted(side) or {}),
        }
        for side, took in seconds.items()
    }
    if chosen.json:
        print(
            json.dumps({"bytes_of_a_reception": sum(map(len, records)), "rows": len(records), "sides": table})
        )
        return 0
    print(
        f"one reception: {len(records)} rows, {sum(map(len, records))} bytes; {chosen.commits} commits a side"
    )
    print(
        "| side | median ms | mean ms | 95 % ms | ratio (median of blocks) | ratio (mean) | syncs | pages |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for side, row in table.items():
        print(
            f"| {side} | {row['median_ms']:.2f} | {row['mean_ms']:.2f} | {row['p95_ms']:.2f}"
            f" | {row['ratio_to_sqlite']:.2f} | {row['mean_ratio_to_sqlite']:.2f}"
            f" | {row.get('syncs', float('nan')):.1f} | {row.get('pages', float('nan')):.1f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
