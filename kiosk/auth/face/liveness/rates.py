# SPDX-License-Identifier: Apache-2.0
"""Error rates of a liveness check with their intervals, in the words of ISO/IEC 30107-3. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the 95 % interval of Wilson; None where there was nothing to count."""

    errors: int
    of: int

    @property
    def rate(self) -> float | None:
        """The share itself."""
        return self.errors / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """From where to where the truth may lie; with few tries that is far."""
        if not self.of:
            return None
        share, square = self.errors / self.of, _Z * _Z
        middle = (share + square / (2 * self.of)) / (1 + square / self.of)
        half = _Z / (1 + square / self.of)
        half *= math.sqrt(share * (1 - share) / self.of + square / (4 * self.of * self.of))
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        interval = self.interval
        return {
            "errors": self.errors,
            "of": self.of,
            "rate": None if self.rate is None else round(self.rate, 4),
            "interval_95": None if interval is None else [round(each, 4) for each in interval],
        }

    def as_text(self) -> str:
        """For people."""
        interval = self.interval
        if interval is None:
            return "-  (none)"
        low, high = interval
        return f"{self.errors} of {self.of}  (95 %: {low:.1%} to {high:.1%})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one presentation; `doubted` is None where no face was seen."""

    live: bool
    kind: str
    doubted: bool | None
    signs: tuple[str, ...] = ()


def apcer(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    """Attacks that nothing was held against, for each kind: the worst kind is what counts."""
    kinds = sorted({each.kind for each in outcomes if not each.live})
    seen = [each for each in outcomes if not each.live and each.doubted is not None]
    return {
        kind: Share(
            sum(not each.doubted for each in seen if each.kind == kind),
            sum(each.kind == kind for each in seen),
        )
        for kind in kinds
    }


def bpcer(outcomes: Sequence[Outcome]) -> Share:
    """People who were doubted."""
    seen = [each for each in outcomes if each.live and each.doubted is not None]
    return Share(sum(bool(each.doubted) for each in seen), len(seen))
