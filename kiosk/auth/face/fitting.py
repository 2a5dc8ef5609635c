# SPDX-License-Identifier: Apache-2.0
"""Makes a table of thresholds from labelled pictures; how, and how far it can be believed: ADR 0018."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np

from kiosk.auth.face.accuracy import Accuracy
from kiosk.auth.face.calibration import (
    FEWEST_PEOPLE,
    MOST_PROBES,
    Row,
    Threshold,
    ThresholdTable,
)
from kiosk.auth.face.comparisons import Centres, Numbers, all_pairs, compare_pairs, person_means
from kiosk.auth.face.gallery import Gallery
from kiosk.auth.face.labels import Labels
from kiosk.errors import ConfigurationError, FailureCode

RATES: Final = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
# Where the straight line is laid through the distances of different people, on paper ruled for it.
LEVELS: Final = (1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 3e-2)
# Fewer than this many false matches behind a rate: it is read off the line alone.
COUNTED_FROM: Final = 10
_ONE_IN_TWENTY: Final = 5.0
_DIGITS: Final = 4


def make_table(labels: Labels, gallery: Gallery, *, origin: str, made: str) -> ThresholdTable:
    """The table for one to five frames; `ConfigurationError` for too few people."""
    means = person_means(labels, gallery)
    if len(means) < FEWEST_PEOPLE:
        detail = f"a table of thresholds needs at least {FEWEST_PEOPLE} people; there are {len(means)}"
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
    if len(means) != labels.people:
        labels, gallery = _with_a_face(labels, gallery)
    return ThresholdTable(
        origin=origin,
        made=made,
        people=len(means),
        images=len(gallery.probes),
        images_unusable=gallery.without_face,
        mean=tuple(round(float(each), 6) for each in means.mean(axis=0)),
        rows=tuple(_row(labels, gallery, means, probes) for probes in range(1, MOST_PROBES + 1)),
    )


def _row(labels: Labels, gallery: Gallery, means: Numbers, probes: int) -> Row:
    pairs = all_pairs(labels, ordered=probes > 1)
    compared = compare_pairs(labels, gallery, pairs, probes, Centres(means=means))
    if len(np.unique(compared.impostor_people[:, 1])) < 2:
        detail = f"a table of thresholds needs people with {probes} pictures and more"
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
    return Row(probes, compared.people_compared, len(compared.impostor), fit(Accuracy(compared)))


def fit(accuracy: Accuracy) -> tuple[Threshold, ...]:
    """For each rate the threshold that the people at hand support with 95 % confidence.

    Each replicate of people gives a threshold: read off a straight line through its distances on normal
    probability paper, or counted where that is stricter and there is enough to count. The one that 19 in 20
    replicates exceed is taken. It covers the choice of these people among people like them, and nothing else.
    """
    drawn = _known(accuracy.drawn_quantiles((*LEVELS, *RATES)))
    whole = np.array([[accuracy.quantile(rate) for rate in (*LEVELS, *RATES)]])
    chosen: list[Threshold] = []
    for place, rate in enumerate(RATES):
        counted = rate * len(accuracy.impostor) >= COUNTED_FROM
        limits = _limits(drawn, place, counted=counted)
        strict = float(np.percentile(limits, _ONE_IN_TWENTY))
        if chosen:
            strict = min(strict, chosen[-1].threshold)
        estimate = float(_limits(whole, place, counted=counted)[0])
        # rounded down: never weaker than what was found
        kept = float(np.floor(min(strict, estimate) * 10**_DIGITS) / 10**_DIGITS)
        chosen.append(Threshold(rate, kept, round(estimate, _DIGITS), counted))
    return tuple(chosen)


def _limits(quantiles: Numbers, place: int, *, counted: bool) -> Numbers:
    """Each row's threshold for the rate of that place.

    The line is laid through angles, not through one minus their cosine: they lie straight on that paper, and
    the line can be checked where there is something to count.
    """
    normal = NormalDist()
    across = np.array([normal.inv_cdf(level) for level in LEVELS])
    levels = np.arccos(np.clip(1 - quantiles[:, : len(LEVELS)], -1, 1))
    middle = across - across.mean()
    slope = (levels * middle).sum(axis=1) / (middle**2).sum()
    angle = levels.mean(axis=1) + slope * (normal.inv_cdf(RATES[place]) - across.mean())
    line = 1 - np.cos(np.maximum(angle, 0))
    if not counted:
        return np.asarray(line)
    return np.asarray(np.minimum(line, quantiles[:, len(LEVELS) + place]))


def _known(rows: Numbers) -> Numbers:
    return np.asarray(rows[~np.isnan(rows).any(axis=1)])


def _with_a_face(labels: Labels, gallery: Gallery) -> tuple[Labels, Gallery]:
    """The same people numbered without those who have no usable picture."""
    seen = sorted(
        {who for who, numbers in zip(labels.person, gallery.probes, strict=True) if numbers is not None}
    )
    number = {who: place for place, who in enumerate(seen)}
    kept = [place for place, who in enumerate(labels.person) if who in number]
    fewer = Labels(
        tuple(labels.images[place] for place in kept),
        tuple(number[labels.person[place]] for place in kept),
        (),
        labels.people_by,
        0,
    )
    return fewer, Gallery(
        tuple(gallery.probes[place] for place in kept), tuple(gallery.references[place] for place in kept)
    )
