# SPDX-License-Identifier: Apache-2.0
"""Caps by class and date, the co-payment, and ages as the law counts them: official examples."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.consent.age import age_by_law
from kiosk.eligibility.limit.age import AgeBand, age_band, attained, elderly_from, preschool_until
from kiosk.eligibility.limit.caps import LIMIT_CLASSES, Limit, limit_on
from kiosk.eligibility.limit.share import Share, ShareSource, share_of
from kiosk.eligibility.limit.tables import Caps, MonthlyCap, load
from kiosk.eligibility.model import ElderlyInfo, LimitInfo, Result
from kiosk.errors import ConfigurationError

LIMITS = Path(__file__).parents[3] / "config" / "limits"
TABLES = load(LIMITS)
LAST_OLD = date(2026, 7, 31)
FIRST_NEW = date(2026, 8, 1)


def limit(code: str, on: date = LAST_OLD) -> Limit:
    found = limit_on(LimitInfo(limit_class=code), on, TABLES)
    assert found is not None
    return found


def month(code: str, on: date = LAST_OLD) -> MonthlyCap:
    caps = limit(code, on).caps
    assert caps is not None
    assert caps.month is not None
    return caps.month


# --- caps ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "cost", "paid"),
    [
        # a month of 1,000,000 yen, the example of the official leaflet: 80,100 + (1,000,000 - 267,000) x 1 %
        ("A03", 1_000_000, 87_430),
        ("B03", 1_000_000, 87_430),
        ("A02", 1_000_000, 171_820),
        ("A01", 1_000_000, 254_180),
        ("A04", 1_000_000, 57_600),
        ("A05", 1_000_000, 35_400),
        ("B05", 1_000_000, 24_600),
        ("B06", 1_000_000, 15_000),
        # one per cent of less than nothing is nothing
        ("A03", 100_000, 80_100),
        # half a yen is rounded up, less is dropped
        ("A03", 267_050, 80_101),
        ("A03", 267_049, 80_100),
    ],
)
def test_a_month_costs_at_most(code: str, cost: int, paid: int) -> None:
    assert month(code).amount(cost) == paid


@pytest.mark.parametrize(
    ("codes", "repeated", "outpatient", "year"),
    [
        (["A01", "B01"], 140_100, None, None),
        (["A02", "B02"], 93_000, None, None),
        (["A03", "B03"], 44_400, None, None),
        (["A04"], 44_400, None, None),
        (["A05"], 24_600, None, None),
        (["B04", "B09", "B10"], 44_400, 18_000, 144_000),
        (["B05", "B06", "B07", "B08"], None, 8_000, None),
    ],
)
def test_what_else_is_capped(
    codes: list[str], repeated: int | None, outpatient: int | None, year: int | None
) -> None:
    for code in codes:
        caps = limit(code).caps
        assert caps is not None
        assert (caps.repeated, caps.outpatient, caps.outpatient_year) == (repeated, outpatient, year)


def test_up_to_july_2026_the_table_is_complete() -> None:
    for day in (date(2018, 8, 1), date(2024, 6, 1), LAST_OLD):
        table = TABLES.on(day)
        assert table is not None
        assert table.complete
        # オ(境) has no figure in any source, and is shown as returned
        assert set(table.classes) == set(LIMIT_CLASSES) - {"A06"}
        assert table.source


def test_from_august_2026_only_what_is_known() -> None:
    caps = limit("A03", FIRST_NEW).caps
    assert caps == Caps(month=MonthlyCap(85_800, 0), year=530_000)
    assert month("A03", FIRST_NEW).amount(1_000_000) is None  # beyond which cost is not known
    assert limit("B06", FIRST_NEW).caps == Caps(outpatient=8_000)
    known = {code for code in LIMIT_CLASSES if not limit(code, FIRST_NEW).as_returned}
    assert known == {"A03", "B06"}
    table = TABLES.on(FIRST_NEW)
    assert table is not None
    assert not table.complete


def test_before_the_first_table_and_after_the_last_nothing_is_claimed() -> None:
    assert limit("A03", date(2018, 7, 31)).as_returned
    assert limit("A03", date(2027, 8, 1)).as_returned
    assert limit("A03", date(2040, 1, 1)).label == "ウ"


@pytest.mark.parametrize("code", ["C01", "A07", "A3", "ウ", "zzz"])
def test_an_unknown_code_is_shown_raw(code: str) -> None:
    assert limit(code) == Limit(code, "", None, "", in_force=True)


def test_full_width_and_padded_codes_are_read() -> None:
    assert limit(" Ａ０３ ").label == "ウ"


def test_no_record_no_limit_and_an_ended_one_is_told() -> None:
    assert limit_on(None, LAST_OLD, TABLES) is None
    info = LimitInfo(limit_class="A03", valid_from="20250801", valid_to="20260731")
    inside, after = limit_on(info, LAST_OLD, TABLES), limit_on(info, FIRST_NEW, TABLES)
    assert inside is not None
    assert inside.in_force
    assert after is not None
    assert not after.in_force


def test_every_number_of_the_tables_has_its_note() -> None:
    for file in LIMITS.glob("*.toml"):
        assert re.search(r'^source = ".{20,}"$', file.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'from = "soon"\ncomplete = true\nsource = "x"',
        'from = 2018-08-01\ncomplete = true\nsource = "x"\nA01 = { month = { base = -1 } }',
        'from = 2018-08-01\ncomplete = true\nsource = "x"\nA01 = { monthly = 3 }',
        'from = 2018-08-01\ncomplete = true\nsource = "x"\nA01 = { month = { above = 3 } }',
        'from = 2018-08-01\ncomplete = true\nsource = "x"\nA01 = { month = 3 }',
    ],
)
def test_a_broken_table_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "2018-08.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError):
        load(tmp_path)


def test_two_tables_of_one_day_are_refused(tmp_path: Path) -> None:
    for name, begins in (("a", "2018-08-01"), ("b", "2020-01-01")):
        text = f'from = {begins}\nuntil = 2026-07-31\ncomplete = true\nsource = "x"'
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match="two tables"):
        load(tmp_path)


# --- ages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "begins"),
    [
        # 70 on 10 January 2023: from 1 February; 70 on 1 January 2023: from that day (insurers' own examples)
        (date(1953, 1, 10), date(2023, 2, 1)),
        (date(1953, 1, 1), date(2023, 1, 1)),
        (date(1953, 1, 2), date(2023, 2, 1)),
        (date(1956, 12, 31), date(2027, 1, 1)),
        (date(1956, 2, 29), date(2026, 3, 1)),  # reached on 28 February
    ],
)
def test_seventy_counts_from_the_month_after(birth: date, begins: date) -> None:
    assert elderly_from(birth) == begins
    assert age_band(birth, begins) is AgeBand.ELDERLY
    assert age_band(birth, begins - timedelta(days=1)) is AgeBand.ADULT


def test_seventy_five_counts_from_the_birthday() -> None:
    birth = date(1951, 11, 23)
    assert age_band(birth, date(2026, 11, 22)) is AgeBand.ELDERLY
    assert age_band(birth, date(2026, 11, 23)) is AgeBand.LATE_ELDERLY


@pytest.mark.parametrize(
    ("birth", "last"),
    [
        (date(2020, 4, 1), date(2026, 3, 31)),  # six on 31 March: school begins the next day
        (date(2020, 4, 2), date(2027, 3, 31)),
        (date(2020, 3, 31), date(2026, 3, 31)),
        (date(2020, 2, 29), date(2026, 3, 31)),
    ],
)
def test_school_begins_after_the_sixth_year(birth: date, last: date) -> None:
    assert preschool_until(birth) == last
    assert age_band(birth, last) is AgeBand.PRESCHOOL
    assert age_band(birth, last + timedelta(days=1)) is AgeBand.ADULT


@given(st.dates(date(1900, 1, 1), date(2030, 12, 31)), st.integers(0, 110))
def test_the_day_of_an_age_is_where_the_age_changes(birth: date, years: int) -> None:
    day = attained(birth, years + 1)
    assert age_by_law(birth, day) == years + 1
    assert age_by_law(birth, day - timedelta(days=1)) == years


@given(st.dates(date(1900, 1, 1), date(2030, 12, 31)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_bands_only_grow(birth: date, day: date) -> None:
    order = list(AgeBand)
    assert order.index(age_band(birth, day)) <= order.index(age_band(birth, day + timedelta(days=1)))


# --- the share ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "share"),
    [
        (Result(birth_date="19760327"), Share((30,), ShareSource.AGE)),
        (Result(birth_date="20220401"), Share((20,), ShareSource.AGE)),
        (Result(birth_date="19530110"), Share((20, 30), ShareSource.AGE)),
        (Result(birth_date="19480115"), Share((10, 20, 30), ShareSource.AGE)),
        (Result(birth_date="19760327", preschool="1"), Share((20,), ShareSource.PRESCHOOL_RECORD)),
        (Result(partial_ratio="010"), Share((10,), ShareSource.LATE_ELDERLY_RECORD)),
        (Result(partial_ratio="０２０"), Share((20,), ShareSource.LATE_ELDERLY_RECORD)),
        (Result(elderly=ElderlyInfo(ratio="030")), Share((30,), ShareSource.ELDERLY_RECORD)),
        (Result(partial_ratio="045"), Share((), ShareSource.LATE_ELDERLY_RECORD, raw="045")),
        (
            Result(birth_date="19530110", elderly=ElderlyInfo(ratio="020", valid_to="20250731")),
            Share((20, 30), ShareSource.AGE),
        ),
        (Result(card_class="A1", birth_date="19760327"), Share((), ShareSource.MEDICAL_AID)),
        (Result(birth_date="1976032"), Share((), ShareSource.UNKNOWN)),
        (Result(birth_date="19760231"), Share((), ShareSource.UNKNOWN)),
        (Result(birth_date="20991231"), Share((), ShareSource.UNKNOWN)),
    ],
)
def test_the_record_comes_before_the_age(result: Result, share: Share) -> None:
    assert share_of(result, date(2026, 7, 1)) == share
    assert share.per_cent == (share.possible[0] if len(share.possible) == 1 else None)
