# SPDX-License-Identifier: Apache-2.0
"""The only place that asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


class Clock(Protocol):
    """Where the time comes from; tests hold it in their hand."""

    def now(self) -> datetime:
        """The time of day, in UTC and aware of it."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump, for measuring how long something takes."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()


def tokyo_date(moment: datetime) -> date:
    """The calendar day in Japan at that moment."""
    return moment.astimezone(TOKYO).date()
