# SPDX-License-Identifier: Apache-2.0
"""A whole kiosk on its idle screen, drawing moving, nobody there: for measurements.

python -m tests.fakes.idle_kiosk SECONDS
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from kiosk import app, settings
from kiosk.clock import SystemClock
from kiosk.flow.states import Idle
from kiosk.jobs import MainThreadSink
from kiosk.runtime.choices import flow_policy
from kiosk.runtime.ports import Surfaces
from kiosk.runtime.timers import QtTimers
from kiosk.secret import overwrite_freed_memory
from kiosk.simulator.world import SimulatedWorld


def main() -> None:
    """Say "idle" when nobody is awaited any more, and end after so many seconds."""
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.fonts=false")
    overwrite_freed_memory()
    clock = SystemClock()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="uketsuke-idle-")))
        for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(folder)
        qt = QGuiApplication([])
        chosen = settings.load(None, demo=True)
        world = SimulatedWorld(folder / "simulator", clock)
        world.start()
        stack.callback(world.stop)
        surfaces = Surfaces(MainThreadSink(), QtTimers())
        core = app.build_core(chosen, flow_policy(chosen), clock, world, surfaces)
        stack.callback(core.stop)
        front = app.build_front(chosen, flow_policy(chosen), clock, core, surfaces)
        stack.callback(front.stop)

        look = QTimer(interval=200)

        def told() -> None:
            if isinstance(core.controller.state, Idle) and core.process.ready:
                look.stop()
                print("idle", flush=True)  # noqa: T201  # whoever measures waits for this line

        look.timeout.connect(told)
        look.start()
        front.window.show()
        core.start()
        QTimer.singleShot(int(float(sys.argv[1]) * 1000), qt.quit)
        qt.exec()


if __name__ == "__main__":
    main()
