# SPDX-License-Identifier: Apache-2.0
"""Draws digits and what is none, spoiled and cut out as the reader would, for `bench.digits.train`.

    python -m bench.digits.draw FONTS_FOLDER [--lines 40000] [--out FOLDER]

The folder holds the sans-serif fonts of `fonts.txt`, some with Japanese letters (`run` fetches them). The
faces with which the simulator prints cards (BIZ UD, Noto Sans CJK) are kept out, so that `bench/surface.py`
measures on type that was never trained on. A 300 dpi line is drawn, spoiled, and taken through the very code
that the kiosk finds lines and letters with, once with the letters it has and once with others: what is then
cut out beside a digit is none.
"""

from __future__ import annotations

import argparse
import math
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kiosk.reader.surface.align import Glyph, LineInk, column_ink
from kiosk.reader.surface.digits import NO_DIGIT, digit_window
from kiosk.reader.surface.fields import LINE_HEIGHT, Line, line_of_print
from kiosk.reader.surface.letters import CODE_FULL_WIDTH, FULL_WIDTHS

HELD_OUT = ("BIZ", "CJK")
KINDS = (Glyph.YEAR, Glyph.MONTH, Glyph.DAY, Glyph.BORN, Glyph.FIRST, Glyph.KANA, Glyph.KANA)
KANJI = dict(zip("年月日生元まで", KINDS, strict=True))
ERAS = ("明治", "大正", "昭和", "平成", "令和")
UNTIL = "まで有効"
WORST_FIT = 15.0
SAME, OTHER = 0.3, 0.6  # of a digit's pitch between middles: the same digit, and another or none
Box = tuple[int, int, int, int]  # left, top, right, bottom
INK = 160  # grey levels: as dark as something must be to be another letter
LINES = 500  # in one part
FAINT = 30  # grey levels
SPOT = 0.6  # of the places for light have some
CODE = 2.6  # heights of its digits: how long a code of four is
MOSTLY = 0.75  # of a line's letters are where they are expected, or it is no use


@lru_cache(maxsize=1024)
def font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def has_kanji(path: str) -> bool:
    face = font(path, 30)
    return bytes(face.getmask("年")) != bytes(face.getmask("\uffff")) and face.getlength("年") > 24


def some_text(rng: np.random.Generator) -> str:
    """What stands in one of the fields; a row of digits is longer than a code, for more of them at a time."""
    if rng.random() < 0.45:
        return "".join(str(rng.integers(10)) for _ in range(int(rng.integers(4, 13))))
    if rng.random() < 0.4:
        year = str(rng.integers(1, 100) if rng.random() < 0.8 else rng.integers(1, 10))
        start, end = ERAS[int(rng.integers(len(ERAS)))] + (year if rng.random() < 0.95 else "元"), "生"
    else:
        start, end = str(rng.integers(1900, 2100)), "生" if rng.random() < 0.3 else UNTIL
    # any digit in any place: what dates there are is not for the networks to know
    month, day = (
        str(rng.integers(0, 100)) if rng.random() < 0.7 else str(rng.integers(0, 10)) for _ in range(2)
    )
    if rng.random() < 0.5:
        month, day = month.zfill(2), day.zfill(2)
    return f"{start}年{month}月{day}日{end}"


def draw_line(
    rng: np.random.Generator, fonts: list[str], kanji: list[str]
) -> tuple[NDArray[np.float32], str, list[float], int, Box]:
    """A line at 300 dpi, its text, each letter's middle, the size of type, and where the ink is."""
    text = some_text(rng)
    size = int(rng.integers(22, 34) if text.isdigit() else rng.integers(29, 37))
    digits_face, kanji_face = fonts[int(rng.integers(len(fonts)))], kanji[int(rng.integers(len(kanji)))]
    if digits_face in kanji:
        kanji_face = digits_face
    elif rng.random() < 0.3:
        digits_face = kanji_face
    width = 60 + size * (len(text) + 2)
    ground = float(rng.uniform(205, 240))
    image = Image.new("F", (width, 90), ground)
    pen = ImageDraw.Draw(image)
    ink = float(rng.uniform(25, 75))
    own_pitch = rng.random() < 0.35
    pitch = rng.uniform(0.5, 0.58)
    scale = float(rng.uniform(0.94, 1.1)) if digits_face != kanji_face else 1.0
    faces = {True: font(digits_face, round(size * scale)), False: font(kanji_face, size)}
    x, base = 30.0, 45 + 0.36 * size
    middles = []
    for letter in text:
        face = faces[letter.isdigit()]
        step = max(face.getlength(letter), 1)
        cell = max(pitch * size, step) if letter.isdigit() and not own_pitch else step
        pen.text((x + (cell - step) / 2, base), letter, fill=ink, font=face, anchor="ls")
        middles.append(x + cell / 2)
        x += cell
    strip = np.asarray(image, dtype=np.float32)
    down, along = np.nonzero(strip < ground - FAINT)
    box = int(along.min()), int(down.min()), int(along.max()) + 1, int(down.max()) + 1
    if rng.random() < 0.5:  # heavier or lighter strokes than the face has
        share = (ground - cv2.GaussianBlur(strip, (0, 0), 0.8)) / (ground - ink)
        heavier = np.clip((share - rng.uniform(0.3, 0.6)) / 0.5 + 0.5, 0, 1)
        strip = (ground - (ground - ink) * heavier).astype(np.float32)
    return strip, text, middles, size, box


