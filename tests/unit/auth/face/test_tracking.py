# SPDX-License-Identifier: Apache-2.0
"""Following a face: what is searched, what is missed, and when it is somebody else."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.auth.face.engine import FaceBox, FaceEngine, Grey, Landmarks, to_grey
from kiosk.auth.face.tracking import LONGEST_GAP_S, WHOLE_EVERY, FaceTracker, overlap
from kiosk.auth.face.view import Points
from kiosk.simulator.patients.drawing import Pose, empty_frame, live_frame, two_people_frame

GREY = np.zeros((720, 1280), np.uint8)
HERE = FaceBox(500, 200, 800, 500, 1.0)
BESIDE = FaceBox(530, 210, 830, 510, 1.0)
ELSEWHERE = FaceBox(20, 200, 220, 400, 1.0)


class Staged:
    """Eyes that see what is put before them, and note where they were asked to look."""

    def __init__(self) -> None:
        self.whole: tuple[FaceBox, ...] = (HERE,)
        self.near: tuple[FaceBox, ...] = (HERE,)
        self.asked: list[str] = []

    def find(self, grey: Grey, *, width: int = 480, upsample: int = 0) -> tuple[FaceBox, ...]:
        self.asked.append("whole")
        return self.whole

    def find_near(self, grey: Grey, box: FaceBox) -> tuple[FaceBox, ...]:
        self.asked.append("near")
        return self.near

    def landmarks(self, grey: Grey, box: FaceBox) -> Landmarks:
        self.asked.append("points")
        return Landmarks((0, 0), (1, 0), (2, 0), (3, 0), (1, 1))

    def all_landmarks(self, grey: Grey, box: FaceBox) -> Points:
        self.asked.append("all points")
        return np.zeros((68, 2))


def test_between_searches_only_the_surroundings_are_looked_at() -> None:
    eyes = Staged()
    tracker = FaceTracker(eyes)
    for number in range(2 * WHOLE_EVERY):
        tracker.see(GREY, number / 15)
    assert eyes.asked == (["whole"] + ["near"] * (WHOLE_EVERY - 1)) * 2


def test_a_face_that_has_gone_is_missed_at_once() -> None:
    eyes = Staged()
    tracker = FaceTracker(eyes)
    tracker.see(GREY, 0.0)
    eyes.near = eyes.whole = ()
    view = tracker.see(GREY, 0.1)
    assert view.faces == ()
    assert view.whole


def test_a_second_face_is_seen_within_a_bounded_number_of_frames() -> None:
    eyes = Staged()
    tracker = FaceTracker(eyes)
    tracker.see(GREY, 0.0)
    eyes.whole = (HERE, ELSEWHERE)  # too far away to be seen near the first
    seen = [len(tracker.see(GREY, number / 15).faces) for number in range(1, WHOLE_EVERY + 1)]
    assert seen[-1] == 2
    assert len(tracker.see(GREY, 1.0).faces) == 2  # and it is looked for until it has gone


def test_the_same_face_is_one_track_and_another_one_a_new_one() -> None:
    eyes = Staged()
    tracker = FaceTracker(eyes)
    first = tracker.see(GREY, 0.0).track
    eyes.near = (BESIDE,)
    assert tracker.see(GREY, 0.1).track == first
    eyes.near, eyes.whole = (), (ELSEWHERE,)
    second = tracker.see(GREY, 0.2).track
    assert second != first
    assert tracker.see(GREY, 0.25).track == second
    assert tracker.see(GREY, 0.3 + LONGEST_GAP_S).track != second  # who was away so long may be anybody


def test_points_are_computed_once_and_only_when_asked_for() -> None:
    eyes = Staged()
    view = FaceTracker(eyes).see(GREY, 0.0)
    assert eyes.asked == ["whole"]
    for _ in range(2):
        view.landmarks(GREY, HERE)
        view.all_landmarks(GREY, HERE)
        assert view.find(GREY) == (HERE,)
    assert eyes.asked == ["whole", "points", "all points"]
    view.find(GREY, width=880)
    assert eyes.asked[-1] == "whole"


@pytest.mark.parametrize(("other", "share"), [(HERE, 1.0), (ELSEWHERE, 0.0)])
def test_overlap(other: FaceBox, share: float) -> None:
    assert overlap(HERE, other) == pytest.approx(share)


def test_the_real_detector_follows_a_drawn_face(engine: FaceEngine) -> None:
    tracker = FaceTracker(engine)
    tracks, searched = set(), []
    for number in range(5):
        grey = to_grey(live_frame("hanako", Pose(dx=0.01 * number, seed=number)))
        view = tracker.see(grey, number / 10)
        assert view.face is not None
        # whichever way it was found, it is found in the same place, but for the steps of its sizes
        assert overlap(view.face, engine.find(grey)[0]) > 0.6
        tracks.add(view.track)
        searched.append(view.whole)
    assert len(tracks) == 1
    assert searched == [True, False, False, False, True]
    assert tracker.see(to_grey(empty_frame()), 0.5).faces == ()
    assert len(tracker.see(to_grey(two_people_frame("hanako", "taro")), 0.6).faces) == 2
    points = view.all_landmarks(view.grey, engine.find(view.grey)[0])
    assert points.shape == (68, 2)
    assert points[36, 0] < points[45, 0]
