# SPDX-License-Identifier: Apache-2.0
"""A kiosk that kills itself at a named point; run as a process of its own by test_kill.py.

Arguments: the folder, the point, and a file that stands for what upstream has seen (one key a line).
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from kiosk.clock import SystemClock
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.model import Parcel
from kiosk.outbox.upstream import Reply
from kiosk.outbox.worker import SyncWorker
from tests.fakes.outbox import GATEWAY, INSTITUTION, FakeHandOver, FakeUpstream, answer, draft, open_store


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Upstream(FakeUpstream):
    """Writes down each key it processes, outside the process that will be killed."""

    def __init__(self, point: str, seen: Path) -> None:
        super().__init__()
        self.point = point
        self.seen = seen

    def send_check(self, parcel: Parcel) -> Reply:
        if self.point == "before send":
            die()
        with self.seen.open("a") as file:
            file.write(f"{parcel.item.id}\n")
        if self.point == "after send":
            die()
        return Reply(200, answer(parcel.item.id))


class HandOver(FakeHandOver):
    """Dies where it is told to."""

    def __init__(self, point: str, seen: Path) -> None:
        super().__init__()
        self.point = point
        self.seen = seen

    def deliver(self, kind: object, key: str, answer: bytes) -> None:
        with self.seen.open("a") as file:
            file.write(f"{key}\n")
        if self.point == "after hand-over":
            die()


def main(folder: Path, point: str, seen: Path) -> None:
    clock = SystemClock()
    store = open_store(folder, clock)
    if point == "before commit":
        event.listen(store.database.engine, "commit", lambda _connection: die())
    if point != "nothing":
        reception = store.commit(draft("S1", clock.now()))
        sys.stdout.write(f"{reception.number} {reception.check_id}\n")
        sys.stdout.flush()
    if point == "after commit":
        die()
    worker = SyncWorker(
        store, {GATEWAY: Upstream(point, seen)}, HandOver(point, seen), AnswerReader(INSTITUTION), clock
    )
    store.recover()
    worker.step()
    if point == "after answer":
        die()
    worker.step()
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
