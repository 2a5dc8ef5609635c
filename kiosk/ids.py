# SPDX-License-Identifier: Apache-2.0
"""ULIDs: ids that sort by the time they were made (the ULID specification, 2016)."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_RANDOM_BITS = 80
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)


class UlidFactory:
    """Makes ULIDs that grow strictly, also within one millisecond and when the clock steps back.

    Lives on: any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def new(self, moment: datetime) -> str:
        """A 26-character id made at `moment`."""
        milliseconds = int(moment.timestamp() * 1000)
        with self._lock:
            value = (milliseconds << _RANDOM_BITS) | int.from_bytes(os.urandom(_RANDOM_BITS // 8))
            if value <= self._last:
                value = self._last + 1
            self._last = value
        return "".join([_PAIRS[value >> shift & 1023] for shift in _SHIFTS])


def ulid_moment(text: str) -> datetime | None:
    """When an id, or a key that begins with one, was made; None where it is none."""
    value = 0
    if len(text) < 26:
        return None
    for character in text[:10]:
        digit = _ALPHABET.find(character)
        if digit < 0:
            return None
        value = value << 5 | digit
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    except OverflowError:
        return None
