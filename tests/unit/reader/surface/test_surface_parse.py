# SPDX-License-Identifier: Apache-2.0
"""What can be a birth date and an expiry year."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.reader.surface.parse import (
    Era,
    EraDate,
    GregorianDate,
    eras_in,
    is_birth_date,
    is_expiry_year,
    parse_birth,
)

TODAY = date(2025, 6, 1)


def era_text(day: date) -> str:
    era = next(era for era in Era if era.first <= day <= era.last)
    return f"{era.letters}{day.year - era.first.year + 1}年{day.month}月{day.day}日生"


@given(st.dates(date(1921, 1, 1), TODAY))
def test_every_birth_date_is_read_as_printed_and_plausible(day: date) -> None:
    read = parse_birth(era_text(day).encode())
    assert isinstance(read, EraDate)
    (era,) = read.eras
    assert date(era.first.year + read.year - 1, read.month, read.day) == day
    assert is_birth_date(read, TODAY)


@given(st.dates(date(1900, 1, 1), TODAY))
def test_a_gregorian_date_is_recognised_and_never_a_number(day: date) -> None:
    assert parse_birth(f"{day.year}年{day.month}月{day.day}日生".encode()) == GregorianDate()


@given(st.binary(max_size=80))
def test_whatever_was_recognised_it_is_a_date_or_nothing(text: bytes) -> None:
    read = parse_birth(text)
    if isinstance(read, EraDate):
        is_birth_date(read, TODAY)


@given(st.sampled_from(Era), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_plausible_is_what_a_calendar_and_the_era_have(era: Era, year: int, month: int, day: int) -> None:
    try:
        born = date(era.first.year + year - 1, month, day)
    except ValueError:
        born = None
    possible = (
        born is not None and era.first <= born <= min(era.last, TODAY) and TODAY.year - born.year <= 130
    )
    assert is_birth_date(EraDate(frozenset({era}), year, month, day), TODAY) is possible


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("平成元年1月8日生", 1),
        ("令和元年5月1日生", 1),
        ("昭和64年1月7日生", 64),
        ("雑昭和05年03月07日生雑", 5),
    ],
)
def test_first_years_and_padding(text: str, year: int) -> None:
    read = parse_birth(text.encode())
    assert isinstance(read, EraDate)
    assert read.year == year
    assert is_birth_date(read, TODAY)


@pytest.mark.parametrize(
    "text", ["昭和64年1月8日生", "平成31年5月1日生", "令和9年1月1日生", "平成5年2月30日生"]
)
def test_days_that_an_era_never_had(text: str) -> None:
    read = parse_birth(text.encode())
    assert isinstance(read, EraDate)
    assert not is_birth_date(read, TODAY)


@pytest.mark.parametrize(
    "text", ["", "51年3月27日生", "昭和年3月27日生", "昭和1976年3月27日生", "昭和51年3月生", "1029"]
)
def test_no_date(text: str) -> None:
    assert parse_birth(text.encode()) is None


def test_a_letter_that_two_eras_share_leaves_both() -> None:
    assert eras_in("和51年".encode()) == {Era.SHOWA, Era.REIWA}
    assert eras_in("昭51年".encode()) == {Era.SHOWA}
    assert eras_in("令和5年".encode()) == {Era.REIWA}
    assert eras_in(b"51") == frozenset()


@given(st.integers(0, 9999))
def test_expiry_years(year: int) -> None:
    assert is_expiry_year(year, TODAY) is (2025 <= year <= 2036)


def test_a_date_does_not_show_itself() -> None:
    assert "51" not in repr(EraDate(frozenset({Era.SHOWA}), 51, 3, 27))
