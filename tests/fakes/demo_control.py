# SPDX-License-Identifier: Apache-2.0
"""A demo's world that only remembers what was asked of it."""

from __future__ import annotations


class RecordingControl:
    """Stands in for the real one; see `kiosk.simulator.tray.control.DemoControl`."""

    def __init__(self) -> None:
        self.done: list[tuple[str | int | None, ...]] = []

    def insert(self, key: str) -> None:
        self.done.append(("insert", key))

    def remove(self) -> None:
        self.done.append(("remove",))

    def swap(self, key: str) -> None:
        self.done.append(("swap", key))

    def camera(self, key: str | None) -> None:
        self.done.append(("camera", key))

    def light(self, name: str) -> None:
        self.done.append(("light", name))

    def upstream(self, mode: str) -> None:
        self.done.append(("upstream", mode))

    def tries(self, ref: str, n: int) -> None:
        self.done.append(("tries", ref, n))
