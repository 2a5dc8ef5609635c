# SPDX-License-Identifier: Apache-2.0
"""Which part of a wide picture is shown: it follows the face, so that children and seated people fit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

CROP_ASPECT: Final = 0.8  # width over height, as the oval of the screen
LEAST_SHARE: Final = 0.5  # of the picture's height: nearer would only show grain
_ROOM: Final = 2.2  # heights of a found face that the crop is high; a head with hair is about 1.6
_AT_REST: Final = 0.9  # of the picture's height, while no face is known
_SLOWNESS_S: Final = 0.45
_FORGOTTEN_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face is, in shares of the picture's width and height: its middle, and its height."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the picture, in shares of its width and height: its middle, and how much of each it is."""

    x: float
    y: float
    width: float
    height: float

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, width and height in a picture of that size, never outside it."""
        across, down = max(2, round(self.width * width)), max(2, round(self.height * height))
        left = min(max(0, round(self.x * width - across / 2)), width - across)
        top = min(max(0, round(self.y * height - down / 2)), height - down)
        return left, top, across, down


def crop_for(place: Place | None, size: tuple[int, int]) -> Crop:
    """The crop around that face in a picture of that size, as far as the picture reaches."""
    width, height = size
    tallest = min(1.0, width / (CROP_ASPECT * height))
    share = min(tallest, _AT_REST if place is None else max(LEAST_SHARE, _ROOM * place.height))
    across = min(1.0, share * height * CROP_ASPECT / width)
    x, y = (0.5, 0.5) if place is None else (place.x, place.y)
    return Crop(_within(x, across), _within(y, share), across, share)


def aside(place: Place, size: tuple[int, int]) -> tuple[float, float]:
    """How far from the middle of its crop the face stays, in shares of the crop: 0 where it can follow."""
    crop = crop_for(place, size)
    return (place.x - crop.x) / crop.width, (place.y - crop.y) / crop.height


@dataclass(frozen=True, slots=True)
class Framing:
    """A crop that glides after the face: people see themselves, and not a camera at work. Pure."""

    crop: Crop | None = None
    at: float = 0.0
    size: tuple[int, int] = (0, 0)
    seen_at: float = -math.inf
    place: Place | None = None

    def follow(self, place: Place | None, size: tuple[int, int], now: float) -> Framing:
        """The framing at that moment; a face that is lost for a moment is waited for where it was."""
        lost = place is None and now - self.seen_at < _FORGOTTEN_S
        seen_at = self.seen_at if place is None else now
        target_place = self.place if lost else place
        target = crop_for(target_place, size)
        if self.crop is None or self.size != size:
            return Framing(target, now, size, seen_at, target_place)
        share = 1 - math.exp(-max(0.0, now - self.at) / _SLOWNESS_S)
        before = self.crop
        crop = Crop(
            before.x + share * (target.x - before.x),
            before.y + share * (target.y - before.y),
            before.width + share * (target.width - before.width),
            before.height + share * (target.height - before.height),
        )
        return Framing(crop, now, size, seen_at, target_place)


def _within(middle: float, share: float) -> float:
    return min(max(middle, share / 2), 1 - share / 2)
