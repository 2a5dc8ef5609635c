# SPDX-License-Identifier: Apache-2.0
"""Reads the three fields of one picture of a card's face: surely, or not at all.

Two ways of looking that know nothing of each other are asked: networks trained on single digits, which also
say how sure they are, and Tesseract, which reads lines. How sure the networks must be depends on whether
Tesseract says the same; where it says another on more than two digits of the dates, or on one of the code and
on any other, it is no reading. How many digits there are is counted apart from both, by the ink (`align`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.reader.surface.decide import Decision, Seen, decide, spoken_against, with_what_is_left_out
from kiosk.reader.surface.digits import DigitReader
from kiosk.reader.surface.fields import LAYOUTS, FieldLayout, FieldLines, field_lines, likeliest, possible
from kiosk.reader.surface.find import FoundCard, find_card
from kiosk.reader.surface.letters import BirthForm, Form, Letters, digit_strip, letters_of
from kiosk.reader.surface.ocr import LineReader, Script
from kiosk.reader.surface.parse import (
    Era,
    GregorianDate,
    eras_in,
    parse_birth,
)
from kiosk.reader.surface.ports import SurfaceHint
from kiosk.reader.surface.quality import what_spoils
from kiosk.secret import Secret

_NUMBER_LENGTH: Final = 14
_MOST_WAYS: Final = 2  # of looking at a card, by layout and which way up it lies
_WORST_FIT: Final = 18.0
_LEAST_MARGIN: Final = 0.3
_NO_FORM: Final = 1e6
_GREGORIAN_SURE: Final = 0.9
_MOST_CONTRADICTED: Final = 2  # digits; one of the code counts as two
_CODE_LENGTH: Final = 4
_ZERO: Final = 0x30
_FIRST_YEAR: Final = "元".encode()
_YEAR: Final = re.compile("([0-9]{1,2})年".encode())
_LONG_YEAR: Final = re.compile(
    "[0-9]{3}年".encode()
)  # no era has that many: a Western year, not all of it seen
_AT_LEAST, _CLEARLY, _AGAINST_TEXT = -0.5, 1.0, 2.0  # how much worse a year of another length must fit


class Opinion(Enum):
    """What Tesseract says about a digit."""

    AGREES = "agrees"
    SILENT = "silent"
    CONTRADICTS = "contradicts"


# How sure a digit must be, by what Tesseract says about it. Month and day stand there twice; the years once,
# but not every year can be; of the code nothing else is known, least where light fell on it or beside it.
TWICE: Final = {Opinion.AGREES: 0.8, Opinion.SILENT: 0.9, Opinion.CONTRADICTS: 0.96}
YEAR: Final = {Opinion.AGREES: 0.85, Opinion.SILENT: 0.93, Opinion.CONTRADICTS: 0.97}
CODE: Final = {Opinion.AGREES: 0.93, Opinion.SILENT: 0.95, Opinion.CONTRADICTS: 0.97}
CODE_IN_GLARE: Final = {Opinion.AGREES: 0.95, Opinion.SILENT: 0.96, Opinion.CONTRADICTS: 0.98}


class FaceReader:
    """Reads pictures one by one; keeps nothing of them.

    Lives on: any thread.
    """

    def __init__(
        self, lines: LineReader, digits: DigitReader, layouts: Sequence[FieldLayout] = LAYOUTS
    ) -> None:
        self._lines = lines
        self._digits = digits
        self._layouts = tuple(layouts)

    def read(self, frame: NDArray[np.uint8], today: date) -> Secret | SurfaceHint:
        """The fourteen digits on the card in that picture, or why not."""
        card = find_card(frame)
        if isinstance(card, SurfaceHint):
            return card
        ways = likeliest(card, self._layouts)
        try:
            tried: list[tuple[FoundCard, FieldLayout]] = []
            for face, layout in ways:
                lines = field_lines(face, layout)
                if lines is None:
                    continue
                try:
                    read = None
                    if possible(lines) and len(tried) < _MOST_WAYS:
                        tried.append((face, layout))
                        read = self._read_lines(lines, today)
                finally:
                    lines.wipe()
                if read is not None:
                    return read
            return what_spoils(*(tried or ways)[0])
        finally:
            card.wipe()
            for face, _ in ways:
                face.wipe()

    def _read_lines(self, lines: FieldLines, today: date) -> Secret | SurfaceHint | None:
        letters = letters_of(lines)
        if letters is None:
            return None
        text = bytearray()
        try:
            seen = self._seen(letters)
            if not _worth_reading(seen):
                return None
            text = self._lines.read_line(lines.birth.print, Script.BIRTH_LINE)
            return self._judge(lines, seen, text, today)
        finally:
            text[:] = bytes(len(text))
            letters.wipe()

    def _seen(self, letters: Letters) -> list[Seen]:
        """What the networks say; what stands in the same place in several forms is shown to them once."""
        lines = (letters.births, letters.expiries)
        windows = {
            (number, cell): window
            for number, forms in enumerate(lines)
            for form in forms
            for cell, window in zip(form.cells, form.windows, strict=True)
        }
        shown = np.stack(list(windows.values()))
        chances = dict(zip(windows, self._digits.probabilities(shown), strict=True))
        shown.fill(0)
        dates = [
            Seen(form, np.stack([chances[number, cell] for cell in form.cells]))
            for number, forms in enumerate(lines)
            for form in forms
        ]
        return [*dates, Seen(letters.code, self._digits.least(letters.code.windows))]

    def _judge(
        self, lines: FieldLines, seen: Sequence[Seen], text: bytearray, today: date
    ) -> Secret | SurfaceHint | None:
        *dates, code = seen
        expiries = [one for one in dates if one.form.form is BirthForm.EXPIRY]
        gregorian = [one for one in dates if one.form.form is BirthForm.GREGORIAN]
        in_an_era = with_what_is_left_out(
            [one for one in dates if one.form.form in (BirthForm.ERA, BirthForm.FIRST_YEAR)], gregorian
        )
        # the letter 元 is as wide as two digits that run into each other: it must be read as well
        births = [one for one in in_an_era if one.form.form is BirthForm.ERA or _FIRST_YEAR in text]
        eras = eras_in(text)
        foreign = _least_cost(gregorian) - _least_cost(births)
        if foreign < -_LEAST_MARGIN and not eras and _a_year(min(gregorian, key=_cost).chances):
            return SurfaceHint.GREGORIAN if _least_cost(gregorian) <= _WORST_FIT else None
        if not eras and _LONG_YEAR.search(text):
            return None
        if foreign < _LEAST_MARGIN or _least_cost(expiries) > _WORST_FIT or code.form.cost > _WORST_FIT:
            return None
        decision = decide(births, expiries, code, eras or frozenset(Era), today)
        if decision is None or spoken_against(decision):
            return None
        birth, expiry = births[decision.birth].form, expiries[decision.expiry].form
        if birth.cost > _WORST_FIT or _hidden(birth, expiry, code.form):
            return None
        first_year = birth.form is BirthForm.FIRST_YEAR
        if first_year is not (_FIRST_YEAR in text) or isinstance(parse_birth(text), GregorianDate):
            return None
        if not _year_is_whole(birth, in_an_era, decision, text):
            return None
        needed = [
            *[YEAR] * birth.parts[0],
            *[TWICE] * sum(birth.parts[1:]),
            *[YEAR] * 4,
            *(CODE_IN_GLARE if shone else CODE for shone in code.form.shone_on),
        ]
        strip = digit_strip(
            [(lines.birth, birth.cells), (lines.expiry, expiry.cells[:4]), (lines.code, code.form.cells)]
        )
        try:
            return _number(decision) if self._sure(decision, needed, strip) else None
        finally:
            strip.fill(0)

    def _sure(
        self, decision: Decision, needed: Sequence[Mapping[Opinion, float]], strip: NDArray[np.uint8]
    ) -> bool:
        """Whether each digit is sure enough for what Tesseract says about it."""
        if any(chance < of[Opinion.AGREES] for chance, of in zip(decision.sure, needed, strict=True)):
            return False
        text = self._lines.read_line(strip, Script.DIGITS)
        try:
            heard = opinions(text, decision.digits)
            contradicted = (*heard, *heard[-_CODE_LENGTH:]).count(Opinion.CONTRADICTS)
            return contradicted <= _MOST_CONTRADICTED and all(
                chance >= of[opinion]
                for chance, opinion, of in zip(decision.sure, heard, needed, strict=True)
            )
        finally:
            text[:] = bytes(len(text))


def _worth_reading(seen: Sequence[Seen]) -> bool:
    """Whether the text recognition can still make a reading of it, or of a Gregorian date that it is one."""
    *dates, code = seen
    gregorian, in_an_era = (
        _least_cost([one for one in dates if one.form.form is form])
        for form in (BirthForm.GREGORIAN, BirthForm.ERA)
    )
    if gregorian < in_an_era:
        return True
    return float(np.exp(code.logs().max(axis=1)).min()) >= CODE[Opinion.AGREES]


def _cost(seen: Seen) -> float:
    return seen.form.cost


def _least_cost(seen: Sequence[Seen]) -> float:
    return min(map(_cost, seen), default=_NO_FORM)


def _hidden(birth: Form, expiry: Form, code: Form) -> bool:
    """Whether light may hide one more digit.

    Month and day stand on the card twice: what the other line shows without light on it is enough.
    """
    if birth.hidden_year or expiry.hidden_year or code.hidden_year:
        return True
    return birth.hidden_day and (expiry.hidden_day or birth.parts[1:] != expiry.parts[1:])


def opinions(text: bytearray, digits: Sequence[int]) -> list[Opinion]:
    """What a line of recognised digits says about each of those digits."""
    if len(text) == len(digits):
        return [
            Opinion.AGREES if byte == _ZERO + digit else Opinion.CONTRADICTS
            for byte, digit in zip(text, digits, strict=True)
        ]
    # it has left some out, or seen some twice: the longest run of digits that both have, in order
    rows, columns = len(text), len(digits)
    common = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            if text[row] == _ZERO + digits[column]:
                common[row][column] = common[row + 1][column + 1] + 1
            else:
                common[row][column] = max(common[row + 1][column], common[row][column + 1])
    heard = [Opinion.SILENT] * columns
    row = column = 0
    while row < rows and column < columns:
        if text[row] == _ZERO + digits[column]:
            heard[column] = Opinion.AGREES
            row, column = row + 1, column + 1
        elif common[row + 1][column] >= common[row][column + 1]:
            row += 1
        else:
            column += 1
    return heard


def _a_year(chances: NDArray[np.float32]) -> bool:
    """Whether the first four digits begin as a year does."""
    return float(chances[0, 1:3].max()) >= _GREGORIAN_SURE


def _year_is_whole(chosen: Form, forms: Sequence[Seen], decision: Decision, text: bytearray) -> bool:
    """Whether the year has as many digits as were counted: nothing else on the card tells that.

    A digit is dropped sooner than made up, by the ink's form as by Tesseract. A year of one digit must
    therefore fit clearly better than one of two, more so where Tesseract read another year.
    """
    counted = chosen.parts[0]
    margins = {
        one.form.parts[0]: one.form.cost - chosen.cost
        for one in reversed(forms)  # the best of each last
        if one.form.parts[1:] == chosen.parts[1:]
        and one.form is not chosen
        and (counted == 0 or abs(one.form.parts[0] - counted) == 1)
    }
    if counted == 0:  # 元, which was read as well
        return all(margin >= -_AT_LEAST for margin in margins.values())
    read = _YEAR.search(text)
    spelt = bytes(_ZERO + digit for digit in decision.digits[:counted])
    if read is not None and read[1] == spelt:
        return all(margin >= _AT_LEAST for margin in margins.values())
    if counted == 1:
        needed = _CLEARLY if read is None else _AGAINST_TEXT
        return margins.get(2, _NO_FORM) >= needed and margins.get(0, _NO_FORM) >= -_CLEARLY
    return margins.get(counted - 1, _NO_FORM) >= 0


def _number(decision: Decision) -> Secret:
    number = Secret(_NUMBER_LENGTH)
    for value in (decision.year, decision.month, decision.day):
        number.append(_ZERO + value // 10)
        number.append(_ZERO + value % 10)
    for place in (1000, 100, 10, 1):
        number.append(_ZERO + decision.expiry_year // place % 10)
    for digit in decision.code:
        number.append(_ZERO + digit)
    return number
