# SPDX-License-Identifier: Apache-2.0
"""After `forget`, neither the kiosk's memory nor the face process's holds anything of the patient.

A kiosk of its own is run here, with a real face process below it, and the memory of both is read from
outside: whoever looks for something in its own memory finds what it looks for.
"""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.auth.face.engine import FaceEngine, to_grey
from kiosk.auth.face.liveness.depth import patch_of
from kiosk.auth.face.reference import decode_photo
from kiosk.auth.face.tracking import FaceTracker
from kiosk.simulator.patients.drawing import card_photo, live_frame
from tests.fakes.faces import as_jp2
from tests.fakes.memory_of import left_in, rows, runs

ROOT = Path(__file__).parents[4]
pytestmark = pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="memory is read through /proc")

KIOSK = """
import mmap, sys, threading
import numpy as np
from kiosk.auth.face.process import FaceProcess
from kiosk.auth.face.results import (
    Doubted, Matched, NotConfirmed, ReferenceReady, ReferenceRejected, Unavailable,
)
from kiosk.auth.face.session import FaceVerifier
from kiosk.camera.latest import LatestFrame
from kiosk.camera.ports import Frame
from kiosk.camera.preview import preview
from kiosk.clock import SystemClock
from kiosk.secret import overwrite_freed_memory
from kiosk.ui.bridge.pictures import PreviewProvider

assert overwrite_freed_memory()
clock, box, provider = SystemClock(), LatestFrame(), PreviewProvider()
descriptor, photo_size, challenges = (int(each) for each in sys.argv[1:])
process = FaceProcess(clock, challenges=challenges)
changed, told = threading.Condition(), []

def hear(result):
    with changed:
        told.append(result)
        changed.notify_all()

def heard(*kinds, timeout=60.0):
    with changed:
        return changed.wait_for(lambda: any(isinstance(result, kinds) for result in told), timeout)

verifier = FaceVerifier(box, process, hear, clock, try_s=60.0)
verifier.start()
assert process.wait_ready(60)
given = mmap.mmap(descriptor, 0)
photo = bytearray(given[:photo_size])
image = np.frombuffer(given, dtype=np.uint8, offset=photo_size).reshape(720, 1280, 3)
verifier.begin(photo)
photo[:] = bytes(len(photo))
assert heard(ReferenceReady)
verifier.start_try()
number = 0
while not heard(Matched, Doubted, NotConfirmed, Unavailable, timeout=0.05):
    number += 1
    frame = Frame(image.copy(), number, clock.monotonic())
    box.put(frame)
    provider.put(preview(frame))
    del frame
assert isinstance(told[-1], Doubted if challenges else Matched), told
del image
given.close()
print(process.pid, flush=True)
sys.stdin.readline()
provider.clear()
verifier.forget()
process.wait_idle(5)
verifier.begin(b"no photo")  # refused by a process that has forgotten by then
assert heard(ReferenceRejected)
print("forgotten", flush=True)
sys.stdin.readline()
verifier.stop()
verifier.join()
"""


NUMBERS = """
import sys
import numpy as np
from kiosk.auth.face.engine import FaceEngine

face = np.frombuffer(sys.stdin.buffer.read(), dtype=np.uint8).reshape(150, 150)
for vector in FaceEngine()._vectors(face):
    sys.stdout.buffer.write(vector.tobytes())
"""


