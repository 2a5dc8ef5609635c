# SPDX-License-Identifier: Apache-2.0
"""Labelled pictures turned into numbers, each picture once; for technicians, never in a session."""

from __future__ import annotations

import io
import statistics
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageOps

from kiosk.auth.face.engine import Embedding, FaceEngine, Grey
from kiosk.auth.face.reference import (
    DECODER_COMPLAINTS,
    PhotoUnusableError,
    decode_photo,
    embed_photo,
)
from kiosk.clock import Clock
from kiosk.errors import ConfigurationError, FailureCode

LARGEST_PICTURE_BYTES: Final = 60_000_000
LARGEST_PICTURE_PIXELS: Final = 60_000_000
_FORMATS: Final = ("JPEG", "PNG", "JPEG2000", "BMP", "TIFF", "WEBP", "PPM")
# A photo of 4.5 cm shows the head 3.4 cm high; dlib's box reaches from the brows to the chin.
_CARD_SIZE: Final = (300, 400)
_CARD_HEIGHT_IN_BOXES: Final = 2.0
_CARD_BYTES: Final = 9_000
_EYES_ABOVE: Final = 0.12

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Gallery:
    """Each picture's numbers, None where there is not exactly one usable face.

    `references` differ from `probes` only where they were made card photos first.
    """

    probes: tuple[Embedding | None, ...]
    references: tuple[Embedding | None, ...]
    seconds: tuple[float, ...] = field(default=())

    @property
    def without_face(self) -> int:
        """How many pictures gave nothing to compare."""
        return sum(each is None for each in self.probes)

    @property
    def cards_without_face(self) -> int:
        """How many pictures with a face had none any more as card photos."""
        return sum(
            probe is not None and reference is None
            for probe, reference in zip(self.probes, self.references, strict=True)
        )

    @property
    def median_seconds(self) -> float | None:
        """What one picture takes to be turned into numbers, once it is decoded."""
        return statistics.median(self.seconds) if self.seconds else None


def collect(images: Iterable[Path], clock: Clock, on_progress: Progress, *, card: bool = False) -> Gallery:
    """Embed every picture once, and as a card photo too where `card` is set."""
    paths = list(images)
    for path in paths:  # before an hour's work
        if not path.is_file():
            raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=f"there is no picture {path.name}")
    engine = FaceEngine()
    probes: list[Embedding | None] = []
    references: list[Embedding | None] = []
    seconds: list[float] = []
    for done, path in enumerate(paths, 1):
        grey = read_grey(path)
        begun = clock.monotonic()
        probes.append(embedded(engine, grey))
        seconds.append(clock.monotonic() - begun)
        references.append(_as_card(engine, grey) if card else probes[-1])
        on_progress(done, len(paths))
    return Gallery(tuple(probes), tuple(references), tuple(seconds))


def embedded(engine: FaceEngine, grey: Grey) -> Embedding | None:
    """The numbers of the one face on a picture, by the rule of card photos."""
    try:
        return embed_photo(engine, grey)
    except PhotoUnusableError:
        return None


def read_grey(path: Path) -> Grey:
    """A picture without colour, turned as its camera says; `ConfigurationError` where it is none."""
    try:
        if path.stat().st_size > LARGEST_PICTURE_BYTES:
            raise _too_large(path)
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=f"cannot read {path.name}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sizes, which are looked at here, and odd metadata
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                if picture.width * picture.height > LARGEST_PICTURE_PIXELS:
                    raise _too_large(path)
                return np.array(ImageOps.exif_transpose(picture).convert("L"), dtype=np.uint8)
    except Image.DecompressionBombError as error:
        raise _too_large(path) from error
    except DECODER_COMPLAINTS as error:
        detail = f"not a picture, or a broken one: {path.name}"
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail) from error


def card_photo_of(engine: FaceEngine, grey: Grey) -> bytes | None:
    """The picture as a card would keep it: the head cut out, 300 by 400, grey JPEG 2000 of 9 kB."""
    faces = engine.find(grey) or engine.find(grey, upsample=1)
    if not faces:
        return None
    face = max(faces, key=lambda each: each.width)
    height = _CARD_HEIGHT_IN_BOXES * (face.bottom - face.top)
    x, y = face.centre
    scale = _CARD_SIZE[1] / height
    middle = (x * scale, (y - _EYES_ABOVE * (face.bottom - face.top)) * scale)
    shift = np.array(
        [[scale, 0, _CARD_SIZE[0] / 2 - middle[0]], [0, scale, _CARD_SIZE[1] / 2 - middle[1]]],
        dtype=np.float64,
    )
    # shrinking by sampling alone would leave jagged edges that no scanner leaves
    sharp = grey if scale >= 1 else cv2.GaussianBlur(grey, (0, 0), 0.5 / scale)
    cut = cv2.warpAffine(sharp, shift, _CARD_SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    stream = io.BytesIO()
    with Image.fromarray(np.asarray(cut, dtype=np.uint8)) as photo:
        rate = _CARD_SIZE[0] * _CARD_SIZE[1] / _CARD_BYTES
        photo.save(stream, "JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True)
    return stream.getvalue()


def _as_card(engine: FaceEngine, grey: Grey) -> Embedding | None:
    file = card_photo_of(engine, grey)
    if file is None:
        return None
    try:
        return embed_photo(engine, decode_photo(file))
    except PhotoUnusableError:
        return None


def _too_large(path: Path) -> ConfigurationError:
    detail = (
        f"{path.name} is too large a picture: at most {LARGEST_PICTURE_PIXELS // 1_000_000} million pixels"
    )
    return ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
