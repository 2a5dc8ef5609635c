# SPDX-License-Identifier: Apache-2.0
"""dlib's face network with its own weights, computed by NumPy's matrix product.

The wheel of dlib multiplies matrices without a BLAS library and takes five times as long. The network is the
ResNet of 29 convolutions of its author (``dnn_face_recognition_ex``). Its file holds the layers from the
input to the output, each convolution as filters and biases, followed by its scale and offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import EnvironmentProblem, FailureCode

Floats = NDArray[np.float32]

INPUT_SIZE: Final = 150
_CONVOLUTIONS: Final = 29
_LENGTH: Final = 128
_MEANS: Final = (122.782, 117.001, 104.298)  # of red, green and blue, which the network was trained with
_SPREAD: Final = 256.0
_FIRST_FILTER: Final = 7
_DOWN: Final = tuple(pair in {3, 7, 10, 13} for pair in range(14))
"""For each pair of convolutions, whether it halves the picture's size."""

_CONVOLUTION: Final = b"\x01\x05con_4"  # a text in dlib's form: the length of its length, its length, itself
_SCALE: Final = b"affine_"
_LAST: Final = b"\x01\x04fc_2"


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """One convolution with its scale: filters × (channels · height · width), and one offset a filter."""

    filters: Floats
    offsets: Floats


class FaceNetwork:
    """Turns aligned grey faces into 128 numbers each, as dlib's `face_recognition_model_v1` does.

    Lives on: one thread at a time; holds nothing of what it saw.
    """

    def __init__(self, file: Path) -> None:
        """Read the weights; `EnvironmentProblem` where the file is not the one this code knows."""
        try:
            layers, self._last = _read(file.read_bytes())
        except (OSError, ValueError, IndexError):
            raise EnvironmentProblem(FailureCode.DEPENDENCY_MISSING, detail=file.name) from None
        self._first = _for_grey(layers[0])
        self._layers = tuple(layers[1:])

    def embed(self, faces: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The numbers (n × 128) of n grey faces (n × 150 × 150)."""
        picture = faces[:, np.newaxis].astype(np.float32) / np.float32(_SPREAD)
        values = _rectified(_convolved(picture, self._first, _FIRST_FILTER, stride=2))
        picture.fill(0)
        values = _windows(values, 3, 2).max(axis=(4, 5))
        layers = iter(self._layers)
        for down in _DOWN:
            stride, edge = (2, 0) if down else (1, 1)
            inner = _rectified(_convolved(values, next(layers), 3, stride=stride, edge=edge))
            inner = _convolved(inner, next(layers), 3, stride=1, edge=1)
            values = _rectified(_added(_halved(values), inner) if down else inner + values)
        return np.asarray(values.mean(axis=(2, 3)) @ self._last, dtype=np.float64)


def _windows(values: Floats, size: int, stride: int) -> Floats:
    views = np.lib.stride_tricks.sliding_window_view(values, (size, size), axis=(2, 3))
    return np.asarray(views[:, :, ::stride, ::stride])


def _convolved(values: Floats, layer: _Layer, size: int, *, stride: int, edge: int = 0) -> Floats:
    if edge:
        values = np.pad(values, ((0, 0), (0, 0), (edge, edge), (edge, edge)))
    windows = _windows(values, size, stride)
    count, channels, height, width = windows.shape[:4]
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(count, channels * size * size, height * width)
    result = np.matmul(layer.filters, columns)
    result += layer.offsets[:, np.newaxis]
    return np.asarray(result.reshape(count, -1, height, width))


def _rectified(values: Floats) -> Floats:
    return np.asarray(np.maximum(values, 0, out=values))


def _halved(values: Floats) -> Floats:
    """The mean of each two by two."""
    height, width = values.shape[2] // 2, values.shape[3] // 2
    pieces = values[:, :, : 2 * height, : 2 * width].reshape(*values.shape[:2], height, 2, width, 2)
    return np.asarray(pieces.mean(axis=(3, 5)))


def _added(one: Floats, other: Floats) -> Floats:
    """The sum, at the larger size of both; what one does not have counts as nothing, as in dlib."""
    shape = tuple(max(pair) for pair in zip(one.shape, other.shape, strict=True))
    total = np.zeros(shape, dtype=np.float32)
    for each in (one, other):
        total[tuple(slice(side) for side in each.shape)] += each
    return total


def _for_grey(layer: _Layer) -> _Layer:
    """The first convolution for pictures whose three colours are the same: a third of its work."""
    by_colour = layer.filters.reshape(len(layer.filters), 3, -1)
    lost = by_colour.sum(axis=2) @ np.array(_MEANS, dtype=np.float32) / np.float32(_SPREAD)
    return _Layer(np.ascontiguousarray(by_colour.sum(axis=1)), layer.offsets - lost)


def _read(data: bytes) -> tuple[list[_Layer], Floats]:
    layers: list[_Layer] = []
    at = data.find(_CONVOLUTION)
    while at >= 0:
        weights, _, at = _tensor(data, at + len(_CONVOLUTION))
        scales, _, at = _tensor(data, data.index(_SCALE, at) + len(_SCALE))
        count = scales.size // 2
        scale, offset = scales[:count], scales[count:]
        filters = weights[:-count].reshape(count, -1) * scale[:, np.newaxis]
        layers.append(_Layer(np.ascontiguousarray(filters), scale * weights[-count:] + offset))
        at = data.find(_CONVOLUTION, at)
    at = data.index(_LAST) + len(_LAST)
    for _ in range(2):  # how many numbers come out and go in: the matrix says it again
        _, at = _integer(data, at)
    last, shape, _ = _tensor(data, at)
    matrix = np.ascontiguousarray(last.reshape(shape[0], shape[1]))
    if len(layers) != _CONVOLUTIONS or matrix.shape[1] != _LENGTH:
        raise ValueError
    return layers, matrix


def _tensor(data: bytes, at: int) -> tuple[Floats, list[int], int]:
    """Numbers, their four sizes, and where they end."""
    version, at = _integer(data, at)
    if version != 2:
        raise ValueError
    shape: list[int] = []
    for _ in range(4):
        side, at = _integer(data, at)
        shape.append(side)
    count = shape[0] * shape[1] * shape[2] * shape[3]
    return np.frombuffer(data, dtype="<f4", count=count, offset=at), shape, at + 4 * count


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """An integer of dlib's: how many bytes, then the bytes, the least first; none is negative here."""
    length = data[at]
    if not 0 < length <= 8:
        raise ValueError
    return int.from_bytes(data[at + 1 : at + 1 + length], "little"), at + 1 + length
