# SPDX-License-Identifier: Apache-2.0
"""``kiosk demo``: a patient is received on simulated hardware, in a window or without a screen."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickView

from kiosk import app, logs, settings
from kiosk.app import ASSETS
from kiosk.clock import Clock, SystemClock
from kiosk.commands.console import EXIT_DONE, EXIT_NO, Console
from kiosk.desk.staff import Role, StaffRegister
from kiosk.errors import ConfigurationError, EnvironmentProblem, FailureCode, KioskError
from kiosk.handover.face_file import mark_as_demo
from kiosk.jobs import MainThreadSink
from kiosk.runtime.choices import flow_policy, hurried
from kiosk.runtime.core import Core
from kiosk.runtime.front import Front
from kiosk.runtime.ports import Surfaces
from kiosk.runtime.prompted import follow_prompts
from kiosk.runtime.rehearsal import Rehearsal
from kiosk.runtime.signals import EndSignals
from kiosk.runtime.timers import QtTimers
from kiosk.secret import Secret, overwrite_freed_memory
from kiosk.settings import Settings
from kiosk.simulator.remote import ControlServer, control_socket
from kiosk.simulator.scenario import Scenario, load_scenario, load_scenarios
from kiosk.simulator.terminal import ANSWERS, REQUESTS, SimulatedTerminal
from kiosk.simulator.tray.window import SIZE as TRAY_SIZE
from kiosk.simulator.tray.window import TrayWindow, tray_words
from kiosk.simulator.vpcd import VpcdLink
from kiosk.simulator.world import SimulatedWorld, WorldControl

_CODE_LENGTH = 6
_WINDOW_FRAME_PX = 48
_STAFF_NAMES = {Role.RECEPTION: "demo desk", Role.TECHNICIAN: "demo technician"}


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What was asked for on the command line."""

    headless: bool = False
    scenario: str = ""
    reader: str = "virtual"
    pin_stdin: bool = False
    out: Path | None = None
    json: bool = False
    config: Path | None = None
    debug: bool = False


def demo(options: DemoOptions) -> int:
    """Show the kiosk, or play scenarios on it; 0 when all ended as they must, 1 when one did not."""
    scenarios = _scenarios(ASSETS / "scenarios", options)
    headless = options.headless or bool(scenarios and not _has_display())
    if not headless and not _has_display():
        raise EnvironmentProblem(
            FailureCode.DISPLAY_MISSING, detail="Use --headless where there is no display."
        )
    chosen = settings.load(options.config, demo=True)
    logs.configure("debug" if options.debug else "warning" if options.json else chosen.log.level)
    pin = _pin_from_standard_input() if options.pin_stdin else None
    with ExitStack() as stack:
        if not options.config and headless:
            scratch = Path(tempfile.mkdtemp(prefix="uketsuke-demo-"))
            stack.callback(shutil.rmtree, scratch, ignore_errors=True)
            chosen = _in_folder(chosen, scratch)
        chosen = _with_handover(chosen, options.out)
        chosen = with_terminal(chosen)
        if headless:
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
            os.environ["QT_QUICK_BACKEND"] = "software"
            os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.fonts=false")
        return _Stage(chosen, options, scenarios, headless=headless, pin=pin).run()


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _scenarios(folder: Path, options: DemoOptions) -> list[Scenario]:
    if options.scenario == "all" or (options.headless and not options.scenario):
        return list(load_scenarios(folder).values())
    return [load_scenario(folder, options.scenario)] if options.scenario else []


def _pin_from_standard_input() -> Secret:
    line = bytearray(sys.stdin.buffer.readline(64))
    digits = line.strip()
    try:
        if len(digits) != 4 or not digits.isdigit():
            raise ConfigurationError(
                FailureCode.CONFIG_INVALID, detail="--pin-stdin reads one line with four digits."
            )
        return Secret.of(digits)
    finally:
        for buffer in (line, digits):
            buffer[:] = bytes(len(buffer))


def _in_folder(chosen: Settings, folder: Path) -> Settings:
    """The same settings with records of their own; the simulator's keys stay, being slow to make."""
    paths = chosen.paths.model_copy(update={"state": str(folder / "state"), "data": str(folder / "data")})
    return chosen.model_copy(update={"paths": paths})


