# SPDX-License-Identifier: Apache-2.0
"""The face screen with its real preview, and a clock that notices how long the main thread is busy."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from kiosk.camera.latest import LatestFrame
from kiosk.clock import SystemClock
from kiosk.flow.events import FaceHinted
from kiosk.runtime.preview_pump import PreviewPump
from kiosk.ui.gallery import examples, looks
from kiosk.ui.gallery_stage import Stage

ASSETS = Path(__file__).parents[2] / "assets"


class FaceStage:
    """Shows the face screen and whatever comes into the box. Lives on: main thread."""

    def __init__(self, box: LatestFrame, tick_ms: int) -> None:
        self._stage = Stage(next(looks()), ASSETS, SystemClock().now())
        state = examples()["face"]
        self._stage.show("face", state)
        self._shown = 0
        self._pump = PreviewPump(box, self._stage.preview, self._arrived)
        self._state = state
        self._ticks: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(tick_ms)
        self._timer.timeout.connect(lambda: self._ticks.append(time.perf_counter()))
        self._stage.view.frameSwapped.connect(self._swapped)
        self._fresh = False

    @property
    def renderer(self) -> str:
        """What draws the screen."""
        platform = QGuiApplication.platformName()
        return f"{self._stage.view.rendererInterface().graphicsApi().name} on {platform}"

    def run(self, seconds: float) -> tuple[list[float], int]:
        """Show it so long; the gaps between ticks, and how many pictures of the preview were drawn."""
        event = FaceHinted(session_no=1, hint="")
        self._pump.on_state(self._state, event, self._state)
        loop = QEventLoop()
        QTimer.singleShot(2000, loop.quit)  # the first seconds belong to loading
        loop.exec()
        self._ticks.clear()
        self._shown = 0
        self._timer.start()
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        loop.exec()
        self._timer.stop()
        return [b - a for a, b in zip(self._ticks, self._ticks[1:], strict=False)], self._shown

    def close(self) -> None:
        """Take it down."""
        self._pump.stop()
        self._stage.view.close()
        QCoreApplication.processEvents()

    def _arrived(self) -> None:
        self._fresh = True
        self._stage.bridge.preview_arrived()

    def _swapped(self) -> None:
        if self._fresh:
            self._fresh = False
            self._shown += 1
