# SPDX-License-Identifier: Apache-2.0
"""Tells a printed digit by itself, and how sure that is: a small network, trained on drawn digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Self

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]

WINDOW: Final = (32, 24)  # rows and columns of what the network sees
_ROWS: Final = (6, 58)  # of a line, in which digits stand
_REACH: Final = 20  # columns of a line to each side of a digit's middle
_BESIDE: Final = 2  # columns beyond its cell that still belong to it
_WHITE: Final = 245
_WEIGHTS: Final = "digits.npz"
_LAYERS: Final = 4
_MOVED: Final = (-1, 0, 1)  # rows
_LEAST: Final = 1e-7


def digit_window(line: Grey, cell: tuple[int, int]) -> Floats:
    """One digit of a line as the network sees it: its ink, 0 to 1, in the middle, without its neighbours."""
    start, end = cell
    left = (start + end) // 2 - _REACH
    picture = np.full((line.shape[0], 2 * _REACH), _WHITE, dtype=np.uint8)
    first, last = max(0, start - _BESIDE, left), min(line.shape[1], end + _BESIDE, left + 2 * _REACH)
    picture[:, first - left : last - left] = line[:, first:last]
    small = cv2.resize(picture[slice(*_ROWS)], (WINDOW[1], WINDOW[0]), interpolation=cv2.INTER_AREA)
    picture.fill(0)
    ink = np.clip((_WHITE - small.astype(np.float32)) / _WHITE, -0.05, 1)
    small.fill(0)
    return np.asarray(ink.ravel(), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Two layers of small filters, each with the most of four neighbours taken after it; two full layers."""

    layers: tuple[tuple[Floats, Floats], ...]

    def answer(self, windows: Floats) -> Floats:
        """How likely each digit is, for each window."""
        (first, first_bias), (second, second_bias), (third, third_bias), (last, last_bias) = self.layers
        seen = windows.reshape(-1, *WINDOW, 1)
        seen = halved(filtered(seen, first, first_bias))
        seen = halved(filtered(seen, second, second_bias))
        values = np.maximum(seen.reshape(len(seen), -1) @ third + third_bias, 0)
        scores = values @ last + last_bias
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def patches(pictures: Floats, size: int) -> Floats:
    """Every square of that size in each picture, its points in one row."""
    found = sliding_window_view(pictures, (size, size), axis=(1, 2))
    return np.ascontiguousarray(found).reshape(*found.shape[:3], -1)


def filtered(pictures: Floats, weights: Floats, bias: Floats) -> Floats:
    """What each filter makes of each place; nothing below zero."""
    size = math.isqrt(len(weights) // pictures.shape[3])
    return np.asarray(np.maximum(patches(pictures, size) @ weights + bias, 0), dtype=np.float32)


def halved(pictures: Floats) -> Floats:
    """The most of each two by two points."""
    count, rows, columns, filters = pictures.shape
    even = pictures[:, : rows // 2 * 2, : columns // 2 * 2]
    return np.asarray(
        even.reshape(count, rows // 2, 2, columns // 2, 2, filters).max(axis=(2, 4)), dtype=np.float32
    )


class DigitReader:
    """Networks of the same shape trained apart from each other; what they do not agree on is not sure.

    Lives on: any thread.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)

    @classmethod
    def shipped(cls) -> Self:
        """The networks that come with the kiosk."""
        with (
            files(__package__).joinpath(_WEIGHTS).open("rb") as file,
            np.load(file, allow_pickle=False) as data,
        ):
            networks = [
                Network(
                    tuple(
                        (data[f"w{net}{layer}"].astype(np.float32), data[f"b{net}{layer}"].astype(np.float32))
                        for layer in range(_LAYERS)
                    )
                )
                for net in range(int(data["networks"]))
            ]
        return cls(networks)

    def probabilities(self, windows: Floats) -> Floats:
        """How likely each digit is, for each window: what the networks say of it, also moved up and down."""
        if not len(windows):
            return np.zeros((0, 10), dtype=np.float32)
        pictures = windows.reshape(-1, *WINDOW)
        answers = []
        for network in self._networks:
            logs = np.zeros((len(windows), 10), dtype=np.float32)
            for rows in _MOVED:
                moved = np.roll(pictures, rows, axis=1)
                logs += np.log(network.answer(moved) + _LEAST)
                moved.fill(0)
            powers = np.exp((logs - logs.max(axis=1, keepdims=True)) / len(_MOVED))
            answers.append(powers / powers.sum(axis=1, keepdims=True))
        return np.asarray(np.mean(answers, axis=0), dtype=np.float32)
