# SPDX-License-Identifier: Apache-2.0
"""What upstream has done, by key: answered once, told again, never done twice."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kiosk.errors import EnvironmentProblem, FailureCode


@dataclass(frozen=True, slots=True)
class Entry:
    """One act that took effect, with the answer that its key gets from then on."""

    key: str
    path: str
    body_sha256: str
    nonce: str
    answer: Mapping[str, object] = field(repr=False)


class Ledger:
    """The entries, in memory and, when asked for, in a file that is appended to and synced before answering.

    Lives on: any thread.
    """

    def __init__(self, state_file: Path | None = None) -> None:
        """Read what an earlier process wrote; a last line that was cut off never took effect."""
        self._lock = threading.Lock()
        self._file = state_file
        self._entries: dict[str, Entry] = {}
        self._nonces: dict[tuple[str, str], str] = {}
        self._effects: Counter[str] = Counter()
        if state_file is None:
            return
        try:
            state_file.parent.mkdir(parents=True, exist_ok=True)
            lines = state_file.read_bytes().split(b"\n") if state_file.exists() else [b""]
            for line in lines[:-1]:
                self._remember(Entry(**json.loads(line)))
            if lines[-1]:
                os.truncate(state_file, sum(len(line) + 1 for line in lines[:-1]))
        except (OSError, ValueError, TypeError) as error:
            raise EnvironmentProblem(
                FailureCode.STORE_UNUSABLE, detail=f"state of the simulated upstream: {type(error).__name__}"
            ) from error

    def find(self, key: str) -> Entry | None:
        """The entry of that key."""
        with self._lock:
            return self._entries.get(key)

    def nonce_taken(self, path: str, nonce: str) -> bool:
        """Whether another key of this kind has used the nonce."""
        with self._lock:
            return (path, nonce) in self._nonces

    def take(self, entry: Entry) -> None:
        """Let it take effect; on the disk first, so that no answer is given that a restart forgets."""
        with self._lock:
            if self._file is not None:
                line = json.dumps(asdict(entry), ensure_ascii=True).encode("ascii") + b"\n"
                handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    os.write(handle, line)
                    os.fsync(handle)
                finally:
                    os.close(handle)
            self._remember(entry)

    def effects(self) -> dict[str, int]:
        """How often each key took effect: exactly once is 1."""
        with self._lock:
            return dict(self._effects)

    def by_path(self) -> dict[str, int]:
        """How many acts of each kind there were."""
        with self._lock:
            return dict(Counter(entry.path for entry in self._entries.values()))

    def _remember(self, entry: Entry) -> None:
        self._entries[entry.key] = entry
        self._nonces[entry.path, entry.nonce] = entry.key
        self._effects[entry.key] += 1
