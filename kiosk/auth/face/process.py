# SPDX-License-Identifier: Apache-2.0
"""The kiosk's side of the face process: starts it, feeds it, watches it, and replaces it when it fails."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import kiosk
from kiosk.auth.face.channel import (
    LARGEST_FRAME_PIXELS,
    LARGEST_PHOTO_BYTES,
    Message,
    SharedPictures,
    Verb,
    receive,
    send,
)
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.auth.face.quality import QualityLimits
from kiosk.clock import Clock
from kiosk.secret import HYGIENIC_ENVIRONMENT

LOG = logging.getLogger("kiosk.face")

_END_S: Final = 1.0

MessageCallback = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Watch:
    """How long the face process may take, in seconds."""

    start_s: float = 120.0  # it takes two; 54 on a busy machine, and killing it makes it begin anew
    silent_s: float = 5.0
    ping_s: float = 1.5
    restart_s: float = 0.5
    slowest_restart_s: float = 10.0


class FaceProcess:
    """A process of its own for faces: an embedding stops an interpreter for a tenth of a second.

    Its manager, a thread of the kiosk, alone talks to it. All methods may be called from any thread;
    `on_message` is called on the manager's, and hears `READY` with every start and `BROKEN` with every end
    nobody asked for. The process is a fresh interpreter (nothing is forked into it), and dies with the kiosk.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        policy: MatchPolicy | None = None,
        limits: QualityLimits | None = None,
        watch: Watch | None = None,
        challenges: int = 0,
        command: tuple[str, ...] = (sys.executable, "-m", "kiosk.auth.face.worker"),
    ) -> None:
        self._clock = clock
        self._policy = policy or MatchPolicy()
        self._limits = limits or QualityLimits()
        self._watch = watch or Watch()
        self._challenges = challenges
        self._command = command
        self._on_message: MessageCallback = lambda _message: None
        self._state = threading.Condition()
        self._outgoing: deque[Message] = deque()
        self._reference = bytearray()
        self._reference_ticket = 0
        self._ready = False
        self._busy = False
        self._photo_out = False
        self._stopping = False
        self._released = False
        self._pid: int | None = None
        self._pictures = SharedPictures()
        self._wake_end, self._wake = socket.socketpair()
        self._wake.settimeout(0.0)  # a full pipe means that the manager is awake already
        self._thread = threading.Thread(target=self._run, name="face-manager", daemon=True)

    @property
    def ready(self) -> bool:
        """Whether the process runs and has its models."""
        with self._state:
            return self._ready

    @property
    def pid(self) -> int | None:
        """The process's number, while it lives."""
        with self._state:
            return self._pid

    @property
    def policy(self) -> MatchPolicy:
        """How it decides."""
        return self._policy

    def listen(self, on_message: MessageCallback) -> None:
        """Who hears what the process says; to be set before `start`."""
        self._on_message = on_message

    def start(self) -> None:
        """Start the manager, and with it the process; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask manager and process to end."""
        with self._state:
            self._stopping = True
            self._state.notify_all()
        self._nudge()

    def join(self, timeout_s: float = 5.0) -> bool:
        """Wait for the end of both; False when it did not come in time."""
        if self._thread.ident is None:
            self._release()
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def set_reference(self, ticket: int, photo: bytes | bytearray) -> bool:
        """Hand over the photo file, to later processes too until `forget`; False when it is too large."""
        if not 0 < len(photo) <= LARGEST_PHOTO_BYTES:
            return False
        with self._state:
            self._overwrite_reference()
            self._reference[:] = photo
            self._reference_ticket = ticket
            if self._ready:
                self._queue_reference()
        self._nudge()
        return True

    def offer(self, ticket: int, grey: NDArray[np.uint8], taken_at: float, asked: str = "") -> bool:
        """Hand over a frame, and what was asked then, if there is time; a higher ticket is a new try."""
        if grey.size > LARGEST_FRAME_PIXELS:
            raise ValueError
        with self._state:
            if self._busy or not self._ready or self._stopping:
                return False
            self._busy = True
            self._pictures.put_frame(grey)
            height, width = grey.shape
            frame = Message(Verb.FRAME, ticket, 0, width, height, taken_at=taken_at, prompt=asked)
            self._outgoing.append(frame)
        self._nudge()
        return True

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until the process can take a frame."""
        with self._state:
            return self._state.wait_for(lambda: self._ready and not self._busy, timeout_s)

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until the process runs."""
        with self._state:
            return self._state.wait_for(lambda: self._ready, timeout_s)

    def forget(self) -> None:
        """Overwrite the reference and the frame here, and have the process overwrite what it has."""
        with self._state:
            if self._released:
                return
            self._overwrite_reference()
            self._pictures.wipe()
            if any(message.verb is Verb.FRAME for message in self._outgoing):
                self._busy = False  # it was never sent, so no answer will say so
            self._outgoing.clear()
            if self._ready:
                self._outgoing.append(Message(Verb.FORGET))
        self._nudge()

    # --- below: the manager thread -----------------------------------------------------------------------

    def _run(self) -> None:
        pause = self._watch.restart_s
        try:
            while not self._ending():
                if self._one_life():
                    pause = self._watch.restart_s
                if self._ending():
                    return
                LOG.warning("the face process ended; it is started again in %.1f s", pause)
                self._on_message(Message(Verb.BROKEN))
                with self._state:
                    self._state.wait_for(lambda: self._stopping, pause)
                pause = min(pause * 2, self._watch.slowest_restart_s)
        finally:
            self._release()

    def _one_life(self) -> bool:
        """Start a process and serve it until its end; whether it ever was ready."""
        ours, theirs = socket.socketpair()
        with theirs:
            child = self._spawn(theirs.fileno())
        connection = Connection(ours.detach())
        with self._state:
            self._pid = child.pid
        was_ready = False
        try:
            self._serve(connection)
        except (EOFError, OSError, ValueError) as error:
            LOG.info("the face process's channel closed: %s", type(error).__name__)
        finally:
            with self._state:
                was_ready = self._ready
                self._ready = self._busy = self._photo_out = False
                self._pid = None
                self._outgoing.clear()
                self._state.notify_all()
            connection.close()
            self._end(child)
        return was_ready

    def _spawn(self, channel: int) -> subprocess.Popen[bytes]:
        root = str(Path(kiosk.__file__).resolve().parents[1])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        memory = self._pictures.descriptor
        arguments = [
            *self._command,
            f"--parent={os.getpid()}",
            f"--channel={channel}",
            f"--memory={memory}",
            f"--policy={json.dumps(asdict(self._policy))}",
            f"--limits={json.dumps(asdict(self._limits))}",
            f"--challenges={self._challenges}",
        ]
        # one thread for linear algebra: the others' memory is wasted on pictures of 150 pixels
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "OPENBLAS_NUM_THREADS": "1",
            **HYGIENIC_ENVIRONMENT,
        }
        return subprocess.Popen(  # noqa: S603  # our own interpreter and module
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(channel, memory),
            env=environment,
        )

    def _serve(self, connection: Connection) -> None:
        heard = self._clock.monotonic()
        pinged = False
        while not self._ending():
            arrived = wait([connection, self._wake_end], timeout=self._watch.ping_s / 2)
            if self._wake_end in arrived:
                self._wake_end.recv(256)
            if connection in arrived:
                self._hear(receive(connection))
                heard, pinged = self._clock.monotonic(), False
            self._send_outgoing(connection)
            quiet = self._clock.monotonic() - heard
            if quiet > (self._watch.silent_s if self.ready else self._watch.start_s):
                LOG.warning("the face process is silent")
                return
            if quiet > self._watch.ping_s and not pinged and self.ready:
                send(connection, Message(Verb.PING))
                pinged = True
        with self._state:
            self._ready = False
        send(connection, Message(Verb.STOP))

    def _hear(self, message: Message) -> None:
        if message.verb is Verb.PONG:
            return
        if message.verb is Verb.BROKEN:
            LOG.error("the face process failed: %s", message.note)
            raise EOFError
        with self._state:
            if message.verb is Verb.READY:
                self._ready = True
                if self._reference:
                    self._queue_reference()
            if message.verb is Verb.SEEN:
                self._busy = False
            if message.verb in {Verb.ACCEPTED, Verb.REJECTED}:
                self._photo_out = False
                self._pictures.wipe_photo()
            self._state.notify_all()
        self._on_message(message)

    def _send_outgoing(self, connection: Connection) -> None:
        while True:
            with self._state:
                if not self._outgoing:
                    return
                if self._outgoing[0].verb is Verb.REFERENCE:
                    if self._photo_out:
                        return  # the one before is being read, in the same memory
                    self._photo_out = True
                    self._pictures.put_photo(self._reference)
                message = self._outgoing.popleft()
            send(connection, message)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        if self._ending():
            try:
                child.wait(_END_S)
            except subprocess.TimeoutExpired:
                LOG.info("the face process did not end by itself")
            else:
                return
        child.kill()
        child.wait()

    def _release(self) -> None:
        with self._state:
            if self._released:
                return
            self._stopping = self._released = True
            self._overwrite_reference()
            self._pictures.close()
        self._wake.close()
        self._wake_end.close()

    # --- below: any thread, `_state` held where it says so -----------------------------------------------

    def _ending(self) -> bool:
        with self._state:
            return self._stopping

    def _nudge(self) -> None:
        try:
            self._wake.send(b".")
        except OSError:  # full: it is awake already; closed: it has ended
            return

    def _queue_reference(self) -> None:
        """Only the newest photo counts: an older one that still waits is dropped."""
        waiting = [message for message in self._outgoing if message.verb is not Verb.REFERENCE]
        self._outgoing.clear()
        self._outgoing.extend(waiting)
        self._outgoing.append(Message(Verb.REFERENCE, self._reference_ticket, size=len(self._reference)))

    def _overwrite_reference(self) -> None:
        self._reference[:] = bytes(len(self._reference))
        self._reference.clear()
