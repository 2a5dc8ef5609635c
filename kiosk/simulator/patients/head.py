# SPDX-License-Identifier: Apache-2.0
"""Head and features of a drawn person."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.simulator.patients.beard import draw_beard
from kiosk.simulator.patients.body import draw_body
from kiosk.simulator.patients.brush import (
    SHADE,
    SIDES,
    Colour,
    Curve,
    Mask,
    Painter,
    Point,
    Sheet,
    ellipse,
    mirrored,
    mixed,
    spline,
)
from kiosk.simulator.patients.face_spec import FaceSpec, Glasses, Hair
from kiosk.simulator.patients.hair import draw_back_hair, draw_front_hair

SHEET: Final = Sheet(width=600, height=740, middle=(300.0, 330.0), unit=98.0)
_INK: Final[Colour] = (46, 32, 30)


def draw_person(spec: FaceSpec, eyes_open: float, rows: slice | None = None) -> NDArray[np.uint8]:
    """Head and shoulders on a transparent sheet; `eyes_open` is 1 for open and 0 for closed.

    With `rows`, only those of the sheet.
    """
    painter = Painter(SHEET, rows)
    draw_back_hair(painter, spec)
    draw_body(painter, spec)
    face = painter.shape(face_outline(spec))
    _draw_ears(painter, spec)
    _draw_skin(painter, spec, face)
    _draw_wrinkles(painter, spec, face)
    for side in SIDES:
        _draw_eye(painter, spec, side, eyes_open)
        _draw_brow(painter, spec, side)
    _draw_nose(painter, spec, face)
    _draw_mouth(painter, spec, face)
    draw_beard(painter, spec, face)
    draw_front_hair(painter, spec, face)
    _draw_glasses(painter, spec)
    return painter.finished()


def face_outline(spec: FaceSpec) -> Curve:
    """The edge of the face from the top of the skull round by the chin."""
    w = spec.width
    right: list[Point] = [
        (0.42 * w, -1.72),
        (0.8 * w, -1.36),
        (0.98 * w, -0.78),
        (1.0 * w, -0.12),
        (0.965 * w, 0.42),
        (spec.jaw, 0.62 * spec.chin),
        ((spec.jaw + spec.chin_width) / 2 + 0.05, 0.86 * spec.chin),
        (spec.chin_width * 0.75, 0.975 * spec.chin),
        (0.0, spec.chin),
    ]
    return spline([(0.0, -1.82), *right, *mirrored(right[:-1])[::-1]], closed=True)


def _draw_ears(painter: Painter, spec: FaceSpec) -> None:
    if spec.hair in {Hair.LONG, Hair.WAVY, Hair.BOB}:
        return  # under the hair
    shade = mixed(spec.skin, SHADE, 0.3)
    for side in SIDES:
        x = side * (spec.width * 0.985 + 0.03)
        size = spec.ears
        painter.fill(
            ellipse((x, 0.16), (0.17 * size, 0.36 * size), tilt=side * 10), mixed(spec.skin, shade, 0.35)
        )
        painter.line(
            [(x, -0.08), (x + side * 0.09, 0.06), (x + side * 0.05, 0.3)], 0.05, shade, alpha=0.7, soft=0.02
        )


def _draw_skin(painter: Painter, spec: FaceSpec, face: Mask) -> None:
    shade = mixed(spec.skin, SHADE, 0.36)
    light = mixed(spec.skin, (255, 250, 244), 0.6)
    painter.wash(face, spec.skin)
    painter.wash(painter.rim(face, 0.24), shade, alpha=0.62)
    # the light comes from the upper left: one cheek and temple lie in soft shade
    side = spline([(0.62, -1.5), (1.4, -1.0), (1.4, 1.0), (0.5, 1.8), (0.74, 0.7), (0.86, -0.2)], closed=True)
    painter.fill(side, shade, alpha=0.34, soft=0.16, within=face)
    painter.fill(ellipse((-0.16, -1.0), (0.5, 0.34)), light, alpha=0.45, soft=0.18, within=face)
    for sign in SIDES:
        cheek = (sign * 0.58 * spec.width, 0.56)
        painter.fill(
            ellipse(cheek, (0.2, 0.13)), light, alpha=0.32 if sign < 0 else 0.16, soft=0.1, within=face
        )
        blush = (sign * 0.62 * spec.width, 0.66)
        painter.fill(
            ellipse(blush, (0.25, 0.16)), (226, 110, 96), alpha=0.5 * spec.blush, soft=0.11, within=face
        )
        socket = (sign * spec.eye_spacing * 0.98, -0.12)
        painter.fill(ellipse(socket, (0.34, 0.2)), shade, alpha=0.32, soft=0.1, within=face)
    painter.fill(ellipse((0.0, spec.chin - 0.16), (0.2, 0.11)), light, alpha=0.3, soft=0.07, within=face)


def _draw_wrinkles(painter: Painter, spec: FaceSpec, face: Mask) -> None:
    crease = mixed(spec.skin, SHADE, 0.62)
    for side in SIDES:
        x = side * spec.eye_spacing
        fold: list[Point] = [
            (side * (spec.nose_width + 0.07), spec.nose_length - 0.02),
            (side * (spec.nose_width + 0.22), spec.nose_length + 0.2),
            (side * (spec.mouth_width + 0.16), spec.mouth_y + 0.02),
        ]
        painter.line(fold, 0.05, crease, alpha=0.12 + 0.5 * spec.wrinkles, soft=0.02, within=face)
        if spec.bags > 0:
            bag: list[Point] = [(x - side * 0.24, 0.13), (x, 0.25), (x + side * 0.24, 0.14)]
            painter.line(bag, 0.05, crease, alpha=0.6 * spec.bags, soft=0.02, within=face)
        if spec.wrinkles > 0.1:
            outer = side * (spec.eye_spacing + spec.eye_width + 0.06)
            for rise, drop in ((-0.1, -0.14), (0.01, 0.02), (0.1, 0.17)):
                foot: list[Point] = [
                    (outer, rise * 0.5),
                    (outer + side * 0.1, rise * 0.8),
                    (outer + side * 0.2, drop),
                ]
                painter.line(foot, 0.026, crease, alpha=0.6 * spec.wrinkles, soft=0.008, within=face)
    if spec.wrinkles > 0.3:
        for level, y in enumerate((-0.84, -1.02, -1.2)):
            half = 0.6 - 0.1 * level
            brow_line: list[Point] = [(-half, y + 0.03), (-0.2, y - 0.02), (0.2, y), (half, y + 0.05)]
            painter.line(brow_line, 0.03, crease, alpha=0.5 * spec.wrinkles, soft=0.012, within=face)
        for side in SIDES:
            frown: list[Point] = [(side * 0.1, -0.42), (side * 0.13, -0.24)]
            painter.line(frown, 0.03, crease, alpha=0.45 * spec.wrinkles, soft=0.01)


def _draw_eye(painter: Painter, spec: FaceSpec, side: int, eyes_open: float) -> None:
    x0 = side * spec.eye_spacing
    w, h, slant = spec.eye_width, spec.eye_height, spec.eye_slant
    iris = (72, 46, 32)

    def at(u: float, v: float) -> Point:
        """From the eye's own units (inner corner -1, outer corner 1) to the face's."""
        return x0 + side * u * w, v - slant * u

    top = h * eyes_open
    low = 0.55 * h * (0.25 + 0.75 * eyes_open)
    if eyes_open < 0.15:
        top = -low * 0.7
    upper = [at(-1, 0.025), at(-0.55, -0.82 * top), at(0.05, -1.06 * top), at(0.6, -0.78 * top), at(1, -0.01)]
    lower = [at(1, -0.01), at(0.5, 0.85 * low), at(-0.05, low), at(-0.6, 0.72 * low), at(-1, 0.025)]
    if eyes_open >= 0.15:
        opening = np.vstack([spline(upper), spline(lower)])
        within = painter.shape(opening)
        painter.fill(opening, (250, 247, 243))
        radius = max(0.118, h * 0.92)
        centre = at(-0.02, -0.1 * h)
        painter.fill(ellipse(centre, (radius, radius)), (40, 26, 22), within=within)
        painter.fill(
            ellipse((centre[0], centre[1] + 0.02), (radius * 0.8, radius * 0.8)),
            iris,
            soft=0.012,
            within=within,
        )
        painter.fill(
            ellipse((centre[0], centre[1] + 0.4 * radius), (radius * 0.5, radius * 0.3)),
            mixed(iris, (190, 130, 90), 0.6),
            alpha=0.7,
            soft=0.02,
            within=within,
        )
        painter.fill(ellipse(centre, (radius * 0.45, radius * 0.45)), (14, 10, 10), within=within)
        painter.fill(
            ellipse((centre[0] - 0.035, centre[1] - 0.045), (0.032, 0.032)), (255, 255, 255), within=within
        )
        lid_shadow = [(x, y + 0.03) for x, y in upper]
        painter.line(lid_shadow, 0.08, (70, 50, 56), alpha=0.4, soft=0.02, within=within)
    lash = 0.045 + 0.035 * spec.lashes
    rim = [*upper[:-1], at(1.0 + 0.16 * spec.lashes, -0.05 * spec.lashes - 0.005)]
    painter.line(rim, lash, _INK, ends=(0.3, 0.45))
    painter.line(lower, 0.022, (110, 70, 60), alpha=0.55)
    if spec.lashes > 0.5:
        for u in (0.72, 0.92):
            painter.line(
                [at(u, -0.6 * top * (1 - u) * 2 - 0.02), at(u + 0.24, -0.09 - 0.05 * eyes_open)],
                0.026,
                _INK,
                ends=(1, 0.1),
            )
    if spec.lid > 0:
        lift = 0.04 + 0.055 * spec.lid
        crease = [
            at(-0.86, -0.35 * top - lift * 0.5),
            at(-0.3, -top - lift),
            at(0.4, -top - lift),
            at(1.02, -0.35 * top - lift * 0.8),
        ]
        painter.line(crease, 0.026, mixed(spec.skin, SHADE, 0.75), alpha=0.75, soft=0.006)


def _draw_brow(painter: Painter, spec: FaceSpec, side: int) -> None:
    colour = spec.brow_colour or mixed(spec.hair_colour, (30, 22, 20), 0.35)
    x0, y0 = side * spec.eye_spacing, -spec.brow_height
    half = spec.brow_length
    points: list[Point] = [
        (x0 - side * half, y0 + 0.02 + spec.brow_slant),
        (x0 - side * half * 0.3, y0 - 0.045 + 0.3 * spec.brow_slant),
        (x0 + side * half * 0.45, y0 - 0.06 - 0.4 * spec.brow_slant),
        (x0 + side * half * 1.12, y0 + 0.07 - spec.brow_slant),
    ]
    painter.line(points, spec.brow_thickness, colour, alpha=0.9, soft=0.012, ends=(0.75, 0.1))
    if spec.brow_thickness > 0.17:  # bushy: single hairs stand out
        for step in np.linspace(-0.95, 0.95, 9):
            root = (x0 + side * half * float(step), y0 + 0.05)
            tip = (root[0] + side * 0.07, root[1] - 0.09 - spec.brow_thickness * 0.35)
            painter.line([root, tip], 0.035, colour, alpha=0.8, ends=(0.8, 0.1))


def _draw_nose(painter: Painter, spec: FaceSpec, face: Mask) -> None:
    shade = mixed(spec.skin, SHADE, 0.5)
    light = mixed(spec.skin, (255, 252, 246), 0.75)
    w, y = spec.nose_width, spec.nose_length
    bridge: list[Point] = [(0.13, -0.3), (0.1, 0.05), (0.15, 0.36), (w * 0.86, y - 0.06)]
    painter.line(bridge, 0.12, shade, alpha=0.42, soft=0.05, within=face)
    painter.line([(-0.12, -0.28), (-0.1, 0.0), (-0.12, 0.26)], 0.08, shade, alpha=0.2, soft=0.05, within=face)
    painter.line(
        [(-0.02, -0.25), (-0.02, 0.1), (-0.02, y - 0.14)], 0.09, light, alpha=0.5, soft=0.03, within=face
    )
    painter.fill(ellipse((0.0, y + 0.1), (w * 0.95, 0.06)), shade, alpha=0.5, soft=0.04, within=face)
    painter.fill(ellipse((-0.02, y - 0.05), (0.09, 0.07)), light, alpha=0.6, soft=0.03)
    for side in SIDES:
        wing: list[Point] = [
            (side * w * 0.78, y - 0.15),
            (side * w, y - 0.02),
            (side * w * 0.86, y + 0.07),
            (side * w * 0.6, y + 0.05),
        ]
        painter.line(wing, 0.04, shade, alpha=0.85, soft=0.01)
        painter.fill(
            ellipse((side * w * 0.45, y + 0.045), (0.065, 0.03), tilt=-side * 14),
            (84, 40, 36),
            alpha=0.85,
            soft=0.008,
        )
    painter.line(
        [(-w * 0.3, y + 0.075), (0.0, y + 0.1), (w * 0.3, y + 0.075)], 0.035, shade, alpha=0.7, soft=0.01
    )


def _draw_mouth(painter: Painter, spec: FaceSpec, face: Mask) -> None:
    w, y, h = spec.mouth_width, spec.mouth_y, spec.lips
    corner = y - 0.07 * spec.smile
    line: list[Point] = [
        (-w, corner),
        (-w * 0.45, y + 0.015),
        (0.0, y + 0.0),
        (w * 0.45, y + 0.015),
        (w, corner),
    ]
    top: list[Point] = [
        (w, corner),
        (w * 0.5, y - h * 0.75),
        (w * 0.16, y - h * 1.02),
        (0.0, y - h * 0.8),
        (-w * 0.16, y - h * 1.02),
        (-w * 0.5, y - h * 0.75),
        (-w, corner),
    ]
    bottom: list[Point] = [
        (w, corner),
        (w * 0.55, y + h * 1.05),
        (0.0, y + h * 1.45),
        (-w * 0.55, y + h * 1.05),
        (-w, corner),
    ]
    seam = spline(line)
    painter.fill(np.vstack([seam, spline(top)]), mixed(spec.lip_colour, (110, 40, 44), 0.22), soft=0.008)
    painter.fill(np.vstack([seam, spline(bottom)]), spec.lip_colour, soft=0.008)
    painter.fill(ellipse((-0.05, y + h * 0.8), (w * 0.32, h * 0.22)), (255, 235, 228), alpha=0.4, soft=0.02)
    painter.line(line, 0.038, (112, 44, 46), alpha=0.95, ends=(0.3, 0.3))
    for side in SIDES:
        painter.line(
            [(side * (w - 0.01), corner + 0.025), (side * (w + 0.05), corner - 0.03)],
            0.04,
            (130, 66, 58),
            alpha=0.6,
            soft=0.012,
        )
    below = (0.0, y + 0.12 + h * 1.5)
    painter.fill(
        ellipse(below, (w * 0.5, 0.045)), mixed(spec.skin, SHADE, 0.5), alpha=0.5, soft=0.035, within=face
    )


def _draw_glasses(painter: Painter, spec: FaceSpec) -> None:
    if spec.glasses is Glasses.NONE:
        return
    frame = spec.glasses_colour
    thick = 0.055
    half, tall = 0.42, 0.33
    for side in SIDES:
        x = side * max(spec.eye_spacing, half + 0.06)
        if spec.glasses is Glasses.ROUND:
            outline = ellipse((x, 0.03), (half, half * 0.92))
        else:
            corner = 0.12
            outline = spline(
                [
                    (x - half + corner, -tall * 0.85), (x + half - corner, -tall * 0.85),
                    (x + half, -tall * 0.85 + corner),
                    (x + half * 0.94, tall - corner), (x + half * 0.72, tall), (x - half * 0.72, tall),
                    (x - half * 0.94, tall - corner), (x - half, -tall * 0.85 + corner),
                ],
                closed=True, steps=6,
            )  # fmt: skip
        painter.fill(outline, (235, 244, 252), alpha=0.12)
        glint = [(x - 0.24, -0.16), (x - 0.08, -0.22)]
        painter.line([(a, b) for a, b in glint], 0.05, (255, 255, 255), alpha=0.5, soft=0.015)
        ring = [(float(a), float(b)) for a, b in outline]
        if spec.glasses is Glasses.HALF:
            ring = [p for p in ring if p[1] < 0.06]
            ring.sort()
        else:
            ring.append(ring[0])
        edge = np.asarray(ring)
        painter.band(edge, thick, frame)
        painter.line([(x + side * half, -0.1), (side * (spec.width * 0.98), -0.12)], 0.06, frame, ends=(1, 1))
    painter.line([(-0.12, -0.02), (0.0, -0.08), (0.12, -0.02)], 0.055, frame, ends=(1, 1))
