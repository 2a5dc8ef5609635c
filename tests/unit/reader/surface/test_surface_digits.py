# SPDX-License-Identifier: Apache-2.0
"""Each digit is told by itself, and what is none is told to be none."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from kiosk.reader.surface.digits import NO_DIGIT, PICTURES, WINDOW, DigitReader, digit_window
from kiosk.reader.surface.fields import FieldLines, Line, line_of_print
from kiosk.reader.surface.letters import BirthForm, letters_of
from kiosk.simulator.patients.people import patient
from kiosk.simulator.surface_card.face import Box, PrintedCard, Typeface, draw_card, face_of

TODAY = date(2026, 6, 1)
READER = DigitReader.shipped()
_ROOM = 24


def line_at(card: PrintedCard, box: Box) -> Line:
    grey = card.image.mean(axis=2).astype(np.uint8)
    line = line_of_print(
        grey[box.top - _ROOM : box.top + box.height + _ROOM, box.left - 6 : box.left + box.width + 6]
    )
    assert line is not None
    return line


def lines_of(typeface: Typeface) -> tuple[FieldLines, str]:
    face = face_of(patient("hanako"), TODAY)
    card = draw_card(face, typeface=typeface)
    printed = f"51{face.birth.month}{face.birth.day}{face.expiry.year}{face.security_code}"
    return FieldLines(*(line_at(card, box) for box in card.fields)), printed


@pytest.mark.parametrize("typeface", Typeface)
def test_digits_of_type_never_trained_on_are_told(typeface: Typeface) -> None:
    lines, printed = lines_of(typeface)
    letters = letters_of(lines)
    assert letters is not None
    (birth,) = (one for one in letters.births if one.form is BirthForm.ERA and one.parts == (2, 1, 2))
    (expiry,) = (one for one in letters.expiries if one.parts == (4, 1, 2))
    chances = READER.probabilities(np.concatenate((birth.windows, expiry.windows[:4], letters.code.windows)))
    assert chances.shape == (13, NO_DIGIT + 1)
    assert "".join(map(str, chances.argmax(axis=1))) == printed
    assert chances.max(axis=1).min() > 0.9
    least = READER.least(letters.code.windows)
    assert "".join(map(str, least.argmax(axis=1))) == printed[-4:]
    assert least.max(axis=1).min() > 0.9


@pytest.mark.parametrize("typeface", Typeface)
def test_another_letter_is_no_digit(typeface: Typeface) -> None:
    lines, _ = lines_of(typeface)
    letters = letters_of(lines)
    assert letters is not None
    first = letters.births[0].cells[0][0]
    # the two letters of the era, whole and each half
    middle = first // 2 + 8
    cells = [(18, middle), (middle, first - 2), (18, (18 + middle) // 2), ((middle + first) // 2, first - 2)]
    chances = READER.probabilities(
        np.stack([digit_window(lines.birth.print, lines.birth.glare, cell) for cell in cells])
    )
    assert (chances[:, :NO_DIGIT].max(axis=1) < 0.5).all()
    assert (chances.argmax(axis=1) == NO_DIGIT).sum() >= 3


def test_the_look_that_doubts_most_decides() -> None:
    lines, _ = lines_of(Typeface.NOTO)
    letters = letters_of(lines)
    assert letters is not None
    windows = letters.code.windows  # 1029
    between = ((windows[[0, 1, 2]] + windows[[3, 3, 3]]) / 2).astype(np.float32)
    least, usual = READER.least(between), READER.probabilities(between)
    assert (least <= usual[:, :NO_DIGIT] / usual[:, :NO_DIGIT].sum(axis=1, keepdims=True) + 1e-3).all()
    assert (least.max(axis=1) < usual.max(axis=1) - 0.01).any()


def test_a_window_shows_a_digit_without_its_neighbours_and_with() -> None:
    line = np.full((64, 200), 245, dtype=np.uint8)
    line[16:48, 80:90] = line[16:48, 95:105] = 0
    window = digit_window(line, np.zeros_like(line), (80, 90)).reshape(*WINDOW, PICTURES)
    alone, beside, light = np.moveaxis(window, 2, 0)
    assert not light.any()
    assert 0 < alone.sum() < beside.sum()
    half = WINDOW[1] // 2 + 4
    assert np.allclose(alone[:, :half], beside[:, :half])
    assert np.allclose(alone[:, half:], alone[0, 0])


def test_a_window_shows_where_light_fell() -> None:
    line = np.full((64, 200), 245, dtype=np.uint8)
    glare = np.zeros_like(line)
    glare[28:40, 86:100] = 255  # on the digit and beside it
    light = digit_window(line, glare, (80, 90)).reshape(*WINDOW, PICTURES)[..., -1]
    assert light.max() == 1
    assert light.sum() == pytest.approx(12 * 14 * WINDOW[0] * WINDOW[1] / (52 * 40), rel=0.01)
    down, along = np.nonzero(light > 0.5)
    assert along.min() >= WINDOW[1] // 2
    assert abs(down.mean() - WINDOW[0] * (34 - 6) / 52) < 1


def test_a_window_at_the_end_of_a_line_is_as_large_as_any() -> None:
    line = np.full((64, 30), 245, dtype=np.uint8)
    for cell in ((24, 30), (0, 4)):
        assert digit_window(line, line, cell).shape == (WINDOW[0] * WINDOW[1] * PICTURES,)


def test_nothing_seen_is_nothing_said() -> None:
    assert READER.probabilities(np.zeros((0, WINDOW[0] * WINDOW[1] * PICTURES), dtype=np.float32)).shape == (
        0,
        NO_DIGIT + 1,
    )
