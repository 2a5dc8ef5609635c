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

from kiosk.reader.surface.align import Alignment, Glyph, LineInk, aligned, column_ink
from kiosk.reader.surface.digits import digit_window
from kiosk.reader.surface.fields import LINE_HEIGHT, FieldLines, Line

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]

# A kanji's full width, in columns of a line: its ink is a little less high than it is wide with its margins.
FULL_WIDTHS: Final = tuple(LINE_HEIGHT / 1.6 / 0.92 * share for share in (0.82, 0.88, 0.94, 1.0, 1.06))
_USUAL: Final = 3
CODE_FULL_WIDTH: Final = LINE_HEIGHT / 1.6 / 0.74  # a line of digits alone is as high as its digits
_GAP: Final = 5  # columns between digits that are shown to the text recognition
_FIELD_GAP: Final = 26
_WHITE: Final = 245
_ABOVE: Final = 10  # rows of a line above and below its letters
_MOST_GLARE: Final = 0.04  # of a digit's cell
_SHONE_ON: Final = 0.015  # of a digit's cell and what is beside it: a part of it may lie in the light
_BESIDE: Final = 5  # columns
_DIGIT_FITS: Final = 0.3  # of a kanji's width between two letters

_FAR_WORSE: Final = 12.0
_AS_GOOD: Final = 0.5

_YEAR_LETTERS: Final = (Glyph.DIGIT,) * 4
_VALID_UNTIL: Final = (Glyph.KANA, Glyph.KANA, Glyph.KANJI, Glyph.KANJI)


