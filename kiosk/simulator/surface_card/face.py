# SPDX-License-Identifier: Apache-2.0
"""Draws the printed face of a fictional card at 300 dpi.

Where the real card has its texts to the millimetre is not published in detail: these layouts are ours, and
plausible. They are kept apart from what the reader believes about layouts, so that reading them proves
something.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kiosk.simulator.card.printed import card_expiry
from kiosk.simulator.patients.drawing import card_photo
from kiosk.simulator.patients.people import Patient, Sex

Picture = NDArray[np.uint8]

CARD_SIZE: Final = (1011, 638)  # 85.6 mm by 54 mm at 300 dpi
_PHOTO_SIZE: Final = (240, 320)
_INK: Final = (38, 36, 34)
_FAINT_INK: Final = (120, 112, 110)
_CORNER: Final = 37
_ERAS: Final = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1868, 1, 25), "明治"),
)
_LONG_NAME: Final = 12  # characters that still fit in one line
_NAME_LINE: Final = 20
_ADDRESS_LINE: Final = 22


class DateForm(StrEnum):
    """How the birth date is printed: in an era, or for foreign nationals by the Gregorian calendar."""

    ERA = "era"
    GREGORIAN = "gregorian"


class Padding(StrEnum):
    """How a month, day or era year of one digit is printed."""

    NONE = "none"
    SPACE = "space"
    ZERO = "zero"


class Typeface(StrEnum):
    """What the card is printed with; the value is a file among the system's fonts."""

    BIZ_UD = "BIZUDGothic-Regular.ttf"
    BIZ_UD_PROPORTIONAL = "BIZUDPGothic-Regular.ttf"
    NOTO = "NotoSansCJK-Regular.ttc"


@dataclass(frozen=True, slots=True)
class CardFace:
    """What is printed on one card."""

    name: str = field(repr=False)
    address: str = field(repr=False)
    birth: date = field(repr=False)
    sex: Sex
    expiry: date = field(repr=False)
    security_code: str = field(repr=False)
    photo: str = field(repr=False)  # whose drawn photo
    form: DateForm = DateForm.ERA
    padding: Padding = Padding.NONE


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the card in points of 1/300 inch."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PrintLayout:
    """Where the printer puts things: left upper corners, and sizes of type."""

    photo: tuple[int, int]
    name: tuple[int, int]
    address: tuple[int, int]
    title: tuple[int, int]
    birth: tuple[int, int]
    sex: tuple[int, int]
    expiry: tuple[int, int]
    code: tuple[int, int]
    remarks: Box
    type_size: int = 32
    code_size: int = 26


