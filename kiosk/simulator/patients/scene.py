# SPDX-License-Identifier: Apache-2.0
"""The waiting room behind a drawn patient, the turn of a head, and the light and noise of a camera."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.simulator.patients.brush import Colour, Sheet

Image = NDArray[np.uint8]

_NOISE_TILE: Final = 64
_NOISE_SIGMA: Final = 2.2
_HEAD_OUT: Final = 1.15
_NOSE_OUT: Final = 0.48
_STEPS: Final = 6
_GAZE_REACH: Final = 0.65


@cache
def waiting_room(width: int, height: int) -> Image:
    """A bright, quiet room far out of focus."""
    room = np.zeros((height, width, 3), dtype=np.float32)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, np.newaxis]
    top, bottom = np.array([234, 238, 236], np.float32), np.array([212, 218, 220], np.float32)
    room[:] = (top * (1 - rows) + bottom * rows)[:, np.newaxis, :]

    def block(left: float, upper: float, right: float, lower: float, colour: Colour) -> None:
        corners = (round(left * width), round(upper * height)), (round(right * width), round(lower * height))
        cv2.rectangle(room, *corners, colour[::-1], cv2.FILLED)

    block(0.0, 0.76, 1.0, 1.0, (206, 192, 172))  # floor
    block(0.04, 0.08, 0.24, 0.5, (250, 252, 255))  # window
    block(0.135, 0.08, 0.145, 0.5, (222, 226, 228))
    block(0.76, 0.14, 0.95, 0.34, (176, 206, 200))  # picture
    block(0.78, 0.17, 0.93, 0.31, (226, 234, 226))
    for seat in range(4):  # chairs along the wall
        left = 0.02 + 0.26 * seat
        block(left, 0.56, left + 0.19, 0.7, (132, 168, 178))
        block(left, 0.72, left + 0.19, 0.8, (112, 150, 162))
    plant = (round(0.69 * width), round(0.56 * height)), (round(0.035 * width), round(0.15 * height))
    cv2.ellipse(room, *plant, 0, 0, 360, (110, 158, 118), cv2.FILLED)
    soft = cv2.GaussianBlur(room, (0, 0), width / 60)
    return np.asarray(np.clip(soft, 0, 255), dtype=np.uint8)


@cache
def _depth(sheet: Sheet) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Each pixel's column and row, and how far it stands out towards the camera, in pixels."""
    columns, rows = np.meshgrid(
        np.arange(sheet.width, dtype=np.float32), np.arange(sheet.height, dtype=np.float32)
    )
    x = (columns - sheet.middle[0]) / sheet.unit
    y = (rows - sheet.middle[1]) / sheet.unit
    # a head is round and its nose stands out: what turns the same way as a plane does
    # not look like a head, to people and to the liveness check alike
    head = _HEAD_OUT * np.exp(-((x / 0.95) ** 2)) * np.clip((2.7 - y) / 1.4, 0, 1)
    nose = _NOSE_OUT * np.exp(-((x / 0.36) ** 2)) * np.exp(-(((y - 0.6) / 0.4) ** 2))
    return columns, rows, np.asarray((head + nose) * sheet.unit, dtype=np.float32)


def turned(person: Image, sheet: Sheet, yaw: float) -> Image:
    """The person with the head turned by `yaw` degrees, to the picture's right if positive."""
    if abs(yaw) < 0.25:
        return person
    columns, rows, depth = _depth(sheet)
    shift = np.float32(np.sin(np.radians(yaw)))
    # where a point of the picture came from depends on the depth over there: found by going there in steps
    source = columns
    for _ in range(_STEPS):
        there = cv2.remap(depth, source, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        source = columns - np.asarray(there, dtype=np.float32) * shift
    moved = cv2.remap(person, source, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)


def looking(person: Image, sheet: Sheet, spacing: float, width: float, gaze: float) -> Image:
    """The person with the eyes to a side: -1 to the left of the picture, 1 to the right.

    What lies in the eyes is moved, which takes a fiftieth of the time that drawing them anew would.
    """
    columns, rows, _ = _depth(sheet)
    x = (columns - sheet.middle[0]) / sheet.unit
    y = (rows - sheet.middle[1]) / sheet.unit
    near = np.zeros_like(x)
    for side in (-1, 1):
        near += np.exp(-(((x - side * spacing) / (0.7 * width)) ** 2)) * np.exp(-((y / (0.8 * width)) ** 2))
    shift = np.asarray(near * np.float32(_GAZE_REACH * width * gaze * sheet.unit), dtype=np.float32)
    moved = cv2.remap(person, columns - shift, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)


def shaded(person: Image, share: float) -> Image:
    """The person with only that share of the light on them; what is behind them keeps all of it."""
    dark = person.copy()
    dark[:, :, :3] = np.rint(person[:, :, :3] * np.float32(share)).astype(np.uint8)
    return dark


def placed(
    person: Image, onto: Image, middle: tuple[float, float], centre: tuple[float, float], scale: float
) -> None:
    """Put the person on the picture, so that `middle` of the sheet comes to `centre`; changes `onto`."""
    height, width = onto.shape[:2]
    left, top = centre[0] - middle[0] * scale, centre[1] - middle[1] * scale
    x0, y0 = max(0, int(np.floor(left))), max(0, int(np.floor(top)))
    x1 = min(width, int(np.ceil(left + person.shape[1] * scale)))
    y1 = height  # whoever stands far away has a body down to the edge of the picture: the last row goes on
    if x1 <= x0 or y1 <= y0:
        return
    placing = np.array([[scale, 0, left - x0], [0, scale, top - y0]], dtype=np.float64)
    layer = cv2.warpAffine(
        person, placing, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    part = onto[y0:y1, x0:x1]
    behind = 255 - layer[:, :, 3]
    kept = cv2.multiply(part, cv2.merge([behind, behind, behind]), scale=1 / 255)
    cv2.add(kept, np.ascontiguousarray(layer[:, :, :3]), dst=kept)
    onto[y0:y1, x0:x1] = kept


@cache
def _noise(width: int, height: int) -> NDArray[np.int16]:
    """More of it than a picture needs, the same for all three colours."""
    chance = np.random.default_rng(5)
    size = (height + _NOISE_TILE, width + _NOISE_TILE)
    grain = np.rint(chance.normal(0, _NOISE_SIGMA, size)).astype(np.int16)
    return np.asarray(cv2.merge([grain, grain, grain]), dtype=np.int16)


def as_seen_by_a_camera(image: Image, light: float, seed: int) -> Image:
    """The picture at that light (1 is good, 0 is night, 2 is glaring), with a sensor's noise."""
    height, width = image.shape[:2]
    seen = image
    if light != 1.0:
        values = np.arange(256, dtype=np.float32) * light + max(0.0, light - 1.0) * 60
        seen = np.asarray(cv2.LUT(image, np.clip(values, 0, 255).astype(np.uint8)), dtype=np.uint8)
    down, across = (seed * 29) % _NOISE_TILE, (seed * 47) % _NOISE_TILE
    grain = _noise(width, height)[down : down + height, across : across + width]
    noisy = cv2.add(seen, grain, dtype=cv2.CV_8U)
    return np.asarray(noisy, dtype=np.uint8)
