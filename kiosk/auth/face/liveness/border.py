# SPDX-License-Identifier: Apache-2.0
"""The edge of a print or a screen: straight lines that meet in corners round a face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceBox, Grey

_LOOK_WIDTH: Final = 480
_LONGEST_REACH: Final = 2.0
"""In face widths: a picture whose edge is further away than that shows more than head and shoulders."""
_NEAREST: Final = 0.04
_SLANT_DEGREES: Final = 22.0
_SQUARE_DEGREES: Final = 9.0
_SHORTEST: Final = 0.3
_SUPPORTED: Final = 0.75
"""So much of a side, from corner to corner, must be an edge: a hand or a reflection may hide the rest."""
_EDGE_OF_FRAME: Final = 3.0
_MOST_LINES: Final = 6
_POINTS: Final = 48

Line = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Border:
    """Three or four sides of a frame: where its middle across and its upper or lower side are, in pixels."""

    middle_x: float
    level_y: float
    width: float
    sides: int


def border_of(grey: Grey, box: FaceBox) -> Border | None:
    """The frame round a face, if there is one."""
    scale = min(1.0, _LOOK_WIDTH / grey.shape[1])
    size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    face = max(8.0, box.width * scale)
    edges = cv2.Canny(cv2.GaussianBlur(small, (3, 3), 0), 30, 90)
    found = cv2.HoughLinesP(
        edges, 1, np.pi / 180, 30, minLineLength=_SHORTEST * face, maxLineGap=max(4.0, 0.08 * face)
    )
    ends = np.empty(0) if found is None else np.asarray(found, dtype=np.float64)
    lines = [(float(a), float(b), float(c), float(d)) for a, b, c, d in ends.reshape(-1, 4)]
    thick = cv2.dilate(edges, np.ones((3, 3), dtype=np.uint8)) > 0
    return _frame_of(lines, np.asarray(thick), box, scale, face)


def _frame_of(
    lines: list[Line], edges: NDArray[np.bool_], box: FaceBox, scale: float, face: float
) -> Border | None:
    cx, cy = box.centre[0] * scale, box.centre[1] * scale
    top, bottom = box.top * scale, box.bottom * scale
    uprights, levels = _sorted(lines, (float(edges.shape[1]), float(edges.shape[0])))
    lefts = _longest([one for one in uprights if _between((cx - _x_at(one, cy)) / face - 0.5)])
    rights = _longest([one for one in uprights if _between((_x_at(one, cy) - cx) / face - 0.5)])
    aboves = _longest([one for one in levels if _between((top - _y_at(one, cx)) / face)])
    belows = _longest([one for one in levels if _between((_y_at(one, cx) - bottom) / face)])
    best: Border | None = None
    for left in lefts:
        for right in rights:
            if abs(_tilt(left) - _tilt(right)) > _SQUARE_DEGREES:
                continue
            above = _closing(aboves, left, right, edges)
            below = _closing(belows, left, right, edges)
            across = above or below
            sides = 2 + (above is not None) + (below is not None)
            x0, x1 = _x_at(left, cy), _x_at(right, cy)
            # the innermost of those with most sides: a bezel has two edges, and always the same is taken
            if across is None or (best and (best.sides, -best.width) >= (sides, -(x1 - x0) / scale)):
                continue
            if not all(_upright_holds(one, above, below, face, edges) for one in (left, right)):
                continue
            best = Border((x0 + x1) / 2 / scale, _y_at(across, cx) / scale, (x1 - x0) / scale, sides)
    return best


def _between(reach: float) -> bool:
    return _NEAREST <= reach <= _LONGEST_REACH


def _sorted(lines: list[Line], size: tuple[float, float]) -> tuple[list[Line], list[Line]]:
    """Those that stand and those that lie, without the frame's own edges."""
    uprights: list[Line] = []
    levels: list[Line] = []
    for x0, y0, x1, y1 in lines:
        degrees = float(np.degrees(np.arctan2(y1 - y0, x1 - x0))) % 180
        if abs(degrees - 90) <= _SLANT_DEGREES:
            if min(x0, x1) > _EDGE_OF_FRAME and max(x0, x1) < size[0] - _EDGE_OF_FRAME:
                uprights.append((x0, y0, x1, y1) if y0 <= y1 else (x1, y1, x0, y0))
        elif min(degrees, 180 - degrees) <= _SLANT_DEGREES and (
            min(y0, y1) > _EDGE_OF_FRAME and max(y0, y1) < size[1] - _EDGE_OF_FRAME
        ):
            levels.append((x0, y0, x1, y1) if x0 <= x1 else (x1, y1, x0, y0))
    return uprights, levels


