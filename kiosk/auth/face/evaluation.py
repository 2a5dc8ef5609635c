# SPDX-License-Identifier: Apache-2.0
"""The accuracy of face comparison on labelled pictures: for technicians, never in a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.auth.face.accuracy import WANTED_RATES, Accuracy, Point, Rate
from kiosk.auth.face.calibration import MOST_PROBES, PIPELINE
from kiosk.auth.face.comparisons import Centres, Comparisons, all_pairs, compare_pairs
from kiosk.auth.face.gallery import Gallery, Progress, collect
from kiosk.auth.face.labels import Labels, Pair, read_labels
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.clock import Clock

_TOO_FEW: Final = "not measurable with so few pairs of different people"


@dataclass(frozen=True, slots=True)
class Wish:
    """How to evaluate: pictures averaged like frames, references as card photos, pairs not listed."""

    probe_images: int = 1
    card: bool = False
    all_pairs: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.probe_images <= MOST_PROBES:
            raise ValueError


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was found; `accuracy` has the curve for a plot, `gallery` what a table is made of."""

    wish: Wish
    threshold: float
    labels: Labels
    gallery: Gallery
    comparisons: Comparisons
    repeated: int
    accuracy: Accuracy
    fmr: Rate | None
    fnmr: Rate | None
    points: tuple[Point, ...]

    @property
    def left_out(self) -> int:
        """Pairs that were named and could not be compared, or say nothing new."""
        return self.comparisons.left_out + self.labels.with_itself + self.repeated

    @property
    def usable(self) -> bool:
        """Whether anything could be compared."""
        return self.fmr is not None or self.fnmr is not None

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        seconds = self.gallery.median_seconds
        return {
            "pipeline": PIPELINE,
            "threshold": self.threshold,
            "probe_images": self.wish.probe_images,
            "card": self.wish.card,
            "all_pairs": self.wish.all_pairs,
            "people": self.labels.people,
            "people_by": self.labels.people_by,
            "images": len(self.labels.images),
            "failure_to_acquire": {
                "images": self.gallery.without_face,
                "rate": round(self.gallery.without_face / max(1, len(self.labels.images)), 4),
                "card_photos": self.gallery.cards_without_face if self.wish.card else None,
            },
            "seconds_per_image": None if seconds is None else round(seconds, 4),
            "pairs_same": len(self.comparisons.genuine),
            "pairs_different": len(self.comparisons.impostor),
            "pairs_of_different_people": self.accuracy.pairs_of_people,
            "pairs_left_out": self.left_out,
            "fmr": None if self.fmr is None else self.fmr.as_dict(),
            "fnmr": None if self.fnmr is None else self.fnmr.as_dict(),
            "fnmr_at": [_point(point) for point in self.points],
        }


def evaluate(pairs: Path, policy: MatchPolicy, wish: Wish, clock: Clock, on_progress: Progress) -> Evaluation:
    """Compare as the kiosk does, and count; `ConfigurationError` for files that are wrong."""
    labels = read_labels(pairs)
    gallery = collect(labels.images, clock, on_progress, card=wish.card)
    return evaluated(labels, gallery, Centres(policy.centre), policy.threshold(wish.probe_images), wish)


def evaluated(labels: Labels, gallery: Gallery, centres: Centres, threshold: float, wish: Wish) -> Evaluation:
    """Figures of pictures that are numbers already."""
    # a reference that is a card photo, or one picture against a mean, is not the same the other way round
    ordered = wish.card or wish.probe_images > 1
    listed = _distinct(labels.pairs, ordered=ordered)
    pairs = all_pairs(labels, ordered=ordered) if wish.all_pairs else iter(listed)
    comparisons = compare_pairs(labels, gallery, pairs, wish.probe_images, centres)
    accuracy = Accuracy(comparisons)
    return Evaluation(
        wish,
        threshold,
        labels,
        gallery,
        comparisons,
        0 if wish.all_pairs else len(labels.pairs) - len(listed),
        accuracy,
        accuracy.fmr(threshold),
        accuracy.fnmr(threshold),
        tuple(accuracy.at(rate) for rate in WANTED_RATES),
    )


def _distinct(pairs: Sequence[Pair], *, ordered: bool) -> list[Pair]:
    """Each comparison once: a row that stands there twice is no new evidence, nor is it turned round."""
    seen: dict[tuple[int, int], Pair] = {}
    for pair in pairs:
        places = (pair.first, pair.second)
        seen.setdefault(places if ordered else (min(places), max(places)), pair)
    return list(seen.values())


def as_lines(found: Evaluation) -> list[str]:
    """For people."""
    wish, gallery = found.wish, found.gallery
    images = len(found.labels.images)
    seconds = gallery.median_seconds
    card = f", {gallery.cards_without_face} more as card photos" if wish.card else ""
    which = "all pairs of the pictures" if wish.all_pairs else "the pairs listed"
    counts = f"{len(found.comparisons.genuine)} of one person, {len(found.comparisons.impostor)} of two"
    lines = [
        f"{'pictures':<26}{images} of {found.labels.people} people (told by {found.labels.people_by})",
        f"{'failure to acquire':<26}{gallery.without_face} of {images} pictures{card}",
        f"{'time a picture':<26}" + ("-" if seconds is None else f"{seconds:.3f} s (median)"),
        f"{'compared':<26}{which}: {counts}",
        f"{'':<26}{_setting(wish)}",
        f"{'left out':<26}{found.left_out}",
        f"{'threshold':<26}{found.threshold:.4f}",
        f"{'false match rate':<26}{_rate(found.fmr)}",
        f"{'false non-match rate':<26}{_rate(found.fnmr)}",
    ]
    for point in found.points:
        said = _TOO_FEW if point.fnmr is None else f"{_rate(point.fnmr)} (threshold {point.threshold:.4f})"
        lines.append(f"{f'FNMR at FMR {point.rate:g}':<26}{said}")
    lines.append("Intervals are 95 %, drawn over people. What the figures cannot say: docs/face.md.")
    return lines


def _setting(wish: Wish) -> str:
    reference = "one picture as a card photo" if wish.card else "one picture"
    probe = "one" if wish.probe_images == 1 else f"the mean of {wish.probe_images}"
    return f"{reference} against {probe}"


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return "-"
    # six places: a rate of 3 in 100,000 must not read as none
    return f"{rate.value:.6f} (95 %: {rate.low:.6f} to {rate.high:.6f}; {rate.errors} of {rate.of})"


def _point(point: Point) -> dict[str, object]:
    if point.fnmr is None or point.threshold is None:
        return {"fmr": point.rate, "measurable": False, "why": _TOO_FEW}
    return {
        "fmr": point.rate,
        "measurable": True,
        "threshold": round(point.threshold, 4),
        "fnmr": point.fnmr.as_dict(),
    }
