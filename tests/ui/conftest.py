# SPDX-License-Identifier: Apache-2.0
"""A window that nobody sees; Qt reads these two variables when it is loaded, so they stand first."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QUICK_BACKEND"] = "software"

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication

from kiosk.ui.gallery import ASSETS, NOW, Look
from kiosk.ui.gallery_stage import Stage

StageMaker = Callable[..., Stage]


@pytest.fixture
def make_stage(qapp: QCoreApplication) -> Iterator[StageMaker]:
    """Stages that are taken down after the test."""
    made: list[Stage] = []

    def make(look: Look | None = None, *, simulated: bool = True) -> Stage:
        made.append(Stage(look or Look(), ASSETS, NOW, simulated=simulated))
        return made[-1]

    yield make
    for stage in made:
        stage.close()
