# SPDX-License-Identifier: Apache-2.0
"""The checks, built from callables, so that this package knows nobody's insides."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from kiosk.diagnostics.ports import ProbeResult, ProbeStatus
from kiosk.errors import FailureCode
from kiosk.reader.ports import CardPresence, ReaderSnapshot

SLOW_APDU_S = 0.25
SLOW_FACE_S = 2.0
SLOW_UPSTREAM_S = 3.0
OLD_ITEM_S = 1800.0
CLOCK_TOLERANCE = timedelta(seconds=60)
LITTLE_SPACE = 1_000_000_000
NO_SPACE = 200_000_000
FONT_FAMILIES = ("BIZ UDPGothic", "Noto Sans CJK JP")


@dataclass(frozen=True, slots=True)
class CallableProbe:
    """A check made of a function. Lives on: a thread of its own while it runs."""

    id: str
    check: Callable[[], ProbeResult]
    timeout_s: float = 5.0
    needs: tuple[str, ...] = ()

    def run(self) -> ProbeResult:
        """Look."""
        return self.check()


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """How the outbox stands; `oldest_s` is the age of the oldest item that waits."""

    pending: int
    needs_staff: int
    oldest_s: float | None = None


@dataclass(frozen=True, slots=True)
class RevocationFigures:
    """The kept revocation list: its age by its own date, None where there is none; `trouble` in one word."""

    age: timedelta | None
    usable: bool
    trouble: str = ""


def configuration_probe(check: Callable[[], Sequence[str]]) -> CallableProbe:
    """`check` reads the configuration anew; it returns doubts by setting name, or raises `KioskError`."""

    def run() -> ProbeResult:
        doubts = check()
        if doubts:
            facts = {"count": str(len(doubts)), "detail": ", ".join(doubts)}
            return ProbeResult(ProbeStatus.WARNING, "configuration.doubts", facts, FailureCode.CONFIG_INVALID)
        return _ok("configuration.ok")

    return CallableProbe("configuration", run)


def card_service_probe(snapshot: Callable[[], ReaderSnapshot]) -> CallableProbe:
    """Whether the card service answers at all."""

    def run() -> ProbeResult:
        if snapshot().problem is FailureCode.READER_SERVICE_DOWN:
            return _problem("card_service.down", FailureCode.READER_SERVICE_DOWN)
        return _ok("card_service.ok")

    return CallableProbe("card_service", run)


def readers_probe(snapshot: Callable[[], ReaderSnapshot]) -> CallableProbe:
    """Which readers there are, and what lies in them."""

    def run() -> ProbeResult:
        seen = snapshot()
        if not seen.readers:
            return _problem("readers.none", seen.problem or FailureCode.NO_READER)
        facts = {"count": str(len(seen.readers)), "readers": ", ".join(state.name for state in seen.readers)}
        if seen.problem is not None:
            return ProbeResult(ProbeStatus.PROBLEM, "readers.problem", facts, seen.problem)
        if any(state.card is CardPresence.MUTE for state in seen.readers):
            return ProbeResult(ProbeStatus.WARNING, "readers.mute", facts, FailureCode.CARD_UNREADABLE)
        return _ok("readers.ok", facts)

    return CallableProbe("readers", run, needs=("card_service",))


def card_dialogue_probe(exchange: Callable[[], Sequence[float] | None]) -> CallableProbe:
    """`exchange` sends ten harmless commands and returns the seconds of each, or None where no card lies."""

    def run() -> ProbeResult:
        seconds = exchange()
        if not seconds:
            return ProbeResult(ProbeStatus.SKIPPED, "card_dialogue.no_card")
        median, worst = statistics.median(seconds), max(seconds)
        facts = {
            "apdus": str(len(seconds)),
            "median_ms": f"{median * 1000:.0f}",
            "worst_ms": f"{worst * 1000:.0f}",
        }
        if median > SLOW_APDU_S:
            return ProbeResult(
                ProbeStatus.WARNING, "card_dialogue.slow", facts, FailureCode.CARD_COMMUNICATION
            )
        return _ok("card_dialogue.ok", facts)

    return CallableProbe("card_dialogue", run, timeout_s=10.0, needs=("card_service", "readers"))


def face_process_probe(round_trip: Callable[[], float], *, enabled: bool = True) -> CallableProbe:
    """`round_trip` has the face process answer once, and returns the seconds that took."""

    def run() -> ProbeResult:
        if not enabled:
            return ProbeResult(ProbeStatus.SKIPPED, "skipped.switched_off")
        seconds = round_trip()
        facts = {"seconds": f"{seconds:.2f}"}
        if seconds > SLOW_FACE_S:
            return ProbeResult(
                ProbeStatus.WARNING, "face_process.slow", facts, FailureCode.FACE_PROCESS_FAILED
            )
        return _ok("face_process.ok", facts)

    return CallableProbe("face_process", run, timeout_s=28.0)


def disk_probe(folder: Path) -> CallableProbe:
    """Whether there is room where the records are kept."""

    def run() -> ProbeResult:
        usage = shutil.disk_usage(folder)
        facts = {"free_gb": f"{usage.free / 1e9:.1f}", "total_gb": f"{usage.total / 1e9:.0f}"}
        if usage.free < NO_SPACE:
            return ProbeResult(ProbeStatus.PROBLEM, "disk.full", facts, FailureCode.STORE_DISK_FULL)
        if usage.free < LITTLE_SPACE:
            return ProbeResult(ProbeStatus.WARNING, "disk.little", facts, FailureCode.STORE_DISK_FULL)
        return _ok("disk.ok", facts)

    return CallableProbe("disk", run)


def store_probe(check: Callable[[], None], *, exists: bool = True) -> CallableProbe:
    """`check` opens the store, looks at its schema and at its key, and raises `KioskError` where it can't.

    A kiosk that was never started has no store yet, which is no fault.
    """

    def run() -> ProbeResult:
        if not exists:
            return _ok("store.none")
        check()
        return _ok("store.ok")

    return CallableProbe("store", run, needs=("configuration",))


def outbox_probe(figures: Callable[[], OutboxFigures]) -> CallableProbe:
    """Whether what must reach upstream gets there."""

    def run() -> ProbeResult:
        found = figures()
        facts = {"pending": str(found.pending), "needs_staff": str(found.needs_staff)}
        if found.oldest_s is not None:
            facts["oldest_min"] = f"{found.oldest_s / 60:.0f}"
        if found.needs_staff:
            return ProbeResult(ProbeStatus.WARNING, "outbox.needs_staff", facts, FailureCode.UPSTREAM_REFUSED)
        if found.oldest_s is not None and found.oldest_s > OLD_ITEM_S:
            return ProbeResult(ProbeStatus.WARNING, "outbox.old", facts, FailureCode.UPSTREAM_NO_ANSWER)
        return _ok("outbox.ok", facts)

    return CallableProbe("outbox", run, needs=("store",))


def handover_probe(folder: Path, name: str = "handover") -> CallableProbe:
    """Whether a file can be put into the reception computer's folder, and taken out again."""

    def run() -> ProbeResult:
        facts = {"folder": str(folder)}
        if not folder.is_dir():
            return ProbeResult(
                ProbeStatus.PROBLEM, "handover.missing", facts, FailureCode.HANDOVER_FOLDER_MISSING
            )
        # outside the pattern that the reception computer watches
        trial = folder / f".uketsuke-check-{os.getpid()}"
        try:
            trial.write_bytes(b"")
            trial.unlink()
        except OSError:
            return ProbeResult(
                ProbeStatus.PROBLEM, "handover.not_writable", facts, FailureCode.HANDOVER_WRITE_FAILED
            )
        return _ok("handover.ok", facts)

    return CallableProbe(name, run)


