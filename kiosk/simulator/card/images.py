# SPDX-License-Identifier: Apache-2.0
"""The pictures in the visual application: name, address and numbers as bitmaps, the photo as JPEG 2000."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_FONTS = ("BIZUDGothic-Regular.ttf", "NotoSansCJK-Regular.ttc")
_TEXT_HEIGHT = 28
_TEXT_SIZE = 22
_DIGIT_WIDTH = 6
_DIGITS_HEIGHT = 12
_PHOTO_BYTES = 9000


def text_image(text: str) -> bytes:
    """A line of Japanese as a one-bit PNG."""
    font = _font()
    probe = ImageDraw.Draw(Image.new("1", (1, 1)))
    width = max(1, int(probe.textlength(text, font=font)) + 8)
    return _bitmap(text, font, (width, _TEXT_HEIGHT), (4, 2))


def digits_image(digits: str) -> bytes:
    """Digits as a one-bit PNG, six by twelve points each: 24×12 for four, 72×12 for twelve."""
    return _bitmap(
        digits, ImageFont.load_default_imagefont(), (_DIGIT_WIDTH * len(digits), _DIGITS_HEIGHT), (0, 0)
    )


def photo_jp2(photo: NDArray[np.uint8]) -> bytes:
    """The holder's photo, grey, about nine kilobytes."""
    if photo.ndim != 2:
        raise ValueError
    image = Image.fromarray(np.ascontiguousarray(photo))
    out = io.BytesIO()
    rate = max(1.0, photo.size / _PHOTO_BYTES)
    image.save(out, "JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True)
    return out.getvalue()


def _bitmap(
    text: str,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    size: tuple[int, int],
    at: tuple[int, int],
) -> bytes:
    image = Image.new("1", size, 1)
    ImageDraw.Draw(image).text(at, text, fill=0, font=font)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _font() -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    for name in _FONTS:  # looked for in the system's font folders
        try:
            return ImageFont.truetype(name, _TEXT_SIZE)
        except OSError:
            continue
    return ImageFont.load_default_imagefont()  # pictures without Japanese are better than no card
