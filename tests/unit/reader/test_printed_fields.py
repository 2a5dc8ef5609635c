# SPDX-License-Identifier: Apache-2.0
"""The printed fields: fourteen digits or nothing."""

from __future__ import annotations

import pytest

from kiosk.reader.surface.ports import PrintedFields
from kiosk.simulator.card.foreign import ForeignCard, MuteCard
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.surface import SimulatedSurface
from tests.fakes.cards import card_of


def test_fourteen_digits_that_can_be_cleared_and_are_not_printed() -> None:
    fields = PrintedFields.of(b"510327", b"2030", b"1029")
    assert fields is not None
    assert bytes(fields.number_b.view()) == b"51032720301029"
    assert repr(fields) == "PrintedFields(…)"
    fields.clear()
    assert len(fields.number_b) == 0


@pytest.mark.parametrize(
    ("birth", "year", "code"),
    [
        (b"19760327", b"2030", b"1029"),  # a Gregorian date: the number's form is not public
        (b"000327", b"2030", b"1029"),
        (b"511327", b"2030", b"1029"),
        (b"510332", b"2030", b"1029"),
        (b"51032a", b"2030", b"1029"),
        (b"510327", b"30", b"1029"),
        (b"510327", b"2030", b"102"),
        (b"", b"", b""),
    ],
)
def test_anything_else_is_nothing(birth: bytes, year: bytes, code: bytes) -> None:
    assert PrintedFields.of(birth, year, code) is None


def test_the_simulator_sees_what_lies_there() -> None:
    driver = SimulatedDriver()
    surface = SimulatedSurface(driver.card_in)
    assert surface.read() is None
    for other in (ForeignCard("licence"), MuteCard()):
        driver.insert(other)
        assert surface.read() is None
    card = card_of("taro")
    driver.insert(card)
    fields = surface.read()
    assert fields is not None
    assert card.printed is not None
    assert bytes(fields.number_b.view()) == card.printed.number_b()
