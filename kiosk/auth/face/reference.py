# SPDX-License-Identifier: Apache-2.0
"""From the card's photo file to the numbers to compare with."""

from __future__ import annotations

import io
import struct
import warnings
from typing import Final, Protocol

import numpy as np
from PIL import Image

from kiosk.auth.face.channel import LARGEST_PHOTO_BYTES
from kiosk.auth.face.engine import DETECTION_WIDTH, Embedding, FaceBox, Grey

LARGEST_PHOTO_PIXELS: Final = 4_000_000
_SMALLEST_SIDE: Final = 48
# decoders complain in every way there is
DECODER_COMPLAINTS: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    MemoryError,
    KeyError,
    IndexError,
    TypeError,
    struct.error,
)


class PhotoUnusableError(Exception):
    """The photo is too large, is no picture, or does not show exactly one face."""


class Embedder(Protocol):
    """The part of the engine that a reference needs."""

    def find(self, grey: Grey, *, width: int = DETECTION_WIDTH, upsample: int = 0) -> tuple[FaceBox, ...]:
        """All faces."""
        ...

    def embed(self, grey: Grey, box: FaceBox) -> Embedding:
        """The numbers of one face."""
        ...


def decode_photo(file: bytes | bytearray) -> Grey:
    """The JPEG 2000 photo as grey pixels; its size is looked at before anything is unpacked."""
    if len(file) > LARGEST_PHOTO_BYTES:
        raise PhotoUnusableError
    stream = io.BytesIO(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sizes, which are looked at here
            picture = Image.open(stream, formats=["JPEG2000"])
        with picture:
            if picture.width * picture.height > LARGEST_PHOTO_PIXELS or min(picture.size) < _SMALLEST_SIDE:
                raise PhotoUnusableError
            with picture.convert("L") as grey:
                pixels = np.array(grey, dtype=np.uint8)
                grey.paste(0, (0, 0, *grey.size))
            if picture.mode in {"L", "RGB", "RGBA", "LA"}:
                picture.paste(0, (0, 0, *picture.size))
    except (*DECODER_COMPLAINTS, Image.DecompressionBombError) as error:
        # a decoder's complaint may quote what it read
        raise PhotoUnusableError from type(error)()
    finally:
        with stream.getbuffer() as copy:
            copy[:] = bytes(len(copy))
    return pixels


def embed_photo(embedder: Embedder, photo: Grey) -> Embedding:
    """The numbers of the one face on the photo."""
    # a photo's face may be small for the detector: the second look is at twice the size
    faces = embedder.find(photo) or embedder.find(photo, upsample=1)
    if not faces:
        raise PhotoUnusableError
    main = max(faces, key=lambda face: face.width)
    if any(face is not main and face.width > main.width / 2 for face in faces):
        raise PhotoUnusableError
    return embedder.embed(photo, main)
