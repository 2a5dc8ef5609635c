# SPDX-License-Identifier: Apache-2.0
"""Digits are counted by their ink before anything reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kiosk.reader.surface.align import Glyph, aligned, column_ink
from kiosk.reader.surface.fields import LAYOUTS, LINE_HEIGHT, FieldLines, Line, field_lines
from kiosk.reader.surface.find import FoundCard, find_card
from kiosk.reader.surface.letters import BirthForm, Letters, letters_of
from kiosk.simulator.patients.people import patient
from kiosk.simulator.surface_card.face import DateForm, Padding, Typeface, draw_card, face_of
from kiosk.simulator.surface_card.spoiling import Spoiling, spoil

TODAY = date(2026, 6, 1)


def lines_of(
    birth: date,
    form: DateForm = DateForm.ERA,
    padding: Padding = Padding.NONE,
    typeface: Typeface = Typeface.BIZ_UD,
) -> FieldLines:
    face = replace(face_of(patient("hanako"), TODAY, form), birth=birth, padding=padding)
    found = find_card(spoil(draw_card(face, typeface=typeface), Spoiling(tilt=2, blur=1, seed=3)))
    assert isinstance(found, FoundCard)
    lines = field_lines(found, LAYOUTS[0]) if _upright(found) else field_lines(found.turned(), LAYOUTS[0])
    assert lines is not None
    return lines


def letters(
    birth: date,
    form: DateForm = DateForm.ERA,
    padding: Padding = Padding.NONE,
    typeface: Typeface = Typeface.BIZ_UD,
) -> Letters:
    read = letters_of(lines_of(birth, form, padding, typeface))
    assert read is not None
    return read


def _upright(found: FoundCard) -> bool:
    left, right = found.image[260:560, 60:280], found.image[78:378, 731:951]
    return float(left.mean()) < float(right.mean())


@pytest.mark.parametrize("typeface", Typeface)
@pytest.mark.parametrize(
    ("birth", "parts"),
    [
        (date(1976, 3, 27), (2, 1, 2)),
        (date(1936, 11, 11), (2, 2, 2)),
        (date(1936, 1, 1), (2, 1, 1)),
        (date(1999, 11, 1), (2, 2, 1)),
        (date(1996, 1, 11), (1, 1, 2)),
    ],
)
def test_two_ones_are_two(birth: date, parts: tuple[int, int, int], typeface: Typeface) -> None:
    read = letters(birth, typeface=typeface)
    assert (read.births[0].form, read.births[0].parts) == (BirthForm.ERA, parts)
    assert all(one.cost > read.births[0].cost + 0.3 for one in read.births[1:] if one.form is BirthForm.ERA)
    assert [len(one.windows) for one in (read.births[0], read.code)] == [sum(parts), 4]


def test_padding_is_seen_as_what_it_is() -> None:
    assert letters(date(1990, 3, 4), padding=Padding.SPACE).births[0].parts == (1, 1, 1)
    assert letters(date(1990, 3, 4), padding=Padding.ZERO).births[0].parts == (2, 2, 2)


def test_an_eras_first_year_and_a_gregorian_year() -> None:
    assert letters(date(1989, 3, 4)).births[0].form is BirthForm.FIRST_YEAR
    assert letters(date(1976, 3, 4), DateForm.GREGORIAN).births[0].form is BirthForm.GREGORIAN


@pytest.mark.parametrize(("birth", "hides_a_year"), [(date(1990, 3, 4), True), (date(1976, 3, 4), False)])
def test_light_behind_a_year_of_one_digit_may_hide_another(birth: date, *, hides_a_year: bool) -> None:
    # what is taken for the letter behind the year may be its second digit, and the letter lie in the light
    lines = lines_of(birth, padding=Padding.SPACE)
    (dark, *_) = letters_of(lines).births  # type: ignore[union-attr]
    assert dark.parts == (1 if hides_a_year else 2, 1, 1)
    assert not dark.hidden_year
    month = dark.cells[dark.parts[0]][0]
    lines.birth.glare[:, month - 16 : month - 2] = 255
    (lit, *_) = letters_of(lines).births  # type: ignore[union-attr]
    assert lit.parts == dark.parts
    assert (lit.hidden_year, lit.hidden_day) == (hides_a_year, True)


def test_ink_that_no_letter_explains_is_paid_for() -> None:
    ink = np.zeros(200)
    ink[20:40] = ink[50:70] = 0.3
    two = aligned(ink, (Glyph.DIGIT, Glyph.DIGIT), 42)
    assert two is not None
    assert two.cells == ((20, 40), (50, 70))
    one = aligned(ink, (Glyph.DIGIT,), 42)
    assert one is not None
    assert one.cost > two.cost + 3


def test_a_line_too_short_for_its_letters() -> None:
    assert aligned(np.zeros(20), (Glyph.YEAR,), 42) is None


def test_blank_lines_have_no_letters_to_be_sure_of() -> None:
    blank = np.full((LINE_HEIGHT, 500), 245, dtype=np.uint8)
    assert column_ink(blank).max() == 0
    read = letters_of(FieldLines(*(Line(blank.copy(), blank.copy(), 1.5) for _ in range(3))))
    assert read is None


def test_nothing_shows_itself_and_all_can_be_wiped() -> None:
    read = letters(date(1976, 3, 27))
    assert repr(read) == "Letters(…)"
    read.wipe()
    for form in (*read.births, *read.expiries, read.code):
        assert repr(form) == "Form(…)"
        assert not form.windows.any()
