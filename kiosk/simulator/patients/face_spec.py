# SPDX-License-Identifier: Apache-2.0
"""What each fictional person looks like, in numbers; chosen so that dlib keeps every two of them apart."""

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


CAST: dict[str, FaceSpec] = {
    "hanako": FaceSpec(
        skin=(240, 205, 182),
        hair_colour=(84, 58, 46),
        hair=Hair.WAVY,
        cloth=(118, 158, 160),
        collar=Collar.V_NECK,
        width=1.02,
        chin=1.63,
        chin_width=0.33,
        brow_thickness=0.057,
        brow_height=0.47,
        brow_length=0.32,
        eye_width=0.35,
        eye_height=0.13,
        eye_slant=0.03,
        eye_spacing=0.49,
        lashes=0.6,
        nose_width=0.25,
        nose_length=0.48,
        mouth_y=1.06,
        mouth_width=0.41,
        lips=0.109,
        lip_colour=(200, 92, 92),
        smile=0.74,
        wrinkles=0.22,
        bags=0.2,
    ),
    "taro": FaceSpec(
        skin=(228, 184, 150),
        hair_colour=(36, 32, 34),
        hair=Hair.SPIKY,
        cloth=(88, 116, 168),
        width=1.06,
        chin=1.86,
        jaw=0.96,
        chin_width=0.37,
        brow_thickness=0.07,
        brow_slant=-0.08,
        brow_height=0.38,
        brow_length=0.31,
        eye_width=0.26,
        eye_height=0.111,
        eye_slant=-0.01,
        eye_spacing=0.58,
        nose_width=0.27,
        nose_length=0.59,
        mouth_y=1.07,
        mouth_width=0.3,
        lips=0.067,
        lip_colour=(186, 116, 104),
        smile=0.68,
        blush=0.15,
    ),
    "tome": FaceSpec(
        skin=(238, 208, 188),
        hair_colour=(226, 224, 226),
        hair=Hair.PERM,
        cloth=(150, 110, 150),
        collar=Collar.CARDIGAN,
        width=1.08,
        chin=1.5,
        chin_width=0.44,
        brow_thickness=0.05,
        brow_height=0.35,
        brow_length=0.29,
        brow_colour=(176, 168, 166),
        eye_width=0.2,
        eye_height=0.092,
        eye_slant=-0.03,
        eye_spacing=0.56,
        nose_width=0.25,
        nose_length=0.71,
        mouth_y=1.05,
        lips=0.077,
        smile=0.65,
        glasses=Glasses.ROUND,
        glasses_colour=(196, 160, 118),
        wrinkles=0.9,
        bags=0.7,
        blush=0.45,
    ),
    "kenichi": FaceSpec(
        skin=(222, 178, 146),
        hair_colour=(92, 88, 88),
        hair=Hair.PARTED,
        cloth=(70, 78, 96),
        collar=Collar.SHIRT,
        width=1.22,
        chin=1.64,
        jaw=1.04,
        chin_width=0.41,
        brow_thickness=0.15,
        brow_slant=-0.01,
        brow_height=0.49,
        brow_length=0.31,
        eye_width=0.24,
        eye_height=0.099,
        eye_spacing=0.42,
        nose_width=0.29,
        mouth_width=0.5,
        lips=0.087,
        smile=0.63,
        beard=Beard.MOUSTACHE,
        beard_colour=(72, 68, 68),
        wrinkles=0.45,
        bags=0.4,
    ),
    "ryoko": FaceSpec(
        skin=(246, 218, 198),
        hair_colour=(30, 26, 30),
        hair=Hair.LONG,
        cloth=(196, 120, 116),
        collar=Collar.SHIRT,
        width=1.02,
        chin=1.84,
        jaw=0.76,
        chin_width=0.26,
        brow_thickness=0.06,
        brow_slant=-0.04,
        brow_height=0.52,
        brow_length=0.26,
        eye_width=0.31,
        eye_height=0.18,
        eye_slant=0.03,
        eye_spacing=0.47,
        lashes=0.9,
        nose_width=0.17,
        nose_length=0.68,
        mouth_width=0.52,
        lips=0.13,
        lip_colour=(196, 70, 84),
        smile=0.55,
    ),
    "goro": FaceSpec(
        skin=(214, 164, 130),
        hair_colour=(120, 116, 114),
        hair=Hair.NONE,
        cloth=(96, 124, 92),
        width=1.23,
        jaw=1.1,
        chin_width=0.47,
        brow_thickness=0.15,
        brow_slant=-0.06,
        brow_height=0.35,
        brow_length=0.42,
        brow_colour=(96, 92, 90),
        eye_width=0.32,
        eye_height=0.13,
        eye_slant=0.04,
        eye_spacing=0.56,
        nose_width=0.34,
        nose_length=0.52,
        mouth_y=1.0,
        mouth_width=0.41,
        lips=0.11,
        smile=0.55,
        beard=Beard.FULL,
        beard_colour=(150, 146, 144),
        wrinkles=0.55,
        bags=0.5,
    ),
    "yuki": FaceSpec(
        skin=(250, 224, 206),
        hair_colour=(112, 72, 48),
        hair=Hair.BOB,
        cloth=(232, 196, 92),
        width=1.12,
        chin=1.46,
        jaw=0.88,
        chin_width=0.34,
        brow_thickness=0.05,
        brow_height=0.34,
        brow_length=0.42,
        eye_width=0.24,
        eye_height=0.17,
        eye_slant=0.03,
        eye_spacing=0.6,
        lashes=0.9,
        nose_width=0.24,
        nose_length=0.52,
        mouth_y=0.98,
        mouth_width=0.28,
        lips=0.13,
        lip_colour=(222, 110, 112),
        smile=0.94,
        blush=0.6,
    ),
    "masao": FaceSpec(
        skin=(226, 190, 164),
        hair_colour=(236, 236, 236),
        hair=Hair.SIDES,
        cloth=(104, 92, 84),
        collar=Collar.KIMONO,
        width=1.1,
        chin=1.76,
        jaw=0.72,
        brow_thickness=0.2,
        brow_slant=-0.08,
        brow_height=0.36,
        brow_colour=(238, 238, 236),
        eye_width=0.22,
        eye_height=0.075,
        eye_slant=0.02,
        nose_width=0.32,
        nose_length=0.7,
        mouth_y=1.13,
        lips=0.052,
        smile=0.55,
        wrinkles=1.0,
        bags=0.9,
    ),
    "midori": FaceSpec(
        skin=(226, 184, 154),
        hair_colour=(40, 36, 40),
        hair=Hair.BOB,
        cloth=(150, 176, 128),
        collar=Collar.CARDIGAN,
        width=1.201,
        chin=1.661,
        jaw=0.915,
        chin_width=0.296,
        brow_thickness=0.052,
        brow_slant=-0.003,
        brow_height=0.49,
        brow_length=0.409,
        eye_width=0.225,
        eye_height=0.184,
        eye_slant=-0.024,
        eye_spacing=0.576,
        lashes=0.626,
        nose_width=0.296,
        nose_length=0.533,
        mouth_y=1.003,
        mouth_width=0.503,
        lips=0.077,
        lip_colour=(204, 84, 96),
        smile=0.418,
        wrinkles=0.1,
        blush=0.4,
    ),
    "isamu": FaceSpec(
        skin=(206, 158, 124),
        hair_colour=(150, 146, 144),
        hair=Hair.SIDES,
        cloth=(128, 92, 84),
        width=1.085,
        chin=1.624,
        jaw=1.017,
        chin_width=0.285,
        brow_thickness=0.125,
        brow_slant=-0.07,
        brow_height=0.343,
        brow_length=0.271,
        eye_width=0.308,
        eye_height=0.08,
        eye_slant=-0.018,
        eye_spacing=0.486,
        nose_width=0.339,
        nose_length=0.501,
        mouth_y=1.041,
        mouth_width=0.423,
        lips=0.121,
        smile=0.773,
        beard=Beard.GOATEE,
        glasses=Glasses.HALF,
        wrinkles=0.208,
        bags=0.144,
    ),
    "akira": FaceSpec(
        skin=(232, 192, 160),
        hair_colour=(44, 38, 36),
        hair=Hair.SHORT,
        cloth=(60, 64, 72),
        collar=Collar.SHIRT,
        width=1.05,
        chin=1.72,
        jaw=0.85,
        chin_width=0.31,
        brow_thickness=0.15,
        eye_width=0.3,
        eye_height=0.108,
        eye_slant=-0.01,
        eye_spacing=0.52,
        nose_length=0.58,
        mouth_y=1.0,
        mouth_width=0.5,
        lips=0.088,
        smile=0.85,
        beard=Beard.STUBBLE,
        glasses=Glasses.SQUARE,
        wrinkles=0.15,
        bags=0.2,
    ),
}
