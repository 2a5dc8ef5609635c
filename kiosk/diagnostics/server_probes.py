# SPDX-License-Identifier: Apache-2.0
"""The checks of the clinic's servers that the kiosk hands over to, and of its printer."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.diagnostics.ports import ProbeResult, ProbeStatus
from kiosk.diagnostics.probes import CallableProbe

_ANSWERS = {"orca": "orca.ok", "fhir": "fhir.ok", "printer": "printer.ok"}


def server_probe(name: str, check: Callable[[], None], limit_s: float) -> CallableProbe:
    """Whether a server answers and lets the kiosk in; `check` changes nothing there, or raises."""

    def run() -> ProbeResult:
        check()
        return ProbeResult(ProbeStatus.OK, _ANSWERS[name])

    return CallableProbe(name, run, timeout_s=limit_s + 2.0)
