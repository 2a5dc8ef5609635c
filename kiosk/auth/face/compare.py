# SPDX-License-Identifier: Apache-2.0
"""Accuracy on labelled pairs of pictures, and one comparison: for technicians, never in a session."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk.auth.face.engine import Embedding, FaceEngine, Grey
from kiosk.auth.face.matcher import MatchPolicy, distance
from kiosk.auth.face.reference import PhotoUnusableError, embed_photo
from kiosk.errors import ConfigurationError, FailureCode

_COLUMNS = ("img1", "img2", "same")


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
    engine = FaceEngine()
    numbers = [_embedded(engine, path) for path in (first, second)]
    if numbers[0] is None or numbers[1] is None:
        return Comparison(None, match=False, threshold=rule.threshold)
    apart = distance(numbers[0], [numbers[1]])
    return Comparison(apart, match=apart <= rule.threshold, threshold=rule.threshold)


def evaluate(pairs: Path, policy: MatchPolicy | None = None) -> dict[str, object]:
    """False matches and false non-matches at the threshold, over a file of pairs (``img1,img2,same``)."""
    rule = policy or MatchPolicy()
    engine = FaceEngine()
    known: dict[Path, Embedding | None] = {}
    apart: dict[bool, list[float]] = {True: [], False: []}
    unusable = 0
    for first, second, same in _rows(pairs):
        for path in (first, second):
            if path not in known:
                known[path] = _embedded(engine, path)
        one, other = known[first], known[second]
        if one is None or other is None:
            unusable += 1
            continue
        apart[same].append(distance(one, [other]))
    genuine, impostor = np.array(apart[True]), np.array(apart[False])
    return {
        "threshold": rule.threshold,
        "probe_images": 1,
        "images": len(known),
        "images_without_face": sum(numbers is None for numbers in known.values()),
        "pairs_same": len(genuine),
        "pairs_different": len(impostor),
        "pairs_unusable": unusable,
        "fnmr": float(np.mean(genuine > rule.threshold)) if len(genuine) else None,
        "fmr": float(np.mean(impostor <= rule.threshold)) if len(impostor) else None,
    }


def _rows(pairs: Path) -> Iterator[tuple[Path, Path, bool]]:
    try:
        with pairs.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if not set(_COLUMNS) <= set(reader.fieldnames or ()):
                raise ConfigurationError(
                    FailureCode.CONFIG_INVALID, detail=f"columns needed: {','.join(_COLUMNS)}"
                )
            for row in reader:
                yield pairs.parent / row["img1"], pairs.parent / row["img2"], row["same"].strip() == "1"
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=f"cannot read {pairs.name}") from error


def _embedded(engine: FaceEngine, path: Path) -> Embedding | None:
    try:
        return embed_photo(engine, _read(path))
    except PhotoUnusableError:
        return None


def _read(path: Path) -> Grey:
    try:
        data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
        grey = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    except (OSError, cv2.error) as error:
        raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=f"cannot read {path.name}") from error
    if grey is None:
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"not a picture: {path.name}")
    return np.asarray(grey, dtype=np.uint8)