def numbers_of(face: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> list[bytes]:
    """The numbers of a face, of its mirror image, and their mean, to the last bit as in the face process.

    The last bits depend on how many threads multiply, which a process decides when it begins.
    """
    found = subprocess.run(
        [sys.executable, "-c", NUMBERS],
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        input=face.tobytes(),
        capture_output=True,
        check=True,
    ).stdout
    plain, mirrored = np.frombuffer(found).reshape(2, 128)
    return [vector.tobytes() for vector in (plain, mirrored, (plain + mirrored) / 2)]


@dataclass
class Patient:
    """What one patient brings, and what could be left of it."""

    photo_file: bytes
    frame: bytes
    traces: dict[str, list[bytes]]


@pytest.fixture(scope="module")
def patient(engine: FaceEngine) -> Patient:
    chance = np.random.default_rng(3)  # noise makes every run of pixels one of its kind

    def noisy(
        image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        return np.clip(image.astype(int) + chance.integers(-8, 9, image.shape), 0, 255).astype(np.uint8)

    file = as_jp2(noisy(card_photo("hanako")))
    frame = noisy(live_frame("hanako"))
    photo, grey = decode_photo(file), to_grey(frame)
    reference_chip = engine.chip(photo, engine.find(photo)[0])
    traces = {
        "photo file": runs(file, 5),
        "photo": rows(photo, 4),
        "photo's face": rows(reference_chip, 3) + rows(reference_chip[:, ::-1], 2),
        "numbers of the photo": runs(numbers_of(reference_chip)[2], 2),
        "frame": runs(frame[400, 560:720].tobytes(), 4) + runs(frame[360, 560:720].tobytes(), 4),
        "grey frame": runs(grey[400, 560:720].tobytes(), 3) + runs(grey[360, 560:720].tobytes(), 3),
        "small frame": [],
        "frame's face": [],
        "numbers of a frame": [],
        "piece to follow": [],
    }
    small = cv2.resize(grey, (480, 270), interpolation=cv2.INTER_AREA)
    traces["small frame"] = runs(small[150, 200:280].tobytes(), 2) + runs(small[135, 200:280].tobytes(), 2)
    tracker = FaceTracker(engine)
    for number in range(2):  # the same frame, searched whole and near the last place
        face = tracker.see(grey, number / 20).face
        assert face is not None
        followed = patch_of(grey, face).image[150:220, 100:250]
        traces["piece to follow"] += rows(followed, 3)
        chip = engine.chip(grey, face)
        normal = chip.astype(np.float32) / np.float32(256)
        traces["frame's face"] += (
            rows(chip, 2) + rows(chip[:, ::-1], 2) + rows(normal.view(np.uint8)[70:90], 2)
        )
        for vector in numbers_of(chip):
            traces["numbers of a frame"] += runs(vector, 1)
            traces["numbers of a frame"] += runs(np.frombuffer(vector).astype(np.float32).tobytes(), 1)
    assert all(len(several) >= 2 for several in traces.values())
    return Patient(file, frame.tobytes(), traces)


@pytest.fixture
def descriptor(patient: Patient) -> Iterator[int]:
    data = patient.photo_file + patient.frame
    number = os.memfd_create("given")
    os.ftruncate(number, len(data))
    with mmap.mmap(number, len(data)) as given:
        given[:] = data
    yield number
    os.close(number)


@pytest.mark.parametrize("challenges", [0, 2], ids=["confirmed", "doubted"])
def test_nothing_of_a_patient_stays_in_either_process(
    patient: Patient, descriptor: int, challenges: int
) -> None:
    """With movements asked for, a picture that stands still is doubted: other things are kept meanwhile."""
    arguments = [str(descriptor), str(len(patient.photo_file)), str(challenges)]
    kiosk = subprocess.Popen(
        [sys.executable, "-c", KIOSK, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[descriptor],
        text=True,
    )
    assert kiosk.stdin is not None
    assert kiosk.stdout is not None
    with kiosk, kiosk.stdin, kiosk.stdout:
        worker = int(kiosk.stdout.readline())
        # that they can be found at all
        assert {found.what for found in left_in(kiosk.pid, patient.traces)} >= {"photo file", "frame"}
        kept = {"numbers of the photo"} | ({"piece to follow"} if challenges else set())
        assert {found.what for found in left_in(worker, patient.traces)} >= kept
        kiosk.stdin.write("\n")
        kiosk.stdin.flush()
        assert kiosk.stdout.readline() == "forgotten\n"
        left = left_in(kiosk.pid, patient.traces), left_in(worker, patient.traces)
        kiosk.stdin.write("\n")
    assert left == ([], [])
    assert kiosk.returncode == 0
