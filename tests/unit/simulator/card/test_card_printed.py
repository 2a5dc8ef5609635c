# SPDX-License-Identifier: Apache-2.0
"""What is printed on a patient's card."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.simulator.card.printed import card_expiry, era_year, printed_fields
from kiosk.simulator.patients.people import PATIENTS, patient

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2019, 5, 1), 1),
        (date(2019, 4, 30), 31),
        (date(1989, 1, 8), 1),
        (date(1989, 1, 7), 64),
        (date(1926, 12, 25), 1),
        (date(1926, 12, 24), 15),
        (date(1912, 7, 30), 1),
        (date(1912, 7, 29), 45),
    ],
)
def test_years_are_counted_in_their_era(day: date, year: int) -> None:
    assert era_year(day) == year


def test_a_day_before_the_eras_has_no_year() -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        era_year(date(1800, 1, 1))


@pytest.mark.parametrize(
    ("key", "digits"),
    [
        ("hanako", b"51032720301029"),  # Showa 51
        ("taro", b"10070520303377"),  # Heisei 10
        ("tome", b"23011520308842"),  # Showa 23
        ("yuki", b"15122420307003"),  # Heisei 15
    ],
)
def test_number_b_is_birth_in_its_era_expiry_year_and_security_code(key: str, digits: bytes) -> None:
    assert printed_fields(patient(key), TODAY).number_b() == digits


@given(today=st.dates(min_value=date(2024, 1, 1), max_value=date(2060, 1, 1)))
def test_no_card_expires_soon_or_after_more_than_ten_years(today: date) -> None:
    for entry in PATIENTS:
        expiry = card_expiry(entry, today)
        assert today + timedelta(days=120) < expiry < today + timedelta(days=3653)
        assert (expiry.month, expiry.day) == (entry.birth.month, entry.birth.day)


def test_a_leap_days_child_has_a_birthday_every_year() -> None:
    person = replace(patient("taro"), birth=date(2000, 2, 29))
    assert card_expiry(person, TODAY) == date(2030, 2, 28)
