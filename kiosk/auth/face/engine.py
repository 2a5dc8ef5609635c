# SPDX-License-Identifier: Apache-2.0
"""dlib's detector, landmarks and network, on grey images and their mirror images."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.network import INPUT_SIZE, FaceNetwork
from kiosk.errors import EnvironmentProblem, FailureCode

Grey = NDArray[np.uint8]
Embedding = NDArray[np.float64]

LOG = logging.getLogger("kiosk.face")

DETECTION_WIDTH: Final = 480
WIDE_SEARCH_WIDTH: Final = 880
EMBEDDING_LENGTH: Final = 128
_SURELY_FOUND: Final = 90  # the detector finds faces from 80 pixels on
_CHIP_PADDING: Final = 0.25
_MODEL_PACKAGE: Final = "face_recognition_models"
_LANDMARK_FILE: Final = "shape_predictor_5_face_landmarks.dat"
_ALL_LANDMARKS_FILE: Final = "shape_predictor_68_face_landmarks.dat"
_NEAR_MARGIN: Final = 0.5
_NOTHING: Final = 127
_EMBEDDING_FILE: Final = "dlib_face_recognition_resnet_model_v1.dat"


class _Rectangle(Protocol):
    def left(self) -> int: ...
    def top(self) -> int: ...
    def right(self) -> int: ...
    def bottom(self) -> int: ...


class _Point(Protocol):
    x: int
    y: int


class _Shape(Protocol):
    def part(self, index: int) -> _Point: ...


@dataclass(frozen=True, slots=True)
class FaceBox:
    """Where a face is, in pixels of the image it was looked for in; `score` grows with certainty."""

    left: int
    top: int
    right: int
    bottom: int
    score: float

    @property
    def width(self) -> int:
        """How wide the face is."""
        return self.right - self.left

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the face."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The five points that dlib aligns a face by; left and right are those of the picture."""

    left_eye_outer: tuple[float, float]
    left_eye_inner: tuple[float, float]
    right_eye_inner: tuple[float, float]
    right_eye_outer: tuple[float, float]
    nose: tuple[float, float]


def model_path(name: str) -> Path:
    """Where the package of models keeps that file.

    The package is found, not imported: its own code needs `pkg_resources`, which is deprecated and warns.
    """
    spec = importlib.util.find_spec(_MODEL_PACKAGE)
    locations = spec.submodule_search_locations if spec else None
    for location in locations or ():
        path = Path(location) / "models" / name
        if path.is_file():
            return path
    raise EnvironmentProblem(FailureCode.DEPENDENCY_MISSING, detail=f"{_MODEL_PACKAGE}: {name}")


def to_grey(image: NDArray[np.uint8]) -> Grey:
    """A copy without colour: the card's photo has none, so the camera's picture must not have any either."""
    if image.ndim == 2:
        return np.array(image, order="C")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


