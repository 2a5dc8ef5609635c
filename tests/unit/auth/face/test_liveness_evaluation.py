# SPDX-License-Identifier: Apache-2.0
"""Error rates of the liveness check, and manifests that are right and wrong."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from kiosk.auth.face.liveness.evaluation import evaluate
from kiosk.auth.face.liveness.rates import Outcome, Share, apcer, bpcer
from kiosk.errors import ConfigurationError
from kiosk.simulator.patients.drawing import Pose, live_frame
from kiosk.simulator.patients.shown import Hold, Medium, shown_frame

REAL = Path(__file__).parents[5] / "shared" / "data" / "faces" / "liveness" / "images"


def test_shares_carry_their_uncertainty() -> None:
    assert Share(0, 0).rate is None
    assert Share(0, 0).interval is None
    none_of_300 = Share(0, 300).interval
    assert none_of_300 is not None
    assert none_of_300[0] == pytest.approx(0.0, abs=1e-9)
    assert none_of_300[1] == pytest.approx(0.0126, abs=0.0005)
    half = Share(5, 10).interval
    assert half is not None
    assert half == pytest.approx((0.2366, 0.7634), abs=0.001)


def test_each_kind_of_attack_has_its_own_rate() -> None:
    outcomes = [
        Outcome(live=False, kind="print", doubted=True),
        Outcome(live=False, kind="print", doubted=False),
        Outcome(live=False, kind="screen", doubted=True),
        Outcome(live=False, kind="mask", doubted=None),
        Outcome(live=True, kind="person", doubted=False),
        Outcome(live=True, kind="person", doubted=True),
    ]
    assert apcer(outcomes) == {"mask": Share(0, 0), "print": Share(1, 2), "screen": Share(0, 1)}
    assert bpcer(outcomes) == Share(1, 2)


def test_pictures_and_folders_are_measured(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "live.png"), live_frame("hanako", Pose(seed=1)))
    cv2.imwrite(str(tmp_path / "phone.png"), shown_frame(Medium.SCREEN, "hanako", Hold(seed=1)))
    cv2.imwrite(str(tmp_path / "wall.png"), live_frame("hanako", Pose(seed=1))[:200, :200])
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    picture = live_frame("hanako", Pose(seed=1))
    for number in range(13):
        cv2.imwrite(str(frozen / f"{number:02}.png"), picture)
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(
        "file,live,kind\nlive.png,1,person\nphone.png,0,screen\nfrozen,0,frozen\nwall.png,0,wall\n"
    )
    report = evaluate(manifest)
    assert [outcome.doubted for outcome in report.outcomes] == [False, True, True, None]
    assert report.outcomes[2].signs == ("frozen",)
    assert report.usable
    assert report.as_dict()["without_face"] == 1
    assert any("APCER, screen" in line for line in report.as_lines())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "columns needed"),
        ("file,live,kind\n", "no rows"),
        ("file,live,kind\nx.png,2,print\n", "line 2: live must be 1 or 0"),
        ("file,live,kind\nx.png,1,print\n", "line 2: there is no x.png"),
        ("file,live,kind\n,1,print\n", "line 2: a row needs"),
        ("file,live,kind\nx.pdf,1,print\n", "line 2: neither a picture"),
    ],
)
def test_a_wrong_manifest_is_told_of(tmp_path: Path, text: str, said: str) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        evaluate(manifest)


def test_what_is_no_picture_and_what_is_not_there_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"no picture")
    (tmp_path / "x.mp4").write_bytes(b"no clip")
    (tmp_path / "empty").mkdir()
    for name, said in (("x.png", "not a picture"), ("x.mp4", "not a clip"), ("empty", "no pictures")):
        manifest = tmp_path / "manifest.csv"
        manifest.write_text(f"file,live,kind\n{name},0,print\n")
        with pytest.raises(ConfigurationError, match=said):
            evaluate(manifest)
    with pytest.raises(ConfigurationError, match="cannot read"):
        evaluate(tmp_path / "nothing.csv")


@pytest.mark.skipif(not REAL.is_dir(), reason="the photographs are not here")
def test_no_real_person_of_the_set_is_doubted(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(f"file,live,kind\n{REAL / 'image_T1.jpg'},1,person\n")
    assert bpcer(evaluate(manifest).outcomes) == Share(0, 1)
