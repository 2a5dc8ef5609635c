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
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Final

import cv2

from kiosk.auth.face.channel import Message, SharedPictures, Verb, receive, send
from kiosk.auth.face.engine import FaceEngine
from kiosk.auth.face.examination import Conclusion, Examination
from kiosk.auth.face.liveness.judge import LivenessPolicy
from kiosk.auth.face.liveness.watch import ChallengeWatch
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.auth.face.quality import QualityLimits
from kiosk.auth.face.reference import PhotoUnusableError
from kiosk.clock import SystemClock

_PR_SET_PDEATHSIG: Final = 1
_BEAT_S: Final = 0.5
_SAID: Final = {
    Conclusion.MATCH: Verb.MATCHED,
    Conclusion.NOT_CONFIRMED: Verb.NOT_CONFIRMED,
    Conclusion.NOT_SHOWN: Verb.NOT_SHOWN,
    Conclusion.DOUBTFUL: Verb.DOUBTED,
}


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
    frame = pictures.frame(message.width, message.height)
    look = examination.look(frame, message.taken_at, message.prompt)
    note = look.hint.value if look.hint else ""
    seen = Message(
        Verb.SEEN, message.ticket, good=look.good, wanted=look.wanted, note=note, prompt=look.prompt
    )
    if look.place is not None:
        x, y, height = look.place.x, look.place.y, look.place.height
        seen = replace(seen, face_x=x, face_y=y, face_height=height)
    send(connection, seen)
    conclusion = examination.conclusion()
    if conclusion is None:
        return False
    send(connection, Message(_SAID[conclusion], message.ticket))
    return True


def sign_of_life(connection: Connection, every_s: float = _BEAT_S) -> Callable[[], None]:
    """Says now and then that this process lives.

    A busy machine takes seconds for a frame or a photo: who says nothing for so long is taken for dead.
    """
    clock = SystemClock()
    said_at = clock.monotonic()

    def beat() -> None:
        nonlocal said_at
        now = clock.monotonic()
        if now - said_at >= every_s:
            said_at = now
            send(connection, Message(Verb.PONG))

    return beat


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
    for name in ("--parent", "--channel", "--memory", "--challenges"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--policy", type=json.loads, required=True)
    parser.add_argument("--limits", type=json.loads, required=True)
    given = parser.parse_args()
    _bind_to_parent(given.parent)
    cv2.setNumThreads(1)
    connection = Connection(given.channel)
    pictures = SharedPictures(given.memory)
    try:
        engine = FaceEngine(sign_of_life(connection))
        engine.load_all()
        watch = ChallengeWatch(LivenessPolicy(challenges=given.challenges)) if given.challenges else None
        limits = QualityLimits(**given.limits)
        examination = Examination(engine, MatchPolicy(**given.policy), limits, watch)
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
