# SPDX-License-Identifier: Apache-2.0
"""Where on a card's face the three fields are, and the lines of print found there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reader.surface.find import FoundCard

Grey = NDArray[np.uint8]

LINE_HEIGHT: Final = 64  # of a line of print with its margins, as the text recognition gets it
_MARGIN: Final = 0.30  # of the height of the print
_BACKGROUND: Final = 25  # wider than any stroke, and narrow enough to follow a spot of light
_PAPER_BLUR: Final = 3.0
_LEAST_INK: Final = 18  # grey levels between paper and ink that make a line at all
_HALO: Final = 9  # points: around what is dark, blur makes paper dark
_SPECK: Final = 10  # points: what is lower than this is no letter and does not tell where a line begins
_TALLEST: Final = 56
_WIDE_GAP: Final = 1.5  # of the height of the print
# How long a line may be for its height, margins and all.
_BIRTH_LENGTHS: Final = (3.3, 9.0)
_EXPIRY_LENGTHS: Final = (5.5, 11.0)
_CODE_LENGTHS: Final = (1.3, 2.9)
_WHITE: Final = 245
GLARING: Final = 253  # grey levels: as bright as a camera can say; print is not seen there


@dataclass(frozen=True, slots=True)
class Region:
    """A place on the card in points of 1/300 inch, and the height of the print in it."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """Where one printing of the card has the three fields.

    The middle of a region is where the line is expected; the rest of it is tolerance. Where the real card has
    them to the millimetre is not published, so these are data: a kiosk is told which layouts there are.
    """

    name: str
    photo: Region
    birth: Region
    expiry: Region
    code: Region


LAYOUTS: Final = (
    FieldLayout(
        "photo-left",
        photo=Region(48, 252, 240, 320),
        birth=Region(300, 280, 640, 78),
        expiry=Region(300, 336, 640, 78),
        code=Region(90, 574, 160, 56),
    ),
    FieldLayout(
        "photo-right",
        photo=Region(730, 212, 240, 320),
        birth=Region(30, 232, 660, 78),
        expiry=Region(30, 290, 660, 78),
        code=Region(770, 536, 170, 60),
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of print, dark on white and `LINE_HEIGHT` high, and where light hides what is there.

    `scale` is how many of its columns make a point on the card.
    """

    print: Grey
    glare: Grey
    scale: float

    def wipe(self) -> None:
        """Overwrite the pictures."""
        self.print.fill(0)
        self.glare.fill(0)

    def __repr__(self) -> str:
        return "Line(…)"


@dataclass(frozen=True, slots=True, eq=False)
class FieldLines:
    """The three lines of print. Whoever asked for them wipes them."""

    birth: Line
    expiry: Line
    code: Line

    def wipe(self) -> None:
        """Overwrite the pictures."""
        for line in (self.birth, self.expiry, self.code):
            line.wipe()

    def __repr__(self) -> str:
        return "FieldLines(…)"


def possible(lines: FieldLines) -> bool:
    """Whether those three lines are about as long as the fields are; else it is another part of the card."""
    return all(
        least <= line.print.shape[1] / LINE_HEIGHT <= most
        for line, (least, most) in (
            (lines.birth, _BIRTH_LENGTHS),
            (lines.expiry, _EXPIRY_LENGTHS),
            (lines.code, _CODE_LENGTHS),
        )
    )


def likeliest(card: FoundCard, layouts: Sequence[FieldLayout]) -> list[tuple[FoundCard, FieldLayout]]:
    """The ways of looking at the card, the likeliest first: which layout it has, and which way up it lies.

    The photo tells: nowhere else is so much of the card dark.
    """
    ways: list[tuple[float, FoundCard, FieldLayout]] = []
    for face in (card, card.turned()):
        dark = 255 - cv2.GaussianBlur(face.image, (0, 0), 5).astype(np.float32)
        everywhere = float(dark.sum())
        for layout in layouts:
            photo = layout.photo
            inside = dark[photo.top : photo.top + photo.height, photo.left : photo.left + photo.width]
            area = photo.width * photo.height
            outside = (everywhere - float(inside.sum())) / (dark.size - area)
            ways.append((float(inside.mean()) - outside, face, layout))
        dark.fill(0)
    ways.sort(key=lambda way: -way[0])
    return [(face, layout) for _, face, layout in ways]


def field_lines(card: FoundCard, layout: FieldLayout) -> FieldLines | None:
    """The three lines, or None where there is no print in one of the places."""
    lines: list[Line] = []
    for region in (layout.birth, layout.expiry, layout.code):
        right, bottom = region.left + region.width, region.top + region.height
        line = line_of_print(card.image[region.top : bottom, region.left : right])
        if line is None:
            for taken in lines:
                taken.wipe()
            return None
        lines.append(line)
    return FieldLines(*lines)