def spoil_line(
    rng: np.random.Generator, strip: NDArray[np.float32], box: Box, spots: int
) -> NDArray[np.uint8]:
    """Dirt, a little turn, blur, light, glare, noise: each a little further than it is to be read."""
    height, width = strip.shape
    left, top, right, bottom = box
    area = (right - left) * (bottom - top)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    strip = strip + 3.5 * np.sin(y / 3.1 + 9 * np.sin((x + rng.uniform(0, 400)) / 61))
    if rng.random() < 0.85:
        layer = np.zeros((height, width), np.uint8)
        inside = layer[top:bottom, left:right]
        wanted = rng.uniform(0, 0.06) * area
        while np.count_nonzero(inside) < wanted:
            centre = int(rng.integers(right - left)), int(rng.integers(bottom - top))
            axes = (int(rng.integers(1, 6)), int(rng.integers(1, 5 if rng.random() < 0.3 else 4)))
            strength, angle = int(rng.integers(90, 250)), float(rng.uniform(0, 180))
            cv2.ellipse(inside, centre, axes, angle, 0, 360, strength, -1)
        amount = cv2.GaussianBlur(layer, (0, 0), 0.7).astype(np.float32) / 255
        strip = strip * (1 - amount) + float(rng.uniform(30, 100)) * amount
    turn = cv2.getRotationMatrix2D(
        (width / 2, height / 2), float(rng.normal(0, 0.4)), float(rng.uniform(0.97, 1.03))
    )
    turn[0, 0] *= rng.uniform(0.9, 1.1)
    turn[0, 1] += rng.normal(0, 0.03)
    strip = cv2.warpAffine(
        strip, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    if rng.random() < 0.9:
        # every other time rather strong: that is what is hard to read
        across, along = 0.2 + 3.1 * rng.random(2) ** (0.6 if rng.random() < 0.5 else 1)
        same = rng.random() < 0.85
        strip = cv2.GaussianBlur(strip, (0, 0), float(across), sigmaY=float(across if same else along))
    strip = strip * float(rng.uniform(0.7, 1.05))
    for start, end in pairwise(np.linspace(left, right, spots + 1)):
        if rng.random() > SPOT:
            continue
        centre = rng.uniform(start, end), rng.uniform(top, bottom)
        peak = rng.uniform(70, 255)
        lit = rng.uniform(0, 0.12) * (bottom - top) * (end - start)
        radius = math.sqrt(lit / math.pi) / math.sqrt(2 * math.log(peak / 40))
        stretch = math.sqrt(rng.uniform(1, 2.5))
        wide, high = max(0.5, radius * stretch), max(0.5, radius / stretch)
        angle = rng.uniform(0, math.pi)
        u = (x - centre[0]) * math.cos(angle) + (y - centre[1]) * math.sin(angle)
        v = (y - centre[1]) * math.cos(angle) - (x - centre[0]) * math.sin(angle)
        strip = strip + peak * np.exp(-((u / wide) ** 2 + (v / high) ** 2) / 2)
    noisy = strip + rng.normal(0, rng.uniform(1, 3), strip.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def glyphs_of(text: str) -> tuple[Glyph, ...]:
    return tuple(Glyph.DIGIT if c.isdigit() else KANJI.get(c, Glyph.KANJI) for c in text)


def another_form(rng: np.random.Generator, text: str) -> str:
    """The same line with a digit more or fewer: laid over the ink, its cells fall beside the digits."""
    at = [place for place, letter in enumerate(text) if letter.isdigit()]
    place = at[int(rng.integers(len(at)))]
    return text[:place] + "0" + text[place:] if rng.random() < 0.6 else text[:place] + text[place + 1 :]


def cut_out(
    rng: np.random.Generator, line: Line, text: str, middles: list[float], size: int
) -> list[tuple[NDArray[np.float32], int]]:
    """Windows of that line and the digit in each, or that there is none."""
    true = LINE_HEIGHT / 1.6 / 0.92 if not text.isdigit() else CODE_FULL_WIDTH
    if not text.isdigit():
        true = min(FULL_WIDTHS, key=lambda width: abs(width - size * line.scale))
    ink = LineInk(column_ink(line.print))
    fit = ink.aligned(glyphs_of(text), true)
    if fit is None or fit.cost > WORST_FIT:
        return []
    drawn = np.asarray(middles)
    cells = np.asarray(fit.cells)
    # where the letters really are: the cells tell it together, each of them may be off
    near_it = np.ones(len(drawn), dtype=bool)
    for _ in range(2):
        slope, start = np.polyfit(drawn[near_it], cells.mean(axis=1)[near_it], 1)
        real = slope * drawn + start
        pitch = 0.5 * size * slope
        near_it = np.abs(real - cells.mean(axis=1)) < SAME * pitch
        if near_it.mean() < MOSTLY:
            return []
    digits = [place for place, letter in enumerate(text) if letter.isdigit()]
    other = another_form(rng, text)
    wrong = ink.aligned(glyphs_of(other), true) if rng.random() < 0.8 else None
    found = [cell for letter, cell in zip(text, fit.cells, strict=True) if letter.isdigit()]
    wanted = len(found)
    if wrong is not None:
        found += [cell for letter, cell in zip(other, wrong.cells, strict=True) if letter.isdigit()]
        for _ in range(2):  # anywhere else, as wide as a digit
            place = int(rng.integers(line.print.shape[1] - 30))
            found.append((place, place + int(rng.integers(5, 28))))
    made = []
    for number, cell in enumerate(found):
        middle = sum(cell) / 2
        near = min(digits, key=lambda place: abs(real[place] - middle))
        off = abs(real[near] - middle) / pitch
        if off <= SAME and 0.2 * pitch < cell[1] - cell[0]:
            if number >= wanted and rng.random() < 0.7:
                continue  # the same digit again
            made.append((digit_window(line.print, line.glare, cell), int(text[near])))
        elif off >= OTHER and line.print[:, slice(*cell)].min() < INK:
            made.append((digit_window(line.print, line.glare, cell), NO_DIGIT))
    return made


def samples(
    seed: int, lines: int, fonts: list[str], kanji: list[str]
) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    seen, said = [], []
    for _ in range(lines):
        strip, text, middles, size, box = draw_line(rng, fonts, kanji)
        left, top, right, bottom = box
        # light falls on one field: for a row of digits, on what is as long as a code
        spots = max(1, round((right - left) / (CODE * (bottom - top)))) if text.isdigit() else 1
        line = line_of_print(spoil_line(rng, strip, box, spots))
        if line is None:
            continue
        for window, digit in cut_out(rng, line, text, middles, size):
            seen.append(np.clip(np.round(window * 240) + 12, 0, 255).astype(np.uint8))
            said.append(digit)
    return np.asarray(seen), np.asarray(said, dtype=np.int8)


def draw_part(job: tuple[Path, int, int, list[str], list[str]]) -> str:
    folder, seed, lines, fonts, kanji = job
    x, t = samples(seed, lines, fonts, kanji)
    kept = folder / f"{seed:04d}.npz"
    np.savez(kept, x=x, t=t)
    return f"{kept.name}: {np.bincount(t, minlength=NO_DIGIT + 1)} windows of each kind"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("fonts", type=Path)
    options.add_argument("--lines", type=int, default=40000)
    options.add_argument("--out", type=Path, default=Path("digit-samples"), help="a folder")
    chosen = options.parse_args()
    chosen.out.mkdir(exist_ok=True)
    paths = sorted(str(p) for p in chosen.fonts.iterdir() if not any(h in p.name.upper() for h in HELD_OUT))
    kanji = [path for path in paths if has_kanji(path)]
    print(len(paths), "fonts,", len(kanji), "of them with kanji", flush=True)
    parts = range(-(-chosen.lines // LINES))
    jobs = [(chosen.out, seed, min(LINES, chosen.lines - seed * LINES), paths, kanji) for seed in parts]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for done in pool.map(draw_part, jobs):
            print(done, flush=True)


if __name__ == "__main__":
    main()
