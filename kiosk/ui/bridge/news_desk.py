# SPDX-License-Identifier: Apache-2.0
"""The staff corner's part for news of name and address: asks the records, shows once, forgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from kiosk.errors import FailureCode
from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.staff import StaffView
from kiosk.ui.viewmodels.staff_news import (
    AT_ONCE,
    NewsFacts,
    NewsForm,
    NewsItem,
    NewsStep,
    Stopped,
    news_view,
)

_T = TypeVar("_T")


class NewsRecords(Protocol):
    """The records of who agreed to be kept up to date; what they tell comes on the main thread."""

    def unread(self, tell: Callable[[tuple[NewsItem, ...] | FailureCode], None]) -> None:
        """What nobody has read yet, the oldest first."""
        ...

    def read(self, item: str, by: str, tell: Callable[[NewsFacts | FailureCode | None], None]) -> None:
        """The news, for the one time; None where there is none any more."""
        ...

    def stop(self, number: str, by: str, tell: Callable[[Stopped | FailureCode], None]) -> None:
        """End it for whoever was received under that number today."""
        ...


class NewsDesk:
    """One look at a time; shut, nothing of it is left.

    Lives on: the main thread.
    """

    name = "news"

    def __init__(self, records: NewsRecords, letter: str, asked: Callable[[], bool] = lambda: True) -> None:
        """`letter` begins this kiosk's reception numbers; `asked` says whether patients are asked for it."""
        self._records = records
        self._letter = letter
        self._asked = asked
        self._form: NewsForm | None = None
        self._round = 0  # what is told after it was shut is shown to nobody

    @property
    def offered(self) -> bool:
        """Where patients are asked whether they want it."""
        return self._asked()

    @property
    def is_open(self) -> bool:
        """Whether somebody looks."""
        return self._form is not None

    def owns(self, action: str) -> bool:
        """Whether a control is one of these."""
        return action == "staff.news" or action.startswith("staff.news.")

    def press(self, action: str, by: str, changed: Callable[[], None]) -> None:
        """A control that is shown was used by that person."""
        form, step = self._form, action.removeprefix("staff.news").lstrip(".")
        if form is None or step == "back":
            self._look(changed)
        elif form.step is NewsStep.LIST and step == "stop":
            self._form = replace(form, step=NewsStep.NUMBER, typed="", wrong=False)
        elif form.step is NewsStep.LIST and step.isdigit() and int(step) < min(len(form.unread), AT_ONCE):
            self._form = replace(form, step=NewsStep.ASK, chosen=form.unread[int(step)])
        elif form.step is NewsStep.ASK and step == "read" and form.chosen is not None:
            self._wait(form)
            self._records.read(form.chosen.id, by, self._hear(self._read, changed))
        elif form.step is NewsStep.FACTS and step == "done":
            self._look(changed)
        elif form.step is NewsStep.STOP and step == "stop_yes":
            self._wait(form)
            self._records.stop(form.number, by, self._hear(self._stop, changed))

    def view(self, words: Catalogue) -> StaffView | None:
        """What is shown of it."""
        return None if self._form is None else news_view(self._form, words)

    def digit(self, digit: int) -> None:
        """One digit more."""
        if self._form is not None:
            self._form = self._form.with_digit(digit)

    def erase(self) -> None:
        """One digit less."""
        if self._form is not None:
            self._form = self._form.without_last()

    def submit(self) -> None:
        """The number is complete."""
        if self._form is not None:
            self._form = self._form.submitted()

    def close(self) -> None:
        """Forget everything that was shown."""
        self._round += 1
        self._form = None

    def _look(self, changed: Callable[[], None]) -> None:
        """Begin anew with what is unread; what was shown until now is forgotten."""
        self._round += 1
        self._form = NewsForm(self._letter)
        self._records.unread(self._hear(self._list, changed))

    def _wait(self, form: NewsForm) -> None:
        self._form = replace(form, step=NewsStep.LOOKING, facts=None)

    def _hear(
        self, take: Callable[[NewsForm, _T], NewsForm], changed: Callable[[], None]
    ) -> Callable[[_T | FailureCode], None]:
        """Who waits for what the records tell, for as long as this look goes on."""
        mine = self._round

        def tell(told: _T | FailureCode) -> None:
            if self._round != mine or self._form is None:
                return
            if isinstance(told, FailureCode):
                self._form = replace(self._form, step=NewsStep.FAILED, failed=told)
            else:
                self._form = take(self._form, told)
            changed()

        return tell

    @staticmethod
    def _list(form: NewsForm, told: tuple[NewsItem, ...]) -> NewsForm:
        return replace(form, step=NewsStep.LIST, unread=told)

    @staticmethod
    def _read(form: NewsForm, told: NewsFacts | None) -> NewsForm:
        return replace(form, step=NewsStep.GONE if told is None else NewsStep.FACTS, facts=told)

    @staticmethod
    def _stop(form: NewsForm, told: Stopped) -> NewsForm:
        return replace(form, step=NewsStep.STOPPED, stopped=told)
