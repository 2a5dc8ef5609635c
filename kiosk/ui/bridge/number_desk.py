# SPDX-License-Identifier: Apache-2.0
"""The staff corner's part for checks by number: keeps the form, and hears what came of the check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.staff import StaffView
from kiosk.ui.viewmodels.staff_number import NumberForm, NumberProgress, TypedNumbers, number_view


class CheckNumbers(Protocol):
    """Keeps a check by number and sends it; tells how it goes, on the main thread."""

    def __call__(self, numbers: TypedNumbers, by: str, tell: Callable[[NumberProgress], None]) -> None:
        """Begin; returns at once. `tell` may be called several times, also when nobody listens any more."""
        ...


_ACTIONS = frozenset({"staff.number", "staff.limit.yes", "staff.limit.no"})


class NumberDesk:
    """One form at a time; shut, nothing of it is left.

    Lives on: the main thread.
    """

    name = "number"
    offered = True  # it is only there where checks by number are switched on

    def __init__(self, check: CheckNumbers) -> None:
        self._check = check
        self._form: NumberForm | None = None
        self._round = 0  # what is told of an earlier form is not shown on this one

    @property
    def is_open(self) -> bool:
        """Whether numbers are being typed, or their answer is shown."""
        return self._form is not None

    def owns(self, action: str) -> bool:
        """Whether a control is one of these."""
        return action in _ACTIONS

    def press(self, action: str, by: str, changed: Callable[[], None]) -> None:
        """A control that is shown was used by that person."""
        if action == "staff.number":
            self.open()
        else:
            self.decide(limit=action == "staff.limit.yes", by=by, changed=changed)

    def open(self) -> None:
        """Begin with empty fields."""
        self._round += 1
        self._form = NumberForm()

    def close(self) -> None:
        """Forget everything; a check that was sent goes on by itself."""
        self._round += 1
        self._form = None

    def view(self, words: Catalogue) -> StaffView | None:
        """What is shown of it."""
        return None if self._form is None else number_view(self._form, words)

    def digit(self, digit: int) -> None:
        """One digit more."""
        if self._form is not None:
            self._form = self._form.with_digit(digit)

    def erase(self) -> None:
        """One digit less."""
        if self._form is not None:
            self._form = self._form.without_last()

    def submit(self) -> None:
        """The field is complete."""
        if self._form is not None:
            self._form = self._form.submitted()

    def decide(self, *, limit: bool, by: str, changed: Callable[[], None]) -> None:
        """The patient said it: the check begins, and `changed` is called whenever there is news of it."""
        form = self._form
        if form is None or form.typing is not None or form.sent:
            return
        numbers = form.numbers(limit=limit)
        # the digits have done their work; what stays on the screen is only what came of them
        self._form = replace(NumberForm(), step=form.step, sent=True)
        mine = self._round

        def tell(progress: NumberProgress) -> None:
            if self._round == mine and self._form is not None:
                self._form = replace(self._form, progress=progress)
                changed()

        self._check(numbers, by, tell)
