# SPDX-License-Identifier: Apache-2.0
"""What the controller needs of the world around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from kiosk.errors import FailureCode
from kiosk.flow.effects import Effect
from kiosk.flow.events import Event, Timer

Post: TypeAlias = Callable[[Event], None]
"""Takes an event from any thread; it is handled on the main thread, in order."""


class Performer(Protocol):
    """Carries out some of the effects. Lives on: main thread; what takes long it does elsewhere."""

    def perform(self, effect: Effect) -> bool:
        """Begin to carry out `effect`; False where it is somebody else's."""
        ...


class Timers(Protocol):
    """Waits that end in a call. Lives on: main thread."""

    def start(self, timer: Timer, seconds: float, on_end: Callable[[], None]) -> None:
        """Begin a wait, in place of the one of that name that may be running."""
        ...

    def cancel(self, timer: Timer) -> None:
        """End a wait without its call; nothing happens where none is running."""
        ...

    def cancel_all(self) -> None:
        """End every wait."""
        ...


def _silent(_sound: str, _step: int) -> None:
    """No loudspeaker yet."""


def _nobody(_code: FailureCode | None) -> None:
    """No desk console yet; the call is in the log."""


def _unseen() -> None:
    """No screen yet."""


@dataclass(slots=True)
class Surfaces:
    """What the parts below the screens reach the screens by; `build_front` puts the later ones in."""

    to_main_thread: Callable[[Callable[[], None]], None]
    timers: Timers
    play: Callable[[str, int], None] = _silent
    call_desk: Callable[[FailureCode | None], None] = _nobody
    diagnose: Callable[[], None] = _unseen