def _with_handover(chosen: Settings, out: Path | None) -> Settings:
    """A demo hands over into a folder that is marked as a demo's."""
    section = chosen.handover.face_file
    if section.enabled:
        return chosen
    _make(out, FailureCode.FOLDER_MISSING)
    state = chosen.paths.state_folder()
    _make(state, FailureCode.STORE_UNUSABLE)
    folder = (state if out is None else out) / "handover"
    mark_as_demo(folder)
    face_file = section.model_copy(update={"enabled": True, "folder": str(folder)})
    handover = chosen.handover.model_copy(update={"face_file": face_file})
    if chosen.printing.folder or chosen.printing.printer:
        return chosen.model_copy(update={"handover": handover})
    # a demo's paper is a file beside the other files
    printing = chosen.printing.model_copy(update={"folder": str(folder)})
    return chosen.model_copy(update={"handover": handover, "printing": printing})


def with_terminal(chosen: Settings) -> Settings:
    """A demo's checks by number go through folders of its own, where a simulated terminal waits."""
    if chosen.terminal.way != "off":
        return chosen
    folder = chosen.paths.state_folder() / "terminal"
    folders = {"request_folder": str(folder / REQUESTS), "answer_folder": str(folder / ANSWERS)}
    terminal = chosen.terminal.model_copy(
        update={"way": "folder", "poll_s": 0.1, "stable_polls": 3, **folders}
    )
    return chosen.model_copy(update={"terminal": terminal})


def _make(folder: Path | None, code: FailureCode) -> None:
    """Make a folder that everything else goes into; a failure names it, and is not the hand-over's."""
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(code, detail=f"{folder} cannot be made: {error.strerror}") from error


