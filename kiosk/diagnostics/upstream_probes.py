# SPDX-License-Identifier: Apache-2.0
"""The checks of the ways to upstream: the kiosk's own certificate, and the terminal's folders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.diagnostics.ports import ProbeResult, ProbeStatus
from kiosk.diagnostics.probes import CallableProbe
from kiosk.errors import FailureCode


@dataclass(frozen=True, slots=True)
class TerminalFigures:
    """How the folders stand: which are not there or closed, what lies there too long, what nobody took."""

    missing: tuple[str, ...] = ()
    not_writable: tuple[str, ...] = ()
    one_file_system: bool = True
    remains: int = 0
    waiting: int = 0


_STANDINGS = {
    "valid": (ProbeStatus.OK, "certificate.valid"),
    "expiring": (ProbeStatus.WARNING, "certificate.expiring"),
    "expired": (ProbeStatus.PROBLEM, "certificate.expired"),
    "not_yet": (ProbeStatus.PROBLEM, "certificate.not_yet"),
}
_UNREADABLE = (ProbeStatus.PROBLEM, "certificate.unreadable")


def certificate_probe(standing: Callable[[], str]) -> CallableProbe:
    """How the certificate that the kiosk shows to the gateway stands, in a word and never by its dates."""

    def run() -> ProbeResult:
        status, summary = _STANDINGS.get(standing(), _UNREADABLE)
        code = None if status is ProbeStatus.OK else FailureCode.UPSTREAM_OUR_CERTIFICATE
        return ProbeResult(status, summary, {}, code)

    return CallableProbe("certificate", run)


def terminal_probe(figures: Callable[[], TerminalFigures]) -> CallableProbe:
    """Whether the terminal's folders can be used; `figures` raises `OSError` where that cannot be seen."""

    def run() -> ProbeResult:
        try:
            found = figures()
        except OSError:
            return ProbeResult(ProbeStatus.PROBLEM, "terminal.gone", {}, FailureCode.TERMINAL_FOLDER)
        facts = {"pending": str(found.waiting), "count": str(found.remains)}
        bad = found.missing or found.not_writable
        if bad:
            summary = "terminal.missing" if found.missing else "terminal.not_writable"
            told = {"missing": ", ".join(bad)}
            return ProbeResult(ProbeStatus.PROBLEM, summary, told, FailureCode.TERMINAL_FOLDER)
        if found.remains:
            return ProbeResult(ProbeStatus.WARNING, "terminal.remains", facts, FailureCode.UPSTREAM_NO_ANSWER)
        if not found.one_file_system:
            return ProbeResult(ProbeStatus.WARNING, "terminal.apart", facts, FailureCode.TERMINAL_FOLDER)
        return ProbeResult(ProbeStatus.OK, "terminal.ok", facts)

    return CallableProbe("terminal", run, timeout_s=35.0)
