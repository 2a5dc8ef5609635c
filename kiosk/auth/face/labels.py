# SPDX-License-Identifier: Apache-2.0
"""Labelled pairs of pictures: read from a file, and who is who worked out from them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import ConfigurationError, FailureCode

COLUMNS: Final = ("img1", "img2", "same")
_LARGEST_FILE: Final = 300_000_000
_MOST_PAIRS: Final = 2_000_000
_MOST_IMAGES: Final = 50_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures by their places in `Labels.images`."""

    first: int
    second: int
    same: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """Pictures, the person on each (a number from 0), and the pairs that somebody labelled."""

    images: tuple[Path, ...]
    person: tuple[int, ...]
    pairs: tuple[Pair, ...]
    people_by: str
    with_itself: int

    @property
    def people(self) -> int:
        """How many different people there are."""
        return max(self.person, default=-1) + 1


def read_labels(file: Path) -> Labels:
    """Read pairs (``img1,img2,same``); paths start at the file. `ConfigurationError` names the line."""
    number: dict[Path, int] = {}
    pairs: list[Pair] = []
    with_itself = 0
    for line, (first, second, same) in _rows(file):
        # not resolved: a link is a picture by its own name
        places = [number.setdefault(Path(os.path.normpath(path)), len(number)) for path in (first, second)]
        if places[0] == places[1]:
            if not same:
                raise _bad(file, line, "a picture cannot differ from itself")
            with_itself += 1  # true, and worth nothing
            continue
        pairs.append(Pair(places[0], places[1], same))
        if len(pairs) > _MOST_PAIRS or len(number) > _MOST_IMAGES:
            raise _bad(file, line, f"more than {_MOST_PAIRS:,} pairs or {_MOST_IMAGES:,} pictures")
    images = tuple(number)
    person, people_by = _people(file, images, pairs)
    return Labels(images, person, tuple(pairs), people_by, with_itself)


def _rows(file: Path) -> Iterator[tuple[int, tuple[Path, Path, bool]]]:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"{file.name} is far too large")
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                detail = f"{file.name}: columns needed: {','.join(COLUMNS)}"
                raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
            for row in reader:
                yield reader.line_num, _row(file, reader.line_num, row)
    except OSError as error:
        raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=f"cannot read {file.name}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        detail = f"{file.name} is no table of pairs in UTF-8"
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail) from error


def _row(file: Path, line: int, row: dict[str, str | None]) -> tuple[Path, Path, bool]:
    first, second, same = (row[name] for name in COLUMNS)
    if not first or not second or same is None or "\0" in first + second:
        raise _bad(file, line, "a pair needs two pictures and a label")
    if same.strip() not in {"0", "1"}:
        raise _bad(file, line, "same must be 1 or 0")
    return file.parent / first, file.parent / second, same.strip() == "1"


def _people(file: Path, images: tuple[Path, ...], pairs: list[Pair]) -> tuple[tuple[int, ...], str]:
    """One person: pictures joined by pairs that are the same, and pictures of one folder.

    Folders are asked only where that contradicts no label, and where there are several: one folder with
    everybody in it says nothing about who is who.
    """
    joined = _Sets(len(images))
    for pair in pairs:
        if pair.same:
            joined.join(pair.first, pair.second)
    _check(file, images, pairs, joined)
    by_folder = joined.copy()
    keeper: dict[Path, int] = {}
    for place, image in enumerate(images):
        by_folder.join(keeper.setdefault(image.parent, place), place)
    if len(keeper) > 1 and not any(
        not pair.same and by_folder.root(pair.first) == by_folder.root(pair.second) for pair in pairs
    ):
        return by_folder.numbers(), "folders and pairs labelled as the same"
    return joined.numbers(), "pairs labelled as the same"


def _check(file: Path, images: tuple[Path, ...], pairs: list[Pair], joined: _Sets) -> None:
    for pair in pairs:
        if not pair.same and joined.root(pair.first) == joined.root(pair.second):
            names = f"{images[pair.first].name} and {images[pair.second].name}"
            detail = f"{file.name} contradicts itself: {names} are different, and by other pairs the same"
            raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)


class _Sets:
    """Which pictures belong together. Lives on: the thread of whoever made it."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def copy(self) -> _Sets:
        other = _Sets(0)
        other._parent = list(self._parent)
        return other

    def root(self, place: int) -> int:
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def join(self, one: int, other: int) -> None:
        self._parent[self.root(other)] = self.root(one)

    def numbers(self) -> tuple[int, ...]:
        seen: dict[int, int] = {}
        return tuple(seen.setdefault(self.root(place), len(seen)) for place in range(len(self._parent)))


def _bad(file: Path, line: int, why: str) -> ConfigurationError:
    return ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"{file.name}, line {line}: {why}")
