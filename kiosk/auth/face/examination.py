# SPDX-License-Identifier: Apache-2.0
"""One patient's tries: frame after frame, until there is a decision; and what is kept meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import numpy as np

from kiosk.auth.face.calibration import MOST_PROBES
from kiosk.auth.face.engine import Embedding, FaceBox, Grey
from kiosk.auth.face.gate import QualityGate
from kiosk.auth.face.matcher import Decision, MatchPolicy, decide
from kiosk.auth.face.pool import CandidatePool, worth_of
from kiosk.auth.face.quality import FaceHint, QualityLimits, place_of
from kiosk.auth.face.reference import Embedder, decode_photo, embed_photo
from kiosk.auth.face.tracking import FaceTracker
from kiosk.auth.face.view import Eyes, Liveness, LivenessView, LivenessWatch, Unwatched
from kiosk.camera.framing import Place

_CHOSEN_FROM: Final = 2  # so many good frames for each one that is compared
_LONGEST_CHOICE_S: Final = 1.0
_A_PROMPT_IS_WORTH: Final = 3  # so many good frames, in the ring that fills
_ONE_FACE: Final = 0.45
"""Pictures of one person a few seconds apart differ by 0.1 to 0.3; a second person's are rarely so near."""

# What is no reproach while somebody turns, comes closer or looks aside because the kiosk asks for it.
_PART_OF_AN_ANSWER: Final = frozenset(
    {
        FaceHint.TURNED,
        FaceHint.OFF_CENTRE,
        FaceHint.TOO_NEAR,
        FaceHint.MOVING,
        FaceHint.BLURRED,
        FaceHint.EYES_CLOSED,
    }
)


class Engine(Eyes, Embedder, Protocol):
    """All that the face process needs of dlib."""

    def chip(self, grey: Grey, box: FaceBox) -> Grey:
        """The aligned piece of a face."""
        ...

    def embed_chip(self, chip: Grey) -> Embedding:
        """The numbers of such a piece."""
        ...

    def forget(self) -> None:
        """Overwrite what is kept from call to call."""
        ...


