# SPDX-License-Identifier: Apache-2.0
"""The crop that follows a face."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.camera.framing import CROP_ASPECT, Crop, Framing, Place, aside, crop_for

WIDE, TALL = (1280, 720), (720, 1280)
MIDDLE = Place(0.5, 0.5, 0.3)

shares = st.floats(0, 1)
places = st.builds(Place, shares, shares, st.floats(0.02, 1))
sizes = st.sampled_from([WIDE, TALL, (640, 480), (320, 240)])


@given(st.none() | places, sizes)
def test_a_crop_lies_in_the_picture_and_has_the_shape_of_the_oval(
    place: Place | None, size: tuple[int, int]
) -> None:
    left, top, across, down = crop_for(place, size).pixels(*size)
    assert left >= 0
    assert top >= 0
    assert left + across <= size[0]
    assert top + down <= size[1]
    assert across / down == pytest.approx(CROP_ASPECT, abs=0.02)


def test_a_child_and_somebody_tall_stand_in_the_middle_of_their_crops() -> None:
    assert aside(Place(0.5, 0.7, 0.22), WIDE) == pytest.approx((0, 0))
    assert aside(Place(0.4, 0.3, 0.22), WIDE) == pytest.approx((0, 0))


def test_a_large_face_low_in_the_picture_cannot_be_followed() -> None:
    assert aside(Place(0.5, 0.75, 0.42), WIDE)[1] > 0.2


def test_an_upright_camera_follows_further_down_than_a_lying_one() -> None:
    assert aside(Place(0.5, 0.74, 0.2), TALL) == pytest.approx((0, 0))


def after(seconds: float, framing: Framing, place: Place | None, start: float) -> Framing:
    at = start
    while at < start + seconds:
        at += 0.04
        framing = framing.follow(place, WIDE, at)
    return framing


def crop_of(framing: Framing) -> Crop:
    assert framing.crop is not None
    return framing.crop


def test_the_crop_glides_and_does_not_jump() -> None:
    framing = Framing().follow(MIDDLE, WIDE, 0.0)
    low = Place(0.5, 0.62, 0.22)
    soon = after(0.08, framing, low, 0.0)
    later = after(3.0, framing, low, 0.0)
    assert crop_of(framing).y < crop_of(soon).y < 0.55
    assert crop_of(later).y == pytest.approx(0.62, abs=0.01)


def test_a_face_lost_for_a_moment_is_waited_for_and_then_the_whole_height_is_shown() -> None:
    low = Place(0.5, 0.62, 0.22)
    framing = after(3.0, Framing(), low, 0.0)
    assert crop_of(after(1.0, framing, None, 3.0)).y == pytest.approx(0.62, abs=0.01)
    assert crop_of(after(6.0, framing, None, 3.0)).y == pytest.approx(0.5, abs=0.01)
