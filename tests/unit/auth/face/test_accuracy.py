# SPDX-License-Identifier: Apache-2.0
"""Figures of made-up embeddings, whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.auth.face.accuracy import Accuracy
from kiosk.auth.face.calibration import CENTRE_WEIGHT
from kiosk.auth.face.comparisons import Centres, Comparisons, all_pairs, compare_pairs, person_means
from kiosk.auth.face.fitting import make_table
from kiosk.auth.face.gallery import Gallery
from kiosk.auth.face.labels import Labels, Pair
from kiosk.errors import ConfigurationError

NOWHERE = Centres([0.0] * 128)


def crowd(people: int, images: int, *, alone: int = 0, seed: int = 1) -> tuple[Labels, Gallery]:
    """People around one place, each with pictures around their own, some with one picture only."""
    middle = np.random.default_rng(0).normal(0, 0.11, 128)
    chance = np.random.default_rng(seed)
    counts = [images] * people + [1] * alone
    own = middle + chance.normal(0, 0.045, (len(counts), 128))
    person = tuple(int(each) for each in np.repeat(np.arange(len(counts)), counts))
    pictures = own[list(person)] + chance.normal(0, 0.025, (len(person), 128))
    names = tuple(Path(f"{who:03}/{place:04}.png") for place, who in enumerate(person))
    labels = Labels(names, person, (), "drawn", 0)
    return labels, Gallery(tuple(pictures), tuple(pictures))


def made(impostor: list[float], people: list[tuple[int, int]], of: int) -> Accuracy:
    empty = np.empty(0)
    places = np.array(people, dtype=np.int64)
    return Accuracy(Comparisons(of, empty, empty.astype(np.int64), np.array(impostor), places, 0))


def test_rates_are_counted_at_the_threshold_itself() -> None:
    found = made([0.1, 0.2, 0.3, 0.4], [(0, 1), (0, 2), (1, 2), (2, 3)], 4)
    assert (found.fmr(0.2).errors, found.fmr(0.1999).errors) == (2, 1)  # type: ignore[union-attr]
    assert found.fnmr(0.2) is None


def test_the_interval_is_over_people_and_not_over_pairs() -> None:
    """Ten thousand pairs of four people know no more than four people do."""
    chance = np.random.default_rng(3)
    pairs = [(one, other) for one in range(4) for other in range(one)]
    near = [0.1 if pair == (1, 0) else 0.9 for pair in pairs]
    few = made(near, pairs, 4)
    many = made(
        list(np.repeat(near, 1500) + chance.normal(0, 0.01, 9000)), [p for p in pairs for _ in range(1500)], 4
    )
    narrow, wide = many.fmr(0.5), few.fmr(0.5)
    assert narrow is not None
    assert wide is not None
    assert narrow.value == pytest.approx(wide.value)
    assert (narrow.low, narrow.high) == pytest.approx((wide.low, wide.high))
    assert narrow.high - narrow.low > 0.4  # 9,000 coins would say 0.02


def test_no_error_is_not_called_impossible() -> None:
    found = made([0.9] * 6, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)], 4).fmr(0.5)
    assert found is not None
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(0.5)  # 3 of 6 pairs of people


def test_what_the_pairs_cannot_tell_is_not_told() -> None:
    labels, gallery = crowd(30, 2)
    accuracy = Accuracy(compare_pairs(labels, gallery, all_pairs(labels, ordered=False), 1, NOWHERE))
    assert len(accuracy.impostor) == 60 * 59 // 2 - 30
    assert accuracy.at(1e-2).fnmr is not None
    assert accuracy.at(1e-3).fnmr is None  # 1.7 false matches would be its whole evidence


def test_a_threshold_for_a_rate_keeps_to_it() -> None:
    labels, gallery = crowd(40, 3)
    accuracy = Accuracy(compare_pairs(labels, gallery, all_pairs(labels, ordered=False), 1, NOWHERE))
    for rate in (0.05, 0.01, 0.002):
        threshold = accuracy.quantile(rate)
        found = accuracy.fmr(threshold)
        assert found is not None
        assert rate - 1 / found.of <= found.value <= rate
        assert found.low <= rate <= found.high


def test_several_probes_are_averaged_and_the_reference_is_not_among_them() -> None:
    labels, gallery = crowd(12, 4)
    single = compare_pairs(labels, gallery, all_pairs(labels, ordered=True), 1, NOWHERE)
    mean = compare_pairs(labels, gallery, all_pairs(labels, ordered=True), 3, NOWHERE)
    assert len(mean.genuine) == len(single.genuine) == 12 * 4 * 3
    assert np.median(mean.genuine) < np.median(single.genuine)
    assert mean.genuine.min() > 1e-3  # a reference among its own probes would be nearer
    none = compare_pairs(labels, gallery, all_pairs(labels, ordered=True), 4, NOWHERE)
    assert len(none.genuine) == 0  # without the reference three are left
    assert none.left_out == 12 * 4 * 3
    assert len(none.impostor) == 48 * 44


def test_the_pictures_after_the_second_one_are_taken_in_the_order_of_names() -> None:
    labels, gallery = crowd(2, 4)
    found = compare_pairs(labels, gallery, iter([Pair(1, 3, same=True)]), 3, NOWHERE)
    probes = [gallery.probes[place] for place in (3, 0, 2)]
    mean = np.mean([each for each in probes if each is not None], axis=0)
    reference = gallery.references[1]
    assert reference is not None
    cosine = reference @ mean / np.linalg.norm(reference) / np.linalg.norm(mean)
    assert found.genuine[0] == pytest.approx(1 - cosine)


def test_a_centre_leaves_out_the_two_who_are_compared() -> None:
    labels, gallery = crowd(10, 2)
    means = person_means(labels, gallery)
    centres = Centres(means=means).of(np.array([[2, 7], [4, 4]]))
    assert centres[0] == pytest.approx(CENTRE_WEIGHT * np.delete(means, (2, 7), axis=0).mean(axis=0))
    assert centres[1] == pytest.approx(CENTRE_WEIGHT * np.delete(means, 4, axis=0).mean(axis=0))


def test_a_picture_without_a_face_is_left_out() -> None:
    labels, gallery = crowd(3, 2)
    probes = (None, *gallery.probes[1:])
    found = compare_pairs(labels, Gallery(probes, probes), all_pairs(labels, ordered=False), 1, NOWHERE)
    assert found.left_out == 5
    assert len(found.genuine) == 2


def test_a_table_keeps_its_promise_on_people_it_has_not_seen() -> None:
    table = make_table(*crowd(10, 5, alone=50, seed=5), origin="made up", made="2026-01-01")
    others, their = crowd(45, 3, seed=6)
    pairs = all_pairs(others, ordered=True)
    found = Accuracy(compare_pairs(others, their, pairs, 3, Centres(table.centre)), replicates=10)
    strict = table.rows[2].thresholds
    for entry in strict[:3]:
        seen = found.fmr(entry.threshold)
        assert seen is not None
        assert seen.value <= entry.rate * 1.2
    assert [each.threshold for each in strict] == sorted((each.threshold for each in strict), reverse=True)
    assert strict[0].counted
    assert not strict[-1].counted


def test_a_table_of_few_people_or_few_pictures_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="at least 50 people; there are 49"):
        make_table(*crowd(9, 5, alone=40), origin="", made="")
    with pytest.raises(ConfigurationError, match="people with 4 pictures and more"):
        make_table(*crowd(2, 3, alone=49), origin="", made="")
