# SPDX-License-Identifier: Apache-2.0
"""A camera in front of which drawn patients stand."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from typing import Final

from kiosk.camera.ports import BgrImage, CameraError, Frame
from kiosk.clock import Clock
from kiosk.errors import FailureCode
from kiosk.simulator.patients.covers import Cover
from kiosk.simulator.patients.drawing import (
    LIVE_SIZE,
    WEARING,
    Pose,
    empty_frame,
    live_frame,
    two_people_frame,
)
from kiosk.simulator.stances import POSES, SLOW_PERIOD_S, Device, Stance, as_it_comes

_BLINK_EVERY_S: Final = 3.7
_BLINK_LASTS_S: Final = 0.3


_AT_EASE: Final = Pose()


@dataclass(frozen=True, slots=True)
class Scene:
    """Who stands before the camera, and how."""

    people: tuple[str, ...] = ()
    pose: Pose = _AT_EASE
    wearing: str = ""  # one of `Cover`
    device: Device = Device.WELL


class SimulatedCamera:
    """A camera port that draws; people in front of it sway a little and blink.

    `open`, `read` and `close` belong to the camera thread; all else may be called from any thread, also
    while a picture is awaited.
    """

    def __init__(self, clock: Clock, *, size: tuple[int, int] = LIVE_SIZE, fps: float = 15.0) -> None:
        self._clock = clock
        self._size = size
        self._period_s = 1 / fps
        self._changed = threading.Condition()
        self._scene = Scene()
        self._open = False
        self._sequence = 0
        self._due = 0.0

    @property
    def name(self) -> str:
        """What diagnostics show."""
        return "simulated camera"

    @property
    def scene(self) -> Scene:
        """What there is to see at this moment."""
        with self._changed:
            return self._scene

    @property
    def light_on(self) -> bool:
        """Whether the camera is held by somebody, as its light shows."""
        with self._changed:
            return self._open

    def stand(self, key: str | None) -> None:
        """That person, alone, comes before the camera; None: nobody."""
        self._change(people=(key,) if key else ())

    def two(self, first: str, second: str) -> None:
        """Two people come before the camera."""
        self._change(people=(first, second))

    def leave(self) -> None:
        """Everybody goes away."""
        self._change(people=())

    def light(self, level: float) -> None:
        """Set the light: 1 good, 0.1 night, 2 glaring."""
        self._change(pose=replace(self.scene.pose, light=level))

    def turn(self, yaw: float) -> None:
        """The person turns the head, in degrees."""
        self._change(pose=replace(self.scene.pose, yaw=yaw))

    def step(self, distance: float) -> None:
        """The person steps nearer (below 1) or further away."""
        self._change(pose=replace(self.scene.pose, distance=distance))

    def aside(self, dx: float, dy: float = 0.0) -> None:
        """The person stands beside the middle, in shares of the picture."""
        self._change(pose=replace(self.scene.pose, dx=dx, dy=dy))

    def take(self, stance: Stance) -> None:
        """The person stands like that, in the light that there is."""
        self._change(pose=replace(POSES[stance], light=self.scene.pose.light))

    def wear(self, cover: Cover | None) -> None:
        """The person puts something before the face, or takes it off."""
        self._change(wearing=cover.value if cover else "")

    def become(self, device: Device) -> None:
        """Something happens to the camera, or it is well again."""
        self._change(device=device)

    def open(self) -> None:
        """Take the camera."""
        with self._changed:
            self._raise_if_unusable()
            self._open = True
            self._due = self._clock.monotonic()

    def read(self) -> Frame:
        """The next picture, at the camera's own pace."""
        with self._changed:
            wait_s = self._due - self._clock.monotonic()
            if wait_s > 0:
                gone = Device.UNPLUGGED
                self._changed.wait_for(lambda: self._scene.device is gone or not self._open, wait_s)
            self._raise_if_unusable()
            if self._scene.device is Device.SILENT or not self._open:
                raise CameraError(FailureCode.CAMERA_NO_FRAMES, detail=self.name)
            now = self._clock.monotonic()
            slow = self._scene.device is Device.SLOW
            self._due = max(self._due + (SLOW_PERIOD_S if slow else self._period_s), now)
            self._sequence += 1
            scene, sequence = self._scene, self._sequence
        return Frame(as_it_comes(self._draw(scene, now, sequence), scene.device), sequence, now)

    def close(self) -> None:
        """Let go of the camera."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def _change(self, **what: object) -> None:
        with self._changed:
            self._scene = replace(self._scene, **what)  # type: ignore[arg-type]  # names and types: the methods above
            self._changed.notify_all()

    def _raise_if_unusable(self) -> None:
        if self._scene.device is Device.UNPLUGGED:
            raise CameraError(FailureCode.CAMERA_MISSING, detail=self.name)
        if self._scene.device is Device.BUSY:
            raise CameraError(FailureCode.CAMERA_BUSY, detail=self.name)

    def _draw(self, scene: Scene, now: float, sequence: int) -> BgrImage:
        pose = _alive(scene.pose, now, sequence)
        people = tuple(f"{key}{WEARING}{scene.wearing}" if scene.wearing else key for key in scene.people)
        match people:
            case (first, second):
                return two_people_frame(first, second, pose, self._size)
            case (first,):
                return live_frame(first, pose, self._size)
            case _:
                return empty_frame(pose, self._size)


def _alive(pose: Pose, now: float, sequence: int) -> Pose:
    """The pose with the small movement that nobody can keep from making."""
    since_blink = now % _BLINK_EVERY_S
    blink = max(0.0, 1 - abs(since_blink / _BLINK_LASTS_S * 2 - 1))
    return replace(
        pose,
        yaw=pose.yaw + 2.5 * math.sin(now * 0.9),
        blink=max(pose.blink, blink),
        distance=pose.distance * (1 + 0.012 * math.sin(now * 0.7)),
        dx=pose.dx + 0.006 * math.sin(now * 1.3),
        dy=pose.dy + 0.004 * math.sin(now * 1.9),
        seed=sequence,
    )
