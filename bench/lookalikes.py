# SPDX-License-Identifier: Apache-2.0
"""Looks for two drawn people who resemble each other as nearly as the threshold allows no more.

``python -m bench.lookalikes`` prints how far apart the shipped twins are at several shares of their
difference, in units of the threshold; the share that is kept stands in `kiosk.simulator.patients.others`.
"""

from __future__ import annotations

import sys
from dataclasses import fields, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.engine import FaceEngine, to_grey
from kiosk.auth.face.matcher import MatchPolicy, distance
from kiosk.simulator.patients.drawing import LIVE_SIZE
from kiosk.simulator.patients.face_spec import FaceSpec
from kiosk.simulator.patients.head import SHEET, draw_person
from kiosk.simulator.patients.others import AKANE, TWIN_STEP
from kiosk.simulator.patients.scene import as_seen_by_a_camera, placed, turned, waiting_room


def seen(spec: FaceSpec, yaw: float, seed: int) -> NDArray[np.uint8]:
    """A camera's grey picture of that face."""
    frame = waiting_room(*LIVE_SIZE).copy()
    person = turned(draw_person(spec, 1.0), SHEET, yaw)
    placed(person, frame, SHEET.middle, (LIVE_SIZE[0] / 2, LIVE_SIZE[1] / 2), 1.2)
    return to_grey(as_seen_by_a_camera(frame, 1.0, seed))


def sister(share: float) -> FaceSpec:
    """The twin at that share of the difference."""
    steps = {name: getattr(AKANE, name) + share * step for name, step in TWIN_STEP.items()}
    return replace(AKANE, **steps)


def main() -> int:
    """Print the table."""
    engine, policy = FaceEngine(), MatchPolicy()
    reference = to_grey(cv2.cvtColor(seen(AKANE, 0, 1), cv2.COLOR_GRAY2BGR))
    own = engine.embed(reference, engine.find(reference)[0])
    assert {field.name for field in fields(FaceSpec)} >= set(TWIN_STEP)
    for share in (0.6, 0.8, 0.9, 1.0, 1.1):
        probes = []
        for number, yaw in enumerate((-2.0, 0.0, 2.0)):
            grey = seen(sister(share), yaw, number)
            probes.append(engine.embed(grey, engine.find(grey)[0]))
        apart = distance(own, probes, policy.centre) / policy.threshold(len(probes))
        sys.stdout.write(f"share {share:.1f}: {apart:.2f} thresholds apart\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
