# SPDX-License-Identifier: Apache-2.0
"""The flow's timers on Qt's event loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

from kiosk.flow.events import Timer


class QtTimers(QObject):
    """One single-shot timer for each name. Lives on: main thread."""

    def __init__(self) -> None:
        super().__init__()
        self._running: dict[Timer, QTimer] = {}

    def start(self, timer: Timer, seconds: float, on_end: Callable[[], None]) -> None:
        """Begin a wait, in place of the one of that name that may be running."""
        self.cancel(timer)
        wait = QTimer(self)
        wait.setSingleShot(True)
        wait.setTimerType(Qt.TimerType.PreciseTimer)

        def ended() -> None:
            self.cancel(timer)
            on_end()

        wait.timeout.connect(ended)
        self._running[timer] = wait
        wait.start(round(seconds * 1000))

    def cancel(self, timer: Timer) -> None:
        """End a wait without its call."""
        wait = self._running.pop(timer, None)
        if wait is not None:
            wait.stop()
            wait.deleteLater()

    def cancel_all(self) -> None:
        """End every wait."""
        for timer in list(self._running):
            self.cancel(timer)
