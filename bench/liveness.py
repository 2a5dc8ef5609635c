# SPDX-License-Identifier: Apache-2.0
"""The liveness check on drawn people and drawn attacks, with challenges that drawn people answer.

``nice -n 10 .venv/bin/python -m bench.liveness [--people N] [--json]``. Time is simulated, eight frames a
second; the detector, the points and the check are the real ones.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable
from statistics import median

import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceBox, FaceEngine, to_grey
from kiosk.auth.face.gate import QualityGate
from kiosk.auth.face.liveness.judge import LivenessPolicy
from kiosk.auth.face.liveness.rates import Outcome, apcer, bpcer
from kiosk.auth.face.liveness.watch import ChallengeWatch
from kiosk.auth.face.quality import QualityLimits
from kiosk.auth.face.tracking import FaceTracker
from kiosk.auth.face.view import Liveness
from kiosk.simulator.acting import Acting, alive, held
from kiosk.simulator.camera import replayed
from kiosk.simulator.patients.drawing import Pose, live_frame
from kiosk.simulator.patients.people import PATIENTS, CardQuirk
from kiosk.simulator.patients.shown import Hold, Medium, shown_frame

FPS = 8.0
LONGEST_S = 25.0

Draw = Callable[[str, float, int, Acting], NDArray[np.uint8]]


def _person(key: str, now: float, number: int, acting: Acting) -> NDArray[np.uint8]:
    return live_frame(key, alive(Pose(), now, number, acting.at(now)))


def _tilted_as_asked(key: str, now: float, number: int, acting: Acting) -> NDArray[np.uint8]:
    """A print without an edge in view, tilted to the side that is asked for."""
    goal = acting.at(now)
    hold = Hold(
        yaw=1.4 * goal.yaw, pitch=abs(goal.yaw), roll=0.4 * goal.yaw, nearness=1 + goal.nearer, bare=True,
        dx=0.01 * float(np.sin(now * 1.7)), seed=number,
    )  # fmt: skip
    return shown_frame(Medium.PRINT, key, hold)


DRAWN: dict[str, Draw] = {
    "person": _person,
    "print": lambda key, now, n, _acting: shown_frame(Medium.PRINT, key, held(Pose(), now, n)),
    "screen": lambda key, now, n, _acting: shown_frame(
        Medium.SCREEN, key, held(Pose(), now, n), replayed(now)
    ),
    "frozen": lambda key, _now, _n, _acting: live_frame(key, Pose()),
    "loop": lambda key, now, _n, _acting: live_frame(
        key, alive(Pose(), int(now % 2.4 * 15) / 15, int(now % 2.4 * 15))
    ),
    "flat turn": _tilted_as_asked,
    "clip fed in": lambda key, now, n, _acting: live_frame(key, alive(replayed(now), now, n)),
}


def present(engine: FaceEngine, key: str, kind: str, seed: int) -> tuple[Liveness, float]:
    """One presentation, until there is a verdict or the try is over."""
    chance = random.Random(seed)  # noqa: S311  # a measurement must be able to be made again
    watch, tracker = ChallengeWatch(LivenessPolicy(), chance), FaceTracker(engine)
    gate = QualityGate(QualityLimits())
    begun = 100.0 + 3.3 * seed
    acting, number, track = Acting(), 0, 0
    while number / FPS < LONGEST_S:
        now = begun + number / FPS
        grey = to_grey(DRAWN[kind](key, now, number, acting))
        number += 1
        view = tracker.see(grey, now)
        if view.track != track:
            track = view.track
            watch.another_face()
        good = isinstance(gate.judge(view, grey, now), FaceBox)
        standing = watch.observe(view, good=good)
        acting = acting.asked(standing.prompt, now)
        if standing.verdict is not Liveness.NOT_YET:
            return standing.verdict, now - begun
    return Liveness.NOT_YET, LONGEST_S


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    wishes = parser.parse_args()
    engine = FaceEngine()
    keys = [each.key for each in PATIENTS if each.quirk is not CardQuirk.NOT_MY_NUMBER][: wishes.people]
    outcomes: list[Outcome] = []
    ends: dict[str, dict[str, int]] = {}
    took: list[float] = []
    for kind in DRAWN:
        for seed, key in enumerate(keys):
            verdict, seconds = present(engine, key, kind, seed)
            passed = verdict is Liveness.ALIVE
            outcomes.append(Outcome(kind == "person", kind, not passed))
            counts = ends.setdefault(kind, {})
            counts[verdict.value] = counts.get(verdict.value, 0) + 1
            if kind == "person" and passed:
                took.append(seconds)
    figures = {
        "people": len(keys),
        "apcer": {kind: share.as_dict() for kind, share in apcer(outcomes).items()},
        "bpcer": bpcer(outcomes).as_dict(),
        "ends": ends,
        "seconds_of_a_person": round(median(took), 1) if took else None,
    }
    if wishes.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    for kind, share in apcer(outcomes).items():
        sys.stdout.write(f"APCER {kind:<14}{share.as_text()}   {ends[kind]}\n")
    sys.stdout.write(f"BPCER {'':<14}{bpcer(outcomes).as_text()}   {ends['person']}\n")
    sys.stdout.write(f"a person takes {figures['seconds_of_a_person']} s (median)\n")


if __name__ == "__main__":
    main()
