# SPDX-License-Identifier: Apache-2.0
"""From the camera's box to the face screen, beside the main thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal

from kiosk.camera.framing import Framing, Place
from kiosk.camera.latest import LatestFrame
from kiosk.camera.preview import preview
from kiosk.flow.events import Event
from kiosk.flow.states import FaceCapturing, State
from kiosk.ui.bridge.pictures import PreviewProvider

_TICK_S: Final = 0.2
_JOIN_S: Final = 2.0


class PreviewPump(QObject):
    """Brings the camera's newest picture to the face screen, and to no other; the picture follows the face.

    Lives on: main thread; pictures are cut, mirrored and drawn on a thread of its own that runs only while a
    face is looked for. The main thread hears of each picture once, and of no second one before it did.
    """

    _drawn = Signal()

    def __init__(
        self,
        frames: LatestFrame,
        provider: PreviewProvider,
        arrived: Callable[[], None],
        place: Callable[[], Place | None] = lambda: None,
    ) -> None:
        super().__init__()
        self._frames = frames
        self._place = place
        self._provider = provider
        self._arrived = arrived
        self._over = threading.Event()
        self._waited_for = threading.Event()
        self._thread: threading.Thread | None = None
        self._drawn.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def on_state(self, _before: State, _event: Event, after: State) -> None:
        """Run while a face is looked for; wipe the picture afterwards."""
        if isinstance(after, FaceCapturing):
            if self._thread is None:
                self._over = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._over,), name="preview", daemon=True
                )
                self._thread.start()
        elif self._thread is not None:
            self.stop()

    def stop(self) -> None:
        """Show no more pictures, and overwrite the last one."""
        self._over.set()
        self._waited_for.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)
            self._thread = None
        self._provider.clear()

    def _tell(self) -> None:
        self._waited_for.set()
        if not self._over.is_set():
            self._arrived()

    def _run(self, over: threading.Event) -> None:
        framing, seen = Framing(), 0
        while not over.is_set():
            frame = self._frames.wait_newer(seen, _TICK_S)
            if frame is None:
                continue
            seen = frame.sequence
            height, width = frame.image.shape[:2]
            framing = framing.follow(self._place(), (width, height), frame.taken_at)
            picture = preview(frame, crop=framing.crop)
            del frame  # whoever waits below must not keep a picture of somebody alive
            if not over.is_set():
                self._provider.put(picture)
                self._waited_for.clear()
                self._drawn.emit()
            picture.fill(0)
            self._waited_for.wait(_TICK_S)
