# SPDX-License-Identifier: Apache-2.0
"""In a demo the drawn person before the camera sees the screen, and does what it asks for."""

from __future__ import annotations

from kiosk.flow.events import Event
from kiosk.flow.states import FaceCapturing, State
from kiosk.runtime.controller import FlowController
from kiosk.simulator.camera import SimulatedCamera


def follow_prompts(controller: FlowController, camera: SimulatedCamera) -> None:
    """Let whoever stands at the simulated camera know what is asked; a picture held up does not hear it."""

    def tell(_before: State, _event: Event, after: State) -> None:
        camera.asked(after.challenge if isinstance(after, FaceCapturing) else "")

    controller.listen(tell)
