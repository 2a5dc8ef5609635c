# SPDX-License-Identifier: Apache-2.0
"""One frame as the face process sees it, and what watches frame after frame whether somebody lives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import DETECTION_WIDTH, WIDE_SEARCH_WIDTH, FaceBox, Grey, Landmarks

Points = NDArray[np.float64]


class Eyes(Protocol):
    """The part of the engine that a frame is seen with."""

    def find(self, grey: Grey, *, width: int = DETECTION_WIDTH, upsample: int = 0) -> tuple[FaceBox, ...]:
        """All faces."""
        ...

    def find_near(self, grey: Grey, box: FaceBox) -> tuple[FaceBox, ...]:
        """All faces around that place."""
        ...

    def landmarks(self, grey: Grey, box: FaceBox) -> Landmarks:
        """The five points of one face."""
        ...

    def all_landmarks(self, grey: Grey, box: FaceBox) -> Points:
        """The 68 points of one face."""
        ...


class FrameView:
    """One frame: its grey picture, the faces on it, and their points, computed when they are asked for.

    It is what `quality.judge` looks for faces with, so that nothing is computed twice. `grey` is the shared
    memory itself and gone with the next frame: whoever needs a piece of it later copies that piece, and
    overwrites the copy when told to forget. `taken_at` is the camera's monotonic clock. `track` is the same
    number for as long as it is evidently the same face that is seen, frame after frame; `whole` says whether
    all of the picture was searched, or only the surroundings of the last place, and `wide` whether that was
    done for small faces, too. `on_screen` is what the screen asked for when the frame was taken, None where
    there is no screen that asks.
    """

    def __init__(
        self,
        eyes: Eyes,
        grey: Grey,
        faces: tuple[FaceBox, ...],
        taken_at: float,
        *,
        track: int = 0,
        whole: bool = True,
        wide: bool = False,
    ) -> None:
        self._eyes = eyes
        self.grey = grey
        self.faces = faces
        self.taken_at = taken_at
        self.track = track
        self.whole = whole
        self.wide = wide
        self.on_screen: str | None = None
        self._points: dict[FaceBox, Landmarks] = {}
        self._all_points: dict[FaceBox, Points] = {}

    @property
    def face(self) -> FaceBox | None:
        """The largest face."""
        return max(self.faces, key=lambda face: face.width, default=None)

    def find(self, grey: Grey, *, width: int = DETECTION_WIDTH, upsample: int = 0) -> tuple[FaceBox, ...]:
        """The faces that were found; another width or another picture is searched anew."""
        searched = width == DETECTION_WIDTH or (self.wide and width == WIDE_SEARCH_WIDTH)
        if grey is self.grey and searched and upsample == 0:
            return self.faces
        return self._eyes.find(grey, width=width, upsample=upsample)

    def landmarks(self, grey: Grey, box: FaceBox) -> Landmarks:
        """The five points of one face."""
        if box not in self._points:
            self._points[box] = self._eyes.landmarks(grey, box)
        return self._points[box]

    def all_landmarks(self, grey: Grey, box: FaceBox) -> Points:
        """The 68 points of one face, 68 × 2."""
        if box not in self._all_points:
            self._all_points[box] = self._eyes.all_landmarks(grey, box)
        return self._all_points[box]


class Liveness(StrEnum):
    """What is known about whether a person stands there."""

    ALIVE = "alive"
    NOT_YET = "not_yet"  # more has to be seen; the prompt says what
    NOT_SHOWN = "not_shown"  # what was asked for was not done, and nothing speaks against a person
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class LivenessView:
    """How it stands, and what the person is asked to do just now; an empty prompt asks for nothing.

    So many of so many prompts were answered. `witness` marks the frame with which a prompt begins: the face
    on it has to be among those that are compared.
    """

    verdict: Liveness
    prompt: str = ""
    answered: int = 0
    wanted: int = 0
    witness: bool = False


class LivenessWatch(Protocol):
    """Looks at every frame of a try, good or not, and says at any time how it stands.

    Lives on: the face process's only thread.
    """

    def begin(self) -> None:
        """A new try: whatever was seen before counts no more."""
        ...

    def another_face(self) -> None:
        """The same try, but another face: it begins all over."""
        ...

    def observe(self, view: FrameView, *, good: bool) -> LivenessView:
        """The next frame; `good` tells that the judge accepted it."""
        ...

    def forget(self) -> None:
        """Overwrite what is kept of frames."""
        ...


_ALIVE: Final = LivenessView(Liveness.ALIVE)


class Unwatched:
    """Asks for nothing, and doubts nobody."""

    def begin(self) -> None:
        """Nothing to begin with."""

    def another_face(self) -> None:
        """Nothing to begin with."""

    def observe(self, view: FrameView, *, good: bool) -> LivenessView:  # noqa: ARG002  # it looks at nothing
        """Never in doubt."""
        return _ALIVE

    def forget(self) -> None:
        """Nothing is kept."""
