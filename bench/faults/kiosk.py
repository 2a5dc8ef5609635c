# SPDX-License-Identifier: Apache-2.0
"""The kiosk's outbox as a process of its own, to be killed: store, sync thread, real HTTP, real face files.

What it was told is committed is written down outside of it, line by line, as a patient would remember it.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from kiosk.clock import SystemClock
from kiosk.eligibility.codec_xml import Encoding
from kiosk.eligibility.model import Answer
from kiosk.errors import KioskError
from kiosk.handover.delivery import FaceFileDelivery, HandOvers
from kiosk.ids import UlidFactory
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.model import DraftItem, OutboxKind
from kiosk.outbox.repository.prepared import Prepared, Value
from kiosk.outbox.retry import BackOff
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import HttpUpstream, TimeLimits
from kiosk.outbox.worker import SyncWorker
from kiosk.simulator.card.pki import TestAuthority
from tests.fakes.checks import INSTITUTION, act_body, check_body, evidence
from tests.fakes.outbox import GATEWAY, draft, open_store

CLOCK = SystemClock()
IDS = UlidFactory()
QUICK = BackOff(base_s=0.02, cap_s=0.3, unreachable_cap_s=0.2, longest_wish_s=0.3)
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["bench.faults.kiosk"])


@dataclass(frozen=True)
class Orders:
    """What one process is to do. `die_at` is the n-th transaction and which side of it."""

    folder: Path
    url: str
    bodies: tuple[bytes, ...]
    registrations: bool = False
    die_at: tuple[int, str] | None = None
    die_after_hand_over: bool = False
    pause_s: float = 0.0
    until_drained: bool = False
    memory: Path | None = None  # where it is remembered what was told, when not beside the records


def bodies(count: int, issuer: TestAuthority) -> list[bytes]:
    """As many checks, each with evidence of its own, as a card would sign it."""
    now = CLOCK.now().replace(microsecond=0)
    shown = (evidence("taro", at=now, nonce=secrets.token_bytes(32), issuer=issuer) for _ in range(count))
    return [json.dumps(check_body(one, at=now)).encode() for one in shown]


def registration_of(body: bytes) -> bytes:
    """The registration that goes before a check; each kind knows a statement once."""
    whole = json.loads(body)
    return json.dumps({name: whole[name] for name in act_body(whole["evidence"])}).encode()


def commit(store: Store, body: bytes, *, registration: bool = False) -> str:
    """One reception; its check's key."""
    now = CLOCK.now().replace(microsecond=0)
    check = DraftItem(OutboxKind.QUALIFICATION_CHECK, body, GATEWAY)
    items: tuple[DraftItem, ...] = (check,)
    if registration:
        first = DraftItem(OutboxKind.USAGE_REGISTRATION, registration_of(body), GATEWAY)
        items = (first, replace(check, depends_on=0))
    return store.commit(draft(IDS.new(now), now, items=items)).check_id


def worker_of(
    store: Store, url: str, faces: Path, *, back_off: BackOff = QUICK
) -> tuple[SyncWorker, HttpUpstream]:
    """The sync thread, not started, with the client that it sends by."""
    faces.mkdir(exist_ok=True)
    delivery = FaceFileDelivery(faces, INSTITUTION, Encoding.UTF_8)
    hand_overs = HandOvers({OutboxKind.HANDOVER_FACE_FILE: delivery.deliver})
    upstream = HttpUpstream(url, CLOCK, limits=TimeLimits(connect_s=1, read_s=1, whole_s=2))
    worker = SyncWorker(
        store, {GATEWAY: upstream}, hand_overs, AnswerReader(INSTITUTION), CLOCK, back_off=back_off
    )
    return worker, upstream


def wait_drained(store: Store, worker: SyncWorker, stall_s: float = 60.0) -> bool:
    """Whether everything reached its end; False when nothing more did for so long."""
    least, since = -1, time.monotonic()
    tick = threading.Event()
    while waiting := store.stats().waiting:
        if waiting < least or least < 0:
            least, since = waiting, time.monotonic()
        elif time.monotonic() - since > stall_s:
            return False
        worker.notify()
        tick.wait(0.1)
    return True


def told(folder: Path) -> list[str]:
    """The keys of which a patient was told that they are received."""
    file = folder / "told"
    return file.read_text().split() if file.exists() else []


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def live(orders: Orders) -> None:
    """Begin like a kiosk after a crash, receive patients, and go on until killed or told to end."""
    logging.getLogger("kiosk").setLevel(logging.CRITICAL)
    try:
        _live(orders)
    except KioskError as error:  # its disk was taken from it
        if orders.until_drained:
            print(f"the last process ended with {error}", file=sys.stderr)
        raise SystemExit(3) from error


