# SPDX-License-Identifier: Apache-2.0
"""Hair of a drawn person."""

from __future__ import annotations

import random

import numpy as np

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
from kiosk.simulator.patients.face_spec import FaceSpec, Hair


def draw_back_hair(painter: Painter, spec: FaceSpec) -> None:
    """What hangs or stands behind the head."""
    w = spec.width
    back: list[Point]
    match spec.hair:
        case Hair.LONG:
            back = [
                (0.0, -2.12),
                (w * 0.85, -1.75),
                (w + 0.26, -0.8),
                (w + 0.36, 0.6),
                (w + 0.4, 2.0),
                (w + 0.1, 3.05),
                (0.6, 2.9),
            ]
        case Hair.WAVY:
            back = [
                (0.0, -2.12),
                (w * 0.88, -1.78),
                (w + 0.3, -0.8),
                (w + 0.36, 0.2),
                (w + 0.52, 0.9),
                (w + 0.36, 1.5),
                (w + 0.4, 1.95),
                (0.6, 2.2),
            ]
        case Hair.BOB:
            back = [
                (0.0, -2.1),
                (w * 0.9, -1.76),
                (w + 0.26, -0.8),
                (w + 0.32, 0.4),
                (w + 0.24, 1.32),
                (0.7, 1.5),
            ]
        case _:
            return
    painter.fill(spline([*back, *mirrored(back)[:0:-1]], closed=True), mixed(spec.hair_colour, DARK, 0.42))


def draw_front_hair(painter: Painter, spec: FaceSpec, face: Mask) -> None:
    """What lies on the head and falls over forehead and temples."""
    match spec.hair:
        case Hair.NONE:
            painter.fill(
                ellipse((-0.3, -1.42), (0.3, 0.13), tilt=-18),
                (255, 252, 246),
                alpha=0.5,
                soft=0.1,
                within=face,
            )
        case Hair.SIDES:
            _draw_sides(painter, spec, face)
        case Hair.PERM:
            _draw_perm(painter, spec)
        case _:
            _draw_cap(painter, spec, face)


