# SPDX-License-Identifier: Apache-2.0
"""The liveness check as the face process asks it: views of frames in, the standing and a prompt out."""

from __future__ import annotations

from typing import Final

from kiosk.auth.face.liveness.challenges import Chance
from kiosk.auth.face.liveness.judge import LivenessJudge, LivenessPolicy, Standing, Verdict
from kiosk.auth.face.liveness.samples import sample_of
from kiosk.auth.face.view import FrameView, Liveness, LivenessView

_SURROUND_EVERY_S: Final = 0.2
_SAID: Final = {
    Verdict.GOING_ON: Liveness.NOT_YET,
    Verdict.ALIVE: Liveness.ALIVE,
    Verdict.NOT_SHOWN: Liveness.NOT_SHOWN,
    Verdict.DOUBTFUL: Liveness.DOUBTFUL,
}


class ChallengeWatch:
    """Asks for movements, and looks for signs of a picture.

    Lives on: the face process's only thread.
    """

    def __init__(self, policy: LivenessPolicy | None = None, chance: Chance | None = None) -> None:
        self._judge = LivenessJudge(policy or LivenessPolicy(), chance)
        self._surround_at = 0.0

    def begin(self) -> None:
        """A new try."""
        self._judge.begin()

    def another_face(self) -> None:
        """Somebody else, as it seems, or the same person after a gap: what was answered counts no more."""
        self._judge.another_face()

    def observe(self, view: FrameView, *, good: bool) -> LivenessView:
        """The next frame."""
        face = view.face
        if face is None:
            return _told(self._judge.nobody(view.taken_at, view.on_screen))
        surround = not 0 <= view.taken_at - self._surround_at < _SURROUND_EVERY_S
        if surround:
            self._surround_at = view.taken_at
        points = view.landmarks(view.grey, face)
        sample = sample_of(view.taken_at, view.grey, face, points, surround=surround)
        standing = self._judge.see(sample, good=good, on_screen=view.on_screen)
        return _told(standing, witness=self._judge.frame_to_keep)

    def forget(self) -> None:
        """Overwrite what is kept of frames."""
        self._judge.begin()


def _told(standing: Standing, *, witness: bool = False) -> LivenessView:
    return LivenessView(
        _SAID[standing.verdict],
        prompt=standing.asked.value if standing.asked is not None else "",
        answered=standing.answered,
        wanted=standing.wanted,
        witness=witness,
    )
