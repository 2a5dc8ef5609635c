# SPDX-License-Identifier: Apache-2.0
"""Trains the networks that tell printed digits (kiosk/reader/surface/digits.npz).

    python bench/train_digits.py FONTS_FOLDER [--lines 40000] [--out FILE]

The folder holds sans-serif fonts, the more kinds the better, and at least one with Japanese letters. The
faces with which the simulator prints cards (BIZ UD, Noto Sans CJK) are kept out, so that `bench/surface.py`
measures on type that was never trained on. A 300 dpi line is drawn, spoiled, and taken through the very code
that the kiosk finds lines and letters with. Plain NumPy: some minutes on two cores.
"""

from __future__ import annotations

import argparse
import math
import os
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kiosk.reader.surface.align import Glyph, aligned, column_ink
from kiosk.reader.surface.digits import WINDOW, Network, digit_window, halved, patches
from kiosk.reader.surface.fields import line_of_print
from kiosk.reader.surface.letters import CODE_FULL_WIDTH, FULL_WIDTHS

HELD_OUT = ("BIZ", "CJK")
KANJI = {"年": Glyph.YEAR, "月": Glyph.MONTH, "日": Glyph.DAY, "生": Glyph.BORN}
FILTERS = ((5, 14), (3, 28))  # their size and number, layer by layer
HIDDEN = 96
NETWORKS = 2


@lru_cache(maxsize=1024)
def font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def has_kanji(path: str) -> bool:
    face = font(path, 30)
    return bytes(face.getmask("年")) != bytes(face.getmask("\uffff")) and face.getlength("年") > 24


def draw_line(
    rng: np.random.Generator, fonts: list[str], kanji: list[str]
) -> tuple[NDArray[np.float32], str, tuple[int, int]]:
    """A strip at 300 dpi with one line on it, its text, and how high and long the print is."""
    size = int(rng.integers(28, 38))
    digits_face, kanji_face = fonts[int(rng.integers(len(fonts)))], kanji[int(rng.integers(len(kanji)))]
    if digits_face in kanji or rng.random() < 0.3:
        kanji_face = digits_face if digits_face in kanji else kanji_face
    kind = rng.random()
    if kind < 0.45:
        text = "".join(str(rng.integers(10)) for _ in range(4))
        size = int(rng.integers(22, 34))
    else:
        y, m, d = (
            str(rng.integers(0, 100)) if rng.random() < 0.8 else str(rng.integers(0, 10)) for _ in range(3)
        )
        text = f"昭和{y}年{m}月{d}日生"
    width = 60 + size * (len(text) + 2)
    ground = float(rng.uniform(205, 240))
    image = Image.new("F", (width, 90), ground)
    pen = ImageDraw.Draw(image)
    ink = float(rng.uniform(25, 75))
    pitch = rng.uniform(0.5, 0.6)
    scale = float(rng.uniform(0.94, 1.1)) if digits_face != kanji_face else 1.0
    faces = {True: font(digits_face, round(size * scale)), False: font(kanji_face, size)}
    x, base = 30.0, 45 + 0.36 * size
    for letter in text:
        face = faces[letter.isdigit()]
        step = max(face.getlength(letter), 1)
        if letter.isdigit() and kind < 0.97:
            cell = max(pitch * size, step + 1)
            pen.text((x + (cell - step) / 2, base), letter, fill=ink, font=face, anchor="ls")
            x += cell
        else:
            pen.text((x, base), letter, fill=ink, font=face, anchor="ls")
            x += step
    strip = np.asarray(image, dtype=np.float32)
    if rng.random() < 0.6:  # heavier or lighter strokes than the face has
        share = (ground - cv2.GaussianBlur(strip, (0, 0), 0.8)) / (ground - ink)
        heavier = np.clip((share - rng.uniform(0.25, 0.65)) / 0.5 + 0.5, 0, 1)
        strip = (ground - (ground - ink) * heavier).astype(np.float32)
    return strip, text, (size, int(x) - 30)


