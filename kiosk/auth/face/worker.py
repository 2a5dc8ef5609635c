# SPDX-License-Identifier: Apache-2.0
"""The face process: looks at frames, compares, forgets. It imports no Qt and writes no file."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import resource
import signal
from multiprocessing.connection import Connection
from typing import Final, Protocol

import cv2

from kiosk.auth.face.channel import Message, SharedPictures, Verb, receive, send
from kiosk.auth.face.engine import Embedding, FaceBox, FaceEngine, Grey
from kiosk.auth.face.matcher import Decision, MatchPolicy, decide
from kiosk.auth.face.quality import FaceHint, Finder, QualityLimits, judge
from kiosk.auth.face.reference import Embedder, PhotoUnusableError, decode_photo, embed_photo

_LOOK_FURTHER_EVERY: Final = 3
_PR_SET_PDEATHSIG: Final = 1


class Engine(Finder, Embedder, Protocol):
    """All that the worker needs of dlib."""


class Examination:
    """One patient's reference and probes, until they are forgotten.

    Lives on: the face process's only thread.
    """

    def __init__(self, engine: Engine, policy: MatchPolicy, limits: QualityLimits) -> None:
        self._engine = engine
        self._policy = policy
        self._limits = limits
        self._reference: Embedding | None = None
        self._probes: list[Embedding] = []
        self._without_face = 0

    @property
    def probes(self) -> int:
        """How many good frames there are."""
        return len(self._probes)

    def set_reference(self, file: bytearray) -> None:
        """Take the card's photo; raises `PhotoUnusableError`."""
        self.forget()
        photo = decode_photo(file)
        try:
            self._reference = embed_photo(self._engine, photo)
        finally:
            photo.fill(0)

    def start_try(self) -> None:
        """Begin anew with the same reference."""
        self._wipe_probes()
        self._without_face = 0

    def look(self, grey: Grey) -> FaceHint | None:
        """Judge a frame and keep its numbers if it is good."""
        look_wide = self._without_face % _LOOK_FURTHER_EVERY == 0
        found = judge(self._engine, grey, self._limits, look_wide=look_wide)
        if isinstance(found, FaceBox):
            self._without_face = 0
            self._probes.append(self._engine.embed(grey, found))
            return None
        self._without_face = self._without_face + 1 if found is FaceHint.NO_FACE else 0
        return found

    def decision(self) -> Decision | None:
        """The decision, once there are enough good frames; the try is over with it."""
        if len(self._probes) < self._policy.probes:
            return None
        decision = Decision.NOT_CONFIRMED
        if self._reference is not None:
            decision = decide(self._reference, self._probes, self._policy)
        self._wipe_probes()
        return decision

    def forget(self) -> None:
        """Overwrite everything of this patient."""
        self._wipe_probes()
        if self._reference is not None:
            self._reference.fill(0)
            self._reference = None

    def _wipe_probes(self) -> None:
        for probe in self._probes:
            probe.fill(0)
        self._probes.clear()


def serve(connection: Connection, pictures: SharedPictures, examination: Examination) -> None:
    """Do what the kiosk says until it says stop or is gone."""
    send(connection, Message(Verb.READY))
    newest_try, over = 0, True
    while True:
        message = receive(connection)
        answer: Message | None = None
        match message.verb:
            case Verb.REFERENCE:
                answer = _take_reference(message, pictures, examination)
            case Verb.FRAME:
                if message.ticket > newest_try:
                    newest_try, over = message.ticket, False
                    examination.start_try()
                if over or message.ticket < newest_try:
                    # of a try that is over: not looked at, but the kiosk waits for the memory
                    answer = Message(Verb.SEEN, message.ticket)
                else:
                    over = _look(connection, message, pictures, examination)
            case Verb.FORGET:
                examination.forget()  # the kiosk wipes the shared memory, and may use it again already
                over = True
                answer = Message(Verb.FORGOTTEN)
            case Verb.PING:
                answer = Message(Verb.PONG, message.ticket)
            case _:
                return
        if answer is not None:
            send(connection, answer)


def _take_reference(message: Message, pictures: SharedPictures, examination: Examination) -> Message:
    file = pictures.photo(message.size)
    try:
        examination.set_reference(file)
    except PhotoUnusableError:
        return Message(Verb.REJECTED, message.ticket)
    finally:
        file[:] = bytes(len(file))
    return Message(Verb.ACCEPTED, message.ticket)


def _look(
    connection: Connection, message: Message, pictures: SharedPictures, examination: Examination
) -> bool:
    """Look at one frame; whether the try is over with it."""
    hint = examination.look(pictures.frame(message.width, message.height))
    note = hint.value if hint else ""
    send(connection, Message(Verb.SEEN, message.ticket, good=examination.probes, note=note))
    decision = examination.decision()
    if decision is None:
        return False
    verb = Verb.MATCHED if decision is Decision.MATCH else Verb.NOT_CONFIRMED
    send(connection, Message(verb, message.ticket))
    return True


def _bind_to_parent(parent: int) -> None:
    """Die with the kiosk, however it dies, and leave no core file with faces in it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # both go to the whole group, but are the kiosk's own business: it ends this process in its turn
    for request in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):  # not on Linux: the closed pipe has to do
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        raise SystemExit(0)


def main() -> None:
    """Run as a process of its own; started by `kiosk.auth.face.process` only."""
    parser = argparse.ArgumentParser()
    for name in ("--parent", "--channel", "--memory"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--policy", type=json.loads, required=True)
    parser.add_argument("--limits", type=json.loads, required=True)
    given = parser.parse_args()
    _bind_to_parent(given.parent)
    cv2.setNumThreads(1)
    connection = Connection(given.channel)
    pictures = SharedPictures(given.memory)
    try:
        examination = Examination(FaceEngine(), MatchPolicy(**given.policy), QualityLimits(**given.limits))
        serve(connection, pictures, examination)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the kiosk has gone
    except Exception as error:  # its text could hold anything; its kind cannot
        with contextlib.suppress(OSError):
            send(connection, Message(Verb.BROKEN, note=type(error).__name__))
    finally:
        pictures.wipe()


if __name__ == "__main__":
    main()
