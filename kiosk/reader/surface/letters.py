# SPDX-License-Identifier: Apache-2.0
"""What the three lines must be made of, and which of the possible forms the ink has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.reader.surface.align import Alignment, Glyph, aligned, column_ink
from kiosk.reader.surface.digits import digit_window
from kiosk.reader.surface.fields import LINE_HEIGHT, FieldLines

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]

# A kanji's full width, in columns of a line: its ink is a little less high than it is wide with its margins.
FULL_WIDTHS: Final = tuple(LINE_HEIGHT / 1.6 / 0.92 * share for share in (0.94, 1.0, 1.06))
_CODE_FULL_WIDTH: Final = LINE_HEIGHT / 1.6 / 0.74  # a line of digits alone is as high as its digits
_GAP: Final = 5  # columns between digits that are shown to the text recognition
_FIELD_GAP: Final = 26
_WHITE: Final = 245

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
    `cost` and `margin` say how well the form fits the ink, and how much worse the next one does.
    """

    form: BirthForm
    parts: tuple[int, int, int]
    windows: Floats
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


def letters_of(lines: FieldLines) -> Letters | None:
    """The digits of the three lines; None where the ink has no such form."""
    code_ink = column_ink(lines.code)
    code = aligned(code_ink, _YEAR_LETTERS, _CODE_FULL_WIDTH)
    expiry, full_width = _expiry(lines.expiry)
    if code is None or expiry is None:
        return None
    fits = _birth_fits(lines.birth, full_width)
    if len(fits) < 2:
        return None
    best, second = fits[:2]
    fields: list[tuple[Grey, Sequence[tuple[int, int]]]] = [
        (lines.birth, _digit_cells(best.glyphs, best.alignment)),
        (lines.expiry, expiry.cells[:4]),
        (lines.code, code.cells),
    ]
    cells = [(line, cell) for line, in_line in fields for cell in in_line]
    return Letters(
        form=best.form,
        parts=best.parts,
        windows=np.stack([digit_window(line, cell) for line, cell in cells]),
        strip=_strip(fields),
        cost=max(best.alignment.cost, expiry.cost, code.cost),
        margin=second.alignment.cost - best.alignment.cost,
    )


def _expiry(line: Grey) -> tuple[Alignment | None, float]:
    """Where the letters of 2030年3月27日まで有効 stand, and how wide a kanji is on this card."""
    ink = column_ink(line)
    best: Alignment | None = None
    best_width = FULL_WIDTHS[0]
    for full_width, month, day in product(FULL_WIDTHS, (1, 2), (1, 2)):
        glyphs = (*_YEAR_LETTERS, *_month_and_day(month, day), *(Glyph.KANA,) * 2, *(Glyph.KANJI,) * 2)
        fit = aligned(ink, glyphs, full_width)
        if fit is not None and (best is None or fit.cost < best.cost):
            best, best_width = fit, full_width
    return best, best_width


def _birth_fits(line: Grey, full_width: float) -> list[_Fit]:
    """The forms that the birth date's ink may have, the best first."""
    ink = column_ink(line)
    fits: list[_Fit] = []
    for month, day in product((1, 2), (1, 2)):
        rest = (*_month_and_day(month, day), Glyph.BORN)
        forms = [
            (BirthForm.ERA, 1, (Glyph.KANJI, Glyph.KANJI, Glyph.DIGIT)),
            (BirthForm.ERA, 2, (Glyph.KANJI, Glyph.KANJI, Glyph.DIGIT, Glyph.DIGIT)),
            (BirthForm.FIRST_YEAR, 0, (Glyph.KANJI, Glyph.KANJI, Glyph.FIRST)),
            (BirthForm.GREGORIAN, 4, _YEAR_LETTERS),
        ]
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


def _strip(fields: Sequence[tuple[Grey, Sequence[tuple[int, int]]]]) -> Grey:
    """All the digits in one line for the text recognition, a little apart from each other."""
    white = np.full((LINE_HEIGHT, _FIELD_GAP), _WHITE, dtype=np.uint8)
    pieces = [white]
    for line, cells in fields:
        for start, end in cells:
            pieces += [line[:, max(0, start - 1) : end + 1], white[:, :_GAP]]
        pieces.append(white)
    return np.hstack(pieces)
