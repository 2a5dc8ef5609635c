# SPDX-License-Identifier: Apache-2.0
"""What the tray can do to the demo's world; `app.py` carries it out."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Protocol


class Light(StrEnum):
    """The light at the camera."""

    GOOD = "good"
    DARK = "dark"
    GLARE = "glare"


class UpstreamMode(StrEnum):
    """What upstream does."""

    NORMAL = "normal"
    SLOW = "slow"
    DOWN = "down"
    WRONG = "wrong"
    UNKNOWN = "unknown"


LIGHT_LEVELS: Final = {Light.GOOD: 1.0, Light.DARK: 0.1, Light.GLARE: 2.0}
"""What `SimulatedCamera.light` takes for each."""


class DemoControl(Protocol):
    """The hand of whoever shows the demo. Called on the main thread; must not block it."""

    def insert(self, key: str) -> None:
        """Lay that patient's card on the empty reader."""
        ...

    def remove(self) -> None:
        """Take the card away."""
        ...

    def swap(self, key: str) -> None:
        """Exchange the card that lies there for that patient's."""
        ...

    def camera(self, key: str | None) -> None:
        """That patient stands before the camera, or nobody."""
        ...

    def light(self, name: str) -> None:
        """One of `Light`."""
        ...

    def upstream(self, mode: str) -> None:
        """One of `UpstreamMode`."""
        ...

    def tries(self, ref: str, n: int) -> None:
        """Set the tries left of a reference (``pin``) of the card that lies there."""
        ...
