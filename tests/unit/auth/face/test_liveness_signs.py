# SPDX-License-Identifier: Apache-2.0
"""Depth, ripples, frames round faces and gaze: on points of planes and heads, and on drawn patients."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceBox, FaceEngine, Grey, to_grey
from kiosk.auth.face.liveness.border import border_of
from kiosk.auth.face.liveness.depth import Points, depth_shown, patch_of, unexplained
from kiosk.auth.face.liveness.gaze import gaze_of
from kiosk.auth.face.liveness.ripple import ripple_of
from kiosk.auth.face.liveness.signs import DOUBT, SignLimits, flatness
from kiosk.simulator.patients.drawing import Pose, live_frame
from kiosk.simulator.patients.shown import Hold, Medium, shown_frame

LIMITS = SignLimits()
FACE_WIDTH = 150.0
BOX = FaceBox(506, 280, 774, 548, 1.0)


def _points(chance: np.random.Generator, count: int = 80) -> NDArray[np.float64]:
    return chance.uniform(-FACE_WIDTH / 2, FACE_WIDTH / 2, (count, 2))


def _single(points: NDArray[np.float64]) -> Points:
    return np.asarray(points, dtype=np.float32)


@settings(deadline=None)
@given(
    seed=st.integers(0, 1000),
    yaw=st.floats(-50, 50),
    pitch=st.floats(-50, 50),
    roll=st.floats(-40, 40),
    nearness=st.floats(0.7, 1.4),
    noise=st.floats(0, 0.25),
)
def test_a_flat_picture_is_flat_however_it_is_tilted(
    seed: int, yaw: float, pitch: float, roll: float, nearness: float, noise: float
) -> None:
    chance = np.random.default_rng(seed)
    before = _points(chance)
    after = _seen(before, np.zeros(len(before)), yaw, pitch, roll) * nearness
    after += chance.normal(0, noise, after.shape)
    apart = unexplained(_single(before), _single(after))
    assert apart is not None
    assert flatness(apart / FACE_WIDTH, LIMITS).strength >= DOUBT


@settings(deadline=None)
@given(seed=st.integers(0, 1000), yaw=st.sampled_from((-25.0, -15.0, 15.0, 25.0)))
def test_a_head_that_turns_is_not(seed: int, yaw: float) -> None:
    chance = np.random.default_rng(seed)
    before = _points(chance)
    x, y = before[:, 0] / FACE_WIDTH * 2, before[:, 1] / FACE_WIDTH * 2
    round_head = np.sqrt(np.maximum(0.0, 1 - (0.8 * x) ** 2)) * 0.9
    nose = 0.4 * np.exp(-((x / 0.3) ** 2)) * np.exp(-(((y - 0.2) / 0.4) ** 2))
    after = _seen(before, (round_head + nose) * FACE_WIDTH / 2, yaw, 0.0, 0.0)
    apart = unexplained(_single(before), _single(after))
    assert apart is not None
    assert flatness(apart / FACE_WIDTH, LIMITS).strength == 0


def _seen(
    flat: NDArray[np.float64], depth: NDArray[np.float64], yaw: float, pitch: float, roll: float
) -> NDArray[np.float64]:
    """Where a camera four face widths away sees the points after the turn."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    solid = np.column_stack([flat, depth]) @ (about_z @ about_x @ about_y).T
    away = 4 * FACE_WIDTH
    return np.asarray(solid[:, :2] * (away / (away - solid[:, 2:])))


def test_too_few_points_say_nothing() -> None:
    few = np.zeros((10, 2), dtype=np.float32)
    assert unexplained(few, few) is None
    assert 0 < flatness(None, LIMITS).strength < DOUBT


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return FaceEngine()


def _face(engine: FaceEngine, grey: Grey) -> FaceBox:
    found = engine.find(grey)
    assert found
    return found[0]


def _depth(engine: FaceEngine, frames: list[NDArray[np.uint8]]) -> float | None:
    greys = [to_grey(frame) for frame in frames]
    return depth_shown([patch_of(grey, _face(engine, grey)) for grey in greys])


def test_drawn_heads_show_depth_and_drawn_prints_do_not(engine: FaceEngine) -> None:
    head = _depth(engine, [live_frame("hanako", Pose(yaw=yaw, seed=yaw)) for yaw in (0, 6, 12, 18, 24)])
    held = [Hold(yaw=yaw, pitch=0.6 * yaw, roll=2 + 0.3 * yaw, seed=yaw) for yaw in (0, 6, 12, 18, 24)]
    flat = _depth(engine, [shown_frame(Medium.PRINT, "hanako", each) for each in held])
    assert head is not None
    assert flat is not None
    assert head > 2 * LIMITS.depth
    assert flat < LIMITS.depth / 2


def test_screens_ripple_and_skin_does_not(engine: FaceEngine) -> None:
    live = to_grey(live_frame("hanako", Pose(seed=3)))
    screen = to_grey(shown_frame(Medium.SCREEN, "hanako", Hold(seed=3)))
    assert ripple_of(live, _face(engine, live)) < LIMITS.ripple / 2
    assert ripple_of(screen, _face(engine, screen)) > LIMITS.ripple
    assert ripple_of(live[:100, :100], FaceBox(10, 10, 60, 60, 1.0)) == 0.0


@pytest.mark.parametrize("medium", list(Medium))
def test_the_edge_of_what_is_held_up_is_found(engine: FaceEngine, medium: Medium) -> None:
    grey = to_grey(shown_frame(medium, "hanako", Hold(seed=3)))
    border = border_of(grey, _face(engine, grey))
    assert border is not None
    assert border.middle_x == pytest.approx(640, abs=25)


def test_a_waiting_room_is_no_frame(engine: FaceEngine) -> None:
    grey = to_grey(live_frame("hanako", Pose(seed=3)))
    assert border_of(grey, _face(engine, grey)) is None
    assert border_of(np.full((720, 1280), 120, dtype=np.uint8), BOX) is None


def test_looks_to_both_sides_are_told_apart(engine: FaceEngine) -> None:
    found: list[float] = []
    for gaze in (-1.0, 0.0, 1.0):
        grey = to_grey(live_frame("hanako", Pose(gaze=gaze, seed=3)))
        looked = gaze_of(grey, engine.landmarks(grey, _face(engine, grey)))
        assert looked is not None
        found.append(looked)
    assert found[0] + 0.15 < found[1] < found[2] - 0.15


def test_eyes_too_small_to_tell_look_nowhere(engine: FaceEngine) -> None:
    grey = to_grey(live_frame("hanako", Pose(seed=3)))
    points = engine.landmarks(grey, _face(engine, grey))
    small = np.asarray(cv2.resize(grey, (256, 144)), dtype=np.uint8)
    shrunk = type(points)(
        *((x / 5, y / 5) for x, y in (points.left_eye_outer, points.left_eye_inner)),
        *((x / 5, y / 5) for x, y in (points.right_eye_inner, points.right_eye_outer, points.nose)),
    )
    assert gaze_of(small, shrunk) is None
