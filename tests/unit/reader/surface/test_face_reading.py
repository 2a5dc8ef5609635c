# SPDX-License-Identifier: Apache-2.0
"""Faces are read right or not at all: a sample of what `bench/surface.py` measures."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.reader.surface.digits import DigitReader
from kiosk.reader.surface.face import FaceReader, Opinion, opinions
from kiosk.reader.surface.ocr import Script, Tesseract
from kiosk.reader.surface.ports import SurfaceHint
from kiosk.secret import Secret
from kiosk.simulator.card.printed import printed_fields
from kiosk.simulator.patients.people import patient
from kiosk.simulator.surface_card.face import LAYOUTS, DateForm, Padding, Typeface, draw_card, face_of
from kiosk.simulator.surface_card.fiction import invented_face
from kiosk.simulator.surface_card.spoiling import CLEAN, Spoiling, empty_reader, every_spoiling, spoil

TODAY = date(2026, 6, 1)
_SPOILED, _LEAST_RIGHT = 10, 7
READER = FaceReader(Tesseract(), DigitReader.shipped())


def number(read: Secret | SurfaceHint) -> bytes | SurfaceHint:
    if isinstance(read, SurfaceHint):
        return read
    with read:
        return bytes(read.view())


@pytest.mark.parametrize("typeface", Typeface)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_clean_cards_are_read(typeface: Typeface, layout: object) -> None:
    (place,) = (one for one in LAYOUTS if one is layout)
    for key, upside_down in (("hanako", False), ("goro", True)):
        card = draw_card(face_of(patient(key), TODAY), place, typeface)
        read = READER.read(spoil(card, Spoiling(tilt=9, upside_down=upside_down, seed=1)), TODAY)
        assert number(read) == printed_fields(patient(key), TODAY).number_b()


def test_spoiled_cards_are_read_right_or_not_at_all() -> None:
    # the share itself belongs to bench/surface.py; none may be read wrong, and most must be read
    rng = np.random.default_rng(20)
    right = 0
    for _ in range(_SPOILED):
        face = invented_face(rng, TODAY)
        read = number(READER.read(spoil(draw_card(face), every_spoiling(rng)), TODAY))
        if isinstance(read, SurfaceHint):
            assert read is not SurfaceHint.NO_CARD
            continue
        assert read.endswith(f"{face.birth:%m%d}{face.expiry.year}{face.security_code}".encode())
        right += 1
    assert right >= _LEAST_RIGHT


def test_a_gregorian_date_is_recognised() -> None:
    for key in ("hanako", "taro", "tome"):
        card = draw_card(face_of(patient(key), TODAY, DateForm.GREGORIAN))
        assert READER.read(spoil(card, Spoiling(tilt=-6, seed=2)), TODAY) is SurfaceHint.GREGORIAN


@dataclass
class Seeing:
    """The real text recognition, but for what it makes of the birth line."""

    birth_line: str

    def read_line(self, image: NDArray[np.uint8], script: Script) -> bytearray:
        if script is Script.BIRTH_LINE:
            return bytearray(self.birth_line.encode())
        return Tesseract().read_line(image, script)


def test_a_western_year_of_which_a_digit_was_missed_is_not_one_of_an_era() -> None:
    picture = spoil(draw_card(face_of(patient("hanako"), TODAY)), Spoiling(tilt=3, seed=4))
    for line, expected in (("51年3月27日生", True), ("951年3月27日生", False), ("昭和51年3月27日生", True)):
        read = FaceReader(Seeing(line), DigitReader.shipped()).read(picture, TODAY)
        assert (not isinstance(number(read), SurfaceHint)) is expected


def test_what_cannot_be_read_says_why() -> None:
    card = draw_card(face_of(patient("hanako"), TODAY))
    assert READER.read(empty_reader(), TODAY) is SurfaceHint.NO_CARD
    assert READER.read(spoil(card, Spoiling(blur=8, seed=1)), TODAY) is SurfaceHint.BLURRED
    assert READER.read(spoil(card, Spoiling(glare=3, seed=3)), TODAY) is SurfaceHint.GLARE
    assert READER.read(spoil(card, Spoiling(dirt=0.4, seed=1)), TODAY) is SurfaceHint.DIRTY
    assert READER.read(spoil(card, Spoiling(lift=40, seed=1)), TODAY) is SurfaceHint.TILTED


def test_a_card_that_has_run_out_or_is_of_the_future_is_not_read() -> None:
    frame = spoil(draw_card(face_of(patient("hanako"), TODAY)), CLEAN)
    assert isinstance(READER.read(frame, date(2060, 1, 1)), SurfaceHint)
    assert isinstance(READER.read(frame, date(1970, 1, 1)), SurfaceHint)


@dataclass
class Contradicting:
    """A recogniser of lines that sees other digits than there are in some places."""

    tesseract: Tesseract
    places: tuple[int, ...]

    def read_line(self, image: NDArray[np.uint8], script: Script) -> bytearray:
        text = self.tesseract.read_line(image, script)
        if script is Script.DIGITS:
            for place in self.places:
                text[place] = 0x30 + (text[place] - 0x30 + 1) % 10
        return text


@pytest.mark.parametrize(
    ("places", "expected"),
    [((0,), True), ((0, 3), True), ((-1,), True), ((0, -1), False), ((-1, -2), False), ((0, 3, 5), False)],
)
def test_two_ways_of_looking_that_contradict_each_other_are_no_reading(
    places: tuple[int, ...], *, expected: bool
) -> None:
    reader = FaceReader(Contradicting(Tesseract(), places), DigitReader.shipped())
    frame = spoil(draw_card(face_of(patient("hanako"), TODAY)), CLEAN)
    assert (not isinstance(number(reader.read(frame, TODAY)), SurfaceHint)) is expected


def test_what_the_other_way_of_looking_says_digit_by_digit() -> None:
    agrees, silent, contradicts = Opinion.AGREES, Opinion.SILENT, Opinion.CONTRADICTS
    assert opinions(bytearray(b"1029"), [1, 0, 2, 9]) == [agrees] * 4
    assert opinions(bytearray(b"1039"), [1, 0, 2, 9]) == [agrees, agrees, contradicts, agrees]
    assert opinions(bytearray(b"109"), [1, 0, 2, 9]) == [agrees, agrees, silent, agrees]
    assert opinions(bytearray(b"10829"), [1, 0, 2, 9]) == [agrees] * 4
    assert opinions(bytearray(b""), [1, 0, 2, 9]) == [silent] * 4
    assert opinions(bytearray(b"77"), [1, 0, 2, 9]) == [silent] * 4


def test_nothing_of_the_card_leaks(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    face = face_of(patient("hanako"), TODAY)
    read = READER.read(spoil(draw_card(face), CLEAN), TODAY)
    out = caplog.text + "".join(capfd.readouterr()) + repr(read) + repr(READER) + repr(face)
    for planted in ("510327", "1029", "1976", "花子", "架空区"):
        assert planted not in out


def test_padding_does_not_matter() -> None:
    for padding in Padding:
        drawn = face_of(patient("akira"), TODAY)
        face = type(drawn)(**{name: getattr(drawn, name) for name in drawn.__slots__} | {"padding": padding})
        read = number(READER.read(spoil(draw_card(face), CLEAN), TODAY))
        assert read == printed_fields(patient("akira"), TODAY).number_b()
