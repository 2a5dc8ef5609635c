# SPDX-License-Identifier: Apache-2.0
"""An executor that runs what it was given when the test says so."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class ManualExecutor:
    """Keeps calls until told to run them; see `kiosk.jobs.Executor`."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] = deque()
        self.is_closed = False

    def submit(self, call: Callable[[], None]) -> None:
        self.waiting.append(call)

    def close(self, timeout_s: float) -> bool:
        self.waiting.clear()
        self.is_closed = True
        return True

    def run_next(self) -> None:
        self.waiting.popleft()()

    def run_all(self) -> None:
        """Run all, and what they submit meanwhile."""
        while self.waiting:
            self.run_next()


class AtOnce:
    """Runs each call where it is submitted."""

    def submit(self, call: Callable[[], None]) -> None:
        call()

    def close(self, timeout_s: float) -> bool:
        return True
