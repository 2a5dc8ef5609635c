# SPDX-License-Identifier: Apache-2.0
"""From pictures' numbers and labels to distances: of the same person, and of different people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.auth.face.calibration import CENTRE_WEIGHT
from kiosk.auth.face.engine import Embedding
from kiosk.auth.face.gallery import Gallery
from kiosk.auth.face.labels import Labels, Pair
from kiosk.auth.face.matcher import centred
from kiosk.errors import ConfigurationError, FailureCode

_ROWS_AT_ONCE: Final = 20_000
_MOST_COMPARISONS: Final = 4_000_000

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Distances with the people they are of; `left_out` had a picture without a face, or too few pictures."""

    people: int
    genuine: Numbers
    genuine_person: Places
    impostor: Numbers
    impostor_people: Places
    left_out: int

    @property
    def people_compared(self) -> int:
        """How many people any comparison is of."""
        return len(np.unique(np.concatenate([self.genuine_person, self.impostor_people.ravel()])))


class Centres:
    """What is subtracted before two pictures are compared: one centre, or one without the two people on them.

    Lives on: the thread of whoever made it. The second kind is for measuring on the very people that the mean
    is made of: a mean that knows a person makes that person look easier than a patient is.
    """

    def __init__(
        self,
        fixed: Sequence[float] | None = None,
        means: Embedding | None = None,
        *,
        weight: float = CENTRE_WEIGHT,
    ) -> None:
        self._weight = weight
        self._fixed = None if fixed is None else np.asarray(fixed)
        self._means = means
        self._sum = None if means is None else means.sum(axis=0)

    def of(self, people: Places) -> Embedding:
        """The centres for rows of two people each (the same one twice counts once)."""
        if self._means is None or self._sum is None:
            assert self._fixed is not None  # noqa: S101  # one of the two was given
            return np.asarray(self._fixed)
        two = people[:, 0] != people[:, 1]
        rest = self._sum - self._means[people[:, 0]] - self._means[people[:, 1]] * two[:, np.newaxis]
        return np.asarray(self._weight * rest / (len(self._means) - 1 - two[:, np.newaxis]))


def person_means(labels: Labels, gallery: Gallery) -> Embedding:
    """The mean embedding of each person who has a usable picture, so that each counts alike."""
    found: dict[int, list[Embedding]] = {}
    for person, numbers in zip(labels.person, gallery.probes, strict=True):
        if numbers is not None:
            found.setdefault(person, []).append(numbers)
    return np.array([np.mean(found[person], axis=0) for person in sorted(found)])


def all_pairs(labels: Labels, *, ordered: bool) -> Iterator[Pair]:
    """Every pair of all pictures; whoever is not told to be the same is taken for different."""
    places = range(len(labels.images))
    for first, second in permutations(places, 2) if ordered else combinations(places, 2):
        yield Pair(first, second, labels.person[first] == labels.person[second])


def compare_pairs(
    labels: Labels, gallery: Gallery, pairs: Iterator[Pair], probe_images: int, centres: Centres
) -> Comparisons:
    """The distances of pairs: the first picture is the reference, the second the first of `probe_images`.

    The others are the pictures of the same person that follow it in the order of their names, from the end
    to the beginning again, without the reference.
    """
    album = _Album(labels, gallery, probe_images)
    genuine, impostor = _Column(centres), _Column(centres)
    left_out = 0
    for pair in pairs:
        reference = gallery.references[pair.first]
        probe = album.probe(pair) if reference is not None else None
        if reference is None or probe is None:
            left_out += 1
            continue
        column = genuine if pair.same else impostor
        column.add(reference, probe, (labels.person[pair.first], labels.person[pair.second]))
        if len(genuine) + len(impostor) > _MOST_COMPARISONS:
            detail = f"more than {_MOST_COMPARISONS:,} comparisons: use fewer pictures"
            raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
    own, own_people = genuine.result()
    others, other_people = impostor.result()
    return Comparisons(labels.people, own, own_people[:, 0], others, other_people, left_out)


class _Album:
    """Means over pictures of one person. Lives on: the thread of whoever made it."""

    def __init__(self, labels: Labels, gallery: Gallery, probe_images: int) -> None:
        self._probes = gallery.probes
        self._wanted = probe_images
        self._person = labels.person
        self._kept: dict[int, Embedding | None] = {}
        self._of: dict[int, list[int]] = {}
        for place in sorted(range(len(labels.images)), key=lambda each: str(labels.images[each])):
            if gallery.probes[place] is not None:
                self._of.setdefault(labels.person[place], []).append(place)

    def probe(self, pair: Pair) -> Embedding | None:
        if self._probes[pair.second] is None:
            return None
        if self._person[pair.first] == self._person[pair.second]:
            return self._mean(pair.second, pair.first)
        if pair.second not in self._kept:
            self._kept[pair.second] = self._mean(pair.second, None)
        return self._kept[pair.second]

    def _mean(self, start: int, without: int | None) -> Embedding | None:
        own = [place for place in self._of[self._person[start]] if place != without]
        if len(own) < self._wanted:
            return None
        at = own.index(start)
        chosen = [self._probes[place] for place in (own[at:] + own[:at])[: self._wanted]]
        return np.asarray(np.mean([each for each in chosen if each is not None], axis=0), dtype=np.float64)


class _Column:
    """Collects comparisons and computes them by the thousand. Lives on: the thread of whoever made it."""

    def __init__(self, centres: Centres) -> None:
        self._centres = centres
        self._references: list[Embedding] = []
        self._probes: list[Embedding] = []
        self._waiting: list[tuple[int, int]] = []
        self._distances: list[Numbers] = []
        self._people: list[Places] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, reference: Embedding, probe: Embedding, people: tuple[int, int]) -> None:
        self._references.append(reference)
        self._probes.append(probe)
        self._waiting.append(people)
        self._count += 1
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self._compute()

    def result(self) -> tuple[Numbers, Places]:
        self._compute()
        if not self._distances:
            return np.empty(0), np.empty((0, 2), dtype=np.int64)
        return np.concatenate(self._distances), np.concatenate(self._people)

    def _compute(self) -> None:
        if not self._waiting:
            return
        people = np.array(self._waiting, dtype=np.int64)
        centres = self._centres.of(people)
        first = centred(np.array(self._references), centres)
        second = centred(np.array(self._probes), centres)
        self._distances.append(np.asarray(1.0 - np.einsum("ij,ij->i", first, second)))
        self._people.append(people)
        self._references, self._probes, self._waiting = [], [], []
