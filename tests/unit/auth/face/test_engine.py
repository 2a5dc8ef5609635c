# SPDX-License-Identifier: Apache-2.0
"""The engine, and that it computes what the `face_recognition` library computes."""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pytest
from PIL import ImageFile

from kiosk.auth.face.engine import FaceBox, FaceEngine, model_path, to_grey
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.patients.drawing import Pose, card_photo, live_frame


def test_a_missing_model_is_told() -> None:
    with pytest.raises(EnvironmentProblem) as raised:
        model_path("none.dat")
    assert raised.value.code is FailureCode.DEPENDENCY_MISSING


def test_one_face_is_found_where_it_is(engine: FaceEngine) -> None:
    (face,) = engine.find(to_grey(live_frame("kenichi", Pose(dx=0.1))))
    assert face.centre[0] == pytest.approx(1280 * 0.6, abs=40)


def test_the_landmarks_lie_from_left_to_right(engine: FaceEngine) -> None:
    grey = card_photo("ryoko")
    points = engine.landmarks(grey, engine.find(grey)[0])
    across = [
        points.left_eye_outer[0], points.left_eye_inner[0], points.nose[0], points.right_eye_inner[0],
        points.right_eye_outer[0],
    ]  # fmt: skip
    assert across == sorted(across)
    assert points.nose[1] > points.left_eye_inner[1]


def test_a_mirrored_face_has_the_same_numbers(engine: FaceEngine) -> None:
    grey = card_photo("masao")
    mirrored = np.ascontiguousarray(grey[:, ::-1])
    (face,) = engine.find(grey)
    width = grey.shape[1]
    reflected = FaceBox(width - 1 - face.right, face.top, width - 1 - face.left, face.bottom, face.score)
    apart = np.linalg.norm(engine.embed(grey, face) - engine.embed(mirrored, reflected))
    assert apart < 0.12


def test_colour_makes_no_difference(engine: FaceEngine) -> None:
    grey = card_photo("goro")
    assert np.array_equal(to_grey(np.repeat(grey[:, :, None], 3, axis=2)), grey)


def test_the_numbers_are_those_of_the_library(engine: FaceEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    # the library's import makes Pillow take broken files, for the whole process; put back at the end
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # its models' package asks for pkg_resources, the reason we load them ourselves
        library = importlib.import_module("face_recognition")

    grey = card_photo("akira")
    (face,) = engine.find(grey)
    place = [(face.top, face.right, face.bottom, face.left)]
    picture = np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
    (plain,) = library.face_encodings(picture, place, num_jitters=1, model="small")
    raw_chips = engine._vectors(engine.chip(grey, face))
    assert np.linalg.norm(plain - raw_chips[0]) < 1e-3
    assert np.allclose(np.mean(raw_chips, axis=0), engine.embed(grey, face))
