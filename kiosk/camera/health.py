# SPDX-License-Identifier: Apache-2.0
"""Whether what a camera gives is worth looking at: size, pace, and whether there is any light in it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.camera.ports import BgrImage, Frame
from kiosk.errors import FailureCode

LEAST_SIDE: Final = 360  # of the shorter side: with less, no face has the pixels to be compared
FEW_FRAMES_PER_S: Final = 10.0
BLACK_S: Final = 2.0
_PACE_S: Final = 3.0
_DARKEST_WHITE: Final = 16.0  # a night's noise stays below this, a room with a lamp somewhere does not
_FLATTEST: Final = 5.0
_STRIDE: Final = 16


@dataclass(frozen=True, slots=True)
class CameraSample:
    """What a few seconds with a camera told. The size is that of its pictures, not what was asked for."""

    frames: int
    seconds: float
    width: int = 0
    height: int = 0
    black: bool = False

    @property
    def per_second(self) -> float:
        """Pictures a second."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0


def sampled(frame: Frame, frames: int, seconds: float) -> CameraSample:
    """The sample of which `frame` was the last picture."""
    height, width = frame.image.shape[:2]
    return CameraSample(frames, seconds, width, height, is_black(frame.image))


def is_black(image: BgrImage) -> bool:
    """Whether nothing at all is to be seen, as behind a lens cap; a dark room has brighter places."""
    few = image[::_STRIDE, ::_STRIDE]
    return float(np.percentile(few, 99)) <= _DARKEST_WHITE and float(np.std(few)) <= _FLATTEST


def trouble_of(sample: CameraSample, wished: tuple[int, int]) -> FailureCode | None:
    """What a technician should know first, of a camera that was asked for pictures of that size."""
    if sample.frames == 0:
        return FailureCode.CAMERA_NO_FRAMES
    if sample.black:
        return FailureCode.CAMERA_BLACK
    shorter, wished_shorter = min(sample.width, sample.height), min(wished)
    if shorter < min(wished_shorter, max(LEAST_SIDE, 0.9 * wished_shorter)):
        return FailureCode.CAMERA_SMALL
    if sample.per_second < FEW_FRAMES_PER_S:
        return FailureCode.CAMERA_SLOW
    return None


class CameraHealth:
    """Watches the frames of one opening of a camera.

    Lives on: the camera thread. It keeps figures, and no picture.
    """

    def __init__(self) -> None:
        self._black_since: float | None = None
        self._times: deque[float] = deque()
        self._slow = False

    def see(self, frame: Frame) -> FailureCode | None:
        """What is wrong so that no face can be looked for; None where all is well enough."""
        self._times.append(frame.taken_at)
        while frame.taken_at - self._times[0] > _PACE_S:
            self._times.popleft()
        if not is_black(frame.image):
            self._black_since = None
        elif self._black_since is None:
            self._black_since = frame.taken_at
        if self._black_since is not None and frame.taken_at - self._black_since >= BLACK_S:
            return FailureCode.CAMERA_BLACK
        if min(frame.image.shape[:2]) < LEAST_SIDE:
            return FailureCode.CAMERA_SMALL
        return None

    def newly_slow(self) -> bool:
        """Whether it has just shown itself as slow: true once."""
        seconds = self._times[-1] - self._times[0] if self._times else 0.0
        if self._slow or seconds < 0.8 * _PACE_S:
            return False
        self._slow = (len(self._times) - 1) / seconds < FEW_FRAMES_PER_S
        return self._slow
