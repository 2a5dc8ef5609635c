# SPDX-License-Identifier: Apache-2.0
"""How long a face takes, what the screen feels of it, and what the kiosk costs while nobody is there.

    python -m bench.face [speed] [screen] [rest] [idle] [--runs 15] [--seconds 60]

*speed*: from the first good frame to the decision, against the plain use of the face_recognition library on
the same frames, in turn. *screen*: gaps between ticks of the main thread, and pictures shown, while faces
are compared one after another. *rest*: the face process's memory. *idle*: processor time of the whole kiosk
on its idle screen, simulated surroundings included. Prints what it measures; `docs/performance.md` quotes it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_HOME = tempfile.TemporaryDirectory(prefix="uketsuke-bench-")
for _variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = _HOME.name
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2  # noqa: E402
import numpy as np  # noqa: E402

from kiosk.auth.face.engine import FaceEngine, to_grey  # noqa: E402
from kiosk.auth.face.examination import Conclusion, Examination  # noqa: E402
from kiosk.auth.face.matcher import MatchPolicy  # noqa: E402
from kiosk.auth.face.process import FaceProcess  # noqa: E402
from kiosk.auth.face.quality import QualityLimits  # noqa: E402
from kiosk.auth.face.results import Matched, NotConfirmed, Unavailable  # noqa: E402
from kiosk.auth.face.session import FaceVerifier  # noqa: E402
from kiosk.camera.latest import LatestFrame  # noqa: E402
from kiosk.camera.ports import BgrImage, Frame  # noqa: E402
from kiosk.clock import SystemClock  # noqa: E402
from kiosk.simulator.patients.drawing import Pose, card_photo, live_frame  # noqa: E402
from tests.fakes.faces import Results, as_jp2  # noqa: E402

ROOT = Path(__file__).parents[1]
PEOPLE = ("hanako", "taro", "tome", "masao")
FRAMES = 8
TICK_MS = 4
CAMERA_FPS = 30
CLOCK = SystemClock()


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of processor time."""

    wall: float
    cpu: float