def spoil_line(
    rng: np.random.Generator, strip: NDArray[np.float32], extent: tuple[int, int]
) -> NDArray[np.uint8]:
    """Dirt, a little turn, blur, light, glare, noise: each a little further than it is to be read."""
    height, width = strip.shape
    box = extent[0] * extent[1]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    strip = strip + 3.5 * np.sin(y / 3.1 + 9 * np.sin((x + rng.uniform(0, 400)) / 61))
    if rng.random() < 0.75:
        layer = np.zeros((height, width), np.uint8)
        wanted = rng.uniform(0, 0.06) * box
        while np.count_nonzero(layer) < wanted:
            centre = 30 + int(rng.integers(extent[1])), int(rng.integers(25, 65))
            axes = (int(rng.integers(1, 6)), int(rng.integers(1, 5)))
            cv2.ellipse(
                layer, centre, axes, float(rng.uniform(0, 180)), 0, 360, int(rng.integers(90, 250)), -1
            )
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
        across, along = rng.uniform(0.3, 3.2, 2)
        same = rng.random() < 0.85
        strip = cv2.GaussianBlur(strip, (0, 0), float(across), sigmaY=float(across if same else along))
    strip = strip * float(rng.uniform(0.7, 1.05))
    if rng.random() < 0.45:
        centre = 30 + rng.uniform(0, extent[1]), rng.uniform(25, 65)
        peak = rng.uniform(70, 255)
        radius = math.sqrt(rng.uniform(0, 0.11) * box / math.pi) / math.sqrt(2 * math.log(peak / 40))
        wide, high = (
            max(0.5, radius * (stretch := math.sqrt(rng.uniform(1, 2.5)))),
            max(0.5, radius / stretch),
        )
        angle = rng.uniform(0, math.pi)
        u = (x - centre[0]) * math.cos(angle) + (y - centre[1]) * math.sin(angle)
        v = (y - centre[1]) * math.cos(angle) - (x - centre[0]) * math.sin(angle)
        strip = strip + peak * np.exp(-((u / wide) ** 2 + (v / high) ** 2) / 2)
    noisy = strip + rng.normal(0, rng.uniform(1, 3), strip.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def samples(job: tuple[int, int, list[str], list[str]]) -> tuple[NDArray[np.float16], NDArray[np.int8]]:
    seed, lines, fonts, kanji = job
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    seen, said = [], []
    for _ in range(lines):
        strip, text, extent = draw_line(rng, fonts, kanji)
        found = line_of_print(spoil_line(rng, strip, extent))
        if found is None:
            continue
        line = found.print
        glyphs = tuple(Glyph.DIGIT if c.isdigit() else KANJI.get(c, Glyph.KANJI) for c in text)
        widths = FULL_WIDTHS if not text.isdigit() else (CODE_FULL_WIDTH,)
        fits = [fit for width in widths if (fit := aligned(column_ink(line), glyphs, width)) is not None]
        if not fits:
            continue
        fit = min(fits, key=lambda one: one.cost)
        if fit.cost > 15:
            continue
        for letter, cell in zip(text, fit.cells, strict=True):
            if letter.isdigit():
                seen.append(digit_window(line, cell).astype(np.float16))
                said.append(int(letter))
    return np.asarray(seen), np.asarray(said, dtype=np.int8)


def train(samples: Path, seed: int, epochs: int) -> list[tuple[NDArray, NDArray]]:
    """Adam on cross entropy, with the pictures moved about a little."""
    with np.load(samples) as data:
        x, t = data["x"], data["t"]
    x, t = x[: held_out(len(x))], t[: held_out(len(t))]
    rng = np.random.default_rng(seed)
    rows, columns = (((side - FILTERS[0][0] + 1) // 2 - FILTERS[1][0] + 1) // 2 for side in WINDOW)
    shapes = [
        (FILTERS[0][0] ** 2, FILTERS[0][1]),
        (FILTERS[1][0] ** 2 * FILTERS[0][1], FILTERS[1][1]),
        (rows * columns * FILTERS[1][1], HIDDEN),
        (HIDDEN, 10),
    ]
    net = [rng.normal(0, math.sqrt(2 / a), (a, b)).astype(np.float32) for a, b in shapes]
    net += [np.zeros(b, np.float32) for _, b in shapes]
    first, second = [np.zeros_like(part) for part in net], [np.zeros_like(part) for part in net]
    step, batch = 0, 384
    total = epochs * (len(x) // batch)
    for epoch in range(epochs):
        loss = 0.0
        order = rng.permutation(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            pick = order[start : start + batch]
            pictures = x[pick].astype(np.float32).reshape(-1, *WINDOW)
            dy, dx = rng.integers(-1, 2, 2)
            lost, slopes = slopes_of(net, np.roll(pictures, (dy, dx), (1, 2))[..., np.newaxis], t[pick])
            loss += lost / len(x)
            step += 1
            rate = 3e-3 * 0.5 * (1 + math.cos(math.pi * step / total))
            grown = rate * math.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            for index, slope in enumerate(slopes):
                pull = slope + 1e-5 * net[index]
                first[index] += 0.1 * (pull - first[index])
                second[index] += 0.001 * (pull * pull - second[index])
                net[index] -= grown * first[index] / (np.sqrt(second[index]) + 1e-7)
        print(f"network {seed}, round {epoch + 1}: loss {loss:.4f}", flush=True)
    return list(zip(net[:4], net[4:], strict=True))


def slopes_of(
    net: list[NDArray[np.float32]], pictures: NDArray[np.float32], said: NDArray[np.int8]
) -> tuple[float, list[NDArray[np.float32]]]:
    """How far off the answers are, and how each weight and bias bears on that."""
    (w0, w1, w2, w3), (b0, b1, b2, b3) = net[:4], net[4:]
    count = len(pictures)
    seen0 = patches(pictures, FILTERS[0][0])
    out0 = np.maximum(seen0 @ w0 + b0, 0)
    half0 = halved(out0)
    seen1 = patches(half0, FILTERS[1][0])
    out1 = np.maximum(seen1 @ w1 + b1, 0)
    half1 = halved(out1)
    flat = half1.reshape(count, -1)
    hidden = np.maximum(flat @ w2 + b2, 0)
    scores = hidden @ w3 + b3
    chance = np.exp(scores - scores.max(1, keepdims=True))
    chance /= chance.sum(1, keepdims=True)
    loss = -float(np.log(chance[np.arange(count), said] + 1e-12).sum())
    chance[np.arange(count), said] -= 1
    off = chance / count
    slopes3 = hidden.T @ off, off.sum(0)
    off = (off @ w3.T) * (hidden > 0)
    slopes2 = flat.T @ off, off.sum(0)
    off = (doubled((off @ w2.T).reshape(half1.shape), half1, out1) * (out1 > 0)).reshape(-1, len(b1))
    slopes1 = seen1.reshape(len(off), -1).T @ off, off.sum(0)
    size = FILTERS[1][0]
    spread = (off @ w1.T).reshape(*out1.shape[:3], half0.shape[3], size, size)
    below = np.zeros_like(half0)
    for row in range(size):
        for column in range(size):
            below[:, row : row + out1.shape[1], column : column + out1.shape[2]] += spread[..., row, column]
    off = (doubled(below, half0, out0) * (out0 > 0)).reshape(-1, len(b0))
    slopes0 = seen0.reshape(len(off), -1).T @ off, off.sum(0)
    pairs = (slopes0, slopes1, slopes2, slopes3)
    return loss, [pair[0] for pair in pairs] + [pair[1] for pair in pairs]


def doubled(
    off: NDArray[np.float32], half: NDArray[np.float32], full: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What was lost at the most of four points, put back at that point."""
    count, rows, columns, filters = half.shape
    even = full[:, : 2 * rows, : 2 * columns].reshape(count, rows, 2, columns, 2, filters)
    most = even == half[:, :, np.newaxis, :, np.newaxis]
    back = np.zeros_like(full)
    back[:, : 2 * rows, : 2 * columns] = (most * off[:, :, np.newaxis, :, np.newaxis]).reshape(
        count, 2 * rows, 2 * columns, filters
    )
    return back


def held_out(count: int) -> int:
    """From where on samples are not for training."""
    return count * 19 // 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("fonts", type=Path)
    options.add_argument("--lines", type=int, default=40000)
    options.add_argument("--epochs", type=int, default=8)
    options.add_argument(
        "--samples", type=Path, default=Path("digit-samples.npz"), help="kept, and used if there"
    )
    options.add_argument("--out", type=Path, default=Path("kiosk/reader/surface/digits.npz"))
    chosen = options.parse_args()
    # one core a network: threads of the matrix library only wait for each other beside another process
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        if not chosen.samples.exists():
            draw_digits(chosen.fonts, chosen.lines, chosen.samples, pool)
        jobs = [pool.submit(train, chosen.samples, seed, chosen.epochs) for seed in range(NETWORKS)]
        networks = [job.result() for job in jobs]
    with np.load(chosen.samples) as data:
        x, t = data["x"][held_out(len(data["x"])) :].astype(np.float32), data["t"][held_out(len(data["t"])) :]
    out: dict[str, NDArray] = {"networks": np.int32(NETWORKS)}
    for number, net in enumerate(networks):
        answers = np.concatenate([Network(tuple(net)).answer(part) for part in np.array_split(x, 20)])
        print("network", number, "right on digits it did not see:", (answers.argmax(1) == t).mean())
        for layer, (weights, bias) in enumerate(net):
            out[f"w{number}{layer}"], out[f"b{number}{layer}"] = (
                weights.astype(np.float16),
                bias.astype(np.float16),
            )
    np.savez_compressed(chosen.out, **out)
    print(chosen.out, chosen.out.stat().st_size, "bytes")


def draw_digits(folder: Path, lines: int, kept: Path, pool: ProcessPoolExecutor) -> None:
    """Pictures of digits and what they are, mixed, into that file."""
    paths = sorted(str(p) for p in folder.iterdir() if not any(h in p.name.upper() for h in HELD_OUT))
    kanji = [path for path in paths if has_kanji(path)]
    print(len(paths), "fonts,", len(kanji), "of them with kanji", flush=True)
    jobs = [(seed, 500, paths, kanji) for seed in range(lines // 500)]
    parts = list(pool.map(samples, jobs))
    x, t = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    order = np.random.default_rng(0).permutation(len(x))
    np.savez(kept, x=x[order], t=t[order])
    print(len(x), "digits", flush=True)


if __name__ == "__main__":
    main()
