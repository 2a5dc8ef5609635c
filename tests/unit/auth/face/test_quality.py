# SPDX-License-Identifier: Apache-2.0
"""Hints for drawn people, through the real detector."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceBox, FaceEngine, Landmarks, to_grey
from kiosk.auth.face.measures import away_of, nod_of, openness_of, roll_of, turn_of
from kiosk.auth.face.quality import FaceHint, QualityLimits, judge
from kiosk.simulator.patients.drawing import Pose, empty_frame, live_frame, two_people_frame
from kiosk.simulator.patients.people import PATIENTS

LIMITS = QualityLimits()
PEOPLE = [person.key for person in PATIENTS if person.name]


def blurred(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 7), dtype=np.uint8)


@pytest.mark.parametrize("key", PEOPLE)
def test_everybody_is_accepted_as_they_usually_stand(engine: FaceEngine, key: str) -> None:
    frame = live_frame(key, Pose(yaw=4, dx=0.02, seed=3))
    assert isinstance(judge(engine, to_grey(frame), LIMITS), FaceBox)


@pytest.mark.parametrize(
    ("frame", "hint"),
    [
        (empty_frame(), FaceHint.NO_FACE),
        (two_people_frame("hanako", "taro"), FaceHint.TWO_FACES),
        (live_frame("masao", Pose(distance=2.8)), FaceHint.TOO_FAR),
        (live_frame("masao", Pose(dy=0.27)), FaceHint.OFF_CENTRE),
        (live_frame("goro", Pose(distance=0.5)), FaceHint.TOO_NEAR),
        (live_frame("yuki", Pose(dx=0.28)), FaceHint.OFF_CENTRE),
        (live_frame("kenichi", Pose(light=0.2)), FaceHint.TOO_DARK),
        (empty_frame(Pose(light=0.05)), FaceHint.TOO_DARK),
        (live_frame("tome", Pose(light=2.5)), FaceHint.TOO_BRIGHT),
        (blurred(live_frame("hanako")), FaceHint.BLURRED),
    ],
    ids=lambda value: value.value if isinstance(value, FaceHint) else "",
)
def test_what_is_wrong_is_said(engine: FaceEngine, frame: NDArray[np.uint8], hint: FaceHint) -> None:
    assert judge(engine, to_grey(frame), LIMITS) is hint


class OneFace:
    """A detector that sees one well-placed face with these points."""

    def __init__(self, points: Landmarks) -> None:
        self._points = points

    def find(self, grey: NDArray[np.uint8], *, width: int = 0, upsample: int = 0) -> tuple[FaceBox, ...]:
        return (FaceBox(220, 140, 420, 340, 1.0),)

    def landmarks(self, grey: NDArray[np.uint8], box: FaceBox) -> Landmarks:
        return self._points

    def all_landmarks(self, grey: NDArray[np.uint8], box: FaceBox) -> NDArray[np.float64]:
        return every_point()


def every_point(nose: float = 320, open_by: float = 10) -> NDArray[np.float64]:
    """68 points of which only ears, nose and lids are where a face has them."""
    all_points = np.zeros((68, 2))
    all_points[0], all_points[16], all_points[30] = (220, 220), (420, 220), (nose, 260)
    for first, left in ((36, 260), (42, 340)):
        top, bottom = 200 - open_by / 2, 200 + open_by / 2
        across = (left, left + 13, left + 27, left + 40, left + 27, left + 13)
        down = (200, top, top, 200, bottom, bottom)
        all_points[first : first + 6] = np.column_stack([across, down])
    return all_points


def points(nose_x: float, lean: float = 0.0) -> Landmarks:
    return Landmarks((260, 200), (300, 200), (340, 200), (380, 200 + lean), (nose_x, 260))


@pytest.mark.parametrize(
    ("seen", "turned"),
    [(points(320), False), (points(345), True), (points(290), True), (points(320, lean=60), True)],
)
def test_a_turned_or_leaning_head(seen: Landmarks, *, turned: bool) -> None:
    chance = np.random.default_rng(1)
    grey = chance.integers(60, 200, (480, 640)).astype(np.uint8)
    grey[284:298] //= 3  # a mouth, whichever way the head leans
    grey[:, 200:214] //= 3
    assert (judge(OneFace(seen), grey, LIMITS) is FaceHint.TURNED) is turned


def test_turn_and_roll_are_measured_against_the_eyes() -> None:
    assert turn_of(points(350)) == pytest.approx(0.5)
    assert roll_of(points(320, lean=120)) == pytest.approx(45)
    assert turn_of(Landmarks((1, 1), (1, 1), (1, 1), (1, 1), (9, 9))) == 1.0


def test_a_nod_is_told_by_how_far_the_nose_is_below_the_eyes() -> None:
    level = Landmarks((260, 200), (300, 200), (340, 200), (380, 200), (320, 264))
    up = Landmarks((260, 200), (300, 200), (340, 200), (380, 200), (320, 240))
    assert nod_of(level) == pytest.approx(0.8)
    assert nod_of(up) == pytest.approx(0.5)
    leaning = Landmarks((200, 260), (200, 300), (200, 340), (200, 380), (136, 320))
    assert nod_of(leaning) == pytest.approx(0.8)


def test_a_face_turned_far_away_and_open_eyes_are_told_by_the_68_points() -> None:
    assert away_of(every_point(nose=390)) == pytest.approx(0.7)
    assert openness_of(every_point(open_by=10)) == pytest.approx((0.25, 0.25))
    assert openness_of(every_point(open_by=2)) == pytest.approx((0.05, 0.05))


@pytest.mark.parametrize("low", [-0.12, 0.2])
def test_a_small_face_high_or_low_in_the_picture_is_followed(engine: FaceEngine, low: float) -> None:
    frame = to_grey(live_frame("hanako", Pose(distance=1.3, dy=low)))
    assert isinstance(judge(engine, frame, LIMITS), FaceBox)


def test_a_camera_that_hangs_upside_down_is_noticed(engine: FaceEngine) -> None:
    over = np.ascontiguousarray(to_grey(live_frame("hanako"))[::-1, ::-1])
    assert judge(engine, over, LIMITS) is FaceHint.UPSIDE_DOWN
    assert judge(engine, over, LIMITS, look_wide=False) is FaceHint.NO_FACE


def test_a_portrait_camera_asks_nobody_to_come_closer(engine: FaceEngine) -> None:
    frame = live_frame("ryoko", size=(720, 1280))
    small = cv2.resize(frame, (360, 640))
    beside = np.full((1280, 720, 3), 225, np.uint8)
    beside[320:960, 180:540] = small
    assert isinstance(judge(engine, to_grey(beside), LIMITS), FaceBox)
