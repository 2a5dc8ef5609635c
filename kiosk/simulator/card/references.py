# SPDX-License-Identifier: Apache-2.0
"""The secrets a holder presents to the card, by name, and how often each may be wrong."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path


class ReferenceName(StrEnum):
    """What can be presented with VERIFY; each has a counter of its own."""

    JPKI_USER_PIN = "jpki_user_pin"
    JPKI_SIGN_PASSWORD = "jpki_sign_password"  # noqa: S105  # a name, not a password
    TEXT_PIN = "text_pin"
    TEXT_UNKNOWN = "text_unknown"  # issued blocked; its purpose is not public
    TEXT_NUMBER_A = "text_number_a"
    TEXT_NUMBER_B = "text_number_b"
    VISUAL_BIRTH = "visual_birth"
    VISUAL_NUMBER_A = "visual_number_a"
    VISUAL_NUMBER_B = "visual_number_b"
    COMMON_PIN = "common_pin"
    RESIDENT_PIN = "resident_pin"


MAX_TRIES: dict[ReferenceName, int] = {
    ReferenceName.JPKI_USER_PIN: 3,
    ReferenceName.JPKI_SIGN_PASSWORD: 5,
    ReferenceName.TEXT_PIN: 3,
    ReferenceName.TEXT_UNKNOWN: 0,
    ReferenceName.TEXT_NUMBER_A: 10,
    ReferenceName.TEXT_NUMBER_B: 10,
    ReferenceName.VISUAL_BIRTH: 10,
    ReferenceName.VISUAL_NUMBER_A: 10,
    ReferenceName.VISUAL_NUMBER_B: 10,
    ReferenceName.COMMON_PIN: 3,
    ReferenceName.RESIDENT_PIN: 3,
}
"""Tries of a fresh card; those of 照合番号B and the birth-date key are not public, ten is likely."""


class CounterStore:
    """Tries left, by card and reference, as a card keeps them in memory that outlives its power.

    With a folder they outlive the process too. Lives on: any thread.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._listener: Callable[[str, ReferenceName, int], None] = lambda _card, _reference, _tries: None
        self._lock = threading.Lock()
        self._cards: dict[str, dict[str, int]] = {}
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def listen(self, listener: Callable[[str, ReferenceName, int], None]) -> None:
        """Tell `listener`, on whichever thread, of tries spent or set: card, reference, tries left."""
        self._listener = listener

    def tries(self, card: str, reference: ReferenceName, fresh: int) -> int:
        """Tries left; `fresh` for a reference that was never counted."""
        with self._lock:
            return self._of(card).get(reference.value, fresh)

    def set_tries(self, card: str, reference: ReferenceName, tries: int) -> None:
        """Write the tries left, on the disk before this returns."""
        with self._lock:
            counters = self._of(card)
            left = counters[reference.value] = max(0, min(tries, 15))
            self._write(card, counters)
        self._listener(card, reference, left)

    def forget(self, card: str) -> None:
        """Make the card as fresh as on the day it was issued."""
        with self._lock:
            self._cards[card] = {}
            self._write(card, {})

    def _of(self, card: str) -> dict[str, int]:
        if card not in self._cards:
            self._cards[card] = self._read(card)
        return self._cards[card]

    def _path(self, card: str) -> Path | None:
        return None if self._folder is None else self._folder / f"tries-{card}.json"

    def _read(self, card: str) -> dict[str, int]:
        path = self._path(card)
        if path is None:
            return {}
        try:
            content: object = json.loads(path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}  # never laid down before, or damaged: a test card starts afresh
        if not isinstance(content, dict):
            return {}
        return {str(name): int(tries) for name, tries in content.items() if isinstance(tries, int)}

    def _write(self, card: str, counters: dict[str, int]) -> None:
        path = self._path(card)
        if path is None:
            return
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tries-")
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                json.dump(counters, file)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