def revocation_probe(figures: Callable[[], RevocationFigures]) -> CallableProbe:
    """How old the kept revocation list is, and whether it still answers; receptions go on without it."""

    def run() -> ProbeResult:
        known = figures()
        facts = {"state": known.trouble or "none"}
        if known.age is None:
            return ProbeResult(ProbeStatus.WARNING, "revocation.none", facts)
        facts["age_h"] = f"{known.age.total_seconds() / 3600:.0f}"
        if not known.usable:
            return ProbeResult(ProbeStatus.WARNING, "revocation.old", facts)
        return _ok("revocation.ok", facts)

    return CallableProbe("revocation", run)


def upstream_probe(health: Callable[[], float]) -> CallableProbe:
    """`health` asks upstream whether it is well and returns the seconds that took; raises `KioskError`."""

    def run() -> ProbeResult:
        seconds = health()
        facts = {"seconds": f"{seconds:.2f}"}
        if seconds > SLOW_UPSTREAM_S:
            return ProbeResult(ProbeStatus.WARNING, "upstream.slow", facts, FailureCode.UPSTREAM_NO_ANSWER)
        return _ok("upstream.ok", facts)

    return CallableProbe("upstream", run, timeout_s=10.0)


def clock_probe(skew: Callable[[], timedelta | None]) -> CallableProbe:
    """`skew` is how far this machine is ahead of upstream's clock; None where that can't be told."""

    def run() -> ProbeResult:
        ahead = skew()
        if ahead is None:
            return ProbeResult(ProbeStatus.SKIPPED, "clock.unknown")
        facts = {"skew_s": f"{ahead.total_seconds():.0f}"}
        if abs(ahead) > CLOCK_TOLERANCE:
            return ProbeResult(ProbeStatus.PROBLEM, "clock.wrong", facts, FailureCode.CLOCK_WRONG)
        return _ok("clock.ok", facts)

    return CallableProbe("clock", run, timeout_s=10.0, needs=("upstream",))


