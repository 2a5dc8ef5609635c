# SPDX-License-Identifier: Apache-2.0
"""dlib's network, computed by us, gives dlib's numbers; and no other file is taken for it."""

from __future__ import annotations

from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest

from kiosk.auth.face.engine import model_path
from kiosk.auth.face.network import INPUT_SIZE, FaceNetwork
from kiosk.errors import EnvironmentProblem, FailureCode

MODEL = "dlib_face_recognition_resnet_model_v1.dat"


@pytest.fixture(scope="module")
def network() -> FaceNetwork:
    return FaceNetwork(model_path(MODEL))


def pictures() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Soft shapes, noise, black and white: whatever a piece of 150 × 150 may hold."""
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 256, (INPUT_SIZE, INPUT_SIZE), dtype=np.uint8)
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 6), dtype=np.uint8)
    return np.stack([noise, soft, np.zeros_like(noise), np.full_like(noise, 255)])


def test_the_numbers_are_dlibs(network: FaceNetwork) -> None:
    model = dlib.face_recognition_model_v1(str(model_path(MODEL)))
    given = pictures()
    wanted = np.array(
        [model.compute_face_descriptor(np.repeat(each[:, :, np.newaxis], 3, axis=2)) for each in given]
    )
    assert np.abs(network.embed(given) - wanted).max() < 2e-6


def test_faces_beside_each_other_change_nothing(network: FaceNetwork) -> None:
    given = pictures()
    alone = np.concatenate([network.embed(each[np.newaxis]) for each in given])
    assert np.abs(network.embed(given) - alone).max() < 1e-6


@pytest.mark.parametrize("kept", [0, 100, 20_000, 22_000_000])
def test_a_file_that_is_cut_is_refused(tmp_path: Path, kept: int) -> None:
    cut = tmp_path / MODEL
    cut.write_bytes(model_path(MODEL).read_bytes()[:kept])
    with pytest.raises(EnvironmentProblem) as caught:
        FaceNetwork(cut)
    assert caught.value.code is FailureCode.DEPENDENCY_MISSING


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem):
        FaceNetwork(tmp_path / MODEL)
