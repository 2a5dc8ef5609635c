# SPDX-License-Identifier: Apache-2.0
"""``kiosk run``: the kiosk, on real hardware."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from kiosk import app, logs, settings
from kiosk.clock import SystemClock
from kiosk.errors import ConfigurationError, EnvironmentProblem, FailureCode
from kiosk.jobs import MainThreadSink
from kiosk.runtime.choices import flow_policy
from kiosk.runtime.ports import Surfaces
from kiosk.runtime.signals import EndSignals
from kiosk.runtime.timers import QtTimers
from kiosk.secret import overwrite_freed_memory
from kiosk.settings import Settings


def run(config: Path | None, *, debug: bool = False) -> int:
    """Receive patients until the system asks for an end."""
    chosen = settings.load(config)
    logs.configure("debug" if debug else chosen.log.level)
    _refuse_simulators(chosen)
    app.check_runnable(chosen)
    if not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    ):
        raise EnvironmentProblem(FailureCode.DISPLAY_MISSING)
    overwrite_freed_memory()
    clock = SystemClock()
    policy = flow_policy(chosen)
    qt = QGuiApplication(["uketsuke"])
    with ExitStack() as stack:
        stack.enter_context(logs.uncaught_told())
        surfaces = Surfaces(MainThreadSink(), QtTimers())
        core = app.build_core(chosen, policy, clock, None, surfaces)
        stack.callback(core.stop)
        front = app.build_front(chosen, policy, clock, core, surfaces)
        stack.callback(front.stop)
        stack.callback(EndSignals(qt.quit).close)
        if chosen.display.fullscreen:
            front.window.showFullScreen()
        else:
            front.window.show()
        core.start()
        return int(qt.exec())


def _refuse_simulators(chosen: Settings) -> None:
    """A simulated part can only be a demo's: nobody must take it for the real thing."""
    simulated = [
        name
        for name, kind in (
            ("reader.driver", chosen.reader.driver),
            ("camera.driver", chosen.camera.driver),
            ("surface.driver", chosen.surface.driver),
            ("upstream.kind", chosen.upstream.kind),
        )
        if kind == "simulator"
    ]
    if simulated or chosen.trust.allow_test:
        names = ", ".join([*simulated, *(["trust.allow_test"] if chosen.trust.allow_test else [])])
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID,
            detail=f"{names}: only a demo is simulated; start it with “kiosk demo”.",
        )