class _Stage:
    """One demo from its first part to its last. Lives on: main thread."""

    def __init__(
        self,
        chosen: Settings,
        options: DemoOptions,
        scenarios: Sequence[Scenario],
        *,
        headless: bool,
        pin: Secret | None,
    ) -> None:
        self._settings = chosen
        self._options = options
        self._scenarios = scenarios
        self._headless = headless
        self._pin = pin
        self._clock = SystemClock()
        self._console = Console(json=options.json)

    def run(self) -> int:
        overwrite_freed_memory()
        qt = QGuiApplication.instance() or QGuiApplication(["uketsuke"])
        with ExitStack() as stack:
            stack.enter_context(logs.uncaught_told())
            world = SimulatedWorld(
                self._settings.paths.cache_folder() / "simulator",
                self._clock,
                upstream_port=self._settings.simulator.upstream_port,
            )
            if self._options.reader == "pcsc":
                self._use_pcsc(world)
            world.start()
            stack.callback(world.stop)
            if self._settings.terminal.way == "folder":
                terminal = SimulatedTerminal(Path(self._settings.terminal.request_folder).parent, self._clock)
                terminal.start()
                stack.callback(terminal.stop)
            policy = flow_policy(self._settings)
            if self._headless:
                policy = hurried(policy)
            sink, timers = MainThreadSink(), QtTimers()
            codes = staff_codes(self._settings, self._clock)
            surfaces = Surfaces(sink, timers)
            core = app.build_core(self._settings, policy, self._clock, world, surfaces)
            follow_prompts(core.controller, world.camera.asked)
            stack.callback(core.stop)
            front = app.build_front(self._settings, policy, self._clock, core, surfaces, calm=self._headless)
            stack.callback(front.stop)
            configured = self._settings.simulator.control_socket
            # A rehearsal is not disturbed by chance: it takes orders only where the settings say so.
            if configured or not self._headless:
                remote = ControlServer(world, control_socket(configured, self._settings.paths.cache_folder()))
                remote.start()
                stack.callback(remote.stop)
            stack.callback(EndSignals(qt.quit).close)
            if not self._headless:
                fit_on_screen(front.window, beside=TRAY_SIZE)
                front.window.closing.connect(qt.quit)
            front.window.show()
            core.start()
            if self._scenarios:
                rehearsal = self._rehearse(core, front, world, codes[Role.RECEPTION])
                stack.callback(rehearsal.stop)
                rehearsal.ended.connect(qt.quit)
                rehearsal.start()
                qt.exec()
                if rehearsal.failure is not None:
                    raise EnvironmentProblem(rehearsal.failure)
                return self._report(rehearsal, core)
            tray = self._tray(world, front, sink)
            stack.callback(tray.close)
            self._console.raw(
                f"Staff code of this demo: {_digits(codes[Role.RECEPTION])} (desk), "
                f"{_digits(codes[Role.TECHNICIAN])} (technician). Hold the top left corner to enter it.\n"
            )
            return int(qt.exec())

    def _use_pcsc(self, world: SimulatedWorld) -> None:
        """Lay cards on vpcd's virtual reader, so that a real pcscd sees them."""
        reader = self._settings.reader.model_copy(update={"driver": "pcsc"})
        self._settings = self._settings.model_copy(update={"reader": reader})
        host, _, port = self._settings.simulator.vpcd.rpartition(":")
        world.use(VpcdLink(host, int(port)))

    def _rehearse(self, core: Core, front: Front, world: SimulatedWorld, code: Secret) -> Rehearsal:
        return Rehearsal(
            core,
            front,
            world,
            self._scenarios,
            self._clock,
            code,
            out=self._options.out,
            pin=self._pin,
        )

    def _tray(self, world: SimulatedWorld, front: Front, sink: MainThreadSink) -> TrayWindow:
        tray = TrayWindow(WorldControl(world), tray_words(ASSETS / "i18n"), self._clock)
        world.listen(lambda: sink(lambda: tray.bridge.card_is(world.lying())))
        world.listen_to_tries(lambda key, left: sink(lambda: tray.bridge.tries_are(key, left)))
        tray.show(beside=front.window.geometry().topRight())
        return tray

    def _report(self, rehearsal: Rehearsal, core: Core) -> int:
        stats = core.store.stats()
        ok = all(played.ok for played in rehearsal.played) and len(rehearsal.played) == len(self._scenarios)
        summary = {
            "scenarios": [played.document() for played in rehearsal.played],
            "outbox": {"pending": stats.waiting, "done": stats.done},
            "ok": ok,
        }
        if self._options.out is not None:
            text = json.dumps(summary, ensure_ascii=False, indent=2)
            (self._options.out / "summary.json").write_text(text + "\n", encoding="utf-8")
        lines = []
        for played in rehearsal.played:
            word = "ok " if played.ok else "BAD"
            trouble = f"  {played.problem}" if played.problem else ""
            lines.append(f"{word}  {played.name:<20} {played.outcome:<16} {played.seconds:5.1f} s{trouble}")
        lines.append(f"outbox: {stats.done} done, {stats.waiting} waiting")
        self._console.answer(summary, lines)
        return EXIT_DONE if ok else EXIT_NO


def _digits(code: Secret) -> str:
    return bytes(code.view()).decode()


def fit_on_screen(window: QQuickView, beside: QSize) -> None:
    """Make the window small enough for a desk's screen, in its own proportions, with room for the tray."""
    room = window.screen().availableSize()
    wanted = window.size()
    for width in (room.width() - beside.width(), room.width()):
        fitted = wanted.scaled(
            QSize(width, room.height() - _WINDOW_FRAME_PX), Qt.AspectRatioMode.KeepAspectRatio
        )
        if fitted.width() >= wanted.width() // 3:
            break
    window.resize(fitted.boundedTo(wanted))


def staff_codes(chosen: Settings, clock: Clock) -> dict[Role, Secret]:
    """A person of each role for this demo, with codes made anew each time: there is no default code."""
    register = StaffRegister(chosen.paths.staff_file(), clock)
    known = {member.name for member in register.list()}
    codes = {}
    for role, name in _STAFF_NAMES.items():
        if name in known:
            register.remove(name)
        codes[role] = _fresh_code(register, name, role)
    return codes


def _fresh_code(register: StaffRegister, name: str, role: Role) -> Secret:
    while True:
        code = Secret.of("".join(secrets.choice("0123456789") for _ in range(_CODE_LENGTH)).encode())
        try:
            register.add(name, role, code)
        except KioskError as error:
            # Too easy a code, or one that somebody has: another is drawn.
            if error.code is not FailureCode.STAFF_CODE_WRONG:
                raise
        else:
            return code