class BirthForm(StrEnum):
    """How a date is printed."""

    ERA = "era"
    FIRST_YEAR = "first_year"  # of an era: 元年
    GREGORIAN = "gregorian"
    EXPIRY = "expiry"  # of the expiry line, and of the code as far as it goes


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One form that a line's ink may have, with the digits cut out as the networks see them.

    `parts` says how many digits year, month and day have (the year none where it is 元). `shone_on` says on
    which digits light fell; `hidden_year` and `hidden_day` that it fell where one more could stand unseen.
    """

    form: BirthForm
    parts: tuple[int, int, int]
    cost: float
    cells: tuple[tuple[int, int], ...]
    windows: Floats
    shone_on: tuple[bool, ...]
    hidden_year: bool
    hidden_day: bool

    def wipe(self) -> None:
        """Overwrite the pictures."""
        self.windows.fill(0)

    def __repr__(self) -> str:
        return "Form(…)"


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """The forms that the three lines may have, those first that fit best."""

    births: tuple[Form, ...]
    expiries: tuple[Form, ...]
    code: Form

    def wipe(self) -> None:
        """Overwrite the pictures."""
        for form in (*self.births, *self.expiries, self.code):
            form.wipe()

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
    code = aligned(column_ink(lines.code.print), _YEAR_LETTERS, CODE_FULL_WIDTH)
    expiries, full_width = _expiry_fits(lines.expiry.print)
    # both dates are printed in one size of type, however high dirt makes one of the lines
    birth_width = full_width * lines.birth.scale / lines.expiry.scale
    births = _birth_fits(lines.birth.print, birth_width)
    if code is None or not expiries or not births:
        return None
    code_fit = _Fit(BirthForm.EXPIRY, (4, 0, 0), _YEAR_LETTERS, code)
    return Letters(
        births=tuple(_form(lines.birth, fit, birth_width) for fit in _near(births)),
        expiries=tuple(_form(lines.expiry, fit, full_width) for fit in _near(expiries)),
        code=_form(lines.code, code_fit, CODE_FULL_WIDTH),
    )


def digit_strip(fields: Sequence[tuple[Line, Sequence[tuple[int, int]]]]) -> Grey:
    """All those digits in one line for the text recognition, a little apart from each other."""
    white = np.full((LINE_HEIGHT, _FIELD_GAP), _WHITE, dtype=np.uint8)
    pieces = [white]
    for line, cells in fields:
        for start, end in cells:
            pieces += [line.print[:, max(0, start - 1) : end + 1], white[:, :_GAP]]
        pieces.append(white)
    return np.hstack(pieces)


def _near(fits: list[_Fit]) -> list[_Fit]:
    """Those that fit about as well as the best."""
    best = min(fit.alignment.cost for fit in fits)
    return sorted((f for f in fits if f.alignment.cost <= best + _FAR_WORSE), key=lambda f: f.alignment.cost)


def _form(line: Line, fit: _Fit, full_width: float) -> Form:
    cells = [
        cell for glyph, cell in zip(fit.glyphs, fit.alignment.cells, strict=True) if glyph is Glyph.DIGIT
    ]
    # up to the letter behind the year, and from there to the last day
    end_of_year = fit.glyphs.index(Glyph.YEAR) + 1 if Glyph.YEAR in fit.glyphs else len(fit.glyphs)
    end_of_day = fit.glyphs.index(Glyph.DAY) + 1 if Glyph.DAY in fit.glyphs else len(fit.glyphs)
    all_cells = fit.alignment.cells
    # then what is taken for the letter behind the year may be a digit, and light on that letter a gap
    one_digit = fit.parts[0] < 2
    return Form(
        form=fit.form,
        parts=fit.parts,
        cost=fit.alignment.cost,
        cells=tuple(cells),
        windows=np.stack([digit_window(line.print, line.glare, cell) for cell in cells]),
        shone_on=tuple(_glare_share(line.glare, _with_room(cell)) > _SHONE_ON for cell in cells),
        hidden_year=_may_hide(line.glare, all_cells[: end_of_year + one_digit], full_width)
        or (one_digit and _may_hide_beside(line.glare, all_cells[:end_of_year])),
        hidden_day=_may_hide(line.glare, all_cells[end_of_year - 1 : end_of_day], full_width),
    )


def _expiry_fits(line: Grey) -> tuple[list[_Fit], float]:
    """The forms that 2030年3月27日まで有効 may have, and how wide a kanji is on this card."""
    ink = LineInk(column_ink(line))
    usual = FULL_WIDTHS[_USUAL]

    def fits(full_width: float, counts: Sequence[tuple[int, int]]) -> list[_Fit]:
        found = []
        for month, day in counts:
            glyphs = (*_YEAR_LETTERS, *_month_and_day(month, day), *_VALID_UNTIL)
            if (fit := ink.aligned(glyphs, full_width)) is not None:
                found.append(_Fit(BirthForm.EXPIRY, (4, month, day), glyphs, fit))
        return found

    counts = list(product((1, 2), (1, 2)))
    first = fits(usual, counts)
    if not first:
        return [], usual
    likeliest = min(first, key=lambda fit: fit.alignment.cost).parts[1:]
    costs = {width: one[0].alignment.cost for width in FULL_WIDTHS if (one := fits(width, [likeliest]))}
    # letters may be narrower than they could be, not wider: the least width that fits is the right one
    width = min(width for width, cost in costs.items() if cost <= min(costs.values()) + _AS_GOOD)
    return (first if width == usual else fits(width, counts)), width


def _birth_fits(line: Grey, full_width: float) -> list[_Fit]:
    """The forms that the birth date's ink may have."""
    ink = LineInk(column_ink(line))
    fits: list[_Fit] = []
    for month, day in product((1, 2), (1, 2)):
        rest = (*_month_and_day(month, day), Glyph.BORN)
        forms: list[tuple[BirthForm, int, tuple[Glyph, ...]]] = [
            (BirthForm.ERA, 1, (Glyph.KANJI, Glyph.KANJI, Glyph.DIGIT)),
            (BirthForm.ERA, 2, (Glyph.KANJI, Glyph.KANJI, Glyph.DIGIT, Glyph.DIGIT)),
            (BirthForm.FIRST_YEAR, 0, (Glyph.KANJI, Glyph.KANJI, Glyph.FIRST)),
            (BirthForm.GREGORIAN, 4, _YEAR_LETTERS),
        ]
        for form, year, start in forms:
            glyphs = (*start, *rest)
            fit = ink.aligned(glyphs, full_width)
            if fit is not None:
                fits.append(_Fit(form, (year, month, day), glyphs, fit))
    return fits


def _month_and_day(month: int, day: int) -> tuple[Glyph, ...]:
    return (Glyph.YEAR, *(Glyph.DIGIT,) * month, Glyph.MONTH, *(Glyph.DIGIT,) * day, Glyph.DAY)


def _may_hide(glare: Grey, cells: Sequence[tuple[int, int]], full_width: float) -> bool:
    """Whether light fell between two letters that stand so far apart that a digit fits in between."""
    gaps = [(end, start) for (_, end), (start, _) in pairwise(cells)]
    return any(
        start - end > _DIGIT_FITS * full_width and _glare_share(glare, (end, start)) > _MOST_GLARE
        for end, start in gaps
    )


def _may_hide_beside(glare: Grey, cells: Sequence[tuple[int, int]]) -> bool:
    """Whether what light fell on, around a year of one digit, can be a digit and a piece of a letter."""
    return any(_glare_share(glare, cell) > _MOST_GLARE for cell in cells[1:])


def _with_room(cell: tuple[int, int]) -> tuple[int, int]:
    return max(0, cell[0] - _BESIDE), cell[1] + _BESIDE


def _glare_share(glare: Grey, cell: tuple[int, int]) -> float:
    return float(np.count_nonzero(glare[_ABOVE:-_ABOVE, cell[0] : cell[1]] > 127)) / (
        (cell[1] - cell[0]) * (LINE_HEIGHT - 2 * _ABOVE)
    )
