# SPDX-License-Identifier: Apache-2.0
"""A try frame by frame: what is kept, when it ends, and that nobody lends a face to somebody else's try."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.auth.face.engine import Embedding, FaceBox, Grey, Landmarks
from kiosk.auth.face.examination import Conclusion, Examination, Look
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.auth.face.pool import CandidatePool
from kiosk.auth.face.quality import FaceHint, QualityLimits
from kiosk.auth.face.view import FrameView, Liveness, LivenessView, Points
from kiosk.simulator.patients.drawing import card_photo
from tests.fakes.faces import as_jp2

BOX = FaceBox(490, 210, 790, 510, 1.0)
ASIDE = FaceBox(200, 210, 500, 510, 1.0)
POINTS = Landmarks((540, 300), (600, 300), (680, 300), (740, 300), (640, 400))
CHANCE = np.random.default_rng(5)
FRAME = CHANCE.integers(60, 200, (720, 1280)).astype(np.uint8)
FRAME[418:448] //= 3  # a mouth
FACE_POINTS = np.zeros((68, 2))
FACE_POINTS[[0, 16, 30]] = (500, 330), (780, 330), (640, 380)
for first, left in ((36, 540), (42, 680)):
    FACE_POINTS[first : first + 6, 0] = left + np.array([0, 20, 40, 60, 40, 20])
    FACE_POINTS[first : first + 6, 1] = 300 + np.array([0, -9, -9, 0, 9, 9])


class Numbers:
    """An engine without models: a person is a number, and everybody is where they should be."""

    def __init__(self) -> None:
        self.faces: tuple[FaceBox, ...] = (BOX,)
        self.person = 0
        self.chips: list[Grey] = []
        self.embedded = 0
        self.forgotten = False

    def forget(self) -> None:
        self.forgotten = True

    def find(self, grey: Grey, *, width: int = 480, upsample: int = 0) -> tuple[FaceBox, ...]:
        return self.faces

    def find_near(self, grey: Grey, box: FaceBox) -> tuple[FaceBox, ...]:
        return self.faces

    def landmarks(self, grey: Grey, box: FaceBox) -> Landmarks:
        return POINTS

    def all_landmarks(self, grey: Grey, box: FaceBox) -> Points:
        return FACE_POINTS

    def chip(self, grey: Grey, box: FaceBox) -> Grey:
        self.chips.append(np.full((4, 4), 100 + self.person, np.uint8))
        return self.chips[-1]

    def embed_chip(self, chip: Grey) -> Embedding:
        self.embedded += 1
        return np.full(128, (int(chip[0, 0]) - 100) / 10)

    def embed(self, grey: Grey, box: FaceBox) -> Embedding:
        return np.full(128, self.person / 10)


class Told:
    """Liveness as the test says."""

    def __init__(self) -> None:
        self.now = LivenessView(Liveness.ALIVE)
        self.begun = 0
        self.good: list[bool] = []
        self.forgotten = False

    def begin(self) -> None:
        self.begun += 1

    def another_face(self) -> None:
        self.begun += 1

    def observe(self, view: FrameView, *, good: bool) -> LivenessView:
        self.good.append(good)
        return self.now

    def forget(self) -> None:
        self.forgotten = True


class Kit:
    def __init__(self) -> None:
        self.engine = Numbers()
        self.liveness = Told()
        self.examination = Examination(self.engine, MatchPolicy(), QualityLimits(), self.liveness)
        self.examination.set_reference(bytearray(as_jp2(card_photo("hanako"))))
        self.examination.start_try()
        self.time = 10.0

    def frames(self, count: int, apart_s: float = 0.1) -> Look:
        for _ in range(count):
            look = self.examination.look(FRAME, self.time)
            self.time += apart_s
        return look

    def end(self) -> Conclusion | None:
        return self.examination.conclusion()


@pytest.fixture
def kit() -> Kit:
    return Kit()


def test_six_good_frames_are_chosen_from_and_three_compared(kit: Kit) -> None:
    assert kit.frames(5) == Look(None, 5, 6)
    assert kit.end() is None
    kit.frames(1)
    assert kit.end() is Conclusion.MATCH
    assert kit.engine.embedded == 3
    assert not any(chip.any() for chip in kit.engine.chips)  # and all is overwritten


def test_a_slow_camera_need_not_give_six(kit: Kit) -> None:
    kit.frames(2, apart_s=0.6)
    assert kit.end() is None  # time enough, but three are the least
    kit.engine.faces = (BOX,)
    kit.frames(1)
    assert kit.end() is Conclusion.MATCH


@pytest.mark.parametrize(("seen", "compared"), [(6, 3), (9, 3), (10, 5), (14, 5)])
@pytest.mark.parametrize("witness", [False, True])
def test_whoever_is_seen_for_long_is_compared_by_five_frames(
    kit: Kit, seen: int, compared: int, *, witness: bool
) -> None:
    kit.liveness.now = LivenessView(Liveness.NOT_YET, "turn_left", witness=witness)
    kit.frames(1)
    kit.liveness.now = LivenessView(Liveness.NOT_YET, "turn_left")
    kit.frames(seen - 2)
    kit.liveness.now = LivenessView(Liveness.ALIVE)
    kit.frames(1)
    assert kit.end() is Conclusion.MATCH
    assert kit.engine.embedded == compared


def test_somebody_else_is_not_confirmed(kit: Kit) -> None:
    kit.engine.person = 7
    kit.frames(6)
    assert kit.end() is Conclusion.NOT_CONFIRMED


def test_another_face_begins_all_over(kit: Kit) -> None:
    kit.frames(5)
    begun = kit.liveness.begun
    kit.engine.faces, kit.engine.person = (ASIDE,), 7
    look = kit.frames(1)
    assert look.good <= 1
    assert kit.liveness.begun == begun + 1
    assert kit.end() is None
    assert not any(chip.any() for chip in kit.engine.chips[:5])


def test_a_prompt_goes_out_and_the_decision_waits_for_liveness(kit: Kit) -> None:
    kit.liveness.now = LivenessView(Liveness.NOT_YET, "turn_left")
    assert kit.frames(9) == Look(None, 6, 6, "turn_left")
    assert kit.end() is None
    assert kit.engine.embedded == 0
    kit.liveness.now = LivenessView(Liveness.ALIVE)
    kit.frames(1)
    assert kit.end() is Conclusion.MATCH


def test_one_face_cannot_be_compared_while_another_answers(kit: Kit) -> None:
    kit.liveness.now = LivenessView(Liveness.NOT_YET)
    kit.frames(6)
    kit.engine.person = 1  # stands there when the movement is asked for, and is as good a face
    kit.liveness.now = LivenessView(Liveness.NOT_YET, "turn_left", witness=True)
    kit.frames(1)
    kit.engine.person = 0
    kit.liveness.now = LivenessView(Liveness.ALIVE, answered=1, wanted=1)
    assert kit.frames(1).good == kit.frames(1).wanted == 9
    assert kit.end() is Conclusion.NOT_CONFIRMED


@pytest.mark.parametrize(("who", "end"), [(0, Conclusion.NOT_SHOWN), (1, Conclusion.NOT_CONFIRMED)])
def test_movements_not_made_confirm_nobody_and_are_told_of_the_photos_face_only(
    kit: Kit, who: int, end: Conclusion
) -> None:
    kit.engine.person = who
    kit.liveness.now = LivenessView(Liveness.NOT_YET, "turn_left")
    kit.frames(6)
    kit.liveness.now = LivenessView(Liveness.NOT_SHOWN)
    kit.frames(1)
    assert kit.end() is end
    kit.liveness.now = LivenessView(Liveness.ALIVE)
    kit.frames(1)
    assert kit.end() is None  # what was compared counts no more


def test_movements_not_made_by_a_face_that_was_hardly_seen_are_told_of_nobody(kit: Kit) -> None:
    kit.liveness.now = LivenessView(Liveness.NOT_SHOWN)
    kit.frames(1)
    assert kit.end() is Conclusion.NOT_CONFIRMED
    assert kit.engine.embedded == 0


def test_doubt_ends_the_try_without_a_comparison(kit: Kit) -> None:
    kit.liveness.now = LivenessView(Liveness.DOUBTFUL)
    kit.frames(1)
    assert kit.end() is Conclusion.DOUBTFUL
    assert kit.engine.embedded == 0


def test_a_refused_frame_is_not_kept_but_watched(kit: Kit) -> None:
    kit.engine.faces = ()
    assert kit.frames(1).hint is FaceHint.NO_FACE
    assert kit.engine.chips == []
    assert kit.liveness.good == [False]


def test_everything_is_forgotten(kit: Kit) -> None:
    kit.frames(4)
    kit.examination.forget()
    assert kit.liveness.forgotten
    assert kit.engine.forgotten
    assert not any(chip.any() for chip in kit.engine.chips)
    kit.examination.start_try()
    kit.frames(6)
    assert kit.end() is Conclusion.NOT_CONFIRMED  # there is no photo to be like


def test_the_pool_keeps_the_best_and_overwrites_the_others() -> None:
    chips = [np.full((2, 2), 9, np.uint8) for _ in range(4)]
    pool = CandidatePool(2)
    for worth, chip in zip((0.5, 0.9, 0.1, 0.7), chips, strict=True):
        pool.add(worth, chip, 1.0)
    assert [id(chip) for chip in pool.best()] == [id(chips[1]), id(chips[3])]
    assert [bool(chip.any()) for chip in chips] == [False, True, False, True]
    assert pool.offered == 4
    pool.wipe()
    assert (pool.best(), pool.offered) == ([], 0)
    assert not any(chip.any() for chip in chips)
