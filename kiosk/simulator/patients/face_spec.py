# SPDX-License-Identifier: Apache-2.0
"""What a drawn face is made of, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.simulator.patients.brush import Colour


class Hair(StrEnum):
    """How the hair is worn."""

    SHORT = "short"
    PARTED = "parted"
    SPIKY = "spiky"
    LONG = "long"
    WAVY = "wavy"
    BOB = "bob"
    PERM = "perm"
    SIDES = "sides"
    NONE = "none"


class Beard(StrEnum):
    """What grows on the face."""

    NONE = "none"
    MOUSTACHE = "moustache"
    GOATEE = "goatee"
    FULL = "full"
    STUBBLE = "stubble"


class Glasses(StrEnum):
    """What sits on the nose."""

    NONE = "none"
    ROUND = "round"
    SQUARE = "square"
    HALF = "half"


class Collar(StrEnum):
    """What is worn below the neck."""

    CREW = "crew"
    SHIRT = "shirt"
    V_NECK = "v_neck"
    CARDIGAN = "cardigan"
    KIMONO = "kimono"


@dataclass(frozen=True, slots=True)
class FaceSpec:
    """One drawn face. Lengths are in face units (about 3.3 from crown to chin); shares are 0 to 1."""

    skin: Colour
    hair_colour: Colour
    hair: Hair
    cloth: Colour
    collar: Collar = Collar.CREW
    width: float = 1.18
    chin: float = 1.62
    jaw: float = 0.9
    chin_width: float = 0.42
    ears: float = 1.0
    brow_thickness: float = 0.11
    brow_slant: float = 0.0
    brow_height: float = 0.42
    brow_length: float = 0.33
    brow_colour: Colour | None = None
    eye_width: float = 0.27
    eye_height: float = 0.115
    eye_slant: float = 0.0
    eye_spacing: float = 0.5
    lid: float = 0.5
    lashes: float = 0.3
    nose_width: float = 0.26
    nose_length: float = 0.62
    mouth_y: float = 1.03
    mouth_width: float = 0.42
    lips: float = 0.1
    lip_colour: Colour = (190, 105, 100)
    smile: float = 0.5
    beard: Beard = Beard.NONE
    beard_colour: Colour = (50, 44, 42)
    glasses: Glasses = Glasses.NONE
    glasses_colour: Colour = (60, 50, 48)
    wrinkles: float = 0.0
    bags: float = 0.0
    blush: float = 0.3