def _longest(lines: list[Line]) -> list[Line]:
    """The longest few, each edge once."""
    kept: list[Line] = []
    for line in sorted(lines, key=lambda one: -np.hypot(one[2] - one[0], one[3] - one[1])):
        if len(kept) == _MOST_LINES:
            break
        if not any(_same(line, other) for other in kept):
            kept.append(line)
    return kept


def _same(one: Line, other: Line) -> bool:
    middle = (one[0] + one[2]) / 2, (one[1] + one[3]) / 2
    length = float(np.hypot(other[2] - other[0], other[3] - other[1]))
    away = (middle[0] - other[0]) * (other[3] - other[1]) - (middle[1] - other[1]) * (other[2] - other[0])
    return abs(away) / max(1.0, length) < 2.0


def _closing(levels: list[Line], left: Line, right: Line, edges: NDArray[np.bool_]) -> Line | None:
    """The side that joins both uprights, from corner to corner."""
    best: Line | None = None
    most = _SUPPORTED
    for line in levels:
        if abs(_tilt_of_level(line) + (_tilt(left) + _tilt(right)) / 2) > _SQUARE_DEGREES:
            continue
        side = (*_crossing(left, line), *_crossing(right, line))
        support = _support(side, edges)
        if support > most:
            best, most = side, support
    return best


def _upright_holds(
    upright: Line, above: Line | None, below: Line | None, face: float, edges: NDArray[np.bool_]
) -> bool:
    """Whether the upright is there between the sides; where one is out of view, for a face's length."""
    if above is not None and below is not None:
        begin, end = _crossing(upright, above), _crossing(upright, below)
    elif above is not None:
        begin = _crossing(upright, above)
        end = (_x_at(upright, begin[1] + 1.5 * face), begin[1] + 1.5 * face)
    elif below is not None:
        end = _crossing(upright, below)
        begin = (_x_at(upright, end[1] - 1.5 * face), end[1] - 1.5 * face)
    else:
        return False
    return _support((*begin, *end), edges) > _SUPPORTED


def _support(side: Line, edges: NDArray[np.bool_]) -> float:
    """The share of a side that is an edge; what lies outside the frame is none."""
    xs = np.rint(np.linspace(side[0], side[2], _POINTS)).astype(int)
    ys = np.rint(np.linspace(side[1], side[3], _POINTS)).astype(int)
    height, width = edges.shape
    inside = (xs >= 0) & (xs < width) & (ys >= 0) & (ys < height)
    if not inside.any():
        return 0.0
    return float(edges[ys[inside], xs[inside]].sum() / _POINTS)


def _crossing(upright: Line, level: Line) -> tuple[float, float]:
    y = (upright[1] + upright[3]) / 2
    for _ in range(3):  # both lean little, so it settles at once
        y = _y_at(level, _x_at(upright, y))
    return _x_at(upright, y), y


def _tilt(line: Line) -> float:
    """Degrees that an upright leans; positive with its lower end to the right."""
    return float(np.degrees(np.arctan2(line[2] - line[0], line[3] - line[1])))


def _tilt_of_level(line: Line) -> float:
    return float(np.degrees(np.arctan2(line[3] - line[1], line[2] - line[0])))


def _x_at(line: Line, y: float) -> float:
    return line[0] + (line[2] - line[0]) * (y - line[1]) / max(1e-6, line[3] - line[1])


def _y_at(line: Line, x: float) -> float:
    return line[1] + (line[3] - line[1]) * (x - line[0]) / max(1e-6, line[2] - line[0])
