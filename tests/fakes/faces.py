# SPDX-License-Identifier: Apache-2.0
"""Card photos of drawn people as files, and a collector of results."""

from __future__ import annotations

import io
import threading

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kiosk.auth.face.results import FaceResult


def as_jp2(grey: NDArray[np.uint8], rate: int = 20) -> bytes:
    """The picture as the card keeps it: JPEG 2000, compressed so many times."""
    stream = io.BytesIO()
    with Image.fromarray(grey) as picture:
        picture.save(stream, "JPEG2000", quality_mode="rates", quality_layers=[rate])
    return stream.getvalue()


class Results:
    """Collects results from whichever thread, and lets a test wait for one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.all: list[FaceResult] = []

    def __call__(self, result: FaceResult) -> None:
        with self._changed:
            self.all.append(result)
            self._changed.notify_all()

    def wait_for(self, *kinds: type, timeout_s: float = 40.0) -> FaceResult:
        """The first result of one of these kinds; raises `TimeoutError` with what came instead."""
        with self._changed:
            if not self._changed.wait_for(lambda: any(isinstance(r, kinds) for r in self.all), timeout_s):
                raise TimeoutError(self.all)
            return next(result for result in self.all if isinstance(result, kinds))

    def clear(self) -> None:
        with self._changed:
            self.all.clear()
