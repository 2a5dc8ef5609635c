# SPDX-License-Identifier: Apache-2.0
"""The table of thresholds: which distance goes with which false match rate, for how many frames.

`assets/face/thresholds.json` was made by ``kiosk face evaluate --table``. Why it looks like that: ADR 0018.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import ConfigurationError, FailureCode

SHIPPED_FILE: Final = Path(__file__).resolve().parents[3] / "assets" / "face" / "thresholds.json"
# Whatever changes a distance belongs in here: a table made on another pipeline is refused.
PIPELINE: Final = "dlib-resnet-v1 5-point grey mirror-mean centre-0.75 cosine"
CENTRE_WEIGHT: Final = 0.75
EMBEDDING_LENGTH: Final = 128

# A blind guess at four digits with three tries.
SESSION_RATE: Final = 3e-4
WEAKEST_SESSION_RATE: Final = 1 / 300
DEFAULT_TRIES: Final = 3
MOST_PROBES: Final = 5
# A mean of fewer is too near to each of them to be kept, and says too little to be relied on.
FEWEST_PEOPLE: Final = 50

_LARGEST_FILE: Final = 1_000_000
_ROUNDING: Final = 1 + 1e-9


def per_try(session_rate: float, tries: int) -> float:
    """The rate that each try may have so that all of them together keep to the session's.

    Its equal share: right for tries that have nothing to do with each other, and on the safe side for those
    of one stranger, which resemble each other.
    """
    return session_rate / tries


@dataclass(frozen=True, slots=True)
class Threshold:
    """The distance that goes with a false match rate of one comparison.

    `estimate` is what the pairs say; `threshold`, which is stricter, is what may be used. `counted` tells
    whether there were pairs enough to count, or only a curve that was drawn further.
    """

    rate: float
    threshold: float
    estimate: float
    counted: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Thresholds for a mean of so many frames, the weakest rate first."""

    probes: int
    people: int
    pairs_different: int
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class ThresholdTable:
    """What was measured on whom, and when."""

    origin: str
    made: str
    people: int
    images: int
    images_unusable: int
    mean: tuple[float, ...]
    rows: tuple[Row, ...]

    @property
    def centre(self) -> tuple[float, ...]:
        """What is subtracted from every embedding: three quarters of the mean of these people."""
        return tuple(CENTRE_WEIGHT * each for each in self.mean)

    def thresholds(self, rate: float) -> tuple[float, ...]:
        """For one to five frames, the thresholds of that rate a comparison, or of the next stricter one."""
        chosen = []
        for row in self.rows:
            fit = next((each for each in row.thresholds if each.rate <= rate * _ROUNDING), None)
            if fit is None:
                detail = f"the table of thresholds goes down to {row.thresholds[-1].rate:g} a comparison only"
                raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
            chosen.append(fit.threshold)
        return tuple(chosen)

    def as_dict(self) -> dict[str, object]:
        """For the file."""
        return {
            "pipeline": PIPELINE,
            "origin": self.origin,
            "made": self.made,
            "people": self.people,
            "images": self.images,
            "images_unusable": self.images_unusable,
            "rows": [
                {
                    "probes": row.probes,
                    "people": row.people,
                    "pairs_different": row.pairs_different,
                    "thresholds": [
                        {
                            "rate": each.rate,
                            "threshold": each.threshold,
                            "estimate": each.estimate,
                            "counted": each.counted,
                        }
                        for each in row.thresholds
                    ],
                }
                for row in self.rows
            ],
            "mean": list(self.mean),
        }


@functools.cache
def shipped_table() -> ThresholdTable:
    """The table that comes with the kiosk."""
    return load_table(str(SHIPPED_FILE))


def load_table(file: str) -> ThresholdTable:
    """Read a table; `ConfigurationError` where it is none, or not one for this pipeline."""
    path = Path(file)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise _bad(path, "it is far too large")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        detail = f"cannot read the table of thresholds {path.name}"
        raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=detail) from error
    except (ValueError, RecursionError) as error:
        raise _bad(path, "it is no JSON") from error
    if not isinstance(document, dict) or document.get("pipeline") != PIPELINE:
        raise _bad(path, "it was made for another way of comparing faces")
    try:
        table = _table(document)
    except (KeyError, TypeError, ValueError) as error:
        raise _bad(path, "something in it is missing or of the wrong kind") from error
    trouble = _trouble(table)
    if trouble:
        raise _bad(path, trouble)
    return table


def _table(document: dict[str, object]) -> ThresholdTable:
    rows = document["rows"]
    if not isinstance(rows, list):
        raise TypeError
    return ThresholdTable(
        origin=str(document["origin"]),
        made=str(document["made"]),
        people=_whole(document["people"]),
        images=_whole(document["images"]),
        images_unusable=_whole(document["images_unusable"]),
        mean=tuple(_number(each) for each in _items(document["mean"])),
        rows=tuple(_row(row) for row in rows),
    )


def _row(row: dict[str, object]) -> Row:
    return Row(
        _whole(row["probes"]),
        _whole(row["people"]),
        _whole(row["pairs_different"]),
        tuple(
            Threshold(
                _number(each["rate"]),
                _number(each["threshold"]),
                _number(each["estimate"]),
                each["counted"] is True,
            )
            for each in _items(row["thresholds"])
        ),
    )


def _trouble(table: ThresholdTable) -> str:
    if table.people < FEWEST_PEOPLE:
        return f"it rests on fewer than {FEWEST_PEOPLE} people"
    if len(table.mean) != EMBEDDING_LENGTH:
        return "its mean is no embedding"
    if [row.probes for row in table.rows] != list(range(1, MOST_PROBES + 1)):
        return f"it needs one row for each of 1 to {MOST_PROBES} frames"
    for row in table.rows:
        if not row.thresholds:
            return "a row has no thresholds"
        rates = [each.rate for each in row.thresholds]
        limits = [each.threshold for each in row.thresholds]
        falling = all(a > b for a, b in itertools.pairwise(rates))
        if not falling or any(a < b for a, b in itertools.pairwise(limits)):
            return "its thresholds do not become stricter with the rate"
        if not all(0 < each < 1 for each in (*rates, *limits)):
            return "a rate or a threshold is not between 0 and 1"
        if any(each.threshold > each.estimate for each in row.thresholds):
            return "a threshold is weaker than what its pairs say"
    return ""


def _items(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _bad(path: Path, why: str) -> ConfigurationError:
    detail = f"the table of thresholds {path.name} cannot be used: {why}"
    return ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
