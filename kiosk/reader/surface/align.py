# SPDX-License-Identifier: Apache-2.0
"""Lays the letters that a date must have over the ink of its line, and finds where each digit stands.

Text recognition drops a letter now and then, most often one of two ones. What a line holds is therefore
counted here, by the widths of letters alone and whatever the typeface: digits are about half as wide as
kanji, and no ink may be left over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float64]

_EMPTY: Final = 0.02  # of a column's height in ink: what blur and noise leave between letters
_CUT: Final = 6.0  # how much worse it is to cut through ink than to leave it over
_HOLE: Final = 0.30  # what an empty column inside of a letter that has none costs
_LEAST_INK: Final = 1.0  # of any letter, summed over its columns; a thin 1 has twice that
_GAP_ALLOWED: Final = 0.02  # of that, where a letter has gaps
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


class LineInk:
    """The ink of one line, over which many forms are laid; what does not depend on the form is found once."""

    def __init__(self, ink: Floats) -> None:
        self._ink = ink
        self._total = np.concatenate(([0.0], np.cumsum(ink)))
        self._empty = np.concatenate(([0], np.cumsum(ink < _EMPTY)))
        self._cut = np.concatenate(([0.0], np.minimum(ink[:-1], ink[1:]), [0.0])) * _CUT
        self._bare = np.where(ink < _EMPTY, _BARE_EDGE, 0.0)  # a letter begins and ends with ink
        self._own: dict[tuple[Glyph, float], tuple[Floats, int]] = {}

    def aligned(self, glyphs: Sequence[Glyph], full_width: float) -> Alignment | None:
        """The best way to lay those letters over the line; None where it is too short for them."""
        columns = len(self._ink)
        at = np.arange(columns + 1)
        # `ends[x]`: the least cost of all letters so far, the last of them ending at or before column x
        ends = self._total.copy()
        traces: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        for glyph in glyphs:
            own, least = self._own_costs(glyph, full_width)
            if not len(own):
                return None
            before = np.concatenate((np.full(least + len(own) - 1, _FAR), ends))
            # a row for each width: what it cost up to where a letter of that width began
            starts = sliding_window_view(before, columns + 1)[: len(own)][::-1]
            costs = starts + own
            best = costs.min(axis=0)
            widths = costs.argmin(axis=0) + least
            # moving on over columns that belong to no letter costs their ink
            reach = best - self._total
            lowest = np.minimum.accumulate(reach)
            traces.append((widths, np.maximum.accumulate(np.where(reach <= lowest, at, 0))))
            ends = lowest + self._total
        cost = float(ends[columns])
        if cost >= _FAR / 2:
            return None
        cells: list[tuple[int, int]] = []
        x = columns
        for widths, first in reversed(traces):
            end = int(first[x])
            start = end - int(widths[end])
            cells.append((start, end))
            x = start
        return Alignment(tuple(reversed(cells)), cost)

    def _own_costs(self, glyph: Glyph, full_width: float) -> tuple[Floats, int]:
        """What it costs by itself: a row for each width from the least on, a column for where it ends."""
        known = self._own.get((glyph, full_width))
        if known is not None:
            return known
        columns = len(self._ink)
        least = max(2, round(glyph.least * full_width))
        most = min(round(glyph.most * full_width), columns)
        own = np.full((max(0, most - least + 1), columns + 1), _FAR)
        hole = _HOLE * (_GAP_ALLOWED if glyph.gap else 1)
        for row, width in enumerate(range(least, most + 1)):
            begin = columns + 1 - width
            cost = self._cut[:begin] + self._cut[width:] + self._bare[:begin] + self._bare[width - 1 :]
            cost = cost + hole * (self._empty[width:] - self._empty[:begin])
            own[row, width:] = np.where(self._total[width:] - self._total[:begin] < _LEAST_INK, _FAR, cost)
        self._own[glyph, full_width] = own, least
        return own, least


def aligned(ink: Floats, glyphs: Sequence[Glyph], full_width: float) -> Alignment | None:
    """The best way to lay those letters over that ink; None where the line is too short for them."""
    return LineInk(ink).aligned(glyphs, full_width)
