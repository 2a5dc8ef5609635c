# SPDX-License-Identifier: Apache-2.0
"""Real photographs as card photo and camera frames, through the real face process.

The photographs stay where they are: nothing of them is copied, kept or printed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.auth.face.process import FaceProcess
from kiosk.auth.face.results import Matched, NotConfirmed, ReferenceRejected, Unavailable
from kiosk.auth.face.session import FaceVerifier
from kiosk.camera.latest import LatestFrame
from kiosk.camera.ports import Frame
from kiosk.clock import SystemClock
from tests.fakes.faces import Results, as_jp2

FACES = Path(__file__).parents[2].parent / "shared" / "data" / "faces" / "lfw-ten" / "images"
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not FACES.is_dir(), reason="no photographs in ../shared/data/faces"),
]
CLOCK = SystemClock()


def people() -> list[list[Path]]:
    return [sorted(folder.glob("*.jpg")) for folder in sorted(FACES.iterdir()) if folder.is_dir()]


def card_file(path: Path) -> bytes:
    """The photograph's middle, grey, at a card's size, as JPEG 2000."""
    photo = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert photo is not None
    middle = photo[25:225, 50:200]
    return as_jp2(
        np.asarray(cv2.resize(middle, (300, 400), interpolation=cv2.INTER_CUBIC), np.uint8), rate=15
    )


def camera_frame(path: Path) -> NDArray[np.uint8]:
    """The photograph as large as somebody before the kiosk would be, in a frame of a camera."""
    photo = cv2.imread(str(path))
    assert photo is not None
    frame = np.full((720, 1280, 3), 200, np.uint8)
    frame[:, 280:1000] = cv2.resize(photo, (720, 720), interpolation=cv2.INTER_CUBIC)
    return frame


@pytest.fixture(scope="module")
def box() -> LatestFrame:
    return LatestFrame()


@pytest.fixture(scope="module")
def results() -> Results:
    return Results()


@pytest.fixture(scope="module")
def verifier(box: LatestFrame, results: Results) -> Iterator[FaceVerifier]:
    process = FaceProcess(CLOCK)
    face = FaceVerifier(box, process, results, CLOCK, try_s=8.0, interval_s=0.02)
    face.start()
    assert process.wait_ready(60)
    yield face
    face.stop()
    assert face.join(10)


class Booth:
    """Somebody's photographs come before the camera one after the other, until the try is over."""

    def __init__(self, box: LatestFrame, results: Results, verifier: FaceVerifier) -> None:
        self._box, self._results, self._verifier = box, results, verifier
        self._sequence = 0

    def end_of_try(self, card: Path, frames: list[Path]) -> object:
        self._results.clear()
        self._verifier.begin(card_file(card))
        self._verifier.start_try()
        ends = (Matched, NotConfirmed, Unavailable, ReferenceRejected)
        try:
            for _ in range(40):
                for path in frames:
                    self._sequence += 1
                    self._box.put(Frame(camera_frame(path), self._sequence, CLOCK.monotonic()))
                    try:
                        return self._results.wait_for(*ends, timeout_s=0.4)
                    except TimeoutError:
                        continue
            return None
        finally:
            self._verifier.forget()


@pytest.fixture(scope="module")
def booth(box: LatestFrame, results: Results, verifier: FaceVerifier) -> Booth:
    return Booth(box, results, verifier)


def test_most_people_are_confirmed_by_their_own_photograph(booth: Booth) -> None:
    """Press photographs of different years are harder than a kiosk, so not everybody has to be."""
    ends = [booth.end_of_try(photos[0], photos[1:6]) for photos in people()[:4]]
    assert ends.count(Matched()) >= 2


def test_nobody_is_confirmed_by_somebody_elses_photograph(booth: Booth) -> None:
    everybody = people()
    ends = [booth.end_of_try(card[0], frames[1:6]) for card, frames in itertools.pairwise(everybody[:5])]
    assert Matched() not in ends
    assert ends.count(NotConfirmed()) >= 3
