# SPDX-License-Identifier: Apache-2.0
"""dlib's models, loaded once."""

from __future__ import annotations

import pytest

from kiosk.auth.face.engine import FaceEngine


@pytest.fixture(scope="session")
def engine() -> FaceEngine:
    return FaceEngine()
