# SPDX-License-Identifier: Apache-2.0
"""What a camera must be able to do, and the values it deals in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import EnvironmentProblem

BgrImage = NDArray[np.uint8]


class CameraError(EnvironmentProblem):
    """The camera is missing, busy or silent; the code says which. Stays inside the camera layer."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture: blue, green, red; nobody writes to it. `taken_at` is monotonic seconds."""

    image: BgrImage
    sequence: int
    taken_at: float

    def __repr__(self) -> str:  # a picture of a patient must not end in a log
        return f"Frame({self.sequence})"


class Camera(Protocol):
    """A way of getting pictures: a device, or the simulator.

    `open`, `read` and `close` are called on the camera thread only.
    """

    @property
    def name(self) -> str:
        """What technicians know it by."""
        ...

    def open(self) -> None:
        """Take the device; its light goes on. Raises `CameraError`."""
        ...

    def read(self) -> Frame:
        """Wait for the next picture; raises `CameraError` when there is none."""
        ...

    def close(self) -> None:
        """Let go of the device; its light goes off. Never raises, safe to call twice."""
        ...
