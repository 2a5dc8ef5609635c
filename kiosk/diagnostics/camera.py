# SPDX-License-Identifier: Apache-2.0
"""The technician's look at the camera: which device it is, and what its pictures are like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.camera.device import DeviceIdentity
from kiosk.camera.health import CameraSample, trouble_of
from kiosk.diagnostics.ports import ProbeResult, ProbeStatus
from kiosk.diagnostics.probes import CallableProbe
from kiosk.errors import FailureCode

_SAMPLE_S: Final = 1.0
_SAYS: Final = {
    FailureCode.CAMERA_NO_FRAMES: (ProbeStatus.PROBLEM, "camera.dark"),
    FailureCode.CAMERA_BLACK: (ProbeStatus.PROBLEM, "camera.black"),
    FailureCode.CAMERA_SMALL: (ProbeStatus.WARNING, "camera.small"),
    FailureCode.CAMERA_SLOW: (ProbeStatus.WARNING, "camera.slow"),
}


@dataclass(frozen=True, slots=True)
class CameraChecks:
    """What there is to ask. `sample` opens the camera for so many seconds; `identity` does not start it."""

    sample: Callable[[float], CameraSample]
    wished: tuple[int, int]
    identity: Callable[[], DeviceIdentity]


def camera_probe(checks: CameraChecks | None) -> CallableProbe:
    """Whether the camera is a real one, and its pictures are any good; None: it is switched off."""

    def run() -> ProbeResult:
        if checks is None:
            return ProbeResult(ProbeStatus.SKIPPED, "skipped.switched_off")
        device = checks.identity()
        sample = checks.sample(_SAMPLE_S)
        facts = {
            "fps": f"{sample.per_second:.0f}",
            "size": f"{sample.width}×{sample.height}",
            "wished": f"{checks.wished[0]}×{checks.wished[1]}",
            "device": device.card or "–",
            "driver": device.driver or "–",
        }
        if device.virtual:
            return ProbeResult(ProbeStatus.WARNING, "camera.virtual", facts, FailureCode.CAMERA_VIRTUAL)
        trouble = trouble_of(sample, checks.wished)
        if trouble is None:
            return ProbeResult(ProbeStatus.OK, "camera.ok", facts)
        status, summary = _SAYS[trouble]
        return ProbeResult(status, summary, facts, trouble)

    return CallableProbe("camera", run, timeout_s=8.0)
