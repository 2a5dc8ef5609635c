# SPDX-License-Identifier: Apache-2.0
"""What the gate notices from frame to frame, and how long a hint stays."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.auth.face import gate as gate_module
from kiosk.auth.face.engine import FaceBox, Landmarks
from kiosk.auth.face.gate import EYES_PATIENCE_S, QualityGate
from kiosk.auth.face.hints import BLINK_S, HIDDEN_S, READ_S, SETTLE_S, HintHold
from kiosk.auth.face.quality import SHOWN_HINTS, FaceHint, QualityLimits
from kiosk.texts import Catalogue

I18N = Path(__file__).parents[4] / "assets" / "i18n"
GREY = np.full((480, 640), 128, np.uint8)
FACE = FaceBox(220, 140, 420, 340, 1.0)


class Walker:
    """A finder whose face is wherever it was put."""

    def __init__(self) -> None:
        self.x = 320.0

    def find(self, grey: NDArray[np.uint8], *, width: int = 0, upsample: int = 0) -> tuple[FaceBox, ...]:
        return (FACE,)

    def landmarks(self, grey: NDArray[np.uint8], box: FaceBox) -> Landmarks:
        x = self.x
        return Landmarks((x - 60, 200), (x - 20, 200), (x + 20, 200), (x + 60, 200), (x, 264))

    def all_landmarks(self, grey: NDArray[np.uint8], box: FaceBox) -> NDArray[np.float64]:
        return np.zeros((68, 2))


class Judge:
    """Stands in for the judge of single frames."""

    def __init__(self) -> None:
        self.found: FaceBox | FaceHint = FACE
        self.wide: list[bool] = []

    def __call__(self, *_: object, look_wide: bool, eyes_matter: bool) -> FaceBox | FaceHint:
        self.wide.append(look_wide)
        return FACE if self.found is FaceHint.EYES_CLOSED and not eyes_matter else self.found


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    stand_in = Judge()
    monkeypatch.setattr(gate_module, "judge", stand_in)
    return stand_in


@pytest.fixture
def gate() -> QualityGate:
    return QualityGate(QualityLimits())


def test_somebody_who_walks_is_asked_to_stand_still(gate: QualityGate, judge: Judge) -> None:
    walker = Walker()
    seen = []
    for step, x in enumerate((300.0, 330.0, 360.0, 361.0, 362.0)):
        walker.x = x
        seen.append(gate.judge(walker, GREY, 10 + 0.1 * step))
    assert seen == [FACE, FaceHint.MOVING, FaceHint.MOVING, FACE, FACE]


def test_a_pause_in_the_frames_is_no_movement(gate: QualityGate, judge: Judge) -> None:
    walker = Walker()
    assert gate.judge(walker, GREY, 10.0) == FACE
    walker.x = 420
    assert gate.judge(walker, GREY, 11.0) == FACE
    gate.begin()
    walker.x = 300
    assert gate.judge(walker, GREY, 11.1) == FACE


def test_small_and_leaning_faces_are_looked_for_in_every_third_frame(gate: QualityGate, judge: Judge) -> None:
    judge.found = FaceHint.NO_FACE
    for step in range(6):
        gate.judge(Walker(), GREY, 10 + step * 0.1)
    assert judge.wide == [True, False, False, True, False, False]


def test_eyes_that_always_look_closed_are_accepted_after_a_while(gate: QualityGate, judge: Judge) -> None:
    judge.found = FaceHint.EYES_CLOSED
    assert gate.judge(Walker(), GREY, 10.0) is FaceHint.EYES_CLOSED
    assert gate.judge(Walker(), GREY, 10.1 + EYES_PATIENCE_S / 2) is FaceHint.EYES_CLOSED
    assert gate.judge(Walker(), GREY, 10.1 + EYES_PATIENCE_S) == FACE
    assert gate.judge(Walker(), GREY, 10.2 + EYES_PATIENCE_S) == FACE
    gate.begin()
    assert gate.judge(Walker(), GREY, 20.0) is FaceHint.EYES_CLOSED


def test_a_blink_does_not_use_up_the_patience(gate: QualityGate, judge: Judge) -> None:
    for start in (10.0, 12.0, 14.0):
        judge.found = FaceHint.EYES_CLOSED
        assert gate.judge(Walker(), GREY, start) is FaceHint.EYES_CLOSED
        judge.found = FACE
        assert gate.judge(Walker(), GREY, start + 0.2) == FACE


def shown(story: list[tuple[float, FaceHint | None]]) -> list[tuple[float, FaceHint | None]]:
    """The changes of what is shown while frames say this."""
    hold, changes = HintHold(), []
    for at, hint in story:
        before = hold.shown
        hold = hold.see(hint, at)
        if hold.shown is not before:
            changes.append((at, hold.shown))
    return changes


def frames(hint: FaceHint | None, begin: float, end: float) -> list[tuple[float, FaceHint | None]]:
    return [(round(at, 2), hint) for at in np.arange(begin, end, 0.1)]


def test_a_hint_comes_once_it_lasts_and_stays_to_be_read() -> None:
    story = frames(FaceHint.TOO_FAR, 0, 0.6) + frames(None, 0.6, 4)
    (came, hint), (went, nothing) = shown(story)
    assert (hint, nothing) == (FaceHint.TOO_FAR, None)
    assert came == pytest.approx(SETTLE_S, abs=0.1)
    assert READ_S <= went - came < READ_S + 0.2


def test_one_bad_frame_among_good_ones_says_nothing() -> None:
    assert not shown(frames(None, 0, 1) + frames(FaceHint.BLURRED, 1, 1.15) + frames(None, 1.2, 2))


def test_frames_that_change_their_mind_do_not_flicker() -> None:
    two = (FaceHint.TOO_FAR, FaceHint.OFF_CENTRE)
    story: list[tuple[float, FaceHint | None]] = [(step * 0.1, two[step % 2]) for step in range(50)]
    changes = shown(story)
    assert changes
    assert all(later - earlier >= READ_S for (earlier, _), (later, _) in itertools.pairwise(changes))


def test_a_blink_is_no_reason_to_be_asked_to_open_the_eyes() -> None:
    assert not shown(frames(FaceHint.EYES_CLOSED, 0, BLINK_S - 0.1) + frames(None, 1, 2))
    assert shown(frames(FaceHint.EYES_CLOSED, 0, BLINK_S + 0.3))[0][1] is FaceHint.EYES_CLOSED


def test_whoever_is_not_found_for_long_may_have_covered_the_face() -> None:
    hints = [hint for _, hint in shown(frames(FaceHint.NO_FACE, 0, HIDDEN_S + 2))]
    assert hints == [FaceHint.NO_FACE, FaceHint.HIDDEN]


@pytest.mark.parametrize("language", Catalogue.languages(I18N))
def test_every_hint_has_one_plain_sentence_and_fits_where_the_longest_does(language: str) -> None:
    texts = Catalogue.load(I18N, language).texts
    said = {hint: texts[f"hint.{hint.value}"] for hint in SHOWN_HINTS}
    assert len(set(said.values())) == len(said)
    assert max(said.values(), key=len) == said[FaceHint.MASK]
