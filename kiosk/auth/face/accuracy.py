# SPDX-License-Identifier: Apache-2.0
"""Error rates, with intervals drawn over people: more pairs of the same people are no new evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.auth.face.comparisons import Comparisons, Numbers, Places

REPLICATES: Final = 1000
WANTED_RATES: Final = (1e-2, 1e-3, 3e-4)
# A rate that fewer than this many false matches stand for is no measurement.
FEWEST_FALSE_MATCHES: Final = 3
_SEED: Final = 20_240_601
_LOW, _HIGH = 2.5, 97.5
# With no error among n, up to 3/n are still as likely as one in twenty.
_NO_ERROR: Final = 3.0


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % interval; `errors` of `of`."""

    value: float
    low: float
    high: float
    errors: int
    of: int

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        value, low, high = (float(f"{each:.4g}") for each in (self.value, self.low, self.high))
        return {"rate": value, "low": low, "high": high, "errors": self.errors, "of": self.of}


@dataclass(frozen=True, slots=True)
class Point:
    """The refusals at a false match rate; both None where the pairs cannot tell."""

    rate: float
    threshold: float | None
    fnmr: Rate | None


class Accuracy:
    """Rates of one set of comparisons.

    Lives on: the thread of whoever made it. A replicate draws as many people as there are, some twice and
    some not at all; a comparison counts as often as its person was drawn, or as the product for two people.
    """

    def __init__(self, comparisons: Comparisons, *, replicates: int = REPLICATES) -> None:
        order = np.argsort(comparisons.impostor, kind="stable")
        self.impostor: Numbers = comparisons.impostor[order]
        self._pairs: Places = comparisons.impostor_people[order]
        own = np.argsort(comparisons.genuine, kind="stable")
        self.genuine: Numbers = comparisons.genuine[own]
        self._own: Places = comparisons.genuine_person[own]
        people = max(1, comparisons.people)
        chance = np.random.default_rng(_SEED)
        self._weights = chance.multinomial(people, np.full(people, 1 / people), size=replicates).astype(float)
        both, counts = np.unique(np.sort(self._pairs, axis=1), axis=0, return_counts=True)
        self.pairs_of_people = len(both)
        self._totals = np.array(
            [np.sum(drawn[both[:, 0]] * drawn[both[:, 1]] * counts) for drawn in self._weights]
        )

    def fmr(self, threshold: float) -> Rate | None:
        """How often different people are taken for one."""
        if not len(self.impostor):
            return None
        errors = int(np.searchsorted(self.impostor, threshold, side="right"))
        taken = self._pairs[:errors]
        drawn = [np.sum(row[taken[:, 0]] * row[taken[:, 1]]) for row in self._weights]
        used = self._totals > 0
        return _rate(
            errors, len(self.impostor), np.array(drawn)[used] / self._totals[used], self.pairs_of_people
        )

    def fnmr(self, threshold: float) -> Rate | None:
        """How often one person is not confirmed."""
        if not len(self.genuine):
            return None
        errors = len(self.genuine) - int(np.searchsorted(self.genuine, threshold, side="right"))
        drawn = [self._drawn_fnmr(row, threshold) for row in self._weights]
        return _rate(errors, len(self.genuine), _known(drawn), len(np.unique(self._own)))

    def at(self, rate: float) -> Point:
        """The refusals at that false match rate, if there are pairs enough to tell."""
        if rate * len(self.impostor) < FEWEST_FALSE_MATCHES or not len(self.genuine):
            return Point(rate, None, None)
        threshold = self.quantile(rate)
        errors = len(self.genuine) - int(np.searchsorted(self.genuine, threshold, side="right"))
        drawn = [
            self._drawn_fnmr(row, limit)
            for row, limit in zip(self._weights, self.drawn_quantiles((rate,))[:, 0], strict=True)
        ]
        rates = _rate(errors, len(self.genuine), _known(drawn), len(np.unique(self._own)))
        return Point(rate, threshold, rates)

    def quantile(self, rate: float) -> float:
        """The largest threshold at which no more than that share of different people is taken for one."""
        return _below(self.impostor, int(rate * len(self.impostor)))

    def drawn_quantiles(self, rates: tuple[float, ...]) -> Numbers:
        """The same for every replicate (rows)."""
        found = np.full((len(self._weights), len(rates)), np.nan)
        # a replicate may hold the nearest pairs several times, or not at all: four times as many do
        ahead = min(len(self.impostor), int(4 * max(rates) * len(self.impostor)) + 100)
        first, second = self._pairs[:ahead, 0], self._pairs[:ahead, 1]
        for number, (row, total) in enumerate(zip(self._weights, self._totals, strict=True)):
            if total > 0:
                share = np.cumsum(row[first] * row[second]) / total
                found[number] = [
                    _below(self.impostor, int(np.searchsorted(share, rate, side="right"))) for rate in rates
                ]
        return found

    def curve(self) -> tuple[Numbers, Numbers]:
        """False match and false non-match rates over all thresholds, for a plot."""
        limits = np.unique(np.concatenate([self.impostor, self.genuine]))
        fmr = np.searchsorted(self.impostor, limits, side="right") / len(self.impostor)
        fnmr = 1 - np.searchsorted(self.genuine, limits, side="right") / len(self.genuine)
        return fmr, fnmr

    def _drawn_fnmr(self, row: Numbers, threshold: float) -> float:
        drawn = row[self._own]
        total = float(drawn.sum())
        if total == 0 or np.isnan(threshold):
            return float("nan")
        return float(drawn[np.searchsorted(self.genuine, threshold, side="right") :].sum()) / total


def _below(ordered: Numbers, place: int) -> float:
    """Just below that value, so that a comparison at it is refused."""
    return float(np.nextafter(ordered[min(place, len(ordered) - 1)], -1.0))


def _known(drawn: list[float]) -> Numbers:
    rates = np.array(drawn)
    return np.asarray(rates[~np.isnan(rates)])


def _rate(errors: int, of: int, drawn: Numbers, independent: int) -> Rate:
    value = errors / of
    low, high = np.percentile(drawn, [_LOW, _HIGH]) if len(drawn) else (value, value)
    if errors == 0:  # drawing from what has no error never shows one
        high = max(high, min(1.0, _NO_ERROR / max(1, independent)))
    return Rate(value, float(min(low, value)), float(max(high, value)), errors, of)
