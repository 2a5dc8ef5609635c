# SPDX-License-Identifier: Apache-2.0
"""Lays the letters that a date must have over the ink of its line, and finds where each digit stands.

Text recognition drops a letter now and then, most often one of two ones. What a line holds is therefore
counted here, by the widths of letters alone and whatever the typeface: digits are about half as wide as
kanji, and no ink may be left over.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float64]

_EMPTY: Final = 0.02  # of a column's height in ink: what blur and noise leave between letters
_CUT: Final = 6.0  # how much worse it is to cut through ink than to leave it over
_HOLE: Final = 0.30  # what an empty column inside of a letter that has none costs
_LEAST_INK: Final = 1.0  # of any letter, summed over its columns; a thin 1 has twice that
_BARE_EDGE: Final = 1.0
_FAR: Final = 1e9


class Glyph(Enum):
    """A letter: what it is, the least and most width of its ink in full widths, whether it has a gap."""

    DIGIT = ("0", 0.10, 0.60, False)
    KANJI = ("漢", 0.72, 1.04, True)
    YEAR = ("年", 0.72, 1.02, False)
    MONTH = ("月", 0.52, 0.92, False)
    DAY = ("日", 0.52, 0.88, False)
    BORN = ("生", 0.72, 1.02, False)
    FIRST = ("元", 0.72, 1.02, False)
    KANA = ("ま", 0.60, 1.00, True)

    def __init__(self, letter: str, least: float, most: float, gap: bool) -> None:  # noqa: FBT001
        self.letter = letter
        self.least = least
        self.most = most
        self.gap = gap


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where each letter begins and ends, in columns, and how badly it fits: 0 is perfect."""

    cells: tuple[tuple[int, int], ...]
    cost: float


def column_ink(line: Grey) -> Floats:
    """How much ink each column has, 0 to 1."""
    ink = (255.0 - line) / 255.0
    paper = float(np.percentile(ink, 25))
    return np.asarray(np.clip(ink - paper - 0.04, 0, 1).mean(axis=0), dtype=np.float64)


def aligned(ink: Floats, glyphs: tuple[Glyph, ...], full_width: float) -> Alignment | None:
    """The best way to lay those letters over the line; None where the line is too short for them."""
    columns = len(ink)
    total = np.concatenate(([0.0], np.cumsum(ink)))
    empty = np.concatenate(([0], np.cumsum(ink < _EMPTY)))
    cut = np.concatenate(([0.0], np.minimum(ink[:-1], ink[1:]), [0.0])) * _CUT
    bare = np.where(ink < _EMPTY, _BARE_EDGE, 0.0)  # a letter begins and ends with ink
    # `ends[x]`: the least cost of all letters so far, the last of them ending at or before column x
    ends = total.copy()
    traces: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for glyph in glyphs:
        least, most = max(2, round(glyph.least * full_width)), round(glyph.most * full_width)
        best = np.full(columns + 1, _FAR)
        widths = np.zeros(columns + 1, dtype=np.int64)
        for width in range(least, min(most, columns) + 1):
            starts = columns + 1 - width
            cost = ends[:starts] + cut[:starts] + cut[width:] + bare[:starts] + bare[width - 1 :]
            if not glyph.gap:
                cost = cost + _HOLE * (empty[width:] - empty[:starts])
            else:
                # a gap inside is right only where there is ink on both sides of it
                cost = cost + _HOLE * 0.02 * (empty[width:] - empty[:starts])
            cost = np.where(total[width:] - total[:starts] < _LEAST_INK, _FAR, cost)
            better = cost < best[width:]
            best[width:][better] = cost[better]
            widths[width:][better] = width
        # moving on over columns that belong to no letter costs their ink
        reach = best - total
        at = np.arange(columns + 1)
        lowest = np.minimum.accumulate(reach)
        first = np.maximum.accumulate(np.where(reach <= lowest, at, 0))
        traces.append((widths, first))
        ends = lowest + total
    total_cost = float(ends[columns])
    if total_cost >= _FAR / 2:
        return None
    cells: list[tuple[int, int]] = []
    x = columns
    for widths, first in reversed(traces):
        end = int(first[x])
        start = end - int(widths[end])
        cells.append((start, end))
        x = start
    return Alignment(tuple(reversed(cells)), total_cost)
