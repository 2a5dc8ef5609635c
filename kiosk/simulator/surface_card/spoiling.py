# SPDX-License-Identifier: Apache-2.0
"""What makes a printed face hard to read, and the camera's frame in which the card then lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kiosk.simulator.surface_card.face import CARD_SIZE, Box, Picture, PrintedCard

FRAME_SIZE: Final = (1920, 1080)
MOST_TILT: Final = 15.0
MOST_GLARE: Final = 0.10
MOST_BLUR: Final = 3.0
MOST_DIRT: Final = 0.05
_CAMERA_DISTANCE: Final = 3000.0  # in points of 1/300 inch: 25 cm above the reader
_GLARE_EDGE: Final = 40.0  # what is lifted by more than this counts as glare
_GLARE_PEAK: Final = (80.0, 255.0)  # from a shimmer to white, whatever is printed there
_NOISE: Final = 2.5
_NOISE_ROOM: Final = 200
_DIRT_COLOURS: Final = ((44, 62, 84), (60, 74, 88), (30, 38, 46), (70, 90, 110))

Floats = NDArray[np.float32]


def floats(values: ArrayLike) -> Floats:
    """As OpenCV wants them."""
    return np.asarray(values, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Spoiling:
    """How a card lies and looks.

    `tilt` is how far it is turned on the reader and `lift` how far one side stands up, both in degrees;
    `glare` and `dirt` are shares of a field's area, the first on one field and the second on each; `blur` is
    the standard deviation in points at 300 dpi.
    """

    tilt: float = 0.0
    lift: float = 0.0
    glare: float = 0.0
    blur: float = 0.0
    dirt: float = 0.0
    light: float = 1.0
    upside_down: bool = False
    seed: int = 0


CLEAN: Final = Spoiling()


def every_spoiling(rng: np.random.Generator) -> Spoiling:
    """All kinds at once, each anywhere between nothing and its most."""
    return Spoiling(
        tilt=float(rng.uniform(-MOST_TILT, MOST_TILT)),
        lift=float(rng.uniform(0, MOST_TILT)),
        glare=float(rng.uniform(0, MOST_GLARE)),
        blur=float(rng.uniform(0, MOST_BLUR)),
        dirt=float(rng.uniform(0, MOST_DIRT)),
        light=float(rng.uniform(0.75, 1.05)),
        upside_down=bool(rng.random() < 0.5),
        seed=int(rng.integers(1 << 31)),
    )


def spoil(card: PrintedCard, spoiling: Spoiling, *, moment: int = 0) -> Picture:
    """The frame in which that card lies on the dark reader.

    The same arguments give the same frame. `moment` counts frames of one card: dirt and glare stay as they
    are, the hand moves a little, and the noise is new.
    """
    lasting = np.random.default_rng((spoiling.seed, 1))
    passing = np.random.default_rng((spoiling.seed, 2, moment))
    image = card.image.copy()
    for box in card.fields:
        _dirty(image, box, spoiling.dirt, lasting)
    to_frame = _placement(spoiling, lasting, passing)
    frame = _reader_top(passing)
    lying = cv2.warpPerspective(image, to_frame, FRAME_SIZE, flags=cv2.INTER_LINEAR)
    inside = cv2.warpPerspective(card.outline, to_frame, FRAME_SIZE, flags=cv2.INTER_LINEAR)
    cv2.copyTo(lying, (inside > 127).astype(np.uint8), frame)
    lit = frame.astype(np.float32) * np.float32(spoiling.light)
    if spoiling.blur > 0.05:
        lit = floats(cv2.GaussianBlur(lit, (0, 0), spoiling.blur))
    if spoiling.glare > 0:
        _glare(lit, card, spoiling.glare, to_frame, lasting)
    down, along = (int(passing.integers(_NOISE_ROOM)) for _ in range(2))
    noise = _noise()[down : down + FRAME_SIZE[1], along : along + FRAME_SIZE[0]]
    return np.asarray(np.clip(lit + noise, 0, 255), dtype=np.uint8)


def empty_reader(moment: int = 0) -> Picture:
    """The frame without a card."""
    return _reader_top(np.random.default_rng((3, moment)))


def _dirty(image: Picture, box: Box, share: float, rng: np.random.Generator) -> None:
    """Specks of dirt, up to that share of the box; a layer of its own, so that it lies on the print."""
    wanted = share * box.width * box.height
    layer = np.zeros((box.height, box.width), dtype=np.uint8)
    colour = np.asarray(_DIRT_COLOURS[int(rng.integers(len(_DIRT_COLOURS)))], dtype=np.float32)
    covered = 0
    while covered < wanted:
        before = layer.copy()
        centre = (int(rng.integers(box.width)), int(rng.integers(box.height)))
        axes = (int(rng.integers(1, 6)), int(rng.integers(1, 4)))
        strength = int(rng.integers(110, 240))
        cv2.ellipse(layer, centre, axes, float(rng.uniform(0, 180)), 0, 360, strength, cv2.FILLED)
        covered = int(np.count_nonzero(layer))
        if covered > wanted:  # the last one would be too much
            layer = before
            break
    part = image[box.top : box.top + box.height, box.left : box.left + box.width]
    amount = (cv2.GaussianBlur(layer, (0, 0), 0.7).astype(np.float32) / 255)[..., np.newaxis]
    part[:] = (part * (1 - amount) + colour * amount).astype(np.uint8)


def _placement(spoiling: Spoiling, lasting: np.random.Generator, passing: np.random.Generator) -> Floats:
    """From the card's points to the frame's: turned, one side lifted, seen from above the middle."""
    width, height = CARD_SIZE
    turn = math.radians(spoiling.tilt + (180 if spoiling.upside_down else 0) + passing.normal(0, 0.15))
    axis = lasting.uniform(0, 2 * math.pi)
    lift = math.radians(spoiling.lift)
    corners = floats([[0, 0], [width, 0], [width, height], [0, height]])
    flat = corners - floats([width / 2, height / 2])
    along = flat @ floats([math.cos(axis), math.sin(axis)])
    across = flat @ floats([-math.sin(axis), math.cos(axis)])
    rise = across * math.sin(lift)
    across = across * math.cos(lift)
    lifted = np.stack(
        [
            along * math.cos(axis) - across * math.sin(axis),
            along * math.sin(axis) + across * math.cos(axis),
        ],
        axis=1,
    )
    turned = lifted @ floats([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    seen = turned * (_CAMERA_DISTANCE / (_CAMERA_DISTANCE - rise))[:, np.newaxis]
    middle = floats([FRAME_SIZE[0] / 2, FRAME_SIZE[1] / 2])
    room = floats([200, 30])
    away = (lasting.uniform(-1, 1, 2) * room + passing.normal(0, 1.5, 2)).astype(np.float32)
    return np.asarray(
        cv2.getPerspectiveTransform(corners, (seen + middle + away).astype(np.float32)), np.float32
    )


def _reader_top(rng: np.random.Generator) -> Picture:
    """Dark plastic with a little light falling from one side."""
    width, height = FRAME_SIZE
    side = np.linspace(26, 44, width, dtype=np.float32)[np.newaxis, :, np.newaxis]
    top = np.broadcast_to(side, (height, width, 3)).astype(np.uint8).copy()
    cv2.circle(top, (width // 2, height // 2), 420, (52, 50, 48), 3, cv2.LINE_AA)  # the mark to lay it on
    top += rng.integers(0, 3, dtype=np.uint8)
    return top


@lru_cache(maxsize=1)
def _noise() -> Floats:
    """A sensor's noise, of which each frame gets another part."""
    noise = np.random.default_rng(5).standard_normal(
        (FRAME_SIZE[1] + _NOISE_ROOM, FRAME_SIZE[0] + _NOISE_ROOM, 3), dtype=np.float32
    )
    return floats(noise * _NOISE)


