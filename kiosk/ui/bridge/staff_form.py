# SPDX-License-Identifier: Apache-2.0
"""What staff do in their corner in several steps, beside any patient's reception."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.staff import StaffView


class StaffForm(Protocol):
    """One such thing; it is offered at the idle screen as the control ``staff.NAME``.

    Lives on: the main thread. Shut, it keeps nothing.
    """

    @property
    def name(self) -> str:
        """By which name it is offered."""
        ...

    @property
    def offered(self) -> bool:
        """Whether the menu has it now."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether it is what the corner shows."""
        ...

    def owns(self, action: str) -> bool:
        """Whether a control is one of its own."""
        ...

    def press(self, action: str, by: str, changed: Callable[[], None]) -> None:
        """A control that is shown was used by that person; `changed` is called for news that comes later."""
        ...

    def view(self, words: Catalogue) -> StaffView | None:
        """What is shown of it; None while it is shut."""
        ...

    def digit(self, digit: int) -> None:
        """One digit more."""
        ...

    def erase(self) -> None:
        """One digit less."""
        ...

    def submit(self) -> None:
        """What was typed is complete."""
        ...

    def close(self) -> None:
        """Forget everything."""
        ...
