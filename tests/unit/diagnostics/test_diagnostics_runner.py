# SPDX-License-Identifier: Apache-2.0
"""The checks run in order, each within its own limit, and none brings down the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from kiosk.diagnostics.ports import ORDER, ProbeOutcome, ProbeResult, ProbeStatus
from kiosk.diagnostics.probes import CallableProbe
from kiosk.diagnostics.report import run_diagnosis
from kiosk.diagnostics.runner import first_problem, run_probes
from kiosk.errors import EnvironmentProblem, FailureCode


class StandingClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, 3, 10, tzinfo=UTC)

    def monotonic(self) -> float:
        return 1.0


def good() -> ProbeResult:
    return ProbeResult(ProbeStatus.OK, "disk.ok")


def problem() -> ProbeResult:
    return ProbeResult(ProbeStatus.PROBLEM, "card_service.down", {}, FailureCode.READER_SERVICE_DOWN)


@pytest.fixture
def stuck() -> Iterator[CallableProbe]:
    let_go = threading.Event()

    def wait() -> ProbeResult:
        let_go.wait()
        return good()

    yield CallableProbe("camera", wait, timeout_s=0.05)
    let_go.set()
    for thread in threading.enumerate():
        if thread.name == "check-camera":
            thread.join(5)


def test_run_whatever_the_order_given_goes_from_basic_to_special() -> None:
    probes = [CallableProbe(name, good) for name in reversed(ORDER)]
    assert tuple(outcome.id for outcome in run_probes(probes, StandingClock())) == ORDER


def test_run_with_a_hanging_check_still_asks_the_others(stuck: CallableProbe) -> None:
    outcomes = run_probes([stuck, CallableProbe("disk", good)], StandingClock())
    hanging, disk = outcomes
    assert (hanging.result.status, hanging.result.summary) == (ProbeStatus.PROBLEM, "problem.hangs")
    assert hanging.result.code is FailureCode.CAMERA_NO_FRAMES
    assert disk.result.status is ProbeStatus.OK


def test_run_with_a_raising_check_tells_its_code() -> None:
    def absent() -> ProbeResult:
        raise EnvironmentProblem(FailureCode.CAMERA_MISSING, detail="no device 0")

    (outcome,) = run_probes([CallableProbe("camera", absent)], StandingClock())
    assert outcome.result.code is FailureCode.CAMERA_MISSING
    assert outcome.result.facts == {"detail": "no device 0"}


def test_run_with_a_broken_check_tells_only_the_kind_of_what_went_wrong() -> None:
    def broken() -> ProbeResult:
        raise ValueError("試験　花子")

    (outcome,) = run_probes([CallableProbe("camera", broken)], StandingClock())
    assert outcome.result.code is FailureCode.INTERNAL
    assert outcome.result.facts == {"kind": "ValueError"}


def test_run_skips_what_needs_a_check_that_found_a_problem_also_at_second_hand() -> None:
    asked: list[str] = []

    def special() -> ProbeResult:
        asked.append("special")
        return good()

    outcomes = run_probes(
        [
            CallableProbe("card_dialogue", special, needs=("readers",)),
            CallableProbe("readers", special, needs=("card_service",)),
            CallableProbe("card_service", problem),
        ],
        StandingClock(),
    )
    assert [outcome.result.status.value for outcome in outcomes] == ["problem", "skipped", "skipped"]
    assert asked == []


def test_first_problem_is_the_most_basic_one() -> None:
    outcomes = run_probes(
        [CallableProbe("upstream", problem), CallableProbe("readers", problem), CallableProbe("disk", good)],
        StandingClock(),
    )
    found = first_problem(outcomes)
    assert found is not None
    assert found.id == "readers"


def test_run_tells_each_outcome_as_it_comes() -> None:
    heard: list[str] = []
    run_probes(
        [CallableProbe("disk", good), CallableProbe("configuration", good)],
        StandingClock(),
        on_start=lambda name: heard.append(f"start {name}"),
        on_outcome=lambda outcome: heard.append(f"end {outcome.id}"),
    )
    assert heard == ["start configuration", "end configuration", "start disk", "end disk"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(ProbeStatus.OK, 0), (ProbeStatus.WARNING, 0), (ProbeStatus.SKIPPED, 0), (ProbeStatus.PROBLEM, 3)],
)
def test_exit_status_is_three_only_when_something_is_broken(status: ProbeStatus, expected: int) -> None:
    probe = CallableProbe("disk", lambda: ProbeResult(status, "disk.ok"))
    assert run_diagnosis([probe], clock=StandingClock()).exit_status == expected


def test_outcomes_are_values() -> None:
    assert ProbeOutcome("disk", good(), 0.0) == ProbeOutcome("disk", good(), 0.0)
