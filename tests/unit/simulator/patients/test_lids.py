# SPDX-License-Identifier: Apache-2.0
"""Lids are drawn by themselves, for speed: nobody may look other than drawn whole."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.simulator.patients import drawing
from kiosk.simulator.patients.head import SHEET, draw_person
from kiosk.simulator.patients.people import PATIENTS


@pytest.mark.parametrize("key", [person.key for person in PATIENTS if person.name][::3])
def test_closing_the_eyes_changes_only_the_eyes(key: str) -> None:
    spec = drawing._spec(key)
    assert np.array_equal(drawing._drawn(key, 0), draw_person(spec, 0.0))


def test_some_rows_of_a_person_are_those_of_the_whole() -> None:
    spec = drawing._spec("tome")
    whole = draw_person(spec, 1.0)
    for rows in (slice(0, 10), slice(250, 380), slice(700, SHEET.height)):
        assert np.array_equal(draw_person(spec, 1.0, rows), whole[rows])
