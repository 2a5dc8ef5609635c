# SPDX-License-Identifier: Apache-2.0
"""A kiosk that is killed at the worst moments, and started again: each check takes effect exactly once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.outbox.model import ItemState, OutboxItem, OutboxKind
from kiosk.outbox.store import Access, Store
from tests.fakes.pcscd import wait_until
from tests.fakes.programs import Program, clean_environment, processes_of, run, settings_file
from tests.fakes.upstream_process import UpstreamProcess, upstream_process

pytestmark = pytest.mark.integration

CLOCK = SystemClock()


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[UpstreamProcess]:
    with upstream_process(tmp_path / "ledger.jsonl") as running:
        yield running


def items(folder: Path) -> list[OutboxItem]:
    """What the queue holds, read beside whoever owns it."""
    store = Store.open(folder / "state", folder / "data" / "records.key", CLOCK, "A", access=Access.VISITOR)
    try:
        return store.list(limit=100)
    finally:
        store.close()


def outcome_of(folder: Path, session_id: str) -> Outcome | None:
    store = Store.open(folder / "state", folder / "data" / "records.key", CLOCK, "A", access=Access.VISITOR)
    try:
        return store.outcome_of(session_id)
    finally:
        store.close()


def told_received(program: Program, _folder: Path, _upstream: UpstreamProcess) -> None:
    program.wait_for("Submitting -> Received")


def committed(program: Program, folder: Path, _upstream: UpstreamProcess) -> None:
    program.wait_for("-> Submitting")
    assert wait_until(lambda: bool(items(folder)), 200), program.err


def taken_upstream(program: Program, _folder: Path, upstream: UpstreamProcess) -> None:
    program.wait_for("-> Submitting")
    assert wait_until(lambda: bool(upstream.effects()), 200), program.err


Moment = Callable[[Program, Path, UpstreamProcess], None]


@pytest.mark.parametrize(
    ("fault", "moment", "effects_before"),
    [
        pytest.param("unreachable", told_received, 0, id="received-while-upstream-is-down"),
        pytest.param("unreachable", committed, 0, id="committed-and-not-told"),
        pytest.param("slow", taken_upstream, 1, id="answer-on-its-way"),
        pytest.param("lost_answer", taken_upstream, 1, id="answer-lost"),
    ],
)
def test_the_check_is_delivered_exactly_once(
    tmp_path: Path, upstream: UpstreamProcess, fault: str, moment: Moment, effects_before: int
) -> None:
    settings = settings_file(tmp_path, upstream={"url": upstream.url})
    environment = clean_environment(tmp_path / "tmp")
    upstream.fault(fault, **({"seconds": 60} if fault == "slow" else {}))
    words = ["demo", "--headless", "--config", str(settings), "--scenario"]
    with Program(*words, "pin-ok", environment=environment) as kiosk:
        moment(kiosk, tmp_path, upstream)
        assert len(processes_of(kiosk.process.pid)) > 1
        kiosk.signal(signal.SIGKILL)
        kiosk.process.wait(60)
        # the face process and its like see that nobody is there any more
        assert kiosk.left_running(10) == {}
    before = items(tmp_path)
    assert [item.kind for item in before] == [OutboxKind.QUALIFICATION_CHECK]
    assert before[0].state in {ItemState.PENDING, ItemState.IN_FLIGHT}
    assert len(upstream.effects()) == effects_before
    assert not list((tmp_path / "state" / "handover").glob("OQS*"))

    upstream.fault("none")
    # a kiosk that does something else meanwhile
    with Program(*words, "other-card", environment=environment) as kiosk:
        assert wait_until(lambda: all(item.state is ItemState.DONE for item in items(tmp_path)[:1]), 120)
        assert kiosk.wait().status == 0, kiosk.err

    check, hand_over = items(tmp_path)
    assert check.id == before[0].id
    assert (check.state, hand_over.state) == (ItemState.DONE, ItemState.DONE)
    assert hand_over.kind is OutboxKind.HANDOVER_FACE_FILE
    assert upstream.effects() == {check.id: 1}
    assert outcome_of(tmp_path, check.session_id) == Outcome(OutcomeKind.ELIGIBLE)
    assert len(list((tmp_path / "state" / "handover").glob("OQSsiquc01res_face_*.xml"))) == 1
    verified = run("audit", "verify", "--config", settings)
    assert verified.status == 0, verified.err
