# SPDX-License-Identifier: Apache-2.0
"""Moustaches and beards of a drawn person."""

from __future__ import annotations

import random
from collections.abc import Sequence

from kiosk.simulator.patients.brush import (
    DARK,
    LIGHT,
    SIDES,
    Curve,
    Mask,
    Painter,
    Point,
    ellipse,
    mirrored,
    mixed,
    spline,
)
from kiosk.simulator.patients.face_spec import Beard, FaceSpec


def draw_beard(painter: Painter, spec: FaceSpec, face: Mask) -> None:
    """Moustache, goatee, full beard or stubble."""
    if spec.beard is Beard.NONE:
        return
    colour = spec.beard_colour
    y, w = spec.mouth_y, spec.mouth_width
    if spec.beard is Beard.STUBBLE:
        area = _around_mouth(spec, 0.8)
        painter.fill(area, colour, alpha=0.3, soft=0.1, within=face)
        return
    if spec.beard in (Beard.FULL, Beard.GOATEE):
        area = (
            _around_mouth(spec, 1.0)
            if spec.beard is Beard.FULL
            else spline(
                [
                    (-0.32, y + 0.24),
                    (0.0, y + 0.2),
                    (0.32, y + 0.24),
                    (0.3, spec.chin - 0.02),
                    (0.0, spec.chin + 0.16),
                    (-0.3, spec.chin - 0.02),
                ],
                closed=True,
            )
        )
        opening = painter.shape(ellipse((0.0, y + 0.03), (w * 1.02, 0.17 + spec.lips * 0.6)), soft=0.03)
        mask = painter.shape(area, soft=0.03).without(opening)
        painter.wash(mask, colour, alpha=0.94)
        painter.wash(painter.rim(mask, 0.12), mixed(colour, DARK, 0.45), alpha=0.5)
        _draw_whiskers(painter, spec, mask)
    if spec.beard in (Beard.FULL, Beard.MOUSTACHE):
        for side in SIDES:
            half: Sequence[Point] = [
                (0.0, y - 0.27),
                (side * w * 0.6, y - 0.2),
                (side * (w + 0.12), y + 0.06),
                (side * w * 0.55, y - 0.05),
                (0.0, y - 0.1),
            ]
            painter.fill(spline(half, closed=True), colour, soft=0.014)
            for step in range(7):
                x = side * (0.06 + step * w / 7)
                painter.line(
                    [(x, y - 0.23 + 0.02 * step), (x + side * 0.09, y - 0.06 + 0.012 * step)],
                    0.022,
                    mixed(colour, DARK if step % 2 else LIGHT, 0.45),
                    alpha=0.5,
                )


def _around_mouth(spec: FaceSpec, reach: float) -> Curve:
    w = spec.width
    right: list[Point] = [
        (w * 1.0, 0.1),
        (w * 1.02, 0.5),
        (spec.jaw + 0.05, 0.66 * spec.chin),
        (spec.chin_width + 0.18, 0.97 * spec.chin),
        (0.0, spec.chin + 0.14 * reach),
    ]
    inner: list[Point] = [(spec.mouth_width + 0.3, spec.mouth_y - 0.14), (w * 0.86, 0.42)]
    return spline(
        [*right, *mirrored(right[:-1])[::-1], *mirrored(inner)[::-1], (0.0, spec.mouth_y - 0.24), *inner],
        closed=True, steps=6,
    )  # fmt: skip


def _draw_whiskers(painter: Painter, spec: FaceSpec, mask: Mask) -> None:
    chance = random.Random(3)
    for _ in range(70):
        x = chance.uniform(-spec.jaw, spec.jaw)
        top = chance.uniform(0.5, spec.chin)
        colour = mixed(spec.beard_colour, LIGHT if chance.random() < 0.5 else DARK, 0.4)
        painter.line(
            [(x, top), (x * 1.02, top + 0.1), (x, top + 0.2)], 0.022, colour, alpha=0.45, within=mask
        )
