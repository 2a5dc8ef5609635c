# SPDX-License-Identifier: Apache-2.0
"""Where the camera is missing, a patient who wanted to be known by face is received by PIN."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from kiosk.errors import FailureCode
from kiosk.flow.states import FaceFailed
from tests.fakes.programs import settings_file
from tests.fakes.standing_kiosk import StandingKiosk
from tests.fakes.upstream_process import upstream_process

pytestmark = pytest.mark.integration


@pytest.mark.expect_log("camera .*: CAM-001")
def test_the_pin_is_offered_instead(qapp: QGuiApplication, tmp_path: Path) -> None:
    with upstream_process(tmp_path / "ledger.jsonl") as upstream:
        config = settings_file(
            tmp_path,
            camera={"driver": "v4l2", "device": "/dev/uketsuke-no-camera"},
            upstream={"url": upstream.url},
            handover__face_file={"enabled": True, "folder": str(tmp_path / "handover")},
        )
        with StandingKiosk(tmp_path, config) as kiosk:
            kiosk.world.insert("taro")
            kiosk.at("choose")
            kiosk.tap("choose.face")
            kiosk.wait(lambda: isinstance(kiosk.state, FaceFailed), "word of the camera")
            assert isinstance(kiosk.state, FaceFailed)
            assert kiosk.state.code is FailureCode.CAMERA_MISSING
            kiosk.tap("face.pin")
            kiosk.at("pin")
            kiosk.type_pin("taro")
            kiosk.at("consent-treatment_and_medicine")
