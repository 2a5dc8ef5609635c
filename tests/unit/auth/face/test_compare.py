# SPDX-License-Identifier: Apache-2.0
"""Comparison and evaluation of pictures, for technicians."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kiosk.auth.face.compare import compare
from kiosk.auth.face.comparisons import Centres
from kiosk.auth.face.engine import FaceEngine
from kiosk.auth.face.evaluation import Evaluation, Wish, as_lines, evaluate, evaluated
from kiosk.auth.face.gallery import card_photo_of, collect, read_grey
from kiosk.auth.face.labels import read_labels
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.auth.face.plot import check_plot_name, draw
from kiosk.auth.face.reference import decode_photo
from kiosk.clock import SystemClock
from kiosk.errors import ConfigurationError, FailureCode, KioskError
from kiosk.simulator.patients.drawing import Pose, card_photo, live_frame

RULE = MatchPolicy()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for who in ("hanako", "taro"):
        (folder / who).mkdir()
        cv2.imwrite(str(folder / who / "0.png"), card_photo(who))
        for yaw in (1, 2):
            cv2.imwrite(str(folder / who / f"{yaw}.png"), live_frame(who, Pose(yaw=4 * yaw), (640, 480)))
    (folder / "wall").mkdir()
    cv2.imwrite(str(folder / "wall" / "0.png"), np.full((400, 300), 200, np.uint8))
    return folder


@pytest.fixture(scope="module")
def found(pictures: Path) -> Evaluation:
    pairs = pictures / "pairs.csv"
    pairs.write_text(
        "img1,img2,same\nhanako/0.png,hanako/1.png,1\nhanako/2.png,taro/0.png,0\nwall/0.png,taro/1.png,0\n"
    )
    return evaluate(pairs, RULE, Wish(), SystemClock(), lambda _done, _of: None)


def test_two_pictures(pictures: Path) -> None:
    same = compare(pictures / "hanako" / "0.png", pictures / "hanako" / "1.png")
    other = compare(pictures / "hanako" / "0.png", pictures / "taro" / "0.png")
    nobody = compare(pictures / "hanako" / "0.png", pictures / "wall" / "0.png")
    assert same.match
    assert not other.match
    assert nobody.as_dict() == {"distance": None, "match": False, "threshold": RULE.threshold(1)}


def test_pairs_are_counted_by_kind_and_paths_start_at_the_file(found: Evaluation) -> None:
    document = found.as_dict()
    seconds = document.pop("seconds_per_image")
    assert isinstance(seconds, float)
    assert 0 < seconds < 60
    fmr, fnmr = document.pop("fmr"), document.pop("fnmr")
    assert fmr == {"rate": 0.0, "low": 0.0, "high": 1.0, "errors": 0, "of": 1}
    assert fnmr == {"rate": 0.0, "low": 0.0, "high": 1.0, "errors": 0, "of": 1}
    points = document.pop("fnmr_at")
    assert [point["measurable"] for point in points] == [False] * 3  # type: ignore[attr-defined]
    del document["pipeline"]
    assert document == {
        "threshold": RULE.threshold(1),
        "probe_images": 1,
        "card": False,
        "all_pairs": False,
        "people": 3,
        "people_by": "folders and pairs labelled as the same",
        "images": 6,
        "failure_to_acquire": {"images": 1, "rate": 0.1667, "card_photos": None},
        "pairs_same": 1,
        "pairs_different": 1,
        "pairs_of_different_people": 1,
        "pairs_left_out": 1,
    }


def test_people_are_told_what_cannot_be_measured(found: Evaluation) -> None:
    text = "\n".join(as_lines(found))
    assert text.count("not measurable with so few pairs of different people") == 3
    assert "1 of 6 pictures" in text
    assert "docs/face.md" in text


def test_all_pairs_with_card_photos_and_averages(pictures: Path, found: Evaluation) -> None:
    pairs = pictures / "few.csv"
    pairs.write_text(
        "img1,img2,same\nhanako/0.png,taro/1.png,0\nhanako/1.png,hanako/2.png,1\ntaro/0.png,taro/2.png,1\n"
    )
    told: list[tuple[int, int]] = []
    wish = Wish(probe_images=2, card=True, all_pairs=True)
    both = evaluate(pairs, RULE, wish, SystemClock(), lambda done, of: told.append((done, of)))
    assert told == [(done, 6) for done in range(1, 7)]  # each picture once
    assert (len(both.comparisons.genuine), len(both.comparisons.impostor)) == (6 * 2, 6 * 3)
    assert both.threshold == RULE.threshold(2)
    assert both.fnmr is not None
    assert both.fnmr.errors == 0
    assert "one picture as a card photo against the mean of 2" in "\n".join(as_lines(both))


def test_a_pair_that_stands_there_again_is_no_new_evidence(pictures: Path) -> None:
    same, other = "hanako/0.png,hanako/1.png,1", "hanako/2.png,taro/0.png,0"
    turned = "hanako/1.png,hanako/0.png,1"
    pairs = pictures / "again.csv"
    pairs.write_text("\r\n".join(["img1,img2,same", same, other, other, same, turned, ""]))
    labels = read_labels(pairs)
    gallery = collect(labels.images, SystemClock(), lambda _done, _of: None)
    centres = Centres(RULE.centre)
    for wish, counts in (
        (Wish(), (1, 1, 3)),
        (Wish(card=True), (2, 1, 2)),
        (Wish(all_pairs=True), (3, 3, 0)),
    ):
        found = evaluated(labels, gallery, centres, RULE.threshold(1), wish)
        assert (len(found.comparisons.genuine), len(found.comparisons.impostor), found.left_out) == counts


def test_a_wrong_label_shows(pictures: Path) -> None:
    pairs = pictures / "wrong.csv"
    pairs.write_text("img1,img2,same\nhanako/0.png,hanako/1.png,0\nhanako/2.png,taro/0.png,1\n")
    found = evaluate(pairs, RULE, Wish(), SystemClock(), lambda _done, _of: None).as_dict()
    assert (found["fmr"]["rate"], found["fnmr"]["rate"]) == (1.0, 1.0)  # type: ignore[index]


def test_a_card_photo_is_grey_small_and_as_large_as_a_cards(engine: FaceEngine, pictures: Path) -> None:
    file = card_photo_of(engine, read_grey(pictures / "taro" / "1.png"))
    assert file is not None
    assert len(file) < 10_000
    photo = decode_photo(file)
    assert photo.shape == (400, 300)
    (face,) = engine.find(photo)
    assert face.centre[0] == pytest.approx(150, abs=15)
    assert 0.4 < (face.bottom - face.top) / 400 < 0.6
    assert card_photo_of(engine, np.full((300, 300), 90, np.uint8)) is None


def test_the_curve_is_drawn_without_a_screen(found: Evaluation, tmp_path: Path) -> None:
    file = tmp_path / "det.png"
    assert draw(found, file)
    with Image.open(file) as picture:
        assert picture.width > 500
        assert len(picture.convert("L").getcolors() or ()) > 10


@pytest.mark.parametrize(
    ("name", "code"), [("det.txt", FailureCode.CONFIG_INVALID), ("none/det.png", FailureCode.FOLDER_MISSING)]
)
def test_a_plot_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, name: str, code: FailureCode
) -> None:
    with pytest.raises(KioskError) as raised:
        check_plot_name(tmp_path / name)
    assert raised.value.code is code


def png(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    with Image.new("1", (width, height)) as picture:
        picture.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (None, FailureCode.CONFIG_MISSING, "there is no picture b.png"),
        (b"", FailureCode.CONFIG_INVALID, "not a picture"),
        (b"words", FailureCode.CONFIG_INVALID, "not a picture"),
        (png(50, 50)[:45], FailureCode.CONFIG_INVALID, "not a picture"),
        (png(9000, 9000), FailureCode.CONFIG_INVALID, "too large a picture"),
        (png(20_000, 20_000), FailureCode.CONFIG_INVALID, "too large a picture"),
    ],
    ids=["missing", "empty", "text", "cut", "huge", "bomb"],
)
def test_pictures_that_are_wrong_are_told(
    tmp_path: Path, content: bytes | None, code: FailureCode, said: str
) -> None:
    (tmp_path / "a.png").write_bytes(png(60, 60))
    if content is not None:
        (tmp_path / "b.png").write_bytes(content)
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("img1,img2,same\na.png,b.png,1\n")
    with pytest.raises(ConfigurationError, match=said) as raised:
        evaluate(pairs, RULE, Wish(), SystemClock(), lambda _done, _of: None)
    assert raised.value.code is code


def test_the_kiosk_starts_without_a_plotting_library() -> None:
    program = "import kiosk.app, kiosk.commands.face, sys; print('matplotlib' in sys.modules)"
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[4])
    assert said.stdout.strip() == "False"