def _cap(spec: FaceSpec) -> tuple[list[Point], list[Point], Point]:
    """Outer edge from the left ear over the top to the right one, hairline back again, and the crown."""
    w = spec.width
    outer: list[Point] = [
        (-w - 0.05, 0.0),
        (-w - 0.13, -0.7),
        (-w * 0.9, -1.6),
        (-0.4, -2.05),
        (0.3, -2.08),
        (w * 0.88, -1.64),
        (w + 0.13, -0.7),
        (w + 0.05, 0.0),
    ]
    match spec.hair:
        case Hair.SHORT:
            inner: list[Point] = [
                (w - 0.05, 0.05),
                (w - 0.14, -0.5),
                (w - 0.3, -0.92),
                (0.45, -1.08),
                (0.0, -1.0),
                (-0.4, -1.1),
                (-w + 0.32, -0.9),
                (-w + 0.14, -0.5),
                (-w + 0.05, 0.05),
            ]
            return outer, inner, (0.25, -2.0)
        case Hair.PARTED:
            inner = [
                (w - 0.05, 0.05),
                (w - 0.13, -0.5),
                (w - 0.22, -1.0),
                (0.58, -1.44),
                (0.42, -1.52),
                (0.0, -1.2),
                (-0.45, -1.02),
                (-w + 0.26, -0.86),
                (-w + 0.13, -0.5),
                (-w + 0.05, 0.05),
            ]
            return outer, inner, (0.46, -1.9)
        case Hair.SPIKY:
            outer = [
                (-w - 0.04, 0.0),
                (-w - 0.14, -0.8),
                (-w * 1.0, -1.5),
                (-w * 0.72, -2.0),
                (-0.3, -2.22),
                (0.2, -2.28),
                (w * 0.7, -2.06),
                (w * 1.02, -1.55),
                (w + 0.14, -0.8),
                (w + 0.04, 0.0),
            ]
            inner = [
                (w - 0.05, 0.05),
                (w - 0.13, -0.55),
                (w - 0.24, -0.72),
                (0.66, -1.02),
                (0.5, -0.74),
                (0.24, -1.0),
                (0.06, -0.68),
                (-0.2, -1.0),
                (-0.42, -0.7),
                (-0.6, -1.0),
                (-w + 0.22, -0.66),
                (-w + 0.12, -0.5),
                (-w + 0.05, 0.05),
            ]
            return outer, inner, (0.1, -2.1)
        case Hair.BOB:
            outer = [
                (-w - 0.16, 1.34),
                (-w - 0.28, 0.4),
                (-w - 0.24, -0.7),
                (-w * 0.92, -1.68),
                (-0.4, -2.08),
                (0.4, -2.08),
                (w * 0.92, -1.68),
                (w + 0.24, -0.7),
                (w + 0.28, 0.4),
                (w + 0.16, 1.34),
            ]
            inner = [
                (w - 0.22, 1.42),
                (w - 0.1, 0.6),
                (w - 0.2, -0.3),
                (w - 0.36, -0.58),
                (0.42, -0.5),
                (0.0, -0.54),
                (-0.42, -0.5),
                (-w + 0.36, -0.58),
                (-w + 0.2, -0.3),
                (-w + 0.1, 0.6),
                (-w + 0.22, 1.42),
            ]
            return outer, inner, (0.0, -2.0)
        case Hair.WAVY:
            outer = [
                (-w - 0.24, 1.8),
                (-w - 0.4, 1.0),
                (-w - 0.24, 0.2),
                (-w - 0.24, -0.7),
                (-w * 0.9, -1.68),
                (-0.4, -2.1),
                (0.4, -2.1),
                (w * 0.9, -1.68),
                (w + 0.24, -0.7),
                (w + 0.24, 0.2),
                (w + 0.4, 1.0),
                (w + 0.24, 1.8),
            ]
            inner = [
                (w - 0.06, 1.7),
                (w + 0.06, 1.0),
                (w - 0.1, 0.2),
                (w - 0.12, -0.4),
                (w - 0.3, -0.98),
                (0.62, -1.32),
                (0.4, -1.52),
                (0.0, -1.12),
                (-0.5, -0.84),
                (-w + 0.16, -0.5),
                (-w + 0.04, 0.1),
                (-w - 0.06, 1.0),
                (-w + 0.06, 1.7),
            ]
            return outer, inner, (0.42, -2.0)
        case _:  # long, parted in the middle
            outer = [
                (-w - 0.06, 3.1),
                (-w - 0.36, 2.0),
                (-w - 0.28, 0.6),
                (-w - 0.2, -0.7),
                (-w * 0.9, -1.7),
                (-0.35, -2.08),
                (0.35, -2.08),
                (w * 0.9, -1.7),
                (w + 0.2, -0.7),
                (w + 0.28, 0.6),
                (w + 0.36, 2.0),
                (w + 0.06, 3.1),
            ]
            inner = [
                (w + 0.0, 3.06),
                (w - 0.02, 1.9),
                (w - 0.06, 0.9),
                (w - 0.12, -0.1),
                (w - 0.36, -0.95),
                (0.3, -1.42),
                (0.0, -1.6),
                (-0.3, -1.42),
                (-w + 0.36, -0.95),
                (-w + 0.12, -0.1),
                (-w + 0.06, 0.9),
                (-w + 0.02, 1.9),
                (-w, 3.06),
            ]
            return outer, inner, (0.0, -2.0)


def _draw_cap(painter: Painter, spec: FaceSpec, face: Mask) -> None:
    outer, inner, crown = _cap(spec)
    edge, hairline = spline(outer), spline(inner)
    outline = np.vstack([edge, hairline])
    # the hair's own shadow on the forehead, so that it lies on the head and is not cut out of paper
    painter.fill(outline + np.array([0.0, 0.07]), (96, 52, 40), alpha=0.35, soft=0.05, within=face)
    painter.fill(outline, spec.hair_colour)
    within = painter.shape(outline)
    painter.wash(painter.rim(within, 0.14), mixed(spec.hair_colour, DARK, 0.55), alpha=0.6)
    _draw_strands(painter, spec, crown, edge, hairline, within)
    gloss = spline(
        [
            (-spec.width * 0.78, -1.22),
            (-0.4, -1.66),
            (0.25, -1.72),
            (0.3, -1.58),
            (-0.36, -1.5),
            (-spec.width * 0.72, -1.06),
        ],
        closed=True,
    )
    painter.fill(gloss, mixed(spec.hair_colour, LIGHT, 0.6), alpha=0.3, soft=0.07, within=within)


