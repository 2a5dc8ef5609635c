# SPDX-License-Identifier: Apache-2.0
"""Tells a printed digit by itself, and how sure that is: a small network, trained on drawn digits."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]

WINDOW: Final = (32, 20)  # rows and columns of what the network sees
_REACH: Final = 20  # columns of a line to each side of a digit's middle
_BESIDE: Final = 2  # columns beyond its cell that still belong to it
_WHITE: Final = 245
_WEIGHTS: Final = "digits.npz"


def digit_window(line: Grey, cell: tuple[int, int]) -> Floats:
    """One digit of a line as the network sees it: its ink, 0 to 1, in the middle, without its neighbours."""
    start, end = cell
    left = (start + end) // 2 - _REACH
    picture = np.full((line.shape[0], 2 * _REACH), _WHITE, dtype=np.uint8)
    first, last = max(0, start - _BESIDE, left), min(line.shape[1], end + _BESIDE, left + 2 * _REACH)
    picture[:, first - left : last - left] = line[:, first:last]
    small = cv2.resize(picture, (WINDOW[1], WINDOW[0]), interpolation=cv2.INTER_AREA)
    picture.fill(0)
    ink = np.clip((_WHITE - small.astype(np.float32)) / _WHITE, -0.05, 1)
    small.fill(0)
    return np.asarray(ink.ravel(), dtype=np.float32)


class DigitReader:
    """Networks of the same shape trained apart from each other; what they do not agree on is not sure.

    Lives on: any thread.
    """

    def __init__(self, networks: Sequence[Sequence[tuple[Floats, Floats]]]) -> None:
        self._networks = networks

    @classmethod
    def shipped(cls) -> Self:
        """The networks that come with the kiosk."""
        with (
            files(__package__).joinpath(_WEIGHTS).open("rb") as file,
            np.load(file, allow_pickle=False) as data,
        ):
            networks = [
                [
                    (data[f"w{net}{layer}"].astype(np.float32), data[f"b{net}{layer}"].astype(np.float32))
                    for layer in range(int(data["layers"]))
                ]
                for net in range(int(data["networks"]))
            ]
        return cls(networks)

    def probabilities(self, windows: Floats) -> Floats:
        """For each window and digit, the least probability that any of the networks gives."""
        answers = [_answer(network, windows) for network in self._networks]
        return np.asarray(np.min(np.stack(answers), axis=0), dtype=np.float32)


def _answer(network: Sequence[tuple[Floats, Floats]], windows: Floats) -> Floats:
    values = windows
    for weights, bias in network[:-1]:
        values = np.maximum(values @ weights + bias, 0)
    weights, bias = network[-1]
    scores = values @ weights + bias
    scores -= scores.max(axis=1, keepdims=True)
    powers = np.exp(scores)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
