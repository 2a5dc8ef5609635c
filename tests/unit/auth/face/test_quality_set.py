# SPDX-License-Identifier: Apache-2.0
"""Photographs of real people that are not fit to be compared, and what is said about each."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.auth.face.engine import FaceBox, FaceEngine, to_grey
from kiosk.auth.face.hints import HIDDEN_S, HintHold
from kiosk.auth.face.quality import FaceHint, QualityLimits, judge

SET = Path(__file__).resolve().parents[5] / "shared" / "data" / "faces" / "quality"
GOOD = None

# By the notes of the set. Where two are named, both are true of the picture.
FITTING: dict[str, set[FaceHint | None]] = {
    "turned left": {FaceHint.TURNED},
    "turned right": {FaceHint.TURNED},
    "looking up": {FaceHint.TURNED},
    "looking down": {FaceHint.TURNED},
    "head tilted left": {FaceHint.TURNED},
    "head tilted right": {FaceHint.TURNED},
    "open": {GOOD},
    "closed": {FaceHint.EYES_CLOSED},
    "one closed one open": {GOOD},  # who has one eye is not asked to open the other
    "wearing mask": {FaceHint.MASK, FaceHint.HIDDEN},
    "fake": {GOOD},  # a matter of liveness, not of quality
    "blurred": {FaceHint.BLURRED, FaceHint.TOO_DARK},  # it was taken in the dark
    "no face": {FaceHint.NO_FACE, FaceHint.TOO_DARK, FaceHint.HIDDEN},  # a dark corner
}


@pytest.mark.skipif(not SET.is_dir(), reason="the photographs of ../shared/data/faces/quality are not here")
def test_each_photograph_gets_the_fitting_hint(engine: FaceEngine) -> None:
    wrong = {}
    for row in csv.DictReader((SET / "attributes.csv").read_text(encoding="utf-8").splitlines()):
        image = cv2.imread(str(SET / row["img"]))
        assert image is not None
        found = judge(engine, to_grey(np.asarray(image, dtype=np.uint8)), QualityLimits())
        shown = GOOD if isinstance(found, FaceBox) else after_a_while(found)
        if shown not in FITTING[row["note"]]:
            wrong[row["img"]] = shown
    assert not wrong


def after_a_while(hint: FaceHint) -> FaceHint | None:
    """What somebody reads who goes on standing like that."""
    hold = HintHold()
    for step in range(int(10 * (HIDDEN_S + 2))):
        hold = hold.see(hint, step / 10)
    return hold.shown
