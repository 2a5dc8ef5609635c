# SPDX-License-Identifier: Apache-2.0
"""Which hint is shown, and for how long: one at a time, and long enough to be read. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kiosk.auth.face.quality import FaceHint

READ_S: Final = 1.2
SETTLE_S: Final = 0.35
BLINK_S: Final = 0.9  # a blink is no reason to be asked to open one's eyes
HIDDEN_S: Final = 4.0  # nobody in the frame for so long: perhaps somebody stands there with the face covered


@dataclass(frozen=True, slots=True)
class HintHold:
    """What is shown since when, and since when the frames have been other than that.

    Frames change their minds several times a second; people need more than a second to read a line.
    """

    shown: FaceHint | None = None
    shown_at: float = 0.0
    trouble_at: float | None = None  # since when no frame was good
    eyes_at: float | None = None  # since when eyes have been closed
    alone_at: float | None = None  # since when nobody has been found

    def see(self, hint: FaceHint | None, now: float) -> HintHold:
        """What holds after this frame, which was good where `hint` is None."""
        seen = replace(
            self,
            trouble_at=_since(self.trouble_at, now, goes_on=hint is not None),
            eyes_at=_since(self.eyes_at, now, goes_on=hint is FaceHint.EYES_CLOSED),
            alone_at=_since(self.alone_at, now, goes_on=hint is FaceHint.NO_FACE),
        )
        wanted = seen._wanted(hint, now)  # noqa: SLF001  # its own
        if wanted is self.shown or (self.shown is not None and now - self.shown_at < READ_S):
            return seen
        return replace(seen, shown=wanted, shown_at=now)

    def _wanted(self, hint: FaceHint | None, now: float) -> FaceHint | None:
        if hint is None:
            return None
        if self.trouble_at is None or now - self.trouble_at < SETTLE_S:
            return self.shown
        if hint is FaceHint.EYES_CLOSED and (self.eyes_at is None or now - self.eyes_at < BLINK_S):
            return self.shown
        if hint is FaceHint.NO_FACE and self.alone_at is not None and now - self.alone_at >= HIDDEN_S:
            return FaceHint.HIDDEN
        return hint


def _since(before: float | None, now: float, *, goes_on: bool) -> float | None:
    if not goes_on:
        return None
    return now if before is None else before
