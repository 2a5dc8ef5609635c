# SPDX-License-Identifier: Apache-2.0
"""The records of news of people, as the staff corner asks them: off the main thread, by name of who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kiosk.errors import FailureCode, KioskError
from kiosk.jobs import SerialJobRunner
from kiosk.outbox.person_updates import PersonChange, WithdrawResult
from kiosk.outbox.store import Store
from kiosk.ui.viewmodels.staff_news import NewsFacts, NewsItem, Stopped

_T = TypeVar("_T")

_STOPPED = {
    WithdrawResult.WITHDRAWN: Stopped.WITHDRAWN,
    WithdrawResult.UNKNOWN: Stopped.UNKNOWN,
    WithdrawResult.ENDED: Stopped.ENDED,
}


class NewsRoom:
    """Lists, reads once, and ends.

    Lives on: main thread; the records are asked on the runner's.
    """

    def __init__(self, store: Store, runner: SerialJobRunner) -> None:
        self._updates = store.updates
        self._runner = runner

    def unread(self, tell: Callable[[tuple[NewsItem, ...] | FailureCode], None]) -> None:
        """What nobody has read yet, the oldest first."""

        def look() -> tuple[NewsItem, ...]:
            found = self._updates.list(news_only=True)
            return tuple(NewsItem(one.id, one.number, one.day) for one in found)

        self._runner.submit(look, lambda told: tell(_code_or(told)))

    def read(self, item: str, by: str, tell: Callable[[NewsFacts | FailureCode | None], None]) -> None:
        """The news, for the one time; the records say who read it, and forget what it was."""

        def take() -> NewsFacts | None:
            change = self._updates.take(item, by)
            return None if change is None else _facts(change)

        self._runner.submit(take, lambda told: tell(_code_or(told)))

    def stop(self, number: str, by: str, tell: Callable[[Stopped | FailureCode], None]) -> None:
        """End it for whoever was received under that number today."""

        def withdraw() -> Stopped:
            found = self._updates.find(number)
            return Stopped.UNKNOWN if found is None else _STOPPED[self._updates.withdraw(found, by)]

        self._runner.submit(withdraw, lambda told: tell(_code_or(told)))


def _facts(change: PersonChange) -> NewsFacts:
    return NewsFacts(change.name, change.address, change.birth_date, change.sex, change.source, change.as_of)


def _code_or(told: _T | KioskError) -> _T | FailureCode:
    return told.code if isinstance(told, KioskError) else told
