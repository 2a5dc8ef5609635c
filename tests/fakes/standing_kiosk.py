# SPDX-License-Identifier: Apache-2.0
"""The whole kiosk in the test's own process: real parts, a window that nobody sees, and a finger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtCore import QEventLoop, QTimer

from kiosk import app, settings
from kiosk.clock import SystemClock
from kiosk.commands.demo import staff_codes
from kiosk.desk.staff import Role
from kiosk.flow.session import SessionEnd
from kiosk.flow.states import Clearing, Idle, State
from kiosk.handover.face_file import mark_as_demo
from kiosk.jobs import MainThreadSink
from kiosk.runtime.choices import flow_policy
from kiosk.runtime.ports import Surfaces
from kiosk.runtime.timers import QtTimers
from kiosk.runtime.touch import Finger
from kiosk.simulator.patients.people import patient
from kiosk.simulator.world import SimulatedWorld

_HOLD_S = 20.0  # far longer than the corner wants to be held, also on a busy machine
_LOOK_MS = 15
_LIMIT_S = 120.0
RESULT_S = 30.0  # so long that nothing but a person ends the result


class StandingKiosk:
    """A kiosk that stands there and waits for what a test does to it. A `QGuiApplication` must be there."""

    def __init__(self, folder: Path, config: Path) -> None:
        mark_as_demo(folder / "handover")
        chosen = settings.load(config, demo=True)
        clock = SystemClock()
        self.clock = clock
        self.world = SimulatedWorld(chosen.paths.cache_folder() / "simulator", clock)
        self._code = staff_codes(chosen, clock)[Role.RECEPTION]
        policy = replace(flow_policy(chosen), confirmed_s=0.2, result_s=RESULT_S)
        surfaces = Surfaces(MainThreadSink(), QtTimers())
        self.core = app.build_core(chosen, policy, clock, self.world, surfaces)
        self.front = app.build_front(chosen, policy, clock, self.core, surfaces, calm=True)
        self.finger = Finger(self.front.window)
        self.ends: list[SessionEnd] = []
        self.core.controller.listen(self._on_state)

    def __enter__(self) -> Self:
        self.front.window.show()
        self.core.start()
        self.wait(lambda: isinstance(self.state, Idle), "the start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.front.stop()
        ended = self.core.stop()
        self.world.stop()
        assert ended or error is not None

    @property
    def state(self) -> State:
        return self.core.controller.state

    @property
    def screen(self) -> str:
        return str(self.front.bridge.screen_name)

    def wait(self, holds: Callable[[], bool], what: str, limit_s: float = _LIMIT_S) -> float:
        """Let the kiosk go on until `holds`; the seconds that took."""
        begun = self.clock.monotonic()
        loop, look = QEventLoop(), QTimer()
        look.setInterval(_LOOK_MS)
        look.timeout.connect(
            lambda: loop.quit() if holds() or self.clock.monotonic() - begun > limit_s else None
        )
        look.start()
        loop.exec()
        look.stop()
        assert holds(), f"waited in vain for {what} at {self.screen}"
        return self.clock.monotonic() - begun

    def at(self, screen: str) -> None:
        """Wait for a screen."""
        self.wait(lambda: self.screen == screen, f"the screen {screen}")

    def tap(self, *actions: str) -> None:
        """Press controls, one after another."""
        for action in actions:
            self.wait(partial(self.finger.can_press, action), f"the control {action}")
            self.finger.press(action)

    def type_pin(self, key: str, *, digits: int = 4) -> None:
        """A patient's PIN, or its beginning; whole, it is submitted."""
        self.tap(*(f"pin.digit.{digit}" for digit in patient(key).pin[:digits]))
        if digits == 4:
            self.tap("pin.submit")

    def sign_in(self) -> None:
        """A person of the desk holds the corner and types the code."""
        for _ in range(3):
            # a screen that is just coming takes the bar away from under the finger: one holds again
            begun = self.clock.monotonic()
            self.finger.hold_corner()
            self.wait(partial(self._corner_or_later, begun + _HOLD_S), "the staff corner")
            self.finger.let_go()
            if self.finger.can_press("staff.digit.0"):
                break
        self.wait(lambda: self.finger.can_press("staff.digit.0"), "the staff corner")
        self.tap(*(f"staff.digit.{byte - ord('0')}" for byte in bytes(self._code.view())))
        self.tap("staff.submit")
        self.wait(lambda: self.finger.can_press("staff.reset"), "what staff may do")

    def _corner_or_later(self, then: float) -> bool:
        return self.finger.can_press("staff.digit.0") or self.clock.monotonic() > then

    def rest(self) -> None:
        """Take away what lies there and wait for the first screen.

        The world is not reset as a whole: its own upstream is not the one that answers here.
        """
        self.world.remove()
        self.world.camera_shows(None)
        self.wait(lambda: isinstance(self.state, Idle) and self.screen == "idle", "rest")

    def _on_state(self, _before: State, _event: object, after: State) -> None:
        if isinstance(after, Clearing):
            self.ends.append(after.end)
