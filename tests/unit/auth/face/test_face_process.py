# SPDX-License-Identifier: Apache-2.0
"""The face process as it really runs: spawned, fed, killed, frozen, orphaned."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest

from kiosk.auth.face.channel import Message, Verb, receive
from kiosk.auth.face.process import FaceProcess, Watch
from kiosk.auth.face.quality import FaceHint
from kiosk.auth.face.results import (
    Available,
    Hint,
    Matched,
    NotConfirmed,
    Progress,
    ReferenceReady,
    ReferenceRejected,
    Unavailable,
)
from kiosk.auth.face.session import FaceVerifier
from kiosk.auth.face.worker import sign_of_life
from kiosk.camera.latest import LatestFrame
from kiosk.camera.ports import BgrImage, Frame
from kiosk.clock import SystemClock
from kiosk.errors import FailureCode
from kiosk.simulator.patients.drawing import Pose, card_photo, empty_frame, live_frame
from tests.fakes.faces import Results, as_jp2

CLOCK = SystemClock()
ROOT = Path(__file__).parents[4]
pytestmark = pytest.mark.allow_log("the face process")


KIOSK = """
import threading
from kiosk.auth.face.process import FaceProcess
from kiosk.clock import SystemClock
process = FaceProcess(SystemClock())
process.start()
assert process.wait_ready(40)
print(process.pid, flush=True)
threading.Event().wait(60)
"""


ANSWERS_LATE = """
import sys
from dataclasses import replace
from multiprocessing.connection import Connection
from kiosk.auth.face.channel import Message, Verb, receive, send

channel = next(each for each in sys.argv if each.startswith("--channel="))
connection = Connection(int(channel.partition("=")[2]))
send(connection, Message(Verb.READY))
while True:
    heard = receive(connection)
    if heard.verb is Verb.STOP:
        break
    if heard.verb is Verb.PING:
        send(connection, Message(Verb.PONG))
    before = replace(heard, ticket=heard.ticket - 1)
    if heard.verb is Verb.REFERENCE:
        send(connection, replace(before, verb=Verb.REJECTED))
        send(connection, replace(heard, verb=Verb.ACCEPTED))
    if heard.verb is Verb.FRAME:
        told = {"note": "two_faces", "good": 5, "wanted": 6, "prompt": "turn_left"}
        send(connection, replace(before, verb=Verb.SEEN, **told))
        for verb in (Verb.MATCHED, Verb.NOT_CONFIRMED, Verb.NOT_SHOWN, Verb.DOUBTED):
            send(connection, replace(before, verb=verb))
