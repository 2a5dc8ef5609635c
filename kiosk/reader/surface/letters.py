# SPDX-License-Identifier: Apache-2.0
"""What the three lines must be made of, and which of the possible forms the ink has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.reader.surface.align import Alignment, Glyph, aligned, column_ink
from kiosk.reader.surface.digits import digit_window
from kiosk.reader.surface.fields import LINE_HEIGHT, FieldLines, Line

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]

# A kanji's full width, in columns of a line: its ink is a little less high than it is wide with its margins.
FULL_WIDTHS: Final = tuple(LINE_HEIGHT / 1.6 / 0.92 * share for share in (0.94, 1.0, 1.06))
_CODE_FULL_WIDTH: Final = LINE_HEIGHT / 1.6 / 0.74  # a line of digits alone is as high as its digits
_GAP: Final = 5  # columns between digits that are shown to the text recognition
_FIELD_GAP: Final = 26
_WHITE: Final = 245
_ABOVE: Final = 10  # rows of a line above and below its letters
_MOST_GLARE: Final = 0.04  # of a digit's cell
_DIGIT_FITS: Final = 0.3  # of a kanji's width between two letters

_YEAR_LETTERS: Final = (Glyph.DIGIT,) * 4


class BirthForm(StrEnum):
    """How the birth date is printed."""

    ERA = "era"
    FIRST_YEAR = "first_year"  # of an era: 元年
    GREGORIAN = "gregorian"


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """The digits of the three lines, cut out, in order: birth date, expiry year, security code.

    `parts` says how many digits year, month and day of the birth date have (the year none where it is 元).
    `shone_on` says on which of them light fell, `hidden` that it fell where one more could stand unseen;
    `cost` and `margin` how well the form fits the ink, and how much worse the next one does.
    """

    form: BirthForm
    parts: tuple[int, int, int]
    windows: Floats
    shone_on: tuple[bool, ...]
    hidden: bool
    strip: Grey
    cost: float
    margin: float

    def wipe(self) -> None:
        """Overwrite the pictures."""
        self.windows.fill(0)
        self.strip.fill(0)

    def __repr__(self) -> str:
        return "Letters(…)"


@dataclass(frozen=True, slots=True)
class _Fit:
    form: BirthForm
    parts: tuple[int, int, int]
    glyphs: tuple[Glyph, ...]
    alignment: Alignment


def letters_of(lines: FieldLines, *, first_year: bool = False) -> Letters | None:
    """The digits of the three lines; None where the ink has no such form.

    The letter 元 is as wide as two digits that run into each other: it is looked for only where it was read.
    """
    code = aligned(column_ink(lines.code.print), _YEAR_LETTERS, _CODE_FULL_WIDTH)
    expiry, full_width = _expiry(lines.expiry.print)
    if code is None or expiry is None:
        return None
    fits = _birth_fits(lines.birth.print, full_width, first_year=first_year)
    if len(fits) < 2:
        return None
    best, second = fits[:2]
    fields: list[tuple[Line, Sequence[tuple[int, int]]]] = [
        (lines.birth, _digit_cells(best.glyphs, best.alignment)),
        (lines.expiry, expiry.cells[:4]),
        (lines.code, code.cells),
    ]
    cells = [(line, cell) for line, in_line in fields for cell in in_line]
    return Letters(
        form=best.form,
        parts=best.parts,
        windows=np.stack([digit_window(line.print, cell) for line, cell in cells]),
        shone_on=tuple(_glare_share(line.glare, cell) > _MOST_GLARE for line, cell in cells),
        hidden=(
            _may_hide(lines.birth.glare, best.alignment.cells, full_width)
            or _may_hide(lines.expiry.glare, expiry.cells[:5], full_width)
            or _may_hide(lines.code.glare, code.cells, _CODE_FULL_WIDTH)
        ),
        strip=_strip(fields),
        cost=max(best.alignment.cost, expiry.cost, code.cost),
        margin=second.alignment.cost - best.alignment.cost,
    )


def _expiry(line: Grey) -> tuple[Alignment | None, float]:
    """Where the letters of 2030年3月27日まで有効 stand, and how wide a kanji is on this card."""
    ink = column_ink(line)
    narrow, usual, wide = FULL_WIDTHS
    forms = [
        (*_YEAR_LETTERS, *_month_and_day(month, day), *(Glyph.KANA,) * 2, *(Glyph.KANJI,) * 2)
        for month, day in product((1, 2), (1, 2))
    ]
    fits = [(fit, glyphs, usual) for glyphs in forms if (fit := aligned(ink, glyphs, usual)) is not None]
    if not fits:
        return None, usual
    glyphs = min(fits, key=lambda one: one[0].cost)[1]
    fits += [
        (fit, glyphs, width) for width in (narrow, wide) if (fit := aligned(ink, glyphs, width)) is not None
    ]
    best, _, full_width = min(fits, key=lambda one: one[0].cost)
    return best, full_width


def _birth_fits(line: Grey, full_width: float, *, first_year: bool) -> list[_Fit]:
    """The forms that the birth date's ink may have, the best first."""
    ink = column_ink(line)
    fits: list[_Fit] = []
    for month, day in product((1, 2), (1, 2)):
        rest = (*_month_and_day(month, day), Glyph.BORN)
        forms: list[tuple[BirthForm, int, tuple[Glyph, ...]]] = [
            (BirthForm.ERA, 1, (Glyph.KANJI, Glyph.KANJI, Glyph.DIGIT)),
            (BirthForm.ERA, 2, (Glyph.KANJI, Glyph.KANJI, Glyph.DIGIT, Glyph.DIGIT)),
            (BirthForm.GREGORIAN, 4, _YEAR_LETTERS),
        ]
        if first_year:
            forms.append((BirthForm.FIRST_YEAR, 0, (Glyph.KANJI, Glyph.KANJI, Glyph.FIRST)))
        for form, year, start in forms:
            glyphs = (*start, *rest)
            fit = aligned(ink, glyphs, full_width)
            if fit is not None:
                fits.append(_Fit(form, (year, month, day), glyphs, fit))
    fits.sort(key=lambda one: one.alignment.cost)
    return fits


