# SPDX-License-Identifier: Apache-2.0
"""How well faces are told apart by people that nothing was tuned on: `python -m bench.face_accuracy`.

Every picture is embedded once, in memory; nothing of it is written anywhere. People are split into halves by
chance, 200 times: the mean and the threshold come from one half, the figures from the other. The exit status
is 1 where a figure misses its aim.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk.auth.face.accuracy import Accuracy, Rate
from kiosk.auth.face.calibration import CENTRE_WEIGHT, per_try, shipped_table
from kiosk.auth.face.comparisons import Centres, all_pairs, compare_pairs, person_means
from kiosk.auth.face.fitting import RATES, fit
from kiosk.auth.face.gallery import Gallery, collect
from kiosk.auth.face.labels import Labels
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.clock import SystemClock

FACES = Path(__file__).resolve().parents[2] / "shared" / "data" / "faces"
WANTED = 1e-3
AIMS = {1: 0.25, 3: 0.10}
WEIGHTS = (0.0, 0.5, CENTRE_WEIGHT, 1.0)


@dataclass(frozen=True)
class People:
    """Some of the people, numbered from 0."""

    labels: Labels
    gallery: Gallery
    means: np.ndarray

    def some(self, who: np.ndarray) -> People:
        number = {int(person): place for place, person in enumerate(who)}
        kept = [place for place, person in enumerate(self.labels.person) if person in number]
        labels = Labels(
            tuple(self.labels.images[place] for place in kept),
            tuple(number[self.labels.person[place]] for place in kept),
            (), "folders", 0,
        )  # fmt: skip
        probes = tuple(self.gallery.probes[place] for place in kept)
        references = tuple(self.gallery.references[place] for place in kept)
        return People(labels, Gallery(probes, references), self.means[who])

    def compare(self, probes: int, centres: Centres, *, replicates: int = 1) -> Accuracy:
        pairs = all_pairs(self.labels, ordered=probes > 1)
        return Accuracy(
            compare_pairs(self.labels, self.gallery, pairs, probes, centres), replicates=replicates
        )

    def apart(self, probes: int, weight: float = CENTRE_WEIGHT, *, replicates: int = 1) -> Accuracy:
        """Each pair with a mean that knows neither of the two."""
        return self.compare(probes, Centres(means=self.means, weight=weight), replicates=replicates)


@dataclass(frozen=True)
class Half:
    """What one split said about the half that nothing was tuned on."""

    fnmr: float
    fmr: float
    fnmr_at_its_own: float
    strict_false: int
    strict_of: int


def people_in(folder: Path, *, card: bool = False) -> People:
    images = sorted((folder / "images").glob("*/*"))
    names = sorted({image.parent.name for image in images})
    labels = Labels(
        tuple(images), tuple(names.index(image.parent.name) for image in images), (), "folders", 0
    )

    def tell(done: int, of: int) -> None:
        if done % 50 == 0:
            print(f"{folder.name}: {done} of {of}", file=sys.stderr)

    gallery = collect(images, SystemClock(), tell, card=card)
    seen = sorted({who for who, each in zip(labels.person, gallery.probes, strict=True) if each is not None})
    means = np.zeros((labels.people, 128))
    means[seen] = person_means(labels, gallery)
    whole = People(labels, gallery, means)
    unusable = gallery.without_face
    print(f"{folder.name}: {len(images)} pictures of {labels.people} people; not acquired: {unusable}; "
          f"{gallery.median_seconds:.3f} s a picture")  # fmt: skip
    return whole.some(np.array(seen))


def splits(whole: People, number: int) -> Iterator[tuple[People, People]]:
    chance = np.random.default_rng(1)
    for _ in range(number):
        mixed = chance.permutation(len(whole.means))
        middle = len(mixed) // 2
        yield whole.some(mixed[:middle]), whole.some(mixed[middle:])


def tuned(one: People, other: People, probes: int, weight: float, *, strict: bool) -> Half | None:
    here = one.apart(probes, weight, replicates=200 if strict else 1)
    there = other.compare(probes, Centres(weight * one.means.mean(axis=0)))
    if not len(there.genuine) or not len(here.impostor):
        return None
    threshold = here.quantile(WANTED)
    falsely, refused = there.fmr(threshold), there.fnmr(threshold)
    own = there.fnmr(there.quantile(WANTED))
    assert falsely is not None
    assert refused is not None
    assert own is not None
    counted: Rate | None = None
    if strict:  # what a table made of this half would have used, of the kiosk's rate a try
        limit = next(each for each in fit(here) if each.rate == RATES[4]).threshold
        counted = there.fmr(limit)
    return Half(
        refused.value, falsely.value, own.value,
        counted.errors if counted else 0, counted.of if counted else 0,
    )  # fmt: skip


def report_splits(whole: People, number: int) -> bool:
    good = True
    for probes, aim in AIMS.items():
        for weight in WEIGHTS:
            strict = weight == CENTRE_WEIGHT
            halves = [
                half
                for one, other in splits(whole, number)
                if (half := tuned(one, other, probes, weight, strict=strict)) is not None
            ]
            tuned_there = statistics.median(half.fnmr for half in halves)
            own = statistics.median(half.fnmr_at_its_own for half in halves)
            falsely = statistics.mean(half.fmr for half in halves)
            low, high = np.percentile([half.fnmr for half in halves], [5, 95])
            print(f"probes {probes} centre {weight:.2f}, {len(halves)} splits, tuned for FMR {WANTED}:")
            print(f"  FNMR median {tuned_there:.3f} (5-95 %: {low:.3f}-{high:.3f}), FMR mean {falsely:.5f};")
            print(f"  at the half's own FMR {WANTED}: FNMR median {own:.3f}")
            if strict:
                met = max(tuned_there, own) <= aim
                good &= met
                errors, of = sum(half.strict_false for half in halves), sum(half.strict_of for half in halves)
                none = sum(half.strict_false == 0 for half in halves)
                print(f"  aim {aim}: {'met' if met else 'MISSED'}")
                print(f"  at what a table of the half gives for 1e-4: {errors} false of {of}")
                print(f"  ({errors / of:.6f}), none in {none} of {len(halves)} splits", flush=True)
    return good


def report_shipped(name: str, people: People, *, apart: bool) -> None:
    policy = MatchPolicy()
    for probes in (1, 3, 5):
        threshold = policy.threshold(probes)
        found = (
            people.apart(probes, replicates=1000)
            if apart
            else people.compare(probes, Centres(policy.centre), replicates=1000)
        )
        fmr, fnmr = found.fmr(threshold), found.fnmr(threshold)
        assert fmr is not None
        print(f"{name}, probes {probes}, shipped threshold {threshold:.4f}: FMR {fmr.value:.6f} "
              f"({fmr.errors} of {fmr.of}, at most {fmr.high:.5f} by 95 %)", end="")  # fmt: skip
        if fnmr is not None:
            print(f"; FNMR {fnmr.value:.3f} ({fnmr.low:.3f}-{fnmr.high:.3f})", end="")
        print()
        for point in (found.at(rate) for rate in (1e-2, 1e-3, 3e-4)):
            if point.fnmr is not None:
                rate = point.fnmr
                print(f"  FNMR at FMR {point.rate:g}: {rate.value:.3f} ({rate.low:.3f}-{rate.high:.3f})")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--faces", type=Path, default=FACES)
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--card", action="store_true", help="references as card photos")
    parser.add_argument("--held-out", action="store_true", help="lfw-ten as well")
    given = parser.parse_args()
    table = shipped_table()
    print(f"shipped table: {table.origin}; made {table.made}; {table.people} people; "
          f"a try {per_try(3e-4, 3):g}")  # fmt: skip
    whole = people_in(given.faces / "lfw-east-asian-dev", card=given.card)
    good = report_splits(whole, given.splits)
    report_shipped("east-asian, each pair by a mean without the two", whole, apart=True)
    if given.held_out:
        report_shipped("lfw-ten", people_in(given.faces / "lfw-ten", card=given.card), apart=False)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
