# SPDX-License-Identifier: Apache-2.0
"""Neck, shoulders and clothes of a drawn person."""

from __future__ import annotations

import numpy as np

from kiosk.simulator.patients.brush import SHADE, SIDES, Colour, Painter, ellipse, mixed, spline
from kiosk.simulator.patients.face_spec import Collar, FaceSpec


def draw_body(painter: Painter, spec: FaceSpec) -> None:
    """Neck, shoulders and what is worn on them."""
    shade = mixed(spec.skin, SHADE, 0.38)
    neck_width = 0.4 * spec.width + 0.22 * (spec.jaw - 0.5)
    neck = spline(
        [
            (-neck_width, 1.0), (neck_width, 1.0), (neck_width, 1.85), (neck_width + 0.12, 2.12),
            (neck_width + 0.2, 2.35), (0.0, 2.9), (-neck_width - 0.2, 2.35), (-neck_width - 0.12, 2.12),
            (-neck_width, 1.85),
        ],
        closed=True,
    )  # fmt: skip
    shoulder = 2.08 + 0.16 * spec.width
    body = spline(
        [
            (-0.62, 2.12), (-1.25, 2.42), (-shoulder, 2.86), (-shoulder - 0.24, 4.4), (0.0, 4.9),
            (shoulder + 0.24, 4.4), (shoulder, 2.86), (1.25, 2.42), (0.62, 2.12), (0.0, 2.2),
        ],
        closed=True,
    )  # fmt: skip
    cloth = painter.shape(body)
    painter.wash(cloth, spec.cloth)
    dark = mixed(spec.cloth, (20, 16, 30), 0.45)
    painter.wash(painter.rim(cloth, 0.3), dark, alpha=0.55)
    for side in SIDES:
        painter.line(
            [(side * 1.5, 4.2), (side * 1.46, 3.7), (side * 1.3, 3.3)], 0.07, dark, alpha=0.35, soft=0.03
        )
    painter.fill(neck, spec.skin)
    within = painter.shape(neck)
    painter.wash(painter.rim(within, 0.16), shade, alpha=0.6)
    chin_shadow = ellipse((0.0, spec.chin - 0.18), (spec.jaw * 0.98, 0.62))
    painter.fill(chin_shadow, shade, alpha=0.75, soft=0.09, within=within)
    _draw_collar(painter, spec)


def _draw_collar(painter: Painter, spec: FaceSpec) -> None:
    dark = mixed(spec.cloth, (20, 16, 30), 0.4)
    light = mixed(spec.cloth, (255, 255, 255), 0.35)
    white: Colour = (246, 246, 244)
    match spec.collar:
        case Collar.CREW:
            painter.line(
                [(-0.86, 2.22), (-0.5, 2.62), (0, 2.76), (0.5, 2.62), (0.86, 2.22)],
                0.17,
                light,
                ends=(0.8, 0.8),
            )
            painter.line(
                [(-0.78, 2.34), (-0.48, 2.72), (0, 2.87), (0.48, 2.72), (0.78, 2.34)], 0.035, dark, alpha=0.5
            )
        case Collar.SHIRT:
            inner = white if sum(spec.cloth) < 330 else light
            for side in SIDES:
                flap = np.array(
                    [(side * 0.72, 2.02), (side * 0.92, 2.34), (side * 0.56, 2.98), (side * 0.03, 2.72)]
                )
                painter.fill(flap, inner)
                painter.line(
                    [(side * 0.9, 2.34), (side * 0.56, 2.98), (side * 0.03, 2.72)], 0.03, dark, alpha=0.6
                )
            painter.line([(0.0, 2.76), (0.0, 3.3), (0.0, 4.3)], 0.03, dark, alpha=0.6, ends=(1, 1))
            for y in (3.15, 3.7):
                painter.fill(ellipse((0.07, y), (0.045, 0.045)), light)
        case Collar.V_NECK | Collar.CARDIGAN:
            vee = np.array([(-0.74, 2.14), (0.74, 2.14), (0.0, 3.3)])
            under = spec.skin if spec.collar is Collar.V_NECK else white
            painter.fill(vee, under, soft=0.01)
            if spec.collar is Collar.V_NECK:
                painter.fill(vee * (0.8, 1), mixed(spec.skin, SHADE, 0.3), alpha=0.4, soft=0.12)
                for side in SIDES:
                    painter.line(
                        [(side * 0.1, 2.52), (side * 0.5, 2.44), (side * 0.9, 2.5)],
                        0.05,
                        SHADE,
                        alpha=0.25,
                        soft=0.03,
                    )
            else:
                for side in SIDES:
                    flap = np.array(
                        [(side * 0.66, 2.08), (side * 0.8, 2.3), (side * 0.44, 2.74), (side * 0.02, 2.52)]
                    )
                    painter.fill(flap, mixed(white, (190, 190, 205), 0.25))
            for side in SIDES:
                painter.line(
                    [(side * 0.84, 2.1), (side * 0.44, 2.8), (0, 3.36)], 0.15, light, ends=(0.9, 0.9)
                )
            if spec.collar is Collar.CARDIGAN:
                painter.line([(0.0, 3.3), (0.0, 4.4)], 0.05, dark, alpha=0.6, ends=(1, 1))
                painter.fill(ellipse((0.12, 3.75), (0.07, 0.07)), light)
        case Collar.KIMONO:
            painter.fill(
                np.array([(-0.8, 2.1), (0.8, 2.1), (0.0, 3.2)]), mixed(spec.skin, SHADE, 0.18), soft=0.01
            )
            painter.line([(-0.72, 2.08), (-0.4, 2.7), (0.14, 3.3)], 0.13, white, ends=(0.9, 0.9))
            painter.line([(-0.86, 2.1), (-0.54, 2.74), (0.3, 4.0)], 0.22, dark, ends=(0.9, 0.9))
            painter.line([(0.72, 2.08), (0.4, 2.7), (-0.2, 3.4)], 0.13, white, ends=(0.9, 0.9))
            painter.line([(0.86, 2.1), (0.54, 2.74), (-0.5, 4.2)], 0.22, dark, ends=(0.9, 0.9))
