# SPDX-License-Identifier: Apache-2.0
"""``kiosk diagnose``: the technician's checks without the window, also where the settings are broken."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from kiosk import settings
from kiosk.app import camera_of, reader_driver, revocation_of, trust_of, upstream_of
from kiosk.auth.certificate.crl import CrlState
from kiosk.auth.face.process import FaceProcess
from kiosk.camera.health import CameraSample
from kiosk.clock import Clock, SystemClock
from kiosk.commands.console import TEXTS, Console, hint
from kiosk.commands.queue import EMPTY, records_exist, visited
from kiosk.diagnostics.ports import Probe
from kiosk.diagnostics.probes import store_probe
from kiosk.diagnostics.report import About, Report, run_diagnosis, versions
from kiosk.diagnostics.words import Words
from kiosk.errors import ConfigurationError, EnvironmentProblem, FailureCode
from kiosk.outbox.damage import kept_aside
from kiosk.outbox.model import QueueStats
from kiosk.outbox.upstream import Health
from kiosk.runtime.checks import Surroundings, all_probes, camera_checks, exchange_with_driver, sample_camera
from kiosk.runtime.face_policy import face_policy
from kiosk.runtime.hand_overs import probes_of
from kiosk.runtime.upstreams import folder_exchange, own_certificate
from kiosk.settings import Settings
from kiosk.simulator.world import SimulatedWorld

_FACE_READY_S = 12.0
_FACE_ANSWER_S = 5.0
_STOP_S = 3.0
_EMPTY_PICTURE = (240, 320)


def diagnose(console: Console, config: Path | None, report_file: Path | None) -> int:
    """Make every check; 3 when something is broken. `report_file` gets what is shown, to be sent on."""
    if report_file is not None and not report_file.parent.is_dir():
        raise EnvironmentProblem(
            FailureCode.FOLDER_MISSING, detail=f"There is no folder {report_file.parent}."
        )
    report = _checked(config)
    words = Words.load(TEXTS, console.language)
    shape = report.json if console.json else report.text
    text = shape(words, lambda code: hint(code, console.language))
    console.raw(text)
    if report_file is not None:
        try:
            report_file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise EnvironmentProblem(
                FailureCode.FOLDER_MISSING, detail=f"{report_file} cannot be written: {error.strerror}"
            ) from None
    return report.exit_status


def _checked(config: Path | None) -> Report:
    clock = SystemClock()
    try:
        chosen = settings.load(config)
    except ConfigurationError:
        chosen = Settings()  # the configuration's own check says what is wrong; the others go on
    about = About(versions(), settings={name: str(value) for name, value in settings.changed(chosen).items()})
    with ExitStack() as stack:
        world: SimulatedWorld | None = None
        if "simulator" in {chosen.reader.driver, chosen.camera.driver, chosen.upstream.kind}:
            world = SimulatedWorld(chosen.paths.cache_folder() / "simulator", clock)
            world.start()
            stack.callback(world.stop)
        around = _surroundings(config, chosen, world, clock, stack)
        return run_diagnosis(_probes(around, chosen), clock=clock, about=about)


def _surroundings(
    config: Path | None, chosen: Settings, world: SimulatedWorld | None, clock: Clock, stack: ExitStack
) -> Surroundings:
    driver = reader_driver(chosen, world)
    stack.callback(driver.close)
    has_face = chosen.camera.driver != "off"
    face_file = chosen.handover.face_file
    keeps_list = chosen.trust.revocation.mode != "off" and bool(chosen.trust.revocation.crl_source)

    terminal = folder_exchange(chosen, clock)

    def sample(seconds: float) -> CameraSample:
        return sample_camera(camera_of(chosen, world, clock), seconds, clock)

    def store_check() -> None:
        _queue(chosen)
        for aside in kept_aside(chosen.paths.state_folder()):
            raise EnvironmentProblem(FailureCode.STORE_DAMAGED, detail=f"kept aside: {aside.name}")

    return Surroundings(
        settings_doubts=lambda: _doubts(config),
        driver=driver,
        exchange=lambda: exchange_with_driver(driver, clock),
        camera=camera_checks(chosen, sample) if has_face else None,
        face_round_trip=(lambda: _face_round_trip(chosen, clock)) if has_face else None,
        store_check=store_check,
        queue=lambda: _queue(chosen),
        handover_folder=Path(face_file.folder) if face_file.enabled else None,
        hand_overs=probes_of(chosen, clock),
        revocation=(lambda: _revocation(chosen, world, clock)) if keeps_list else None,
        certificate=own_certificate(chosen, clock),
        terminal=terminal.figures if terminal is not None else None,
        health=lambda: _health(chosen, world, clock),
        state_folder=chosen.paths.state_folder(),
        clock=clock,
    )


def _probes(around: Surroundings, chosen: Settings) -> list[Probe]:
    checks = all_probes(around)
    if records_exist(chosen):
        return checks
    return [
        *(check for check in checks if check.id != "store"),
        store_probe(around.store_check, exists=False),
    ]


def _doubts(config: Path | None) -> Sequence[str]:
    return settings.unset(settings.load(config))


def _queue(chosen: Settings) -> QueueStats:
    if not records_exist(chosen):
        return EMPTY
    with visited(chosen) as store:
        return store.stats()


def _face_round_trip(chosen: Settings, clock: Clock) -> float:
    """The seconds that looking at an empty picture takes, in a face process of this check's own."""
    process = FaceProcess(clock, policy=face_policy(chosen))
    process.start()
    try:
        if not process.wait_ready(_FACE_READY_S):
            raise EnvironmentProblem(FailureCode.FACE_PROCESS_FAILED, detail="it did not start in time")
        begun = clock.monotonic()
        process.offer(1, np.zeros(_EMPTY_PICTURE, dtype=np.uint8), begun)
        if not process.wait_idle(_FACE_ANSWER_S):
            raise EnvironmentProblem(FailureCode.FACE_PROCESS_FAILED, detail="it did not answer in time")
        return clock.monotonic() - begun
    finally:
        process.stop()
        process.join(_STOP_S)


def _revocation(chosen: Settings, world: SimulatedWorld | None, clock: Clock) -> CrlState:
    """The list as the kiosk keeps it; nothing is downloaded for a look."""
    check = revocation_of(chosen, world, trust_of(chosen, world), clock)
    return check.crl.state() if check is not None and check.crl is not None else CrlState()


def _health(chosen: Settings, world: SimulatedWorld | None, clock: Clock) -> Health:
    """Ask upstream; settings that name none end this check alone, like any other trouble."""
    upstream = upstream_of(chosen, world, clock)
    try:
        return upstream.health()
    finally:
        upstream.close()
