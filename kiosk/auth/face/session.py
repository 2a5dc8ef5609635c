# SPDX-License-Identifier: Apache-2.0
"""One patient's face verification: frames from the camera's box to the face process, results back."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.channel import LARGEST_FRAME_PIXELS, Message, Verb
from kiosk.auth.face.engine import to_grey
from kiosk.auth.face.hints import HintHold
from kiosk.auth.face.process import FaceProcess
from kiosk.auth.face.quality import FaceHint
from kiosk.auth.face.results import (
    Asked,
    Available,
    Doubted,
    FaceResult,
    Hint,
    Matched,
    NotConfirmed,
    NotShown,
    Progress,
    ReferenceReady,
    ReferenceRejected,
    Unavailable,
)
from kiosk.camera.framing import Place
from kiosk.camera.latest import LatestFrame
from kiosk.camera.ports import Frame
from kiosk.clock import Clock
from kiosk.errors import FailureCode

LOG = logging.getLogger("kiosk.face")

WIDEST_FRAME: Final = 1280
LONGEST_TRY: Final = 3.0
"""So many times its time a try may last where the machine is slow."""
_FAIR_LOOKS_PER_S: Final = 4.0
_TICK_S: Final = 0.2
_SURELY_UPSIDE_DOWN: Final = 3

ResultCallback = Callable[[FaceResult], None]


@dataclass(slots=True)
class _Try:
    """The try under way."""

    ticket: int
    begun_at: float
    last_hint: FaceHint | None = None
    hold: HintHold = field(default_factory=HintHold)
    upside_down: int = 0
    seen: int = 0
    offered: int = 0
    looks: int = 0  # since `begun_at`
    good: int = 0
    prompt: str = ""
    asked: bool = False
    on_screen: str = ""
    on_screen_at: float = 0.0


class FaceVerifier:
    """Runs tries at the face and tells how they end; nothing but the newest frame is ever looked at.

    Its pump is a thread of its own that sleeps while no try runs. All methods may be called from any thread;
    `on_result` is called on the pump's or the face manager's thread, under this object's lock, so that after
    `stop_try` or `forget` nothing of that try comes any more; it must only pass the result on and return.

    A try has its time, `try_s`, and as long again once something is asked. Where the machine looks less than
    four times a second it goes on until as many frames were looked at as that, three times as long at most:
    whoever stands there is not refused because the machine is slow.
    """

    def __init__(
        self,
        frames: LatestFrame,
        process: FaceProcess,
        on_result: ResultCallback,
        clock: Clock,
        *,
        try_s: float = 12.0,
        interval_s: float = 0.05,
    ) -> None:
        self._frames = frames
        self._process = process
        self._on_result = on_result
        self._clock = clock
        self._try_s = try_s
        self._interval_s = interval_s
        self._changed = threading.Condition(threading.RLock())
        self._tickets = 0
        self._reference_ticket = 0
        self._place: Place | None = None
        self._try: _Try | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="face-pump", daemon=True)
        process.listen(self._hear)

    @property
    def place(self) -> Place | None:
        """Where the face was on the frame looked at last; None without one, and between tries."""
        with self._changed:
            return None if self._try is None else self._place

    def start(self) -> None:
        """Start the pump and the face process; the process takes a second or two, this call does not."""
        self._process.start()
        self._thread.start()

    def stop(self) -> None:
        """Ask the pump and the face process to end."""
        with self._changed:
            self._stopping = True
            self._try = None
            self._changed.notify_all()
        self._process.stop()

    def join(self, timeout_s: float = 5.0) -> bool:
        """Wait for the end of both; False when it did not come in time."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return self._process.join(timeout_s) and not self._thread.is_alive()

    def begin(self, reference_jp2: bytes | bytearray) -> None:
        """Take a copy of the card's photo; `ReferenceReady` or `ReferenceRejected` follows."""
        with self._changed:
            self._try = None
            ticket = self._reference_ticket = self._next_ticket()
        if not self._process.set_reference(ticket, reference_jp2):
            self._on_result(ReferenceRejected(FailureCode.PHOTO_UNUSABLE))

    def start_try(self) -> None:
        """One try with the photo of `begin`; it ends once, with one of the results that say so."""
        newest = self._frames.get()
        with self._changed:
            ticket = self._next_ticket()
            self._try = _Try(ticket, self._clock.monotonic())
            self._try.seen = newest.sequence if newest is not None else 0
            self._place = None
            self._changed.notify_all()

    def shown(self, prompt: str) -> None:
        """From now on the screen asks for that: the time to do it begins with the next frame taken."""
        with self._changed:
            if self._try is not None:
                self._try.on_screen, self._try.on_screen_at = prompt, self._clock.monotonic()

    def asked_at(self, moment: float) -> str:
        """What the screen asked for at that monotonic moment; nothing for moments before the last change."""
        with self._changed:
            current = self._try
            return current.on_screen if current is not None and moment >= current.on_screen_at else ""

    def stop_try(self) -> None:
        """Give up the try under way, if there is one; nothing is told."""
        with self._changed:
            self._try = None
            self._changed.notify_all()

    def forget(self) -> None:
        """Overwrite photo, frames and numbers, here and in the face process; a try under way is given up."""
        with self._changed:
            self._try = None
            self._reference_ticket = 0
            self._changed.notify_all()
        self._frames.clear()
        self._process.forget()

    # --- below: the pump ---------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._try is not None or self._stopping)
                if self._stopping:
                    return
                current = self._try
            if current is None:
                continue
            try:
                self._pump(current)
            except Exception as error:  # whatever a camera gives must not end the thread
                LOG.error("a frame could not be handed on: %s", type(error).__name__)  # noqa: TRY400  # no text in logs
                self._end(current, Unavailable(FailureCode.CAMERA_NO_FRAMES))

    def _pump(self, current: _Try) -> None:
        """Offer frames until the try is over."""
        while self._running(current):
            if self._over(current):
                self._end(current, self._why_over(current))
                return
            if not self._process.wait_idle(_TICK_S):
                continue
            frame = self._frames.wait_newer(current.seen, _TICK_S)
            if frame is None:
                continue
            grey = _small_grey(frame)
            with self._changed:
                if self._try is not current:
                    grey.fill(0)
                    return
                current.seen = frame.sequence
                asked = self.asked_at(frame.taken_at)
                if self._process.offer(current.ticket, grey, frame.taken_at, asked):
                    current.offered += 1
                grey.fill(0)
                # somebody standing there is no hurry: the processor belongs to the screen, too
                self._changed.wait_for(lambda: self._try is not current or self._stopping, self._interval_s)

    def _over(self, current: _Try) -> bool:
        with self._changed:
            lasted = self._clock.monotonic() - current.begun_at
            if lasted < self._try_s:
                return False
            fair = current.looks >= _FAIR_LOOKS_PER_S * self._try_s or lasted >= LONGEST_TRY * self._try_s
            return fair or not current.offered

    def _why_over(self, current: _Try) -> FaceResult:
        if current.offered:
            return NotConfirmed(current.last_hint)
        if not self._process.ready:
            return Unavailable(FailureCode.FACE_PROCESS_FAILED)
        return Unavailable(FailureCode.CAMERA_NO_FRAMES)

    def _running(self, current: _Try) -> bool:
        with self._changed:
            return self._try is current and not self._stopping

    # --- below: the face manager's thread ----------------------------------------------------------------

    def _hear(self, message: Message) -> None:
        match message.verb:
            case Verb.READY:
                self._on_result(Available())
            case Verb.BROKEN:
                with self._changed:
                    self._try = None
                    self._changed.notify_all()
                self._on_result(Unavailable(FailureCode.FACE_PROCESS_FAILED))
            case Verb.ACCEPTED | Verb.REJECTED:
                self._hear_of_reference(message)
            case Verb.SEEN:
                self._hear_of_frame(message)
            case Verb.MATCHED:
                self._hear_of_end(message, Matched())
            case Verb.NOT_CONFIRMED:
                self._hear_of_end(message, NotConfirmed())
            case Verb.NOT_SHOWN:
                self._hear_of_end(message, NotShown())
            case Verb.DOUBTED:
                self._hear_of_end(message, Doubted())
            case _:
                return

    def _hear_of_reference(self, message: Message) -> None:
        rejected = message.verb is Verb.REJECTED
        with self._changed:
            if message.ticket != self._reference_ticket:
                return
            if rejected:
                self._try = None
                self._changed.notify_all()
            self._on_result(ReferenceRejected(FailureCode.PHOTO_UNUSABLE) if rejected else ReferenceReady())

    def _hear_of_end(self, message: Message, result: FaceResult) -> None:
        with self._changed:
            current = self._try
        if current is not None and current.ticket == message.ticket:
            self._end(current, result)

    def _hear_of_frame(self, message: Message) -> None:
        with self._changed:
            current = self._try
            if current is None or current.ticket != message.ticket:
                return
            current.looks += 1
            self._see_hint(current, FaceHint(message.note) if message.note else None)
            if self._try is not current:
                return
            self._place = (
                Place(message.face_x, message.face_y, message.face_height) if message.face_height else None
            )
            if message.prompt != current.prompt:
                if not current.asked:  # the whole time for what is asked
                    current.begun_at, current.looks = self._clock.monotonic(), 0
                current.prompt, current.asked = message.prompt, True
                self._on_result(Asked(message.prompt))
            if message.good != current.good:  # less, too: when another face begins all over
                current.good = message.good
                self._on_result(Progress(message.good, message.wanted))

    def _see_hint(self, current: _Try, hint: FaceHint | None) -> None:
        if hint is FaceHint.UPSIDE_DOWN:
            current.upside_down += 1
            if current.upside_down >= _SURELY_UPSIDE_DOWN:
                self._end(current, Unavailable(FailureCode.CAMERA_UPSIDE_DOWN))
                return
            hint = FaceHint.NO_FACE  # nobody in front of it can do anything about it
        elif hint is not FaceHint.NO_FACE:
            current.upside_down = 0
        before = current.hold.shown
        current.hold = current.hold.see(hint, self._clock.monotonic())
        current.last_hint = hint
        if current.hold.shown is not before:
            self._on_result(Hint(current.hold.shown))

    # --- below: any thread -------------------------------------------------------------------------------

    def _end(self, current: _Try, result: FaceResult) -> None:
        """End the try, once: whoever comes second is late."""
        with self._changed:
            if self._try is not current:
                return
            self._try = None
            self._changed.notify_all()
            self._on_result(result)

    def _next_ticket(self) -> int:
        self._tickets += 1
        return self._tickets


def _small_grey(frame: Frame) -> NDArray[np.uint8]:
    """A copy of the frame without colour, no wider than the matcher has use for, and within its room."""
    height, width = frame.image.shape[:2]
    scale = min(WIDEST_FRAME / width, math.sqrt(LARGEST_FRAME_PIXELS / (width * height)))
    if scale >= 1:
        return to_grey(frame.image)
    size = (max(1, math.floor(width * scale)), max(1, math.floor(height * scale)))
    small = np.asarray(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    grey = to_grey(small)
    small.fill(0)
    return grey
