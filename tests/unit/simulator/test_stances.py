# SPDX-License-Identifier: Apache-2.0
"""How drawn people may stand and what they may wear, as the gate sees it; and cameras that are ill."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from kiosk.auth.face.engine import FaceBox, FaceEngine, to_grey
from kiosk.auth.face.matcher import MatchPolicy, distance
from kiosk.auth.face.quality import FaceHint, QualityLimits, judge
from kiosk.camera.health import is_black
from kiosk.cli import DEVICES, STANCES
from kiosk.simulator.patients.covers import Cover
from kiosk.simulator.patients.drawing import Pose, card_photo, live_frame
from kiosk.simulator.scenario import DeviceName, StanceName
from kiosk.simulator.stances import POSES, Device, Stance, as_it_comes

LIMITS = QualityLimits()


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    """The models: loading them takes a moment."""
    return FaceEngine()


def hint_of(engine: FaceEngine, key: str, pose: Pose | None = None) -> FaceHint | None:
    found = judge(engine, to_grey(live_frame(key, pose)), LIMITS)
    return None if isinstance(found, FaceBox) else found


@pytest.mark.parametrize(
    ("key", "stance", "hint"),
    [
        ("hanako", Stance.PLAIN, None),
        ("hanako+mask", Stance.PLAIN, FaceHint.MASK),
        ("ryoko+sunglasses", Stance.PLAIN, FaceHint.SUNGLASSES),
        ("hanako", Stance.BACKLIT, FaceHint.BACKLIT),
        ("hanako", Stance.EYES_CLOSED, FaceHint.EYES_CLOSED),
        ("hanako", Stance.FAR, FaceHint.TOO_FAR),
        ("goro", Stance.NEAR, FaceHint.TOO_NEAR),
        ("hanako", Stance.ASIDE, FaceHint.OFF_CENTRE),
        ("mei", Stance.LOW, None),
        ("mei", Stance.PLAIN, None),
    ],
)
def test_the_gate_sees_what_was_drawn(
    engine: FaceEngine, key: str, stance: Stance, hint: FaceHint | None
) -> None:
    assert hint_of(engine, key, POSES[stance]) is hint


def test_the_sisters_are_parted_but_hardly(engine: FaceEngine) -> None:
    policy = MatchPolicy()
    photo = card_photo("akane")
    own = engine.embed(photo, engine.find(photo)[0])

    def apart(key: str) -> float:
        probes = []
        for number, yaw in enumerate((-2.0, 0.0, 2.0)):
            grey = to_grey(live_frame(key, Pose(yaw=yaw, seed=number)))
            probes.append(engine.embed(grey, engine.find(grey)[0]))
        return distance(own, probes, policy.centre) / policy.threshold(len(probes))

    assert apart("akane") < 0.5
    assert 1.0 < apart("aoi") < 1.6


def test_an_ill_camera_gives_what_it_can() -> None:
    frame = live_frame("hanako")
    assert is_black(as_it_comes(frame, Device.BLACK))
    assert as_it_comes(frame, Device.SMALL).shape[:2] == (240, 320)
    over = as_it_comes(frame, Device.UPSIDE_DOWN)
    assert np.array_equal(over[::-1, ::-1], frame)
    assert as_it_comes(frame, Device.WELL) is frame


def test_all_names_can_be_told_from_outside() -> None:
    everything = {*(stance.value for stance in Stance), *(cover.value for cover in Cover)}
    assert set(STANCES) == set(get_args(StanceName)) == everything
    assert set(DEVICES) == set(get_args(DeviceName)) == {device.value for device in Device}
