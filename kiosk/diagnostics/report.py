# SPDX-License-Identifier: Apache-2.0
"""What a technician reads and sends on: a text with a visible end, or one JSON document."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata

from kiosk import __version__
from kiosk.clock import TOKYO, Clock
from kiosk.diagnostics.ports import Probe, ProbeOutcome, ProbeStatus
from kiosk.diagnostics.redaction import clean_facts, clean_setting
from kiosk.diagnostics.runner import first_problem, run_probes
from kiosk.diagnostics.words import NextStep, Words

EXIT_OK = 0
EXIT_BROKEN = 3
_PACKAGES = ("PySide6-Essentials", "pyscard", "SQLAlchemy", "httpx", "cryptography", "dlib-bin")
_SIGNS = {
    ProbeStatus.OK: "✓",
    ProbeStatus.WARNING: "!",
    ProbeStatus.PROBLEM: "✗",
    ProbeStatus.SKIPPED: "–",
}


@dataclass(frozen=True, slots=True)
class About:
    """What else a report tells: versions, how long the kiosk runs, settings that differ from the default."""

    versions: Mapping[str, str]
    uptime_s: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Every check's outcome, the most basic first."""

    made_at: datetime
    about: About
    outcomes: tuple[ProbeOutcome, ...]

    @property
    def problem(self) -> ProbeOutcome | None:
        """The problem to mend first."""
        return first_problem(self.outcomes)

    @property
    def exit_status(self) -> int:
        """0 when nothing is broken, 3 when something is; a warning alone breaks nothing."""
        return EXIT_OK if self.problem is None else EXIT_BROKEN

    def text(self, words: Words, next_step: NextStep) -> str:
        """For people."""
        lines = [
            f"{words.label('heading')}  {self.made_at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S %Z}",
            words.label("all_good") if self.problem is None else self._first(words),
            "",
        ]
        for outcome in self.outcomes:
            result = outcome.result
            code = f"  [{result.code.value}]" if result.code else ""
            lines.append(f"{_SIGNS[result.status]} {words.title(outcome.id)}: {words.summary(result)}{code}")
            if result.code is not None and result.status in {ProbeStatus.PROBLEM, ProbeStatus.WARNING}:
                lines.append(f"    → {next_step(result.code)}")
        lines += ["", words.label("about")]
        lines += [f"  {name}: {value}" for name, value in self.about.versions.items()]
        if self.about.uptime_s is not None:
            lines.append(f"  {words.label('uptime')}: {self.about.uptime_s:.0f} s")
        lines += [f"  {name} = {value}" for name, value in self._settings().items()]
        lines += ["", words.label("end")]
        return "\n".join(lines) + "\n"

    def json(self, words: Words, next_step: NextStep) -> str:
        """For programs: one document."""
        document = {
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "ok": self.problem is None,
            "first_problem": self.problem.id if self.problem else None,
            "checks": [
                {
                    "id": outcome.id,
                    "title": words.title(outcome.id),
                    "status": outcome.result.status.value,
                    "summary": words.summary(outcome.result),
                    "code": outcome.result.code.value if outcome.result.code else None,
                    "next_step": next_step(outcome.result.code) if outcome.result.code else None,
                    "facts": clean_facts(outcome.result.facts),
                    "seconds": round(outcome.seconds, 3),
                }
                for outcome in self.outcomes
            ],
            "versions": dict(self.about.versions),
            "uptime_s": None if self.about.uptime_s is None else round(self.about.uptime_s),
            "settings": self._settings(),
            "end": True,
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def _first(self, words: Words) -> str:
        problem = self.problem
        return f"{words.label('first')} {words.title(problem.id)}" if problem else ""

    def _settings(self) -> dict[str, str]:
        return {name: clean_setting(name, value) for name, value in self.about.settings.items()}


def versions() -> dict[str, str]:
    """What runs here; a package that is not installed is told as such."""
    found = {
        "uketsuke": __version__,
        "python": platform.python_version(),
        "system": platform.system() + " " + platform.release(),
    }
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "–"
    return found


def run_diagnosis(
    probes: Iterable[Probe],
    *,
    clock: Clock,
    about: About | None = None,
    on_start: Callable[[str], None] | None = None,
    on_outcome: Callable[[ProbeOutcome], None] | None = None,
) -> Report:
    """Run every check and make the report. Blocks; call it off the main thread."""
    outcomes = run_probes(probes, clock, on_start=on_start, on_outcome=on_outcome)
    return Report(clock.now(), about or About(versions()), outcomes)