def _month_and_day(month: int, day: int) -> tuple[Glyph, ...]:
    return (Glyph.YEAR, *(Glyph.DIGIT,) * month, Glyph.MONTH, *(Glyph.DIGIT,) * day, Glyph.DAY)


def _digit_cells(glyphs: tuple[Glyph, ...], fit: Alignment) -> list[tuple[int, int]]:
    return [cell for glyph, cell in zip(glyphs, fit.cells, strict=True) if glyph is Glyph.DIGIT]


def _may_hide(glare: Grey, cells: Sequence[tuple[int, int]], full_width: float) -> bool:
    """Whether light fell between two letters that stand so far apart that a digit fits in between."""
    gaps = [(end, start) for (_, end), (start, _) in pairwise(cells)]
    return any(
        start - end > _DIGIT_FITS * full_width and _glare_share(glare, (end, start)) > _MOST_GLARE
        for end, start in gaps
    )


def _glare_share(glare: Grey, cell: tuple[int, int]) -> float:
    return float(np.count_nonzero(glare[_ABOVE:-_ABOVE, cell[0] : cell[1]] > 127)) / (
        (cell[1] - cell[0]) * (LINE_HEIGHT - 2 * _ABOVE)
    )


def _strip(fields: Sequence[tuple[Line, Sequence[tuple[int, int]]]]) -> Grey:
    """All the digits in one line for the text recognition, a little apart from each other."""
    white = np.full((LINE_HEIGHT, _FIELD_GAP), _WHITE, dtype=np.uint8)
    pieces = [white]
    for line, cells in fields:
        for start, end in cells:
            pieces += [line.print[:, max(0, start - 1) : end + 1], white[:, :_GAP]]
        pieces.append(white)
    return np.hstack(pieces)
