# SPDX-License-Identifier: Apache-2.0
"""A card is found and straightened, or it is said what is in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest

from kiosk.reader.surface.fields import LAYOUTS, likeliest
from kiosk.reader.surface.find import CARD_SIZE, FoundCard, find_card
from kiosk.reader.surface.ports import SurfaceHint
from kiosk.simulator.patients.people import patient
from kiosk.simulator.surface_card import face as drawing
from kiosk.simulator.surface_card.face import draw_card, face_of
from kiosk.simulator.surface_card.spoiling import CLEAN, FRAME_SIZE, Spoiling, empty_reader, spoil

TODAY = date(2025, 6, 1)
CARD = draw_card(face_of(patient("hanako"), TODAY))


@pytest.mark.parametrize(
    "spoiling",
    [
        CLEAN,
        Spoiling(tilt=15, seed=1),
        Spoiling(tilt=-15, lift=15, seed=2),
        Spoiling(tilt=7, lift=12, upside_down=True, blur=3, dirt=0.05, glare=0.1, seed=3),
        Spoiling(light=0.6, seed=4),
    ],
)
def test_the_straightened_face_is_the_face(spoiling: Spoiling) -> None:
    found = find_card(spoil(CARD, spoiling))
    assert isinstance(found, FoundCard)
    assert found.image.shape == (CARD_SIZE[1], CARD_SIZE[0])
    face, layout = likeliest(found, LAYOUTS)[0]
    assert layout is LAYOUTS[0]
    printed = cv2.GaussianBlur(cv2.cvtColor(CARD.image, cv2.COLOR_BGR2GRAY), (0, 0), 3).astype(float)
    seen = cv2.GaussianBlur(face.image, (0, 0), 3) / spoiling.light
    assert np.abs(seen - printed).mean() < 4  # the other way up it is 12 and more


def test_the_other_layout_is_told_by_its_photo() -> None:
    card = draw_card(face_of(patient("taro"), TODAY), drawing.LAYOUTS[1])
    for upside_down in (False, True):
        found = find_card(spoil(card, Spoiling(upside_down=upside_down, tilt=4, seed=7)))
        assert isinstance(found, FoundCard)
        assert likeliest(found, LAYOUTS)[0][1] is LAYOUTS[1]


def test_no_card() -> None:
    assert find_card(empty_reader()) is SurfaceHint.NO_CARD
    assert find_card(np.zeros((480, 640, 3), dtype=np.uint8)) is SurfaceHint.NO_CARD
    assert find_card(np.full((480, 640, 3), 255, dtype=np.uint8)) is SurfaceHint.NO_CARD


def test_a_scrap_of_paper_is_no_card() -> None:
    frame = empty_reader().copy()
    cv2.rectangle(frame, (800, 400), (1000, 520), (230, 230, 230), cv2.FILLED)
    assert find_card(frame) is SurfaceHint.NO_CARD


def test_a_square_slip_is_not_read() -> None:
    frame = empty_reader().copy()
    cv2.rectangle(frame, (500, 100), (1300, 900), (230, 230, 230), cv2.FILLED)
    assert find_card(frame) is SurfaceHint.TILTED


def test_a_card_that_reaches_out_of_the_picture() -> None:
    frame = np.roll(spoil(CARD, CLEAN), FRAME_SIZE[0] // 2, axis=1)
    frame[:, : FRAME_SIZE[0] // 2] = 30
    assert find_card(frame) is SurfaceHint.TILTED


def test_a_finger_on_the_edge() -> None:
    frame = spoil(CARD, CLEAN)
    cv2.rectangle(frame, (300, 0), (1600, 330), (30, 30, 30), cv2.FILLED)
    assert find_card(frame) is SurfaceHint.TILTED


def test_a_card_standing_up() -> None:
    assert find_card(spoil(CARD, replace(CLEAN, lift=40, seed=5))) is SurfaceHint.TILTED


def test_wiped() -> None:
    found = find_card(spoil(CARD, CLEAN))
    assert isinstance(found, FoundCard)
    assert repr(found) == "FoundCard(…)"
    found.wipe()
    assert not found.image.any()