class FaceEngine:
    """Finds faces and turns them into numbers.

    Lives in the face process (and in tools and tests); not safe to share between threads. The model of the 68
    points takes 67 MB and a moment to load: at its first use, or when `load_all` is called, which the face
    process does before it is ready. `beat` is called before each search and each pass of the network: that is
    what takes time.
    """

    def __init__(self, beat: Callable[[], None] = lambda: None) -> None:
        # imported here: whoever only wants the values above must not load 30 MB of models
        import dlib  # noqa: PLC0415

        self._beat = beat
        self._dlib = dlib
        self._detector = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(model_path(_LANDMARK_FILE)))
        self._network = FaceNetwork(model_path(_EMBEDDING_FILE))
        self._all_landmarks: Callable[[Grey, object], _Shape] | None = None

    def load_all(self) -> None:
        """Load what is otherwise loaded at its first use."""
        self._points_model()

    def find(self, grey: Grey, *, width: int = DETECTION_WIDTH, upsample: int = 0) -> tuple[FaceBox, ...]:
        """All faces, the surest first, looked for in a copy of that width."""
        self._beat()
        scale = min(1.0, width / grey.shape[1])
        small = grey
        if scale < 1.0:
            size = (width, max(1, round(grey.shape[0] * scale)))
            small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        boxes, scores, _ = self._detector.run(small, upsample, 0.0)
        if small is not grey:
            small.fill(0)
        found = [_scaled(box, 1 / scale, float(score)) for box, score in zip(boxes, scores, strict=True)]
        return tuple(sorted(found, key=lambda face: -face.score))

    def find_near(self, grey: Grey, box: FaceBox) -> tuple[FaceBox, ...]:
        """All faces around that place, at the scale at which `find` looks: a fraction of its work.

        A face that is too small for that scale is looked for at one at which it is found.
        """
        margin_x, margin_y = (round(_NEAR_MARGIN * side) for side in (box.width, box.bottom - box.top))
        left, top = max(0, box.left - margin_x), max(0, box.top - margin_y)
        near = grey[top : box.bottom + margin_y, left : box.right + margin_x].copy()
        if not near.size:
            return ()
        scale = max(DETECTION_WIDTH / grey.shape[1], _SURELY_FOUND / max(1, box.width))
        width = max(1, round(near.shape[1] * min(1.0, scale)))
        found = self.find(near, width=width)
        near.fill(0)
        return tuple(_moved(face, left, top) for face in found)

    def landmarks(self, grey: Grey, box: FaceBox) -> Landmarks:
        """The five points of a face that was found."""
        shape = self._landmarks(grey, self._rectangle(box))
        points = [(float(shape.part(index).x), float(shape.part(index).y)) for index in range(5)]
        # dlib's order: outer and inner corner of the eye on the right of the picture, then of the left one
        return Landmarks(points[2], points[3], points[1], points[0], points[4])

    def all_landmarks(self, grey: Grey, box: FaceBox) -> NDArray[np.float64]:
        """The 68 points of a face that was found: 68 × 2, in the order of the iBUG 300-W set."""
        shape = self._points_model()(grey, self._rectangle(box))
        return np.array([(shape.part(index).x, shape.part(index).y) for index in range(68)], dtype=np.float64)

    def chip(self, grey: Grey, box: FaceBox) -> Grey:
        """The piece of the picture that is compared: turned upright, always of one size."""
        shape = self._landmarks(grey, self._rectangle(box))
        return np.asarray(self._dlib.get_face_chip(grey, shape, INPUT_SIZE, _CHIP_PADDING), dtype=np.uint8)

    def embed_chip(self, chip: Grey) -> Embedding:
        """The mean of the embeddings of such a piece and of its mirror image."""
        plain, mirrored = self._vectors(chip)
        mean = np.asarray((plain + mirrored) / 2, dtype=np.float64)
        plain.fill(0)
        mirrored.fill(0)
        return mean

    def embed(self, grey: Grey, box: FaceBox) -> Embedding:
        """The mean of the embeddings of the face and of its mirror image."""
        chip = self.chip(grey, box)
        try:
            return self.embed_chip(chip)
        finally:
            chip.fill(0)

    def forget(self) -> None:
        """Look at nothing, so that nothing of the last face stays in what dlib keeps from call to call."""
        self.find(np.full((DETECTION_WIDTH, DETECTION_WIDTH), _NOTHING, dtype=np.uint8))
        self.embed_chip(np.full((INPUT_SIZE, INPUT_SIZE), _NOTHING, dtype=np.uint8)).fill(0)

    def _vectors(self, chip: Grey) -> tuple[Embedding, Embedding]:
        self._beat()
        both = np.stack((chip, chip[:, ::-1]))
        plain, mirrored = self._network.embed(both)
        both.fill(0)
        return plain, mirrored

    def _points_model(self) -> Callable[[Grey, object], _Shape]:
        if self._all_landmarks is None:
            model: Callable[[Grey, object], _Shape] = self._dlib.shape_predictor(
                str(model_path(_ALL_LANDMARKS_FILE))
            )
            self._all_landmarks = model
        return self._all_landmarks

    def _rectangle(self, box: FaceBox) -> object:
        return self._dlib.rectangle(box.left, box.top, box.right, box.bottom)


def _scaled(box: _Rectangle, factor: float, score: float) -> FaceBox:
    return FaceBox(
        round(box.left() * factor),
        round(box.top() * factor),
        round(box.right() * factor),
        round(box.bottom() * factor),
        score,
    )


def _moved(box: FaceBox, right: int, down: int) -> FaceBox:
    return FaceBox(box.left + right, box.top + down, box.right + right, box.bottom + down, box.score)