def _glare(lit: Floats, card: PrintedCard, share: float, to_frame: Floats, rng: np.random.Generator) -> None:
    """A soft spot of reflected light on one of the fields, weak or strong."""
    box = card.fields[int(rng.integers(3))]
    area = share * box.width * box.height
    stretch = float(rng.uniform(1.0, 2.5))
    radius = math.sqrt(area / math.pi)
    # the spot's edge is where it lifts by _GLARE_EDGE
    peak = float(rng.uniform(*_GLARE_PEAK))
    edge = math.sqrt(2 * math.log(peak / _GLARE_EDGE))
    wide, high = radius * math.sqrt(stretch) / edge, radius / math.sqrt(stretch) / edge
    point = floats(
        [[[box.left + rng.uniform(0, 1) * box.width, box.top + rng.uniform(0.1, 0.9) * box.height]]]
    )
    centre = cv2.perspectiveTransform(point, to_frame)[0, 0]
    angle = rng.uniform(0, math.pi)
    reach = int(4 * max(wide, high)) + 2
    left, top = max(0, int(centre[0]) - reach), max(0, int(centre[1]) - reach)
    right, bottom = min(lit.shape[1], left + 2 * reach), min(lit.shape[0], top + 2 * reach)
    x, y = np.meshgrid(
        np.arange(left, right, dtype=np.float32) - centre[0],
        np.arange(top, bottom, dtype=np.float32) - centre[1],
    )
    along = (x * math.cos(angle) + y * math.sin(angle)) / max(wide, 0.5)
    across = (y * math.cos(angle) - x * math.sin(angle)) / max(high, 0.5)
    spot = peak * np.exp(-(along**2 + across**2) / 2)
    lit[top:bottom, left:right] += spot[..., np.newaxis].astype(np.float32)