def timed(work: Callable[[], object]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def frames_of(who: str) -> list[BgrImage]:
    return [live_frame(who, Pose(yaw=number % 4, seed=number + 1)) for number in range(FRAMES)]


# --- speed --------------------------------------------------------------------------------------------------


def ours(engine: FaceEngine, photo: bytes, frames: list[BgrImage]) -> Took:
    """One try with frames that come as fast as they can be looked at; greying them counts, too."""
    examination = Examination(engine, MatchPolicy(), QualityLimits())
    examination.set_reference(bytearray(photo))
    examination.start_try()
    ended: list[Conclusion] = []

    def a_try() -> None:
        for number, frame in enumerate(frames):
            examination.look(to_grey(frame), number / 15)
            conclusion = examination.conclusion()
            if conclusion is not None:
                ended.append(conclusion)
                return

    took = timed(a_try)
    assert ended == [Conclusion.MATCH], ended
    return took


class Library:
    """The face_recognition library as its own examples use it."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._library = importlib.import_module("face_recognition")
        self._references: dict[str, object] = {}

    def reference(self, who: str) -> None:
        picture = np.ascontiguousarray(np.repeat(card_photo(who)[:, :, None], 3, axis=2))
        (self._references[who],) = self._library.face_encodings(picture)

    def plain(self, who: str, frames: list[BgrImage]) -> Took:
        """Detection at 1280 × 720 as it comes, one embedding, one comparison, until three frames agree."""

        def a_try() -> None:
            agreed = 0
            for frame in frames:
                rgb = np.ascontiguousarray(frame[:, :, ::-1])
                places = self._library.face_locations(rgb)
                for numbers in self._library.face_encodings(rgb, places):
                    agreed += self._library.compare_faces([self._references[who]], numbers)[0]
                if agreed >= 3:
                    return
            raise AssertionError(who)

        return timed(a_try)


def speed(runs: int) -> None:
    cv2.setNumThreads(1)
    engine, library = FaceEngine(), Library()
    engine.load_all()
    shown = {who: frames_of(who) for who in PEOPLE}
    photos = {who: as_jp2(card_photo(who)) for who in PEOPLE}
    for who in PEOPLE:
        library.reference(who)
    ours(engine, photos[PEOPLE[0]], shown[PEOPLE[0]])  # the first run of anything is slower
    pairs: list[tuple[Took, Took]] = []
    for number in range(runs):
        who = PEOPLE[number % len(PEOPLE)]
        pairs.append((ours(engine, photos[who], shown[who]), library.plain(who, shown[who])))
    print(f"speed: {runs} runs of each, in turn, one thread")
    for name, side in (("ours", 0), ("library, plain", 1)):
        wall = [pair[side].wall for pair in pairs]
        cpu = [pair[side].cpu for pair in pairs]
        print(
            f"  {name}: median {statistics.median(cpu):.2f} s of processor time "
            f"(from {min(cpu):.2f} to {max(cpu):.2f}), {statistics.median(wall):.2f} s by the clock"
        )
    ratios = [one.cpu / other.cpu for one, other in pairs]
    print(f"  ratio, pair by pair: median {statistics.median(ratios):.2f}, worst {max(ratios):.2f}")


# --- memory at rest -----------------------------------------------------------------------------------------


def memory(pid: int) -> str:
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value, *_ = line.split()
        found[name.rstrip(":")] = int(value) / 1024
    return f"PSS {found['Pss']:.0f} MB, RSS {found['Rss']:.0f} MB, private {found['Private_Dirty']:.0f} MB"


@dataclass
class Kit:
    """A face process, who feeds it, and frames as a camera gives them."""

    box: LatestFrame
    process: FaceProcess
    verifier: FaceVerifier
    results: Results
    over: threading.Event

    def camera(self, frames: list[BgrImage]) -> None:
        number = 0
        while not self.over.wait(1 / CAMERA_FPS):
            number += 1
            self.box.put(Frame(frames[number % len(frames)].copy(), number, CLOCK.monotonic()))

    def a_try(self, photo: bytes) -> object:
        self.results.clear()
        self.verifier.begin(photo)
        self.verifier.start_try()
        return self.results.wait_for(Matched, NotConfirmed, Unavailable)


def kit() -> Kit:
    box, results = LatestFrame(), Results()
    process = FaceProcess(CLOCK)
    made = Kit(box, process, FaceVerifier(box, process, results, CLOCK), results, threading.Event())
    made.verifier.start()
    assert process.wait_ready(60)
    return made


def rest() -> None:
    made = kit()
    assert made.process.pid is not None
    print(f"rest: face process, started: {memory(made.process.pid)}")
    camera = threading.Thread(target=made.camera, args=(frames_of("hanako"),))
    camera.start()
    for _ in range(3):
        assert made.a_try(as_jp2(card_photo("hanako"))) == Matched()
        made.verifier.forget()
    made.over.set()
    camera.join()
    made.process.wait_idle(5)
    time.sleep(2)
    print(f"rest: face process, after three patients: {memory(made.process.pid)}")
    made.verifier.stop()
    made.verifier.join()


# --- the screen while a face is compared --------------------------------------------------------------------


def screen(seconds: float) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.fonts=false")
    from kiosk.secret import overwrite_freed_memory  # noqa: PLC0415
    from tests.fakes.face_stage import FaceStage  # noqa: PLC0415

    overwrite_freed_memory()
    made = kit()
    stage = FaceStage(made.box, TICK_MS)
    photo = as_jp2(card_photo("hanako"))
    tries = 0

    def patients() -> None:
        nonlocal tries
        while not made.over.is_set():
            made.a_try(photo)
            tries += 1

    threads = [
        threading.Thread(target=made.camera, args=(frames_of("hanako"),)),
        threading.Thread(target=patients),
    ]
    for thread in threads:
        thread.start()
    gaps, shown = stage.run(seconds)
    made.over.set()
    for thread in threads:
        thread.join()
    renderer = stage.renderer
    stage.close()
    made.verifier.stop()
    made.verifier.join()
    print(
        f"screen: {seconds:.0f} s, {tries} faces compared, {renderer}, camera {CAMERA_FPS} a second\n"
        f"  gaps between ticks of {TICK_MS} ms: median {statistics.median(gaps) * 1000:.1f}, "
        f"p99 {percentile(gaps, 0.99) * 1000:.1f}, longest {max(gaps) * 1000:.1f} ms\n"
        f"  pictures of the preview shown: {shown / seconds:.1f} a second"
    )


# --- idle ---------------------------------------------------------------------------------------------------


def idle(seconds: float) -> None:
    kiosk = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.idle_kiosk", str(seconds + 30)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"},
    )
    assert kiosk.stdout is not None
    try:
        assert kiosk.stdout.readline() == "idle\n"
        time.sleep(5)
        before, began = _used(kiosk.pid), time.monotonic()
        time.sleep(seconds)
        after, took = _used(kiosk.pid), time.monotonic() - began
    finally:
        kiosk.kill()
        kiosk.wait()
    print(f"idle: {took:.0f} s, offscreen, software renderer")
    whole = 0.0
    for who in after:
        used = after[who] - before.get(who, 0.0)
        whole += used
        print(f"  {who}: {used:.2f} s")
    print(f"  all: {100 * whole / took:.2f} % of one core")


def _used(pid: int) -> dict[str, float]:
    """User and system time of a process's threads and of its children, by name."""
    tick = os.sysconf("SC_CLK_TCK")
    found: dict[str, float] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        name, fields = _stat(task / "stat")
        label = f"thread {name}"
        found[label] = found.get(label, 0.0) + (int(fields[11]) + int(fields[12])) / tick
        for child in (task / "children").read_text().split():
            _, fields = _stat(Path(f"/proc/{child}/stat"))
            found["face process"] = (int(fields[11]) + int(fields[12])) / tick
    return found


def _stat(file: Path) -> tuple[str, list[str]]:
    text = file.read_text()
    return text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", default=["speed", "screen", "rest", "idle"])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    work: dict[str, Callable[[], None]] = {
        "speed": lambda: speed(given.runs),
        "screen": lambda: screen(given.seconds / 2),
        "rest": rest,
        "idle": lambda: idle(given.seconds),
    }
    for part in given.parts:
        work[part]()


if __name__ == "__main__":
    main()
