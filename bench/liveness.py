# SPDX-License-Identifier: Apache-2.0
"""The liveness check on drawn people and drawn attacks, with challenges that drawn people answer.

``nice -n 10 .venv/bin/python -m bench.liveness [--people N] [--json]``. Time is simulated, eight frames a
second; the detector, the points, the check and the comparison with the card's photo are the real ones.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceEngine, to_grey
from kiosk.auth.face.examination import Conclusion, Examination
from kiosk.auth.face.liveness.judge import LivenessPolicy
from kiosk.auth.face.liveness.rates import Outcome, apcer, bpcer
from kiosk.auth.face.liveness.watch import ChallengeWatch
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.auth.face.quality import QualityLimits
from kiosk.simulator.acting import Acting, alive, held
from kiosk.simulator.camera import replayed
from kiosk.simulator.patients.drawing import Pose, card_photo, live_frame
from kiosk.simulator.patients.people import PATIENTS, CardQuirk
from kiosk.simulator.patients.shown import Hold, Medium, shown_frame
from tests.fakes.faces import as_jp2

FPS = 8.0
LONGEST_S = 25.0
TRIES = 2
BETWEEN_TRIES_S = 4.0
CONFIRMED = "confirmed"
STIFF = "cannot turn"

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


def _cannot_turn(key: str, now: float, number: int, acting: Acting) -> NDArray[np.uint8]:
    """Somebody with a stiff neck, who comes closer and looks aside as asked."""
    return live_frame(key, alive(Pose(), now, number, replace(acting.at(now), yaw=0.0)))


DRAWN: dict[str, Draw] = {
    "person": _person,
    STIFF: _cannot_turn,
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


def a_try(
    examination: Examination, key: str, kind: str, begun: float, acting: Acting
) -> tuple[Conclusion | None, float, Acting]:
    """One try, until it ends or its time is over; None then."""
    examination.start_try()
    number = 0
    while number / FPS < LONGEST_S:
        now = begun + number / FPS
        look = examination.look(to_grey(DRAWN[kind](key, now, number, acting)), now)
        number += 1
        acting = acting.asked(look.prompt, now)
        conclusion = examination.conclusion()
        if conclusion is not None:
            return conclusion, now - begun, acting
    return None, LONGEST_S, acting


def present(engine: FaceEngine, key: str, kind: str, seed: int) -> tuple[str, float]:
    """One reception with a card of the person who is shown: how it ends, and what the last try took.

    The try is repeated where the movements were not shown, as somebody who is told so may do; the second
    time staff are asked (ADR 0020).
    """
    chance = random.Random(seed)  # noqa: S311  # a measurement must be able to be made again
    watch = ChallengeWatch(LivenessPolicy(), chance)
    examination = Examination(engine, MatchPolicy(), QualityLimits(), watch)
    examination.set_reference(bytearray(as_jp2(card_photo(key))))
    begun, acting = 100.0 + 3.3 * seed, Acting()
    for number in range(TRIES):
        conclusion, seconds, acting = a_try(examination, key, kind, begun, acting.asked("", begun))
        begun += seconds + BETWEEN_TRIES_S
        if conclusion is Conclusion.NOT_SHOWN and number < TRIES - 1:
            continue
        break
    match conclusion:
        case Conclusion.MATCH:
            return CONFIRMED if number == 0 else f"{CONFIRMED}, second try", seconds
        case Conclusion.DOUBTFUL:
            return "doubtful" if number == 0 else "doubtful, second try", seconds
        case Conclusion.NOT_SHOWN:
            return "twice not shown", seconds
        case _:
            return "not confirmed", seconds


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
            end, seconds = present(engine, key, kind, seed)
            passed = end.startswith(CONFIRMED)
            if kind != STIFF:  # neither an attack nor somebody who could do as asked
                outcomes.append(Outcome(kind == "person", kind, not passed))
            counts = ends.setdefault(kind, {})
            counts[end] = counts.get(end, 0) + 1
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
    sys.stdout.write(f"somebody who cannot turn the head: {ends[STIFF]}\n")
    sys.stdout.write(f"a person takes {figures['seconds_of_a_person']} s (median)\n")


if __name__ == "__main__":
    main()
