# SPDX-License-Identifier: Apache-2.0
"""The card's photo: what is read, and what is refused before it is unpacked."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from kiosk.auth.face.engine import FaceEngine
from kiosk.auth.face.reference import PhotoUnusableError, decode_photo, embed_photo
from kiosk.simulator.patients.drawing import card_photo
from tests.fakes.faces import as_jp2


def test_the_photo_comes_out_as_it_went_in() -> None:
    photo = card_photo("hanako")
    decoded = decode_photo(as_jp2(photo, rate=8))
    assert decoded.shape == photo.shape
    assert np.mean(np.abs(decoded.astype(int) - photo)) < 2


def test_a_colour_photo_becomes_grey() -> None:
    stream = io.BytesIO()
    with Image.new("RGB", (120, 160), (10, 200, 30)) as picture:
        picture.save(stream, "JPEG2000")
    assert decode_photo(stream.getvalue()).ndim == 2


def png() -> bytes:
    stream = io.BytesIO()
    with Image.fromarray(card_photo("hanako")) as picture:
        picture.save(stream, "PNG")
    return stream.getvalue()


def claims_to_be(width: int, height: int) -> bytes:
    """A photo whose header says another size than what it holds."""
    file = bytearray(as_jp2(card_photo("taro")))
    box, size = file.index(b"ihdr") + 4, file.index(b"\xff\x51") + 6
    file[box : box + 8] = struct.pack(">II", height, width)
    file[size : size + 8] = struct.pack(">II", width, height)
    return bytes(file)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"no picture",
        bytes(70_000),
        png(),
        as_jp2(card_photo("taro"))[:80],
        as_jp2(np.full((2100, 2100), 128, np.uint8), rate=2000),  # small as a file, large unpacked
        as_jp2(np.full((20, 20), 128, np.uint8)),
        claims_to_be(12_000, 9_000),  # the decoder warns of it
        claims_to_be(60_000, 60_000),  # the decoder raises an error of its own
        claims_to_be(0, 0),
    ],
    ids=["empty", "text", "long", "png", "cut", "bomb", "tiny", "large", "huge", "nothing"],
)
def test_what_is_no_photo_is_refused(file: bytes) -> None:
    with pytest.raises(PhotoUnusableError):
        decode_photo(file)


def test_a_photo_without_a_face_or_with_two_is_refused(engine: FaceEngine) -> None:
    nobody = np.full((400, 300), 220, np.uint8)
    with pytest.raises(PhotoUnusableError):
        embed_photo(engine, nobody)
    with pytest.raises(PhotoUnusableError):
        embed_photo(engine, np.hstack([card_photo("taro"), card_photo("hanako")]))
