# SPDX-License-Identifier: Apache-2.0
"""Reads the three fields of one picture of a card's face: surely, or not at all.

Two ways of looking that know nothing of each other are asked: networks trained on single digits, which also
say how sure they are, and Tesseract, which reads lines. How sure the networks must be depends on whether
Tesseract says the same; more than one digit on which it says another is no reading. How many digits there are
is counted apart from both, by the ink (`align`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.reader.surface.digits import DigitReader
from kiosk.reader.surface.fields import LAYOUTS, FieldLayout, FieldLines, field_lines, likeliest, possible
from kiosk.reader.surface.find import FoundCard, find_card
from kiosk.reader.surface.letters import BirthForm, Letters, letters_of
from kiosk.reader.surface.ocr import LineReader, Script
from kiosk.reader.surface.parse import (
    Era,
    EraDate,
    GregorianDate,
    eras_in,
    is_birth_date,
    is_expiry_year,
    parse_birth,
)
from kiosk.reader.surface.ports import SurfaceHint
from kiosk.reader.surface.quality import what_spoils
from kiosk.secret import Secret

_NUMBER_LENGTH: Final = 14
_MOST_WAYS: Final = 2  # of looking at a card, by layout and which way up it lies
_WORST_FIT: Final = 18.0
_LEAST_MARGIN: Final = 0.3
_GREGORIAN_SURE: Final = 0.9
_MOST_CONTRADICTED: Final = 1
_ZERO: Final = 0x30
_FIRST_YEAR: Final = "元".encode()


class Opinion(Enum):
    """What Tesseract says about a digit."""

    AGREES = "agrees"
    SILENT = "silent"
    CONTRADICTS = "contradicts"


# How sure the networks must be of a digit, by what Tesseract says about it.
SURE: Final = {Opinion.AGREES: 0.7, Opinion.SILENT: 0.93, Opinion.CONTRADICTS: 0.98}
SURE_IN_GLARE: Final = {Opinion.AGREES: 0.95, Opinion.SILENT: 0.98, Opinion.CONTRADICTS: 2.0}


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
        text = self._lines.read_line(lines.birth.print, Script.BIRTH_LINE)
        letters = letters_of(lines, first_year=_FIRST_YEAR in text)
        try:
            if letters is None or letters.cost > _WORST_FIT or letters.margin < _LEAST_MARGIN:
                return None
            chances = self._digits.probabilities(letters.windows)
            if letters.form is BirthForm.GREGORIAN:
                return None if eras_in(text) or not _a_year(chances) else SurfaceHint.GREGORIAN
            if letters.hidden or not self._sure(letters, chances):
                return None
            digits = bytearray(chances.argmax(axis=1).astype(np.uint8).tobytes())
            try:
                return _put_together(letters, digits, text, today)
            finally:
                digits[:] = bytes(len(digits))
        finally:
            text[:] = bytes(len(text))
            if letters is not None:
                letters.wipe()

    def _sure(self, letters: Letters, chances: NDArray[np.float32]) -> bool:
        """Whether each digit is sure enough for what Tesseract says about it."""
        surest = chances.max(axis=1)
        if float(surest.min()) < SURE[Opinion.AGREES]:
            return False
        text = self._lines.read_line(letters.strip, Script.DIGITS)
        try:
            heard = opinions(text, chances.argmax(axis=1).tolist())
            return heard.count(Opinion.CONTRADICTS) <= _MOST_CONTRADICTED and all(
                float(chance) >= (SURE_IN_GLARE if shone_on else SURE)[opinion]
                for chance, opinion, shone_on in zip(surest, heard, letters.shone_on, strict=True)
            )
        finally:
            text[:] = bytes(len(text))


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


def _put_together(letters: Letters, digits: bytearray, text: bytearray, today: date) -> Secret | None:
    """The number, where the digits are a birth date in an era, a year of expiry and a code."""
    year_digits, month_digits, day_digits = letters.parts
    numbers: list[int] = []
    at = 0
    for count in (year_digits, month_digits, day_digits, 4):
        value = 0
        for digit in digits[at : at + count]:
            value = 10 * value + digit
        numbers.append(value)
        at += count
    year, month, day, expiry = numbers
    read = parse_birth(text)
    if letters.form is BirthForm.FIRST_YEAR:
        year = 1
        if not isinstance(read, EraDate) or (read.year, read.month, read.day) != (year, month, day):
            return None
    elif _FIRST_YEAR in text or isinstance(read, GregorianDate):
        return None
    birth = EraDate(eras_in(text) or frozenset(Era), year, month, day)
    if not is_birth_date(birth, today) or not is_expiry_year(expiry, today):
        return None
    number = Secret(_NUMBER_LENGTH)
    for value in (year, month, day):
        number.append(_ZERO + value // 10)
        number.append(_ZERO + value % 10)
    for digit in digits[at - 4 : at + 4]:
        number.append(_ZERO + digit)
    if len(number) == _NUMBER_LENGTH:
        return number
    number.clear()
    return None
