# SPDX-License-Identifier: Apache-2.0
"""The outbox against the simulated upstream on real ports: whatever goes wrong, one effect in the end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kiosk.clock import SystemClock
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.model import DraftItem, ItemState, OutboxKind
from kiosk.outbox.retry import BackOff
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import HttpUpstream, Registration, TimeLimits
from kiosk.outbox.worker import ItemResult, SyncWorker
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.faults import Fault, FaultKind
from kiosk.simulator.upstream.server import UpstreamServer
from tests.fakes.cards import authority_at
from tests.fakes.checks import INSTITUTION, check_body, evidence
from tests.fakes.outbox import GATEWAY, FakeHandOver, draft, open_store

CLOCK = SystemClock()
PASSING = (
    Fault(kind=FaultKind.NONE),
    Fault(kind=FaultKind.SLOW, seconds=60),
    Fault(kind=FaultKind.UNREACHABLE),
    Fault(kind=FaultKind.UNAVAILABLE),
    Fault(kind=FaultKind.TOO_MANY),
    Fault(kind=FaultKind.ACCEPT_FIRST),
    Fault(kind=FaultKind.LOST_ANSWER, times=1),
    Fault(kind=FaultKind.WRONG_ID),
    Fault(kind=FaultKind.WRONG_INSTITUTION),
    Fault(kind=FaultKind.BROKEN),
)


class Listener:
    """Hears results; lets a test wait for the next one and for the final one."""

    def __init__(self) -> None:
        self.first = threading.Event()
        self.final = threading.Event()

    def __call__(self, result: ItemResult) -> None:
        if result.kind is OutboxKind.QUALIFICATION_CHECK:
            self.first.set()
            if result.final:
                self.final.set()


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with UpstreamServer(SimulatedUpstream(authority_at(CLOCK).trust_anchors().folder, CLOCK)) as running:
        yield running


@pytest.fixture
def upstream(server: UpstreamServer) -> Iterator[HttpUpstream]:
    client = HttpUpstream(server.url, CLOCK, limits=TimeLimits(read_s=0.5, whole_s=2))
    yield client
    client.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path, CLOCK)
    yield opened
    opened.close()


def commit(store: Store) -> str:
    now = CLOCK.now().replace(microsecond=0)
    body = json.dumps(check_body(evidence("taro", at=now, issuer=authority_at(CLOCK)), at=now)).encode()
    items = (DraftItem(OutboxKind.QUALIFICATION_CHECK, body, GATEWAY),)
    return store.commit(draft("01KAQ0000000000000000000SS", now, items=items)).check_id


@pytest.mark.integration
@pytest.mark.allow_log("upstream cannot be reached")
@pytest.mark.parametrize("fault", PASSING, ids=[fault.kind.value for fault in PASSING])
def test_one_effect_whatever_goes_wrong(
    store: Store, upstream: HttpUpstream, server: UpstreamServer, fault: Fault
) -> None:
    listener = Listener()
    hand_over = FakeHandOver()
    worker = SyncWorker(
        store,
        {GATEWAY: upstream},
        hand_over,
        AnswerReader(INSTITUTION),
        CLOCK,
        back_off=BackOff(base_s=0.02, cap_s=0.2, longest_wish_s=0.1),
        on_result=listener,
    )
    server.set_fault(fault)
    key = commit(store)
    worker.start()
    assert listener.first.wait(120)
    server.set_fault(Fault())
    worker.try_now()
    assert listener.final.wait(120)
    worker.stop()
    assert worker.join(10)
    item = store.show(key)
    assert item is not None
    assert item.state is ItemState.DONE
    assert store.outcome_of(item.session_id) == Outcome(OutcomeKind.ELIGIBLE)
    state = httpx.get(f"{server.control_url}/control/state", trust_env=False).json()
    assert state["effects"] == {key: 1}
    assert store.show(f"{key}:face") is not None


@pytest.mark.integration
def test_health_and_registration_over_the_wire(upstream: HttpUpstream, server: UpstreamServer) -> None:
    assert upstream.health().ok
    assert upstream.registration("ab" * 32) in set(Registration)
    server.set_fault(Fault(kind=FaultKind.UNREACHABLE))
    assert not upstream.health().ok
    assert upstream.registration("ab" * 32) is Registration.UNKNOWN
