# SPDX-License-Identifier: Apache-2.0
"""Runs the checks one after the other; none can hold up, or bring down, the others."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence

from kiosk.clock import Clock
from kiosk.diagnostics.ports import ORDER, Probe, ProbeOutcome, ProbeResult, ProbeStatus
from kiosk.errors import FailureCode, KioskError

_log = logging.getLogger("kiosk.diagnostics")


def in_order(probes: Iterable[Probe]) -> list[Probe]:
    """The most basic check first; unknown ones last, as they came."""
    return sorted(probes, key=lambda probe: ORDER.index(probe.id) if probe.id in ORDER else len(ORDER))


def run_probes(
    probes: Iterable[Probe],
    clock: Clock,
    *,
    on_start: Callable[[str], None] | None = None,
    on_outcome: Callable[[ProbeOutcome], None] | None = None,
) -> tuple[ProbeOutcome, ...]:
    """Every check's outcome, in order. Blocks; call it off the main thread.

    One after the other and not all at once: several need the same reader or the same processor, and would
    measure each other.
    """
    outcomes: list[ProbeOutcome] = []
    unusable: set[str] = set()
    for probe in in_order(probes):
        if on_start is not None:
            on_start(probe.id)
        began = clock.monotonic()
        if unusable.intersection(probe.needs):
            result = ProbeResult(ProbeStatus.SKIPPED, "skipped.needs")
        else:
            result = _run_limited(probe)
        if result.status is ProbeStatus.PROBLEM or result.summary == "skipped.needs":
            unusable.add(probe.id)
        outcome = ProbeOutcome(probe.id, result, clock.monotonic() - began)
        _log.info("check %s: %s %s", probe.id, result.status.value, result.code.value if result.code else "")
        outcomes.append(outcome)
        if on_outcome is not None:
            on_outcome(outcome)
    return tuple(outcomes)


def first_problem(outcomes: Sequence[ProbeOutcome]) -> ProbeOutcome | None:
    """The most basic problem, which is the one to mend first."""
    return next((outcome for outcome in outcomes if outcome.result.status is ProbeStatus.PROBLEM), None)


def _run_limited(probe: Probe) -> ProbeResult:
    answers: queue.SimpleQueue[ProbeResult] = queue.SimpleQueue()
    # a daemon, because what hangs in a driver cannot be ended from here and must not keep the program alive
    thread = threading.Thread(
        target=lambda: answers.put(_run_guarded(probe)), name=f"check-{probe.id}", daemon=True
    )
    thread.start()
    try:
        result = answers.get(timeout=probe.timeout_s)
    except queue.Empty:
        return ProbeResult(
            ProbeStatus.PROBLEM,
            "problem.hangs",
            {"limit_s": f"{probe.timeout_s:g}"},
            _HANGING.get(probe.id, FailureCode.INTERNAL),
        )
    thread.join()
    return result


def _run_guarded(probe: Probe) -> ProbeResult:
    try:
        return probe.run()
    except KioskError as error:
        return ProbeResult(ProbeStatus.PROBLEM, "problem.code", {"detail": error.detail}, error.code)
    except Exception as error:  # the boundary: a broken check is a finding, not a crash
        # only the kind: the text of a foreign exception may hold anything
        return ProbeResult(
            ProbeStatus.PROBLEM, "problem.broken", {"kind": type(error).__name__}, FailureCode.INTERNAL
        )


_HANGING = {
    "card_service": FailureCode.READER_SERVICE_DOWN,
    "readers": FailureCode.READER_SERVICE_DOWN,
    "card_dialogue": FailureCode.CARD_COMMUNICATION,
    "camera": FailureCode.CAMERA_NO_FRAMES,
    "face_process": FailureCode.FACE_PROCESS_FAILED,
    "disk": FailureCode.STORE_UNUSABLE,
    "store": FailureCode.STORE_UNUSABLE,
    "outbox": FailureCode.STORE_UNUSABLE,
    "handover": FailureCode.HANDOVER_FOLDER_MISSING,
    "upstream": FailureCode.UPSTREAM_NO_ANSWER,
}
"""What it means when a check does not come back: its own kind of trouble, not the program's."""
