# SPDX-License-Identifier: Apache-2.0
"""Looks for what should be gone in the memory of a process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RUN = 48
_LEAST_VARIETY = 14
_CHUNK = 16 * 1024 * 1024


@dataclass(frozen=True)
class Found:
    """A run of bytes that is still there."""

    what: str
    where: str


def runs(data: bytes, count: int = 24) -> list[bytes]:
    """So many runs of bytes, all over the data, that nothing else has by chance."""
    last = max(0, len(data) - RUN)
    places = [round(last * number / max(1, 8 * count - 1)) for number in range(8 * count)]
    telling = [data[at : at + RUN] for at in places if len(set(data[at : at + RUN])) >= _LEAST_VARIETY]
    step = max(1, len(telling) // count)
    return telling[::step][:count]


def rows(picture: NDArray[np.uint8], count: int = 24) -> list[bytes]:
    """Runs of a picture's pixels as they lie in memory."""
    return runs(np.ascontiguousarray(picture).tobytes(), count)


class _Wanted:
    """All runs at once, by two neighbouring bytes of each: hundreds of megabytes are looked through."""

    def __init__(self, needles: Mapping[str, Iterable[bytes]]) -> None:
        self._by_pair: dict[int, list[tuple[int, bytes, str]]] = {}
        self._any = np.zeros(65_536, dtype=np.bool_)
        for what, several in needles.items():
            for needle in several:
                # memory is full of zeros and of runs of one value
                at = next(
                    i for i in range(len(needle) - 1) if 0 < needle[i] < 255 and needle[i] != needle[i + 1]
                )
                pair = needle[at] | needle[at + 1] << 8
                self._by_pair.setdefault(pair, []).append((at, needle, what))
                self._any[pair] = True

    def seen_in(self, piece: bytes) -> set[str]:
        """What of it is in that piece of memory."""
        values = np.frombuffer(piece, dtype=np.uint8)
        pairs = values[:-1] | (values[1:].astype(np.uint16) << 8)
        return {
            what
            for place in np.flatnonzero(self._any[pairs]).tolist()
            for at, needle, what in self._by_pair[int(pairs[place])]
            if place >= at and piece.startswith(needle, place - at)
        }


def left_in(pid: int, needles: Mapping[str, Iterable[bytes]]) -> list[Found]:
    """Which of them are in the memory of that process, and in which kind of memory."""
    found: set[Found] = set()
    wanted = _Wanted(needles)
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in maps:
            place, rights, *rest = line.split()
            if "w" not in rights:  # nothing of a patient is ever written anywhere else
                continue
            begin, end = (int(part, 16) for part in place.split("-"))
            name = rest[3] if len(rest) > 3 else "anonymous"
            for at in range(begin, end, _CHUNK):
                try:
                    memory.seek(at)
                    piece = memory.read(min(end - at, _CHUNK + RUN))
                except OSError:
                    break  # a mapping of a device, or one that has just gone
                found.update(Found(what, name) for what in wanted.seen_in(piece))
    return sorted(found, key=lambda one: (one.what, one.where))
