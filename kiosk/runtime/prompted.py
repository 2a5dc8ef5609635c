# SPDX-License-Identifier: Apache-2.0
"""In a demo the drawn person before the camera sees the screen, and does what it asks for."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.flow.events import Event
from kiosk.flow.states import FaceCapturing, State
from kiosk.runtime.controller import FlowController


def follow_prompts(controller: FlowController, asked: Callable[[str], None]) -> None:
    """Let whoever stands at the simulated camera know what is asked, or that nothing is."""

    def tell(_before: State, _event: Event, after: State) -> None:
        asked(after.challenge if isinstance(after, FaceCapturing) else "")

    controller.listen(tell)
