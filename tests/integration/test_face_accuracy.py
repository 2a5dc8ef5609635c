# SPDX-License-Identifier: Apache-2.0
"""A sample of `bench/face_accuracy.py`: real photographs at the shipped thresholds.

The photographs stay where they are: nothing of them is copied, kept or printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kiosk.auth.face.accuracy import Accuracy
from kiosk.auth.face.comparisons import Centres, all_pairs, compare_pairs
from kiosk.auth.face.gallery import Gallery, collect
from kiosk.auth.face.labels import Labels
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.clock import SystemClock

FACES = Path(__file__).parents[2].parent / "shared" / "data" / "faces"
EAST_ASIAN, TEN = FACES / "lfw-east-asian-dev" / "images", FACES / "lfw-ten" / "images"
IMAGES = 4
LIBRARYS_TOLERANCE = 0.6
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not EAST_ASIAN.is_dir() or not TEN.is_dir(), reason="no photographs in ../shared/data/faces"
    ),
]

Sample = tuple[Labels, Gallery]


def sample(folder: Path, people: int) -> Sample:
    chosen: list[Sequence[Path]] = []
    for each in sorted(folder.iterdir()):
        images = sorted(each.glob("*.jpg"))
        if len(images) >= IMAGES and len(chosen) < people:
            chosen.append(images[:IMAGES])
    paths = tuple(path for images in chosen for path in images)
    person = tuple(place for place, images in enumerate(chosen) for _ in images)
    return Labels(paths, person, (), "folders", 0), collect(paths, SystemClock(), lambda _done, _of: None)


@pytest.fixture(scope="module")
def east_asian() -> Sample:
    return sample(EAST_ASIAN, 6)


@pytest.fixture(scope="module")
def others() -> Sample:
    """People of whom nothing is in the shipped mean."""
    return sample(TEN, 3)


def figures(of: Sample, probes: int) -> tuple[float, float]:
    """False matches and refusals at the shipped threshold."""
    policy = MatchPolicy()
    labels, gallery = of
    pairs = all_pairs(labels, ordered=probes > 1)
    found = Accuracy(compare_pairs(labels, gallery, pairs, probes, Centres(policy.centre)), replicates=10)
    fmr, fnmr = found.fmr(policy.threshold(probes)), found.fnmr(policy.threshold(probes))
    assert fmr is not None
    assert fnmr is not None
    return fmr.value, fnmr.value


@pytest.mark.parametrize("probes", [1, 3])
def test_nobody_is_taken_for_another(east_asian: Sample, others: Sample, probes: int) -> None:
    assert figures(east_asian, probes)[0] == 0
    assert figures(others, probes)[0] == 0


def test_the_librarys_own_tolerance_would_take_many(east_asian: Sample) -> None:
    """That the sample could show it: at 0.6 a good part of these very pairs are one person."""
    labels, gallery = east_asian
    numbers = np.array([each if each is not None else np.full(128, np.nan) for each in gallery.probes])
    apart = np.linalg.norm(numbers[:, None] - numbers[None], axis=2)
    person = np.array(labels.person)
    different = apart[(person[:, None] != person[None]) & ~np.isnan(apart)]
    assert np.mean(different <= LIBRARYS_TOLERANCE) > 0.15


def test_three_pictures_confirm_more_people_than_one_does(east_asian: Sample, others: Sample) -> None:
    for whose, most in ((east_asian, 0.45), (others, 0.2)):
        single, three = figures(whose, 1)[1], figures(whose, 3)[1]
        assert three <= single  # of a few people all may be confirmed by one picture already
        assert three <= most
