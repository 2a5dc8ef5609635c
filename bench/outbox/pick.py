# SPDX-License-Identifier: Apache-2.0
"""What picking, taking out and finishing the next item costs with few and with a million waiting.

python -m bench.outbox.pick [--waiting N] [--picks N] [--json]

Both queues are worked in turn, item by item. The table has the cost with every commit synced, and without any
sync, where a difference of the search could not hide behind the disk.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.clock import SystemClock
from kiosk.ids import UlidFactory
from kiosk.outbox.model import Finish, ItemState
from kiosk.outbox.sealing import Keys
from kiosk.outbox.store import DATABASE_NAME, Store
from tests.fakes.outbox import GATEWAY, answer, draft, open_store

CLOCK = SystemClock()
FEW = 100


def fill(folder: Path, count: int) -> None:
    """So many items, every other one tried before; the first of them can really be opened."""
    open_store(folder, CLOCK).close()
    keys = Keys((folder / "keys" / "store.key").read_bytes())
    ids = UlidFactory()
    began = CLOCK.now() - timedelta(days=1)

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(count):
            made = began + timedelta(milliseconds=number)
            item_id = ids.new(made)
            body = keys.seal(b"{}", place=f"outbox.payload:{item_id}") if number < 5000 else bytes(64)
            due = made.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            yield (item_id, made.isoformat(), GATEWAY, body, number % 2, due)

    with closing(sqlite3.connect(folder / "records" / DATABASE_NAME)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        with connection:
            connection.execute(
                "INSERT INTO receptions VALUES ('S', 'A', 1, '2026-01-01', ?, ?, 'pin', NULL, NULL)",
                (began.isoformat(), began.isoformat()),
            )
            connection.executemany(
                "INSERT INTO outbox (id, kind, state, needs_staff, session_id, occurred_at, endpoint,"
                " payload_sealed, attempts, next_attempt_at)"
                " VALUES (?, 'qualification_check', 'pending', 0, 'S', ?, ?, ?, ?, ?)",
                rows(),
            )


def worked(store: Store, now: datetime) -> float:
    """Seconds for what the sync thread does with one item, sending left out."""
    began = time.perf_counter()
    item = store.due(now, 8)[0]
    assert store.mark_in_flight(item.id) is not None
    assert store.finish(item.id, Finish(ItemState.DONE, 200, answer=answer(item.id))) is not None
    store.next_due()
    return time.perf_counter() - began


def race(waiting: int, picks: int, folder: Path) -> dict[str, dict[str, float]]:
    stores = {}
    for name, count in (("few", FEW), ("many", waiting)):
        (folder / name).mkdir()
        fill(folder / name, count)
        stores[name] = Store.open(
            folder / name / "records", folder / name / "keys" / "store.key", CLOCK, hand_overs=()
        )
    found = {}
    for sync in ("FULL", "OFF"):
        seconds: dict[str, list[float]] = {name: [] for name in stores}
        for store in stores.values():
            _set_sync(store, sync)
        for number in range(picks):
            for name, store in stores.items():
                store.commit(draft(f"{sync}-{number}", CLOCK.now(), body=b"{}"))  # as many wait as before
                took = worked(store, CLOCK.now())
                if number >= 5:
                    seconds[name].append(took)
        medians = {name: statistics.median(took) * 1000 for name, took in seconds.items()}
        found[sync] = {**medians, "ratio": medians["many"] / medians["few"]}
    for store in stores.values():
        store.close()
    return found


def _set_sync(store: Store, sync: str) -> None:
    with store.database.writing() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("COMMIT")  # the setting cannot be changed inside a transaction
        raw.execute(f"PRAGMA synchronous = {sync}")
        assert raw.execute("PRAGMA synchronous").fetchone() == ({"OFF": 0, "FULL": 2}[sync],)
        raw.execute("BEGIN")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--picks", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        found = race(chosen.waiting, chosen.picks, Path(name))
    if chosen.json:
        print(json.dumps({"waiting": chosen.waiting, "picks": chosen.picks, "ms": found}))
        return 0
    print(f"{chosen.picks} items of each, medians")
    print(f"| sync | {FEW} waiting, ms | {chosen.waiting:,} waiting, ms | ratio |\n|---|---|---|---|")
    for sync, row in found.items():
        print(f"| {sync} | {row['few']:.2f} | {row['many']:.2f} | {row['ratio']:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
