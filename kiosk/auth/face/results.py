# SPDX-License-Identifier: Apache-2.0
"""What comes out of face verification. No value here holds a distance, a picture or an embedding."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.auth.face.quality import FaceHint
from kiosk.errors import FailureCode


@dataclass(frozen=True, slots=True)
class ReferenceReady:
    """The card's photo was read and has a face to compare with."""


@dataclass(frozen=True, slots=True)
class ReferenceRejected:
    """The card's photo cannot be used."""

    code: FailureCode


@dataclass(frozen=True, slots=True)
class Hint:
    """What the person should do; None when the picture is good again."""

    hint: FaceHint | None


@dataclass(frozen=True, slots=True)
class Progress:
    """So many good frames of so many."""

    good: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person is asked to do, to show that they are there; an empty prompt asks for nothing more."""

    prompt: str


@dataclass(frozen=True, slots=True)
class Matched:
    """The face is the photo's."""


@dataclass(frozen=True, slots=True)
class NotConfirmed:
    """One try ended without a match; `hint` is what stood in the way last, if anything did."""

    hint: FaceHint | None = None


@dataclass(frozen=True, slots=True)
class NotShown:
    """The face is the photo's, but the movements that were asked for were not made; the try is over."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """What the camera saw may not be a person standing there; the try is over."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The face process or the camera is of no use just now; a try that was under way is over."""

    code: FailureCode


@dataclass(frozen=True, slots=True)
class Available:
    """The face process has started, for the first time or again."""


FaceResult = (
    ReferenceReady
    | ReferenceRejected
    | Hint
    | Progress
    | Asked
    | Matched
    | NotConfirmed
    | NotShown
    | Doubted
    | Unavailable
    | Available
)