def _live(orders: Orders) -> None:
    store = open_store(orders.folder, CLOCK)
    if orders.die_at is not None:
        _lay_mine(store, *orders.die_at)
    if orders.die_after_hand_over:
        _die_after_hand_over()
    worker, upstream = worker_of(store, orders.url, orders.folder / "faces")
    worker.start()
    beside = orders.memory or orders.folder
    memory = os.open(beside / "told", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.close(os.open(beside / "ready", os.O_WRONLY | os.O_CREAT, 0o600))
    pause = threading.Event()
    for body in orders.bodies:
        key = commit(store, body, registration=orders.registrations)
        os.write(memory, f"{key}\n".encode())
        worker.notify()
        pause.wait(orders.pause_s)
    if orders.until_drained and not wait_drained(store, worker):
        raise SystemExit(1)
    worker.stop()
    worker.join(10)
    upstream.close()
    store.close()


def _lay_mine(store: Store, number: int, side: str) -> None:
    """Die at the n-th transaction: before it is committed, or when it just was."""
    database, count = store.database, iter(range(1, 1_000_000))
    whole, appended = database.writing, database.append

    def append(statement: Prepared, values: tuple[Value, ...]) -> None:
        this = next(count)
        if this == number and side == "before":
            die()
        appended(statement, values)
        if this == number and side == "after":
            die()

    @contextmanager
    def writing(*, filed: bool = False) -> Iterator[Connection]:
        this = next(count)
        with whole(filed=filed) as connection:
            yield connection
            if this == number and side == "before":
                die()
        if this == number and side == "after":
            die()

    database.writing = writing  # type: ignore[method-assign]
    database.append = append  # type: ignore[method-assign]


def _die_after_hand_over() -> None:
    whole = FaceFileDelivery.deliver

    def deliver(self: FaceFileDelivery, message: Answer) -> None:
        whole(self, message)
        die()

    FaceFileDelivery.deliver = deliver  # type: ignore[method-assign]


def start(orders: Orders) -> multiprocessing.process.BaseProcess:
    """A process with these orders; returns when its sync thread runs, or when it ended before."""
    ready = (orders.memory or orders.folder) / "ready"
    ready.unlink(missing_ok=True)
    process = CONTEXT.Process(target=live, args=(orders,))
    process.start()
    tick = threading.Event()
    while process.is_alive() and not ready.exists():
        tick.wait(0.002)
    return process


def drain(folder: Path, url: str) -> None:
    """A last process that is let live until nothing waits."""
    process = start(Orders(folder, url, (), until_drained=True))
    process.join(3600)
    if process.exitcode != 0:
        process.kill()
        message = f"the queue did not drain: {process.exitcode}"
        raise AssertionError(message)


@dataclass(frozen=True)
class Verdict:
    """What an inspection found."""

    told: int
    committed: int
    effects: int
    faults: tuple[str, ...]


def inspect(folder: Path, effects: dict[str, int], *, also_told: tuple[str, ...] = ()) -> Verdict:
    """Each check that was told has one effect, one end and one face file, and nothing else has any."""
    keys = [*told(folder), *also_told]
    faults = []
    store = open_store(folder, CLOCK)
    items = store.list(limit=1_000_000)
    checks = {item.id for item in items if item.kind is OutboxKind.QUALIFICATION_CHECK}
    sent = {
        item.id
        for item in items
        if item.kind in (OutboxKind.QUALIFICATION_CHECK, OutboxKind.USAGE_REGISTRATION)
    }
    if not store.verify_audit().ok:
        faults.append("the audit chain is broken")
    store.close()
    faults += [f"told and not kept: {key}" for key in keys if key not in checks]
    faults += [f"{effects.get(key, 0)} effects: {key}" for key in sent if effects.get(key) != 1]
    faults += [f"an effect of nobody: {key}" for key in effects if key not in sent]
    faults += [f"not done: {item.id}" for item in items if item.state.value != "done"]
    files = len(list((folder / "faces").glob("OQS*")))
    if files != len(checks):
        faults.append(f"{files} face files for {len(checks)} checks")
    return Verdict(len(keys), len(checks), len(effects), tuple(faults))


def code_of(action: object) -> str:
    """The failure code that an action ends with; empty where it does not fail."""
    try:
        action()  # type: ignore[operator]
    except KioskError as error:
        return error.code.value
    return ""