def line_of_print(place: Grey) -> Line | None:
    """The line of print nearest to the middle of that place on the card; None where there is none."""
    flat = flattened(place)
    try:
        extent = next((found for level in _levels(flat) if (found := _extent(flat, level)) is not None), None)
        if extent is None:
            return None
        left, top, right, bottom = extent
        white = (place >= GLARING).astype(np.uint8) * np.uint8(255)
        glare = cv2.morphologyEx(white, cv2.MORPH_OPEN, np.ones((2, 2), dtype=np.uint8))
        margin = round(_MARGIN * (bottom - top))
        # what is not there is white: near a region's edge a line is as high as anywhere
        height, width = bottom - top + 2 * margin, right - left + 2 * margin
        size = (round(width * LINE_HEIGHT / height), LINE_HEIGHT)
        line = np.full((height, width), _WHITE, dtype=np.uint8)
        shine = np.zeros((height, width), dtype=np.uint8)
        above, before = max(0, top - margin), max(0, left - margin)
        part = flat[above : bottom + margin, before : right + margin]
        down, along = above - (top - margin), before - (left - margin)
        there = np.s_[down : down + part.shape[0], along : along + part.shape[1]]
        line[there] = part
        shine[there] = glare[above : bottom + margin, before : right + margin]
        large = cv2.resize(line, size, interpolation=cv2.INTER_CUBIC)
        line.fill(0)
        return Line(
            _stretched(np.asarray(large, dtype=np.uint8)),
            np.asarray(cv2.resize(shine, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8),
            LINE_HEIGHT / height,
        )
    finally:
        flat.fill(0)


def flattened(place: Grey) -> Grey:
    """The same print on white, whatever the light, the colours and the waves beneath.

    Reflected light adds to what is printed: it leaves as it is how much darker ink is than the paper there.
    """
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_BACKGROUND, _BACKGROUND))
    paper = cv2.morphologyEx(place, cv2.MORPH_CLOSE, kernel)
    paper = cv2.GaussianBlur(paper, (0, 0), _PAPER_BLUR)
    usual = max(1.0, float(np.median(paper)))
    flat = _WHITE * (1 - (paper.astype(np.float32) - place) / usual)
    paper.fill(0)
    return np.asarray(np.clip(flat, 0, 255), dtype=np.uint8)


def _levels(flat: Grey) -> Iterator[float]:
    """The grey levels that may part ink from paper, the likeliest first.

    What reaches into the place from above or below, as the photo does above the code, may be so dark that
    pale print counts as paper beside it: the second is found without that.
    """
    level, _ = cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    yield level
    _, labels = cv2.connectedComponents((flat <= level).astype(np.uint8))
    outside = np.isin(labels, np.union1d(labels[0], labels[-1])) & (labels > 0)
    labels.fill(0)
    near_it = cv2.dilate(outside.astype(np.uint8), np.ones((_HALO, _HALO), dtype=np.uint8))
    rest = flat[near_it == 0].reshape(1, -1)
    if rest.size:
        paler, _ = cv2.threshold(rest, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        rest.fill(0)
        yield paler


def _extent(flat: Grey, level: float) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of the line of letters nearest to the middle; None where no ink has one."""
    if level > 255 - _LEAST_INK:
        return None
    ink = (flat <= level).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    letters = [
        (x, y, x + width, y + height)
        for x, y, width, height, _ in stats[1:count].tolist()
        if _SPECK <= height <= _TALLEST
    ]
    ink.fill(0)
    if not letters:
        return None
    rows = np.zeros(ink.shape[0], dtype=np.int64)
    for left, top, right, bottom in letters:
        rows[top:bottom] += right - left
    middle = ink.shape[0] / 2
    bands = _bands(rows)
    band = min(bands, key=lambda one: abs((one[0] + one[1]) / 2 - middle))
    in_line = _first_run([one for one in letters if band[0] <= (one[1] + one[3]) / 2 < band[1]])
    left, top = min(one[0] for one in in_line), min(one[1] for one in in_line)
    right, bottom = max(one[2] for one in in_line), max(one[3] for one in in_line)
    return (left, top, right, bottom) if right - left > bottom - top else None


def _first_run(letters: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """The letters from the left up to the first wide gap: beyond it stands another field."""
    letters = sorted(letters)
    tall = max(bottom - top for _, top, _, bottom in letters)
    end = letters[0][2]
    for number, (left, _, right, _) in enumerate(letters):
        if left - end > _WIDE_GAP * tall:
            return letters[:number]
        end = max(end, right)
    return letters


def _bands(rows: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Runs of rows with something in them."""
    filled = np.concatenate(([0], (rows > 0).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(filled))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _stretched(line: Grey) -> Grey:
    """The darkest ink to black."""
    darkest = float(np.percentile(line, 1))
    scale = _WHITE / max(1.0, _WHITE - darkest)
    stretched = np.clip((line.astype(np.float32) - darkest) * scale, 0, 255)
    line.fill(0)
    return np.asarray(stretched, dtype=np.uint8)
