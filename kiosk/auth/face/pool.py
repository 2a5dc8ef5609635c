# SPDX-License-Identifier: Apache-2.0
"""Keeps the best pieces of the good frames of a try, until they are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.auth.face.engine import FaceBox, Grey, Landmarks
from kiosk.auth.face.measures import roll_of, turn_of

_SAME_SIZE: Final = 96
_MUCH_ROLL: Final = 30.0
_MUCH_DETAIL: Final = 400.0


@dataclass(slots=True, eq=False)
class Candidate:
    """The aligned face of one good frame, and how promising it is."""

    worth: float
    chip: Grey

    def __repr__(self) -> str:  # a picture of a patient must not end in a log
        return f"Candidate({self.worth:.2f})"


class CandidatePool:
    """The best so-and-so-many, and how many good frames there were in all.

    Lives on: the face process's only thread.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: list[Candidate] = []
        self.offered = 0
        self.first_at = 0.0

    def add(self, worth: float, chip: Grey, taken_at: float) -> None:
        """One good frame; the pool takes the piece over and overwrites it when it is no longer needed."""
        if not self.offered:
            self.first_at = taken_at
        self.offered += 1
        self._kept.append(Candidate(worth, chip))
        self._kept.sort(key=lambda candidate: -candidate.worth)
        for surplus in self._kept[self._room :]:
            surplus.chip.fill(0)
        del self._kept[self._room :]

    def best(self) -> list[Grey]:
        """The pieces that are kept, the best first; still the pool's."""
        return [candidate.chip for candidate in self._kept]

    def wipe(self) -> None:
        """Overwrite all, and begin anew."""
        for candidate in self._kept:
            candidate.chip.fill(0)
        self._kept.clear()
        self.offered = 0
        self.first_at = 0.0


def worth_of(grey: Grey, box: FaceBox, points: Landmarks) -> float:
    """How promising a good frame is: straight before the camera, upright, sharp; from 0 to 3."""
    patch = grey[max(0, box.top) : box.bottom, max(0, box.left) : box.right]
    same_size = np.asarray(cv2.resize(patch, (_SAME_SIZE, _SAME_SIZE), interpolation=cv2.INTER_AREA))
    light = max(1.0, float(np.mean(same_size)))
    # detail grows with the square of the contrast, which grows with the light
    detail = float(cv2.Laplacian(same_size, cv2.CV_32F).var()) * (128 / light) ** 2
    same_size.fill(0)
    straight = 1 - min(1.0, abs(turn_of(points)))
    upright = 1 - min(1.0, abs(roll_of(points)) / _MUCH_ROLL)
    return straight + upright + min(1.0, detail / _MUCH_DETAIL)
