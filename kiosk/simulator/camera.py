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
from kiosk.simulator.acting import Acting, Presence, alive, held
from kiosk.simulator.patients.covers import Cover
from kiosk.simulator.patients.drawing import (
    LIVE_SIZE,
    WEARING,
    Pose,
    empty_frame,
    live_frame,
    two_people_frame,
)
from kiosk.simulator.patients.shown import Medium, shown_frame
from kiosk.simulator.stances import POSES, SLOW_PERIOD_S, Device, Stance, as_it_comes

_LOOP_S: Final = 2.4

_AT_EASE: Final = Pose()
_AS_THEY_ARE: Final = Acting()


@dataclass(frozen=True, slots=True)
class Scene:
    """Who stands before the camera, and how."""

    people: tuple[str, ...] = ()
    presence: Presence = Presence.PERSON
    pose: Pose = _AT_EASE
    acting: Acting = _AS_THEY_ARE
    wearing: str = ""  # one of `Cover`
    device: Device = Device.WELL


class SimulatedCamera:
    """A camera port that draws; people in front of it sway a little, blink, and do what the screen asks for.

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

    def stand(self, key: str | None, presence: Presence = Presence.PERSON) -> None:
        """That person, alone, comes before the camera, or a picture of that person; None: nobody."""
        self._change(people=(key,) if key else (), presence=presence)

    def asked(self, what: str) -> None:
        """The screen asks whoever stands there to do something; with nothing they look ahead again.

        A picture does not hear it.
        """
        with self._changed:
            self._change(acting=self._scene.acting.asked(what, self._clock.monotonic()))

    def two(self, first: str, second: str) -> None:
        """Two people come before the camera."""
        self._change(people=(first, second), presence=Presence.PERSON)

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
        picture = _drawn(scene, now, sequence, self._period_s, self._size)
        return Frame(as_it_comes(picture, scene.device), sequence, now)

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


def _drawn(scene: Scene, now: float, sequence: int, period_s: float, size: tuple[int, int]) -> BgrImage:
    people = tuple(f"{key}{WEARING}{scene.wearing}" if scene.wearing else key for key in scene.people)
    match people:
        case (first, second):
            return two_people_frame(first, second, alive(scene.pose, now, sequence), size)
        case (one,):
            return _one(one, scene, now, sequence, period_s, size)
        case _:
            return empty_frame(alive(scene.pose, now, sequence), size)


def _one(
    key: str, scene: Scene, now: float, sequence: int, period_s: float, size: tuple[int, int]
) -> BgrImage:
    """One person, or what stands in for one."""
    match scene.presence:
        case Presence.PERSON:
            return live_frame(key, alive(scene.pose, now, sequence, scene.acting.at(now)), size)
        case Presence.STILL:
            return live_frame(key, alive(scene.pose, now, sequence), size)
        case Presence.PRINT:
            return shown_frame(Medium.PRINT, key, held(scene.pose, now, sequence), size=size)
        case Presence.SCREEN:
            hold = held(scene.pose, now, sequence)
            return shown_frame(Medium.SCREEN, key, hold, replayed(now), size)
        case Presence.FROZEN:
            return live_frame(key, scene.pose, size)
        case Presence.LOOP:
            picture = int(now % _LOOP_S / period_s)
            return live_frame(key, alive(scene.pose, picture * period_s, picture), size)


def replayed(now: float) -> Pose:
    """What a person does in a clip that was made before: blinks, turns to both sides, and begins anew."""
    step = now % 6.0
    yaw = 24.0 * math.sin(2 * math.pi * step / 6.0) if step > 1.5 else 0.0
    return alive(Pose(yaw=yaw), step, 0)
