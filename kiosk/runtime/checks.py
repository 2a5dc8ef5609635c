# SPDX-License-Identifier: Apache-2.0
"""The technician's checks, put together from the parts that are there."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.auth.certificate.crl import CrlState
from kiosk.camera.device import DeviceIdentity, identify
from kiosk.camera.health import CameraSample, sampled
from kiosk.camera.ports import Camera
from kiosk.clock import Clock
from kiosk.diagnostics import probes
from kiosk.diagnostics.camera import CameraChecks, camera_probe
from kiosk.diagnostics.ports import Probe
from kiosk.diagnostics.upstream_probes import TerminalFigures, certificate_probe, terminal_probe
from kiosk.errors import FailureCode, KioskError
from kiosk.outbox.folders import FolderFigures
from kiosk.outbox.model import QueueStats
from kiosk.outbox.tls import Standing
from kiosk.outbox.upstream import Health
from kiosk.reader.apdu import CommandApdu
from kiosk.reader.cards.applications import Application
from kiosk.reader.ports import CardPresence, ReaderDriver
from kiosk.reader.session import CardSession
from kiosk.settings import Settings

_EXCHANGES = 10
_FACE_READY_S = 25.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the checks look at. A part that is switched off is None."""

    settings_doubts: Callable[[], Sequence[str]]
    driver: ReaderDriver
    exchange: Callable[[], Sequence[float] | None]
    camera: CameraChecks | None
    face_round_trip: Callable[[], float] | None
    store_check: Callable[[], None]
    queue: Callable[[], QueueStats]
    handover_folder: Path | None
    hand_overs: Sequence[Probe]
    revocation: Callable[[], CrlState] | None
    certificate: Callable[[], Standing] | None
    terminal: Callable[[], FolderFigures] | None
    health: Callable[[], Health]
    state_folder: Path
    clock: Clock


def all_probes(around: Surroundings) -> list[Probe]:
    """Every check that makes sense here, the most basic first."""
    face = around.face_round_trip
    checks: list[Probe] = [
        probes.configuration_probe(around.settings_doubts),
        probes.card_service_probe(around.driver.snapshot),
        probes.readers_probe(around.driver.snapshot),
        probes.card_dialogue_probe(around.exchange),
        camera_probe(around.camera),
        probes.face_process_probe(lambda: 0.0 if face is None else face(), enabled=face is not None),
        probes.disk_probe(_existing(around.state_folder)),
        probes.store_probe(around.store_check),
        probes.outbox_probe(lambda: _figures(around.queue(), around.clock.now())),
    ]
    if around.handover_folder is not None:
        checks.append(probes.handover_probe(around.handover_folder))
    checks.extend(around.hand_overs)
    if around.revocation is not None:
        state = around.revocation
        checks.append(probes.revocation_probe(lambda: _revocation(state())))
    told: list[Health] = []  # one question serves both checks; the second runs only after the first

    def ask() -> float:
        told.append(around.health())
        return _seconds(told[-1])

    if around.certificate is not None:
        checks.append(certificate_probe(around.certificate))
    checks.append(probes.upstream_probe(ask))
    if around.terminal is not None:
        folders = around.terminal
        checks.append(terminal_probe(lambda: _terminal(folders())))
    checks += [
        probes.clock_probe(lambda: told[-1].clock_skew if told else None),
        probes.fonts_probe(probes.installed_families),
        probes.display_probe(os.environ),
    ]
    return checks


def ten_exchanges(session: CardSession, clock: Clock) -> list[float]:
    """The seconds that ten SELECT commands take; harmless on any card."""
    taken = []
    for _ in range(_EXCHANGES):
        begun = clock.monotonic()
        session.send(CommandApdu.select_application(Application.JPKI.aid))
        taken.append(clock.monotonic() - begun)
    return taken


def exchange_with_driver(driver: ReaderDriver, clock: Clock) -> list[float] | None:
    """Ten exchanges with the first card that lies in a reader; None where none does."""
    for reader in driver.snapshot().readers:
        if reader.card is CardPresence.PRESENT:
            with driver.connect(reader.name) as connection:
                return ten_exchanges(CardSession(connection), clock)
    return None


def sample_camera(camera: Camera, seconds: float, clock: Clock) -> CameraSample:
    """What so many seconds with the camera tell; it is closed afterwards."""
    camera.open()
    try:
        frame = camera.read()
        end = clock.monotonic() + seconds
        frames = 0
        while clock.monotonic() < end:
            frame = camera.read()
            frames += 1
        return sampled(frame, frames, seconds)
    finally:
        camera.close()


def camera_checks(settings: Settings, sample: Callable[[float], CameraSample]) -> CameraChecks:
    """What there is to check of the camera that the settings name."""
    camera = settings.camera
    real = camera.driver == "v4l2"
    return CameraChecks(
        sample,
        (camera.width, camera.height),
        lambda: identify(camera.device) if real else DeviceIdentity(),
    )


def _seconds(health: Health) -> float:
    """How long a healthy upstream took to answer; anything else is a problem with its code."""
    if health.ok:
        return health.seconds
    if isinstance(health.result, int):
        not_known = health.result in {401, 403}
        raise KioskError(
            FailureCode.UPSTREAM_NOT_AUTHORISED if not_known else FailureCode.UPSTREAM_NO_ANSWER,
            detail=f"status {health.result}",
        )
    raise KioskError(health.code or FailureCode.UPSTREAM_UNREACHABLE)


def _figures(stats: QueueStats, now: datetime) -> probes.OutboxFigures:
    oldest = None if stats.oldest is None else max(0.0, (now - stats.oldest).total_seconds())
    return probes.OutboxFigures(stats.waiting, stats.needs_staff, oldest)


def _terminal(figures: FolderFigures) -> TerminalFigures:
    return TerminalFigures(
        figures.missing, figures.not_writable, figures.one_file_system, figures.remains, figures.waiting
    )


def _revocation(state: CrlState) -> probes.RevocationFigures:
    return probes.RevocationFigures(state.age, state.usable, state.trouble.value if state.trouble else "")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there already."""
    return next((path for path in (folder, *folder.parents) if path.is_dir()), Path("/"))