LAYOUTS: Final = (
    PrintLayout(
        photo=(48, 252),
        name=(130, 34),
        address=(130, 140),
        title=(330, 236),
        birth=(330, 302),
        sex=(800, 302),
        expiry=(330, 358),
        code=(128, 588),
        remarks=Box(330, 424, 640, 170),
    ),
    PrintLayout(
        photo=(730, 212),
        name=(130, 96),
        address=(130, 152),
        title=(60, 30),
        birth=(60, 254),
        sex=(570, 254),
        expiry=(60, 312),
        code=(812, 550),
        remarks=Box(60, 384, 620, 190),
        type_size=34,
        code_size=28,
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class PrintedCard:
    """A drawn card (blue, green, red), its outline, and where its three fields came to lie."""

    image: Picture
    outline: Picture
    birth: Box
    expiry: Box
    code: Box

    def __repr__(self) -> str:
        return "PrintedCard(…)"

    @property
    def fields(self) -> tuple[Box, Box, Box]:
        """The three fields that make up 照合番号B."""
        return self.birth, self.expiry, self.code


def face_of(patient: Patient, today: date, form: DateForm = DateForm.ERA) -> CardFace:
    """The face of a patient's card, with the same three fields as the simulated chip."""
    return CardFace(
        name=patient.name,
        address=patient.address,
        birth=patient.birth,
        sex=patient.sex,
        expiry=card_expiry(patient, today),
        security_code=patient.security_code,
        photo=patient.key,
        form=form,
    )


def birth_text(face: CardFace) -> str:
    """The birth date as printed: 昭和51年3月27日生, or 1976年3月27日生."""
    day = face.birth
    if face.form is DateForm.GREGORIAN:
        return f"{day.year}年{_two(day.month, face)}月{_two(day.day, face)}日生"
    start, era = next((start, era) for start, era in _ERAS if day >= start)
    year = day.year - start.year + 1
    counted = "元" if year == 1 and face.padding is Padding.NONE else _two(year, face)
    return f"{era}{counted}年{_two(day.month, face)}月{_two(day.day, face)}日生"


def expiry_text(face: CardFace) -> str:
    """The end of validity as printed."""
    day = face.expiry
    return f"{day.year}年{_two(day.month, face)}月{_two(day.day, face)}日まで有効"


def draw_card(
    face: CardFace,
    layout: PrintLayout = LAYOUTS[0],
    typeface: Typeface = Typeface.BIZ_UD,
    *,
    shift: tuple[int, int] = (0, 0),
) -> PrintedCard:
    """The card's face; `shift` moves all print on the plastic, as cards of one kind differ."""
    picture = Image.fromarray(cv2.cvtColor(_plastic(), cv2.COLOR_BGR2RGB))
    pen = ImageDraw.Draw(picture)
    dx, dy = shift
    large, small = _font(typeface, layout.type_size), _font(typeface, layout.code_size)
    label = _font(typeface, 20)

    def write(at: tuple[int, int], text: str, font: ImageFont.FreeTypeFont) -> Box:
        place = (at[0] + dx, at[1] + dy)
        pen.text(place, text, fill=_INK, font=font)
        left, top, right, bottom = pen.textbbox(place, text, font=font)
        return Box(int(left), int(top), int(right - left) + 1, int(bottom - top) + 1)

    pen.text((layout.name[0] - 62 + dx, layout.name[1] + 6 + dy), "氏名", fill=_FAINT_INK, font=label)
    pen.text((layout.address[0] - 62 + dx, layout.address[1] + 3 + dy), "住所", fill=_FAINT_INK, font=label)
    _write_lines(write, layout.name, face.name, typeface, 38, _LONG_NAME, _NAME_LINE)
    _write_lines(write, layout.address, face.address, typeface, 28, _ADDRESS_LINE, _ADDRESS_LINE)
    write(layout.title, "個人番号カード", _font(typeface, 38))
    write(layout.sex, f"性別　{'男' if face.sex is Sex.MALE else '女'}", label)
    birth = write(layout.birth, birth_text(face), large)
    expiry = write(layout.expiry, expiry_text(face), large)
    code = write(layout.code, face.security_code, small)
    box = layout.remarks
    for line in range(4):
        top = box.top + dy + line * box.height // 4
        pen.rectangle(
            (box.left + dx, top, box.left + box.width + dx, top + box.height // 4),
            outline=_FAINT_INK,
            width=1,
        )
    image = np.asarray(cv2.cvtColor(np.asarray(picture, dtype=np.uint8), cv2.COLOR_RGB2BGR), dtype=np.uint8)
    left, top = layout.photo[0] + dx, layout.photo[1] + dy
    photo = cv2.resize(card_photo(face.photo), _PHOTO_SIZE, interpolation=cv2.INTER_AREA)
    image[top : top + _PHOTO_SIZE[1], left : left + _PHOTO_SIZE[0]] = photo[:, :, np.newaxis]
    return PrintedCard(image, _outline(), birth, expiry, code)


def _two(number: int, face: CardFace) -> str:
    match face.padding:
        case Padding.NONE:
            return str(number)
        case Padding.SPACE:
            return f"{number:2d}"
        case Padding.ZERO:
            return f"{number:02d}"


def _write_lines(  # a name of more than one line is printed smaller
    write: Callable[[tuple[int, int], str, ImageFont.FreeTypeFont], Box],
    at: tuple[int, int],
    text: str,
    typeface: Typeface,
    size: int,
    fits: int,
    per_line: int,
) -> None:
    if len(text) <= fits:
        write(at, text, _font(typeface, size))
        return
    smaller = _font(typeface, min(size, 26))
    for number, start in enumerate(range(0, min(len(text), 2 * per_line), per_line)):
        write((at[0], at[1] + number * 34), text[start : start + per_line], smaller)


@lru_cache(maxsize=32)
def _font(typeface: Typeface, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(typeface.value, size)


@lru_cache(maxsize=1)
def _plastic() -> Picture:
    """Pale, from pink to green, with the fine waves that such cards have."""
    width, height = CARD_SIZE
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    blend = (x / width)[..., np.newaxis]
    ground = (
        np.array([226, 224, 240], dtype=np.float32) * (1 - blend)
        + np.array([226, 240, 226], dtype=np.float32) * blend
    )
    waves = np.sin(y / 3.1 + 9 * np.sin(x / 61)) + np.sin(x / 4.3 + 7 * np.sin(y / 47))
    return np.asarray(np.clip(ground + 3.5 * waves[..., np.newaxis], 0, 255), dtype=np.uint8)


@lru_cache(maxsize=1)
def _outline() -> Picture:
    width, height = CARD_SIZE
    outline = np.zeros((height, width), dtype=np.uint8)
    cv2.rectangle(outline, (_CORNER, 0), (width - 1 - _CORNER, height - 1), 255, cv2.FILLED)
    cv2.rectangle(outline, (0, _CORNER), (width - 1, height - 1 - _CORNER), 255, cv2.FILLED)
    for at_x in (_CORNER, width - 1 - _CORNER):
        for at_y in (_CORNER, height - 1 - _CORNER):
            cv2.circle(outline, (at_x, at_y), _CORNER, 255, cv2.FILLED)
    return outline
