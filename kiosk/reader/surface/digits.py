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
PICTURES: Final = 3  # of one digit in a window: by itself, with its neighbours, and the light on both
NO_DIGIT: Final = 10  # the answer beside the ten digits: another letter, or a piece of one
_ROWS: Final = (6, 58)  # of a line, in which digits stand
_REACH: Final = 20  # columns of a line to each side of a digit's middle
_BESIDE: Final = 2  # columns beyond its cell that still belong to it
_WHITE: Final = 245
_WEIGHTS: Final = "digits.npz"
_HALVED: Final = (True, False, True)  # layer by layer of filters
_MOVED: Final = ((-1, 0), (0, 0), (1, 0))  # by rows and columns
_MOVED_ABOUT: Final = (*_MOVED, (0, -1), (0, 1))
_LEAST: Final = 1e-7


def digit_window(line: Grey, glare: Grey, cell: tuple[int, int]) -> Floats:
    """One digit of a line as the networks see it: its ink, 0 to 1, by itself and with neighbours; the light.

    Blur mixes letters: what stands beside a digit says what of its ink is its own. Where it is as bright as a
    camera can say, that no ink is seen does not mean that there is none.
    """
    start, end = cell
    left = (start + end) // 2 - _REACH
    picture = np.full((line.shape[0], 2 * _REACH), _WHITE, dtype=np.uint8)
    shine = np.zeros_like(picture)
    pictures = []
    # from less to more, so that one picture is enough
    for before, behind in ((start - _BESIDE, end + _BESIDE), (left, left + 2 * _REACH)):
        first = max(0, before, left)
        last = max(first, min(line.shape[1], behind, left + 2 * _REACH))
        picture[:, first - left : last - left] = line[:, first:last]
        shine[:, first - left : last - left] = glare[:, first:last]
        small = _reduced(picture)
        pictures.append(np.clip((_WHITE - small) / _WHITE, -0.05, 1))
        small.fill(0)
    picture.fill(0)
    pictures.append(_reduced(shine) / 255)
    return np.asarray(np.stack(pictures, axis=2).ravel(), dtype=np.float32)


def _reduced(picture: Grey) -> Floats:
    small = cv2.resize(picture[slice(*_ROWS)], (WINDOW[1], WINDOW[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Three layers of small filters, the most of four neighbours taken after two of them; two full layers."""

    layers: tuple[tuple[Floats, Floats], ...]

    def answer(self, windows: Floats) -> Floats:
        """How likely each digit is, and that it is none, for each window."""
        *filters, (hidden, hidden_bias), (last, last_bias) = self.layers
        seen = windows.reshape(-1, *WINDOW, PICTURES)
        for (weights, bias), halve in zip(filters, _HALVED, strict=True):
            seen = filtered(seen, weights, bias)
            if halve:
                seen = halved(seen)
        values = np.maximum(seen.reshape(len(seen), -1) @ hidden + hidden_bias, 0)
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
                        for layer in range(int(data["layers"]))
                    )
                )
                for net in range(int(data["networks"]))
            ]
        return cls(networks)

    def probabilities(self, windows: Floats) -> Floats:
        """How likely each digit is, and that it is none: also of the picture moved up and down."""
        if not len(windows):
            return np.zeros((0, NO_DIGIT + 1), dtype=np.float32)
        answers = []
        for looks in self._looks(windows, _MOVED):
            logs = np.log(looks + _LEAST).mean(axis=0)
            powers = np.exp(logs - logs.max(axis=1, keepdims=True))
            answers.append(powers / powers.sum(axis=1, keepdims=True))
        return np.asarray(np.mean(answers, axis=0), dtype=np.float32)

    def least(self, windows: Floats) -> Floats:
        """How likely each of the ten digits is where one stands, as the look says that finds it least likely.

        Dirt that makes one digit of another does so in most looks, not in all: for what nothing else tells.
        """
        looks = np.concatenate(self._looks(windows, _MOVED_ABOUT))[..., :NO_DIGIT]
        looks = looks / (looks.sum(axis=2, keepdims=True) + _LEAST)
        return np.asarray(looks.min(axis=0), dtype=np.float32)

    def _looks(self, windows: Floats, moves: Sequence[tuple[int, int]]) -> list[Floats]:
        """What each network says of each picture, moved by so many rows and columns."""
        pictures = windows.reshape(-1, *WINDOW, PICTURES)
        answers: list[list[Floats]] = [[] for _ in self._networks]
        for move in moves:
            moved = np.roll(pictures, move, axis=(1, 2))
            for network, looks in zip(self._networks, answers, strict=True):
                looks.append(network.answer(moved))
            moved.fill(0)
        return [np.stack(looks) for looks in answers]
