# SPDX-License-Identifier: Apache-2.0
"""Comparison and evaluation for technicians."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.auth.face.compare import compare, evaluate
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.simulator.patients.drawing import Pose, card_photo, live_frame


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "hanako.png"), card_photo("hanako"))
    cv2.imwrite(str(tmp_path / "taro.png"), card_photo("taro"))
    cv2.imwrite(str(tmp_path / "live.png"), live_frame("hanako", Pose(yaw=5), (640, 480)))
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((400, 300), 200, np.uint8))
    return tmp_path


def test_two_pictures(pictures: Path) -> None:
    same = compare(pictures / "hanako.png", pictures / "live.png")
    other = compare(pictures / "hanako.png", pictures / "taro.png")
    nobody = compare(pictures / "hanako.png", pictures / "wall.png")
    assert same.match
    assert not other.match
    assert nobody.as_dict() == {"distance": None, "match": False, "threshold": 0.345}


def test_pairs_are_counted_by_kind_and_paths_start_at_the_file(pictures: Path) -> None:
    pairs = pictures / "pairs.csv"
    pairs.write_text(
        "img1,img2,same\nhanako.png,live.png,1\nhanako.png,taro.png,0\ntaro.png,live.png,0\nwall.png,taro.png,0\n"
    )
    found = evaluate(pairs, MatchPolicy(threshold=0.4))
    assert found == {
        "threshold": 0.4,
        "probe_images": 1,
        "images": 4,
        "images_without_face": 1,
        "pairs_same": 1,
        "pairs_different": 2,
        "pairs_unusable": 1,
        "fnmr": 0.0,
        "fmr": 0.0,
    }


def test_a_wrong_label_shows(pictures: Path) -> None:
    pairs = pictures / "pairs.csv"
    pairs.write_text("img1,img2,same\nhanako.png,live.png,0\nhanako.png,taro.png,1\n")
    found = evaluate(pairs)
    assert (found["fmr"], found["fnmr"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, FailureCode.CONFIG_MISSING),
        ("a,b\n1,2\n", FailureCode.CONFIG_INVALID),
        ("img1,img2,same\nnone.png,taro.png,1\n", FailureCode.CONFIG_MISSING),
        ("img1,img2,same\npairs.csv,taro.png,1\n", FailureCode.CONFIG_INVALID),
    ],
)
def test_files_that_are_wrong_are_told(pictures: Path, text: str | None, code: FailureCode) -> None:
    pairs = pictures / "pairs.csv"
    if text is not None:
        pairs.write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        evaluate(pairs)
    assert raised.value.code is code
