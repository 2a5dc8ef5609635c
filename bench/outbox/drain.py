# SPDX-License-Identifier: Apache-2.0
"""How fast a waiting queue drains, against the same client sending the same checks with no queue.

python -m bench.outbox.drain [--checks N] [--rounds N] [--json]

The simulated upstream is a process of its own; each side gets checks with evidence of their own, in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

if __name__ == "__main__":
    _HOME = tempfile.TemporaryDirectory(prefix="uketsuke-bench-")
    for _variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        os.environ[_variable] = _HOME.name  # before the fakes look: the keys of the test cards are kept there

from bench.faults.kiosk import CLOCK, CONTEXT, IDS, bodies, commit
from kiosk.eligibility.codec_xml import Encoding
from kiosk.handover.delivery import FaceFileDelivery, HandOvers
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.model import ItemState, OutboxItem, OutboxKind, Parcel
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import HttpUpstream
from kiosk.outbox.worker import SyncWorker
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.server import UpstreamServer
from tests.fakes.cards import authority_at
from tests.fakes.checks import INSTITUTION
from tests.fakes.outbox import GATEWAY


def serve(trust: Path, said: Connection) -> None:
    with UpstreamServer(SimulatedUpstream(trust, CLOCK)) as server:
        said.send(server.url)
        said.recv()


def direct(url: str, checks: list[bytes]) -> float:
    """Checks a second, one after the other over one connection."""
    client = HttpUpstream(url, CLOCK)
    parcels = []
    for body in checks:
        key = IDS.new(CLOCK.now())
        item = OutboxItem(
            id=key,
            kind=OutboxKind.QUALIFICATION_CHECK,
            state=ItemState.IN_FLIGHT,
            needs_staff=False,
            session_id="",
            occurred_at=CLOCK.now(),
            endpoint=GATEWAY,
            attempts=1,
            next_attempt_at=None,
            last_status=None,
            last_error=None,
            depends_on=None,
            acked_at=None,
        )
        parcels.append(Parcel(item, body))
    reader = AnswerReader(INSTITUTION)
    began = time.perf_counter()
    for parcel in parcels:
        reply = client.send_check(parcel)
        assert reply.result == 200
        reader.outcome(parcel.item.id, reply.body)
    took = time.perf_counter() - began
    client.close()
    return len(checks) / took


def queued(url: str, checks: list[bytes], folder: Path, *, hand_over: bool) -> float:
    """Checks a second out of the queue, with or without a face file for each."""
    kinds = [OutboxKind.HANDOVER_FACE_FILE] if hand_over else []
    (folder / "faces").mkdir(parents=True)
    store = Store.open(folder / "records", folder / "keys" / "store.key", CLOCK, hand_overs=kinds)
    for body in checks:
        commit(store, body)
    client = HttpUpstream(url, CLOCK)
    delivery = FaceFileDelivery(folder / "faces", INSTITUTION, Encoding.UTF_8)
    worker = SyncWorker(
        store,
        {GATEWAY: client},
        HandOvers({OutboxKind.HANDOVER_FACE_FILE: delivery.deliver}),
        AnswerReader(INSTITUTION),
        CLOCK,
    )
    began = time.perf_counter()
    while store.next_due() is not None:
        worker.step()
    took = time.perf_counter() - began
    assert store.stats().done == len(checks) * (2 if hand_over else 1)
    client.close()
    store.close()
    return len(checks) / took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checks", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    issuer = authority_at(CLOCK)
    ours, theirs = CONTEXT.Pipe()
    upstream = CONTEXT.Process(target=serve, args=(issuer.trust_anchors().folder, theirs))
    upstream.start()
    url = ours.recv()
    rates: dict[str, list[float]] = {"no queue": [], "queue": [], "queue and face files": []}
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        for number in range(chosen.rounds):
            rates["no queue"].append(direct(url, bodies(chosen.checks, issuer)))
            for side, hand_over in (("queue", False), ("queue and face files", True)):
                folder = Path(name) / f"{number}-{hand_over}"
                rates[side].append(queued(url, bodies(chosen.checks, issuer), folder, hand_over=hand_over))
    ours.send(None)
    upstream.join(10)
    base = statistics.median(rates["no queue"])
    table = {
        side: {"per_s": statistics.median(found), "share": statistics.median(found) / base}
        for side, found in rates.items()
    }
    if chosen.json:
        print(json.dumps({"checks": chosen.checks, "rounds": chosen.rounds, "sides": table}))
        return 0
    print(f"{chosen.checks} checks, median of {chosen.rounds} rounds")
    print("| side | checks a second | share |\n|---|---|---|")
    for side, row in table.items():
        print(f"| {side} | {row['per_s']:.0f} | {row['share']:.0%} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
