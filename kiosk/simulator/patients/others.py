# SPDX-License-Identifier: Apache-2.0
"""What people outside the cast look like: a child, and two sisters whom the threshold hardly parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.simulator.patients.face_spec import Collar, FaceSpec, Hair

MEI: Final = FaceSpec(
    skin=(250, 222, 204),
    hair_colour=(52, 38, 34),
    hair=Hair.BOB,
    cloth=(120, 176, 214),
    width=1.2,
    chin=1.34,
    jaw=0.86,
    chin_width=0.3,
    brow_thickness=0.06,
    brow_height=0.44,
    brow_length=0.28,
    eye_width=0.29,
    eye_height=0.19,
    eye_spacing=0.52,
    lashes=0.3,
    nose_width=0.19,
    nose_length=0.4,
    mouth_y=0.84,
    mouth_width=0.3,
    lips=0.09,
    lip_colour=(214, 120, 116),
    smile=0.85,
    blush=0.8,
)

AKANE: Final = FaceSpec(
    skin=(240, 208, 186),
    hair_colour=(44, 36, 38),
    hair=Hair.LONG,
    cloth=(170, 96, 110),
    collar=Collar.V_NECK,
    width=1.1,
    chin=1.66,
    jaw=0.86,
    chin_width=0.34,
    brow_thickness=0.08,
    brow_height=0.45,
    brow_length=0.34,
    eye_width=0.28,
    eye_height=0.12,
    eye_spacing=0.5,
    lashes=0.5,
    nose_width=0.24,
    nose_length=0.6,
    mouth_y=1.04,
    mouth_width=0.4,
    lips=0.1,
    smile=0.55,
)

# What parts the sisters; `bench/lookalikes.py` measures how far.
TWIN_STEP: Final = {
    "eye_spacing": 0.075,
    "eye_height": 0.05,
    "nose_length": -0.125,
    "mouth_width": -0.1,
    "brow_height": 0.075,
    "jaw": 0.1,
}
AOI: Final = replace(
    AKANE,
    cloth=(96, 120, 170),
    eye_spacing=AKANE.eye_spacing + TWIN_STEP["eye_spacing"],
    eye_height=AKANE.eye_height + TWIN_STEP["eye_height"],
    nose_length=AKANE.nose_length + TWIN_STEP["nose_length"],
    mouth_width=AKANE.mouth_width + TWIN_STEP["mouth_width"],
    brow_height=AKANE.brow_height + TWIN_STEP["brow_height"],
    jaw=AKANE.jaw + TWIN_STEP["jaw"],
)

OTHER_FACES: Final[dict[str, FaceSpec]] = {"mei": MEI, "akane": AKANE, "aoi": AOI}
