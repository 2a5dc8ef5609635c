# SPDX-License-Identifier: Apache-2.0
"""One comparison of two pictures: for technicians, never in a session."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.auth.face.engine import FaceEngine
from kiosk.auth.face.gallery import embedded, read_grey
from kiosk.auth.face.matcher import MatchPolicy, distance


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two pictures; `distance` is None where one of them shows no single face."""

    distance: float | None
    match: bool
    threshold: float

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        apart = None if self.distance is None else round(self.distance, 4)
        return {"distance": apart, "match": self.match, "threshold": self.threshold}


def compare(first: Path, second: Path, policy: MatchPolicy | None = None) -> Comparison:
    """Compare two pictures as the kiosk would, one frame each; `ConfigurationError` for no picture."""
    rule = policy or MatchPolicy()
    threshold = rule.threshold(1)
    pictures = [read_grey(path) for path in (first, second)]
    engine = FaceEngine()
    reference, probe = (embedded(engine, picture) for picture in pictures)
    if reference is None or probe is None:
        return Comparison(None, match=False, threshold=threshold)
    apart = distance(reference, [probe], rule.centre)
    return Comparison(apart, match=apart <= threshold, threshold=threshold)
