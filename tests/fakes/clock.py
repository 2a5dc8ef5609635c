# SPDX-License-Identifier: Apache-2.0
"""A clock that tests hold in their hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 6, 1, 0, 12, tzinfo=UTC)  # a Monday, 09:12 in Tokyo


class FakeClock:
    """Stands still until told to move; see `kiosk.clock.Clock`."""

    def __init__(self, now: datetime = MORNING) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Time passes, by both measures."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def jump(self, now: datetime) -> None:
        """Someone sets the wall clock; the monotonic one does not notice."""
        self._now = now