def _draw_strands(
    painter: Painter, spec: FaceSpec, crown: Point, edge: Curve, hairline: Curve, within: Mask
) -> None:
    chance = random.Random(len(edge))
    dark, light = mixed(spec.hair_colour, DARK, 0.5), mixed(spec.hair_colour, LIGHT, 0.28)
    ends = [*hairline[::5], *edge[::7]]
    for index, end in enumerate(ends):
        bend = (
            crown[0] + (end[0] - crown[0]) * 0.62 + np.sign(end[0] - crown[0]) * 0.14,
            crown[1] + (end[1] - crown[1]) * 0.38,
        )
        points: list[Point] = [crown, bend, (float(end[0]), float(end[1]))]
        colour = dark if index % 3 else light
        painter.line(
            points,
            0.03 + 0.03 * chance.random(),
            colour,
            alpha=0.22 + 0.2 * chance.random(),
            soft=0.008,
            ends=(0.2, 0.1),
            within=within,
        )


def _draw_perm(painter: Painter, spec: FaceSpec) -> None:
    chance = random.Random(7)
    w = spec.width
    path = spline(
        [
            (-w - 0.06, 0.16),
            (-w - 0.1, -0.5),
            (-w * 0.86, -1.28),
            (-0.45, -1.66),
            (0.1, -1.74),
            (w * 0.6, -1.52),
            (w + 0.0, -0.92),
            (w + 0.12, -0.3),
            (w + 0.06, 0.2),
        ]
    )
    dark = mixed(spec.hair_colour, (96, 92, 116), 0.5)
    light = mixed(spec.hair_colour, (255, 255, 255), 0.7)
    for ring, (swell, colour, alpha) in enumerate(((0.36, dark, 1.0), (0.3, spec.hair_colour, 1.0))):
        for x, y in path[ring * 3 :: 6]:
            radius = swell * (0.9 + 0.2 * chance.random())
            painter.fill(ellipse((x, y), (radius, radius)), colour, alpha=alpha, soft=0.01)
    for x, y in path[::3]:
        spot = (x + chance.uniform(-0.16, 0.16), y + chance.uniform(-0.16, 0.16))
        radius = chance.uniform(0.1, 0.17)
        start = chance.uniform(0, 360)
        curl = [
            (float(a), float(b))
            for a, b in ellipse(spot, (radius, radius), start=start, end=start + 230)[::6]
        ]
        painter.line(curl, 0.05, dark, alpha=0.6, soft=0.012)
        painter.line([(a - 0.02, b - 0.03) for a, b in curl], 0.03, light, alpha=0.7, soft=0.008)


def _draw_sides(painter: Painter, spec: FaceSpec, face: Mask) -> None:
    w = spec.width
    painter.fill(
        ellipse((-0.3, -1.42), (0.3, 0.13), tilt=-18), (255, 252, 246), alpha=0.5, soft=0.1, within=face
    )
    for side in SIDES:
        tuft = spline(
            [
                (side * (w - 0.06), -1.0),
                (side * (w + 0.12), -0.7),
                (side * (w + 0.2), -0.2),
                (side * (w + 0.1), 0.08),
                (side * (w - 0.06), 0.02),
                (side * (w - 0.1), -0.5),
            ],
            closed=True,
        )
        painter.fill(tuft, spec.hair_colour, soft=0.02)
        within = painter.shape(tuft, soft=0.02)
        painter.wash(painter.rim(within, 0.1), mixed(spec.hair_colour, (90, 88, 110), 0.6), alpha=0.6)
        for step in range(6):
            x = side * (w - 0.05 + 0.045 * step)
            painter.line(
                [(x, -0.8), (x + side * 0.04, -0.4), (x, 0.0)],
                0.025,
                (150, 148, 160),
                alpha=0.5,
                within=within,
            )
