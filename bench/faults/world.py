# SPDX-License-Identifier: Apache-2.0
"""What every fault is tried in: a simulated upstream on a free port that counts effects, and its judge."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.faults.kiosk import CLOCK, Verdict, bodies
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.server import UpstreamServer


class Skipped(Exception):  # noqa: N818  # a verdict, not an error
    """The fault cannot be made here; why."""


@dataclass
class Counts:
    """What was done to the kiosk, and what came of it."""

    faults: int = 0
    told: int = 0
    effects: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        self.told += verdict.told
        self.effects += verdict.effects
        self.broken += verdict.faults

    def note(self, what: str) -> None:
        self.notes[what] = self.notes.get(what, 0) + 1

    def want(self, holds: object, what: str) -> None:
        if not holds:
            self.broken.append(what)

    def document(self) -> dict[str, object]:
        return asdict(self)


class World:
    """An upstream, evidence for it, and chance with a seed that can be given again."""

    def __init__(self, folder: Path, issuer: TestAuthority, seed: int) -> None:
        self.folder = folder
        self.issuer = issuer
        self.chance = random.Random(seed)  # noqa: S311  # chance for faults, not for keys
        self.app = SimulatedUpstream(issuer.trust_anchors().folder, CLOCK, folder / "ledger.jsonl")
        self.server = UpstreamServer(self.app)
        self.judged: set[str] = set()  # keys of kiosks that were judged already
        self._places = 0

    @property
    def url(self) -> str:
        return self.server.url

    def bodies(self, count: int) -> tuple[bytes, ...]:
        return tuple(bodies(count, self.issuer))

    def place(self) -> Path:
        """A fresh folder for one kiosk."""
        self._places += 1
        made = self.folder / f"kiosk-{self._places}"
        made.mkdir()
        return made

    def effects(self) -> dict[str, int]:
        """How often each key took effect, as upstream counts it."""
        found = self.app.state()["effects"]
        assert isinstance(found, dict)
        return {str(key): int(times) for key, times in found.items()}


@contextmanager
def world(folder: Path, issuer: TestAuthority, seed: int) -> Iterator[World]:
    made = World(folder, issuer, seed)
    with made.server:
        yield made


Fault = Callable[[World, float], Counts]


def times(whole: int, share: float, *, least: int = 1) -> int:
    """So many of `whole` as the share says."""
    return max(least, round(whole * share))