"""


class Standing:
    """Puts frames of somebody into the box, as a camera would."""

    def __init__(self, box: LatestFrame) -> None:
        self._box = box
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._sequence = 0

    def show(self, draw: Callable[[Pose], BgrImage]) -> None:
        self.leave()
        self._over.clear()
        self._thread = threading.Thread(target=self._run, args=(draw,))
        self._thread.start()

    def leave(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, draw: Callable[[Pose], BgrImage]) -> None:
        while not self._over.wait(0.05):
            self._sequence += 1
            image = draw(Pose(yaw=self._sequence % 5, seed=self._sequence))
            self._box.put(Frame(image, self._sequence, CLOCK.monotonic()))


class Kit:
    def __init__(self, watch: Watch) -> None:
        self.results = Results()
        self.box = LatestFrame()
        self.process = FaceProcess(CLOCK, watch=watch)
        self.verifier = FaceVerifier(self.box, self.process, self.results, CLOCK, try_s=60.0)
        self.standing = Standing(self.box)

    def a_try(self, photo_of: str, who: str) -> object:
        self.results.clear()
        self.standing.show(lambda pose: live_frame(who, pose))
        self.verifier.begin(as_jp2(card_photo(photo_of)))
        self.verifier.start_try()
        try:
            return self.results.wait_for(Matched, NotConfirmed, Unavailable, ReferenceRejected)
        finally:
            self.standing.leave()


@pytest.fixture(scope="module")
def running() -> Iterator[Kit]:
    kit = Kit(Watch(silent_s=3.0, ping_s=0.3, restart_s=0.05))
    kit.verifier.start()
    yield kit
    kit.verifier.stop()
    assert kit.verifier.join(10)


@pytest.fixture
def kit(running: Kit) -> Iterator[Kit]:
    assert running.process.wait_ready(40)
    running.results.clear()
    yield running
    running.standing.leave()
    running.verifier.forget()


def test_the_same_person_is_confirmed(kit: Kit) -> None:
    assert kit.a_try("hanako", "hanako") == Matched()
    assert ReferenceReady() in kit.results.all
    progress = [result for result in kit.results.all if isinstance(result, Progress)]
    assert progress == [Progress(good, 6) for good in range(1, 1 + len(progress))]
    assert len(progress) >= 3


def test_another_person_is_not_confirmed(kit: Kit) -> None:
    assert kit.a_try("hanako", "taro") == NotConfirmed()


def test_several_tries_with_one_photo(kit: Kit) -> None:
    assert kit.a_try("tome", "masao") == NotConfirmed()
    kit.results.clear()
    kit.standing.show(lambda pose: live_frame("tome", pose))
    kit.verifier.start_try()
    assert kit.results.wait_for(Matched, NotConfirmed) == Matched()


def test_nothing_of_a_forgotten_patient_confirms_the_next(kit: Kit) -> None:
    assert kit.a_try("akira", "akira") == Matched()
    kit.verifier.forget()
    kit.results.clear()
    kit.standing.show(lambda pose: live_frame("akira", pose))
    kit.verifier.start_try()
    assert kit.results.wait_for(Matched, NotConfirmed) == NotConfirmed()


def test_a_useless_photo_is_told(kit: Kit) -> None:
    kit.verifier.begin(b"no picture")
    assert kit.results.wait_for(ReferenceRejected) == ReferenceRejected(FailureCode.PHOTO_UNUSABLE)
    kit.results.clear()
    kit.verifier.begin(bytes(70_000))
    assert kit.results.wait_for(ReferenceRejected) == ReferenceRejected(FailureCode.PHOTO_UNUSABLE)


def test_the_next_patients_photo_survives_the_forgetting_of_the_last(kit: Kit) -> None:
    photos = [as_jp2(card_photo(key)) for key in ("goro", "yuki")]
    for number in range(8):
        kit.results.clear()
        kit.verifier.begin(photos[number % 2])
        kit.verifier.begin(photos[(number + 1) % 2])  # the first is being read
        kit.verifier.forget()
        kit.verifier.begin(photos[number % 2])
        assert kit.results.wait_for(ReferenceReady, ReferenceRejected) == ReferenceReady()


def test_hints_come_when_they_change(kit: Kit) -> None:
    kit.verifier.begin(as_jp2(card_photo("goro")))
    kit.standing.show(empty_frame)
    kit.verifier.start_try()
    assert kit.results.wait_for(Hint) == Hint(FaceHint.NO_FACE)
    kit.standing.show(lambda pose: live_frame("goro", pose))
    assert kit.results.wait_for(Matched) == Matched()
    hints = [result.hint for result in kit.results.all if isinstance(result, Hint)]
    # a hint is held until it can be read; whoever is recognised before that hears no more of it
    assert hints in ([FaceHint.NO_FACE], [FaceHint.NO_FACE, None])


@pytest.mark.parametrize("size", [(1440, 2560), (2560, 1440), (801, 1203), (5, 3000)])
def test_whatever_size_a_camera_gives_its_pictures_are_looked_at(kit: Kit, size: tuple[int, int]) -> None:
    kit.verifier.begin(as_jp2(card_photo("goro")))
    picture = np.full((*reversed(size), 3), 140, dtype=np.uint8)
    kit.standing.show(lambda _pose: picture)
    kit.verifier.start_try()
    assert kit.results.wait_for(Hint, timeout_s=20) == Hint(FaceHint.NO_FACE)


@pytest.mark.expect_log("a frame could not be handed on")
def test_a_picture_that_is_none_ends_the_try_and_not_the_next_one(kit: Kit) -> None:
    kit.verifier.begin(as_jp2(card_photo("goro")))
    kit.standing.show(lambda _pose: np.zeros((360, 480, 2), dtype=np.uint8))
    kit.verifier.start_try()
    assert kit.results.wait_for(Unavailable, timeout_s=20) == Unavailable(FailureCode.CAMERA_NO_FRAMES)
    assert kit.a_try("goro", "goro") == Matched()


def test_a_given_up_try_is_silent(kit: Kit) -> None:
    kit.standing.show(empty_frame)
    kit.verifier.begin(as_jp2(card_photo("goro")))
    kit.verifier.start_try()
    kit.results.wait_for(Hint)
    kit.verifier.stop_try()
    kit.results.clear()
    assert kit.process.wait_idle(10)
    assert kit.a_try("yuki", "yuki") == Matched()  # the next one is not disturbed by what was under way
    assert not any(isinstance(result, Hint) and result.hint for result in kit.results.all)


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_a_killed_or_frozen_worker_is_replaced_and_knows_the_photo(kit: Kit, blow: signal.Signals) -> None:
    kit.verifier.begin(as_jp2(card_photo("ryoko")))
    kit.results.wait_for(ReferenceReady)
    kit.standing.show(empty_frame)
    kit.verifier.start_try()
    kit.results.wait_for(Hint)
    before = kit.process.pid
    assert before is not None
    kit.results.clear()
    os.kill(before, blow)
    assert kit.results.wait_for(Unavailable) == Unavailable(FailureCode.FACE_PROCESS_FAILED)
    kit.results.wait_for(Available)
    assert kit.process.pid not in {None, before}
    assert not Path(f"/proc/{before}").exists()
    kit.standing.show(lambda pose: live_frame("ryoko", pose))
    kit.verifier.start_try()
    assert kit.results.wait_for(Matched, NotConfirmed) == Matched()


def test_the_worker_has_neither_qt_nor_a_core_file_and_is_small(kit: Kit) -> None:
    maps = Path(f"/proc/{kit.process.pid}/maps").read_text()
    assert "Qt6" not in maps
    assert "dlib" in maps
    core = next(
        line for line in Path(f"/proc/{kit.process.pid}/limits").read_text().splitlines() if "core" in line
    )
    assert core.split()[4] == "0"
    status = Path(f"/proc/{kit.process.pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    assert int(resident.split()[1]) < 250 * 1024


def test_the_worker_never_outlives_the_kiosk() -> None:
    kiosk = subprocess.Popen(
        [
            sys.executable,
            "-c",
            KIOSK,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert kiosk.stdout is not None
    with kiosk.stdout:
        worker = int(kiosk.stdout.readline())
    os.kill(worker, signal.SIGSTOP)  # not even when it cannot notice
    watch = os.pidfd_open(worker)
    try:
        kiosk.kill()
        kiosk.wait(10)
        ended, _, _ = select.select([watch], [], [], 10)
    finally:
        os.close(watch)
    assert ended


def test_a_worker_that_cannot_start_makes_a_try_unavailable() -> None:
    results, box = Results(), LatestFrame()
    process = FaceProcess(
        CLOCK, watch=Watch(restart_s=0.05), command=(sys.executable, "-c", "raise SystemExit(3)")
    )
    verifier = FaceVerifier(box, process, results, CLOCK, try_s=0.3)
    verifier.start()
    verifier.begin(as_jp2(card_photo("taro")))
    verifier.start_try()
    assert results.wait_for(Unavailable) == Unavailable(FailureCode.FACE_PROCESS_FAILED)
    verifier.stop()
    assert verifier.join(10)
    verifier.forget()  # after the end, too: `Clearing` does not ask who still lives


@dataclass(slots=True)
class Hand(SystemClock):
    """A clock that a test moves."""

    at: float = 1000.0

    def monotonic(self) -> float:
        return self.at


def test_a_slow_machine_gives_a_try_more_time_and_not_for_ever() -> None:
    clock, results = Hand(), Results()
    verifier = FaceVerifier(LatestFrame(), FaceProcess(clock), results, clock, try_s=10.0)
    verifier.start_try()
    current = verifier._try
    assert current is not None
    clock.at += 10.0
    assert verifier._over(current)  # nothing was looked at: more time would change nothing
    current.offered = 20
    for _ in range(20):
        verifier._hear(Message(Verb.SEEN, current.ticket))
    assert not verifier._over(current)
    for _ in range(20):
        verifier._hear(Message(Verb.SEEN, current.ticket))
    assert verifier._over(current)
    verifier._hear(Message(Verb.SEEN, current.ticket, prompt="turn_left"))  # and as long again
    assert not verifier._over(current)
    clock.at += 29.0
    assert not verifier._over(current)
    clock.at += 1.0
    assert verifier._over(current)
    assert verifier.join()


def test_a_busy_worker_says_now_and_then_that_it_lives() -> None:
    ours, theirs = Pipe()
    with ours, theirs:
        beat = sign_of_life(theirs, every_s=0.0)
        beat()
        assert receive(ours).verb is Verb.PONG
        rarely = sign_of_life(theirs, every_s=60.0)
        for _ in range(5):
            rarely()
        assert not ours.poll()


def test_answers_to_another_try_are_not_answers_to_this_one() -> None:
    results, box = Results(), LatestFrame()
    process = FaceProcess(CLOCK, command=(sys.executable, "-c", ANSWERS_LATE))
    verifier = FaceVerifier(box, process, results, CLOCK, try_s=5.0)
    standing = Standing(box)
    verifier.start()
    try:
        assert process.wait_ready(40)
        verifier.begin(as_jp2(card_photo("goro")))
        assert results.wait_for(ReferenceReady, ReferenceRejected) == ReferenceReady()
        wall = np.full((360, 640, 3), 140, dtype=np.uint8)
        standing.show(lambda _pose: wall)
        verifier.start_try()
        results.wait_for(NotConfirmed, Matched, Unavailable)
        assert results.all == [Available(), ReferenceReady(), NotConfirmed()]
    finally:
        standing.leave()
        verifier.stop()
        assert verifier.join(10)


def test_without_frames_it_is_the_cameras_fault(kit: Kit) -> None:
    results = Results()
    verifier = FaceVerifier(LatestFrame(), kit.process, results, CLOCK, try_s=0.2)
    kit.process.listen(kit.verifier._hear)  # the process stays with the other one
    verifier._thread.start()
    verifier.start_try()
    assert results.wait_for(Unavailable, timeout_s=10) == Unavailable(FailureCode.CAMERA_NO_FRAMES)
    with verifier._changed:
        verifier._stopping = True
        verifier._changed.notify_all()
    verifier._thread.join(5)