def fonts_probe(families: Callable[[], Collection[str] | None]) -> CallableProbe:
    """Whether what people read can be drawn: one of the Japanese families must be there."""

    def run() -> ProbeResult:
        installed = families()
        if installed is None:
            return ProbeResult(ProbeStatus.SKIPPED, "fonts.unknown")
        missing = [family for family in FONT_FAMILIES if family not in installed]
        facts = {"missing": ", ".join(missing)}
        if len(missing) == len(FONT_FAMILIES):
            return ProbeResult(ProbeStatus.PROBLEM, "fonts.none", facts, FailureCode.DEPENDENCY_MISSING)
        if missing:
            return ProbeResult(ProbeStatus.WARNING, "fonts.missing", facts, FailureCode.DEPENDENCY_MISSING)
        return _ok("fonts.ok")

    return CallableProbe("fonts", run)


def installed_families() -> frozenset[str] | None:
    """The font families fontconfig knows; None where it is not installed."""
    tool = shutil.which("fc-list")
    if tool is None:
        return None
    listed = subprocess.run(  # noqa: S603  # a fixed command, found on the path
        [tool, ":", "family"], capture_output=True, text=True, timeout=4.0, check=False
    )
    return frozenset(
        name.strip() for line in listed.stdout.splitlines() for name in line.split(",") if name.strip()
    )


def display_probe(environment: Mapping[str, str]) -> CallableProbe:
    """Which display a window would open on; a technician on a remote line has none, which is no fault."""

    def run() -> ProbeResult:
        for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
            if environment.get(variable):
                return _ok("display.ok", {"state": variable.lower()})
        return ProbeResult(ProbeStatus.SKIPPED, "display.none")

    return CallableProbe("display", run)


def _ok(summary: str, facts: Mapping[str, str] | None = None) -> ProbeResult:
    return ProbeResult(ProbeStatus.OK, summary, facts or {})


def _problem(summary: str, code: FailureCode) -> ProbeResult:
    return ProbeResult(ProbeStatus.PROBLEM, summary, {}, code)
