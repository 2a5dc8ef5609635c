# SPDX-License-Identifier: Apache-2.0
"""The parts of a kiosk below its screens, held together: started in order, and stopped in the reverse."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.auth.certificate.crl import CrlDownloads
from kiosk.auth.certificate.revocation import RevocationCheck
from kiosk.auth.face.process import FaceProcess
from kiosk.auth.face.session import FaceVerifier
from kiosk.camera.health import CameraSample, sampled
from kiosk.camera.latest import LatestFrame
from kiosk.camera.thread import CameraThread
from kiosk.clock import Clock
from kiosk.errors import FailureCode, KioskError
from kiosk.flow.events import Event
from kiosk.flow.states import Idle, State
from kiosk.jobs import SerialJobRunner
from kiosk.outbox.folders import FolderUpstream
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import UpstreamClient
from kiosk.outbox.worker import SyncWorker
from kiosk.reader.ports import ReaderDriver
from kiosk.reader.service import CardService
from kiosk.runtime.card_effects import ReaderWatcher
from kiosk.runtime.checks import ten_exchanges
from kiosk.runtime.controller import FlowController
from kiosk.runtime.number_checks import NumberChecks
from kiosk.runtime.vault import SessionVault

_LOGGER = logging.getLogger("kiosk.runtime")
_JOIN_S = 5.0
_ANSWER_S = 6.0


@dataclass(slots=True)
class Core:
    """Everything that lives while the kiosk runs, but for its screens.

    Lives on: main thread. The order of the end is the reverse of the order in which one part uses another:
    first nothing new begins (controller), then the card is let go of, the camera goes dark, the face process
    ends, what is being written is written, the queue rests, and only then the store closes.
    """

    controller: FlowController
    vault: SessionVault
    watcher: ReaderWatcher
    driver: ReaderDriver
    cards: CardService
    frames: LatestFrame
    camera: CameraThread
    process: FaceProcess
    verifier: FaceVerifier
    store: Store
    sync: SyncWorker
    upstream: UpstreamClient
    terminal: FolderUpstream | None
    numbers: NumberChecks
    records: SerialJobRunner
    enquiries: SerialJobRunner
    staff_checks: SerialJobRunner
    surface_camera: CameraThread | None = None
    revocation: RevocationCheck | None = None
    crl_downloads: CrlDownloads | None = None
    _started: bool = field(default=False)

    def start(self) -> None:
        """Start every thread and the face process; the first look at readers ends `Starting`."""
        self._started = True
        self.controller.listen(self._at_rest)
        self.camera.start()
        if self.surface_camera is not None:
            self.surface_camera.start()
        self.verifier.start()
        self.sync.start()
        if self.crl_downloads is not None:
            self.crl_downloads.start()
        self.cards.start()

    def stop(self) -> bool:
        """End everything; False where a part did not end in time. Safe to call twice."""
        if not self._started:
            self.store.close()
            self._close_upstreams()
            return True
        self._started = False
        self.controller.close()
        ends: list[tuple[str, Callable[[], bool]]] = [
            ("card service", self.cards.stop),
            ("camera", self._stop_camera),
            ("face process", self._stop_face),
            ("records", lambda: self.records.close(_JOIN_S)),
            ("enquiries", lambda: self.enquiries.close(_JOIN_S)),
            ("staff checks", lambda: self.staff_checks.close(_JOIN_S)),
            ("sync", self._stop_sync),
            ("list of revocations", self._stop_downloads),
        ]
        clean = True
        for name, end in ends:
            if not end():
                clean = False
                _LOGGER.error("%s did not end in time", name)
        self.driver.close()
        self.vault.clear()
        self._close_upstreams()
        self.store.close()
        return clean

    def exchange(self, clock: Clock) -> list[float] | None:
        """The seconds of ten harmless commands to the card that lies there; None where none does."""
        if not self.watcher.card_lies:
            return None
        taken: queue.Queue[list[float] | KioskError] = queue.Queue()
        self.cards.submit(lambda session: ten_exchanges(session, clock), taken.put, power_off=True)
        try:
            result = taken.get(timeout=_ANSWER_S)
        except queue.Empty:
            raise KioskError(FailureCode.CARD_COMMUNICATION) from None
        if isinstance(result, KioskError):
            raise result
        return result

    def sample_camera(self, seconds: float, clock: Clock) -> CameraSample:
        """What the camera gives in that time; it is off again afterwards."""
        self.camera.want()
        try:
            frame = self.frames.wait_newer(0, _ANSWER_S)
            if frame is None:
                raise KioskError(FailureCode.CAMERA_NO_FRAMES)
            count, end = 0, clock.monotonic() + seconds
            while (left := end - clock.monotonic()) > 0:
                newer = self.frames.wait_newer(frame.sequence, left)
                if newer is not None:
                    frame, count = newer, count + 1
            return sampled(frame, count, seconds)
        finally:
            self.camera.unwant()

    def face_round_trip(self, clock: Clock) -> float:
        """The seconds until the face process answers; it is pinged all the time and replaced when silent."""
        begun = clock.monotonic()
        if not self.process.wait_ready(_ANSWER_S):
            raise KioskError(FailureCode.FACE_PROCESS_FAILED)
        return clock.monotonic() - begun

    def _stop_camera(self) -> bool:
        cameras = [camera for camera in (self.camera, self.surface_camera) if camera is not None]
        for camera in cameras:
            camera.stop()
        ended = [camera.join(_JOIN_S) for camera in cameras]
        return all(ended)

    def _stop_face(self) -> bool:
        self.verifier.forget()
        self.verifier.stop()
        return self.verifier.join(_JOIN_S)

    def _close_upstreams(self) -> None:
        self.upstream.close()
        if self.terminal is not None:
            self.terminal.close()

    def _stop_downloads(self) -> bool:
        if self.crl_downloads is None:
            return True
        self.crl_downloads.stop()
        return self.crl_downloads.join(_JOIN_S)

    def _stop_sync(self) -> bool:
        self.sync.stop()
        return self.sync.join(_JOIN_S)

    def _at_rest(self, before: State, _event: Event, after: State) -> None:
        if isinstance(after, Idle) and not isinstance(before, Idle):
            self.watcher.at_idle()