class Conclusion(StrEnum):
    """How a try ended."""

    MATCH = "match"
    NOT_CONFIRMED = "not_confirmed"
    NOT_SHOWN = "not_shown"  # the photo's face, but the movements were not made
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame told."""

    hint: FaceHint | None
    good: int
    wanted: int
    prompt: str = ""
    place: Place | None = field(default=None, compare=False)


class Examination:
    """One patient's reference, and what is kept of the frames of a try, until all is forgotten.

    Of a good frame only the aligned face is kept, and of those only the best: they are compared at the end,
    when enough of them were seen and liveness says yes. Another face before the camera begins all over.

    Lives on: the face process's only thread.
    """

    def __init__(
        self,
        engine: Engine,
        policy: MatchPolicy,
        limits: QualityLimits,
        liveness: LivenessWatch | None = None,
    ) -> None:
        self._engine = engine
        self._policy = policy
        self._gate = QualityGate(limits)
        self._liveness = liveness or Unwatched()
        self._tracker = FaceTracker(engine)
        self._pool = CandidatePool(MOST_PROBES)
        self._reference: Embedding | None = None
        self._track = 0
        self._alive = LivenessView(Liveness.NOT_YET)
        self._witness: Grey | None = None
        self._choice_over = False

    def set_reference(self, file: bytearray) -> None:
        """Take the card's photo; raises `PhotoUnusableError`."""
        self._drop()
        photo = decode_photo(file)
        try:
            self._reference = embed_photo(self._engine, photo)
        finally:
            photo.fill(0)

    def start_try(self) -> None:
        """Begin anew with the same reference."""
        self._tracker.forget()
        self._gate.begin()
        self._begin()
        self._liveness.begin()

    def look(self, grey: Grey, taken_at: float, on_screen: str | None = None) -> Look:
        """The next frame: find the face, judge it, keep it if it is good, and watch it live.

        `on_screen`: see `FrameView`.
        """
        view = self._tracker.see(grey, taken_at)
        view.on_screen = on_screen
        found = self._gate.judge(view, grey, taken_at)
        if view.track != self._track:  # nobody lends a face to what somebody else began
            self._track = view.track
            self._begin()
            self._liveness.another_face()
        good = isinstance(found, FaceBox)
        if isinstance(found, FaceBox):
            worth = worth_of(grey, found, view.landmarks(grey, found))
            self._pool.add(worth, self._engine.chip(grey, found), taken_at)
        self._alive = self._liveness.observe(view, good=good)
        if self._alive.witness and isinstance(found, FaceBox):
            self._forget_witness()
            self._witness = self._engine.chip(grey, found)
        self._choice_over = bool(self._pool.offered) and (
            self._pool.offered >= self._wanted or taken_at - self._pool.first_at >= _LONGEST_CHOICE_S
        )
        hint = None if isinstance(found, FaceBox) else found
        if self._alive.prompt and hint in _PART_OF_AN_ANSWER:
            hint = None
        return Look(
            hint=hint,
            good=min(self._pool.offered, self._wanted) + _A_PROMPT_IS_WORTH * self._alive.answered,
            wanted=self._wanted + _A_PROMPT_IS_WORTH * self._alive.wanted,
            prompt=self._alive.prompt,
            place=None if view.face is None else place_of(view.face, grey),
        )

    def conclusion(self) -> Conclusion | None:
        """How the try ends, once it can; it is over with that."""
        enough = self._choice_over and self._pool.offered >= self._policy.probes
        match self._alive.verdict:
            case Liveness.DOUBTFUL:
                ends_as = Conclusion.DOUBTFUL
            case Liveness.NOT_SHOWN:
                # a still picture of the card's holder ends like that, and so does who cannot turn the head
                confirmed = enough and self._compare()
                ends_as = Conclusion.NOT_SHOWN if confirmed else Conclusion.NOT_CONFIRMED
            case Liveness.ALIVE if enough:
                ends_as = Conclusion.MATCH if self._compare() else Conclusion.NOT_CONFIRMED
            case _:
                return None
        self._begin()
        return ends_as

    def forget(self) -> None:
        """Overwrite everything of this patient."""
        self._drop()
        self._engine.forget()

    def _drop(self) -> None:
        self._tracker.forget()
        self._gate.begin()
        self._begin()
        self._liveness.forget()
        if self._reference is not None:
            self._reference.fill(0)
            self._reference = None

    @property
    def _wanted(self) -> int:
        return _CHOSEN_FROM * self._policy.probes

    def _begin(self) -> None:
        self._pool.wipe()
        self._forget_witness()
        self._alive = LivenessView(Liveness.NOT_YET)
        self._choice_over = False

    def _compare(self) -> bool:
        if self._reference is None:
            return False
        probes: list[Embedding] = []
        # whoever was seen for long, while moving as asked, is compared by more frames
        many = self._pool.offered >= _CHOSEN_FROM * MOST_PROBES
        count = MOST_PROBES if many else self._policy.probes
        chips = self._pool.best()[:count]
        if self._witness is not None:  # it takes the place of the least of them
            chips = [*chips[: count - 1], self._witness]
        try:
            probes.extend(self._engine.embed_chip(chip) for chip in chips)
            if _farthest_apart(probes) > _ONE_FACE:
                return False  # one face was compared, and another one answered
            return decide(self._reference, probes, self._policy) is Decision.MATCH
        finally:
            for probe in probes:
                probe.fill(0)

    def _forget_witness(self) -> None:
        if self._witness is not None:
            self._witness.fill(0)
            self._witness = None


def _farthest_apart(probes: list[Embedding]) -> float:
    return max(
        (float(np.linalg.norm(one - other)) for i, one in enumerate(probes) for other in probes[:i]),
        default=0.0,
    )
