# SPDX-License-Identifier: Apache-2.0
"""The preview is drawn beside the main thread, only while a face is looked for, and wiped afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from kiosk.camera.latest import LatestFrame
from kiosk.camera.ports import Frame
from kiosk.flow.events import FaceHinted
from kiosk.flow.states import Idle
from kiosk.runtime.preview_pump import PreviewPump
from kiosk.ui.bridge.pictures import PreviewProvider
from kiosk.ui.gallery import examples

EVENT = FaceHinted(session_no=1, hint="")
FACE = examples()["face"]
REST = Idle()


class Watched(PreviewProvider):
    """Notes on which thread pictures come."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[str] = set()

    def put(self, frame: NDArray[np.uint8]) -> None:
        self.threads.add(threading.current_thread().name)
        super().put(frame)

    def middle(self) -> tuple[int, int, int, int]:
        image = self.requestImage("", QSize(), QSize(120, 150))
        colour = image.pixelColor(60, 75)
        return colour.red(), colour.green(), colour.blue(), colour.alpha()


class Kit:
    def __init__(self) -> None:
        self.box = LatestFrame()
        self.provider = Watched()
        self.told = 0
        self.pump = PreviewPump(self.box, self.provider, self.arrived)

    def arrived(self) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.told += 1

    def give(self, number: int, blue: int = 200) -> None:
        image = np.zeros((72, 128, 3), np.uint8)
        image[:, :, 0] = blue
        self.box.put(Frame(image, number, float(number)))


@pytest.fixture
def kit() -> Iterator[Kit]:
    made = Kit()
    yield made
    made.pump.stop()


def test_pictures_come_from_another_thread_and_are_told_on_this_one(kit: Kit, qtbot: QtBot) -> None:
    kit.provider.requestImage("", QSize(), QSize(120, 150))  # as the screen asks
    kit.pump.on_state(REST, EVENT, FACE)
    kit.give(1)
    qtbot.waitUntil(lambda: kit.told == 1)
    assert kit.provider.middle() == (0, 0, 200, 255)
    assert kit.provider.threads == {"preview"}
    kit.give(2, blue=90)
    qtbot.waitUntil(lambda: kit.told == 2)
    assert kit.provider.middle() == (0, 0, 90, 255)


def test_another_size_is_drawn_at_once(kit: Kit, qtbot: QtBot) -> None:
    kit.pump.on_state(REST, EVENT, FACE)
    kit.give(1)
    qtbot.waitUntil(lambda: kit.told == 1)
    image = kit.provider.requestImage("", QSize(), QSize(60, 75))
    assert (image.width(), image.pixelColor(30, 37).blue()) == (60, 200)
    assert image.pixelColor(0, 0).alpha() == 0  # outside the oval


def test_afterwards_nothing_runs_and_nothing_is_kept(kit: Kit, qtbot: QtBot) -> None:
    kit.pump.on_state(REST, EVENT, FACE)
    kit.give(1)
    qtbot.waitUntil(lambda: kit.told == 1)
    kit.pump.on_state(FACE, EVENT, REST)
    assert "preview" not in {thread.name for thread in threading.enumerate()}
    assert kit.provider.middle()[3] == 0
    kit.pump.on_state(REST, EVENT, FACE)  # and it can begin again
    kit.give(2)
    qtbot.waitUntil(lambda: kit.told >= 2)
