# SPDX-License-Identifier: Apache-2.0
"""What is seen, and what is known about such numbers, are weighed; what is not seen is not made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.reader.surface.decide import Decision, Seen, decide, spoken_against, with_what_is_left_out
from kiosk.reader.surface.digits import NO_DIGIT
from kiosk.reader.surface.letters import BirthForm, Form
from kiosk.reader.surface.parse import Era

TODAY = date(2026, 6, 1)
SHOWA = frozenset({Era.SHOWA})


def seen(
    digits: str,
    parts: tuple[int, int, int],
    form: BirthForm = BirthForm.EXPIRY,
    *,
    cost: float = 1.0,
    doubt: dict[int, tuple[int, float]] | None = None,
    glare: tuple[int, ...] = (),
) -> Seen:
    """Those digits, seen surely; but in the places of `doubt` another one, so likely."""
    chances = np.full((len(digits), NO_DIGIT + 1), 1e-5, dtype=np.float32)
    for place, digit in enumerate(digits):
        chances[place, int(digit)] = 1
        if doubt and place in doubt:
            other, likely = doubt[place]
            chances[place, int(digit)] = 1 - likely
            chances[place, other] = likely
    windows = np.zeros((len(digits), 1), dtype=np.float32)
    shone_on = tuple(place in glare for place in range(len(digits)))
    cells = tuple((10 * place, 10 * place + 8) for place in range(len(digits)))
    return Seen(
        Form(form, parts, cost, cells, windows, shone_on, hidden_year=False, hidden_day=False), chances
    )


def birth(
    digits: str = "510327", parts: tuple[int, int, int] = (2, 2, 2), cost: float = 1.0, **more: object
) -> Seen:
    return seen(digits, parts, BirthForm.ERA, cost=cost, **more)  # type: ignore[arg-type]


EXPIRY = seen("20300327", (4, 2, 2))
CODE = seen("1029", (4, 0, 0))


def fields(decision: Decision | None) -> tuple[int, ...] | None:
    if decision is None:
        return None
    return decision.year, decision.month, decision.day, decision.expiry_year


def test_what_is_seen_surely_is_sure() -> None:
    decision = decide([birth()], [EXPIRY], CODE, SHOWA, TODAY)
    assert decision is not None
    assert fields(decision) == (51, 3, 27, 2030)
    assert decision.code == (1, 0, 2, 9)
    assert decision.digits == (5, 1, 0, 3, 2, 7, 2, 0, 3, 0, 1, 0, 2, 9)
    assert min(decision.sure) > 0.98
    assert not spoken_against(decision)


def test_the_day_stands_on_the_card_twice() -> None:
    doubtful = birth(doubt={5: (1, 0.6)})  # rather the 21st
    decision = decide([doubtful], [EXPIRY], CODE, SHOWA, TODAY)
    assert decision is not None
    assert fields(decision) == (51, 3, 27, 2030)
    assert min(decision.sure) > 0.98


def test_a_card_that_ends_on_no_birthday_is_not_sure() -> None:
    decision = decide([birth()], [seen("20301105", (4, 2, 2))], CODE, SHOWA, TODAY)
    assert decision is None or min(decision.sure) < 0.7


def test_a_leap_day_ends_on_the_day_before() -> None:
    decision = decide([birth("510229")], [seen("20300228", (4, 2, 2))], CODE, SHOWA, TODAY)
    assert decision is not None
    assert fields(decision) == (51, 2, 29, 2030)
    assert min(decision.sure) > 0.9


def test_the_form_that_both_lines_have_wins() -> None:
    # the ink of the birth line fits one digit for the day a little better than two
    one, two = birth("51037", (2, 2, 1), cost=1.0), birth("510327", cost=1.4)
    decision = decide([one, two], [EXPIRY], CODE, SHOWA, TODAY)
    assert fields(decision) == (51, 3, 27, 2030)
    assert decision is not None
    assert not spoken_against(decision)


def test_a_form_that_fits_badly_does_not_win_by_being_the_same_twice() -> None:
    # the ink of the birth line shows the 27th; light has taken the second digit from the other line
    births = [birth(cost=0.8), birth("51032", (2, 2, 1), cost=3.0)]
    decision = decide(births, [seen("2030032", (4, 2, 1), cost=3.8)], CODE, SHOWA, TODAY)
    assert decision is None or spoken_against(decision)


def test_no_calendar_puts_in_what_is_spoken_against() -> None:
    # it ran out last year; the next best year would do, and no digit of it was seen
    assert decide([birth()], [seen("20250327", (4, 2, 2))], CODE, SHOWA, TODAY) is None
    decision = decide([birth()], [seen("20990327", (4, 2, 2))], CODE, SHOWA, TODAY)
    assert decision is None or spoken_against(decision) or min(decision.sure) < 0.7


def test_light_on_a_digit_takes_from_its_chances() -> None:
    plain = decide([birth()], [EXPIRY], CODE, SHOWA, TODAY)
    shone = decide([birth()], [EXPIRY], seen("1029", (4, 0, 0), glare=(1,)), SHOWA, TODAY)
    assert plain is not None
    assert shone is not None
    assert shone.sure[-3] < 0.995 < plain.sure[-3]


@given(st.dates(date(1926, 12, 25), date(1989, 1, 7)), st.integers(2026, 2036))
def test_every_date_seen_surely_is_read(day: date, year: int) -> None:
    counted = day.year - 1925
    decision = decide(
        [birth(f"{counted:02d}{day:%m%d}")], [seen(f"{year}{day:%m%d}", (4, 2, 2))], CODE, SHOWA, TODAY
    )
    assert fields(decision) == (counted, day.month, day.day, year)
    assert decision is not None
    assert min(decision.sure) > 0.9


def year_of(
    digits: str, cells: tuple[tuple[int, int], ...], cost: float, *, none: tuple[float, ...] = ()
) -> Seen:
    """A birth line's form with that year in those cells; `none` says how likely each digit of it is none."""
    one = birth(f"{digits}0327", (len(digits), 2, 2), cost)
    chances = one.chances.copy()
    for place, unlikely in enumerate(none):
        chances[place, NO_DIGIT] = unlikely
    rest = tuple((200 + 10 * place, 208 + 10 * place) for place in range(4))
    return Seen(replace(one.form, cells=(*cells, *rest)), chances)


def test_a_digit_that_a_shorter_year_leaves_out_speaks_against_it() -> None:
    # light took the letter behind 23, and the three fits as a piece of it
    short, whole = year_of("2", ((90, 118),), 1.0), year_of("23", ((90, 118), (118, 146)), 2.9)
    weighed = with_what_is_left_out([short, whole], [])
    assert [one.form.cost for one in weighed] == [pytest.approx(1.0 + 3.07, abs=0.01), 2.9]
    assert fields(decide([short, whole], [EXPIRY], CODE, SHOWA, TODAY)) == (2, 3, 27, 2030)
    assert fields(decide(weighed, [EXPIRY], CODE, SHOWA, TODAY)) == (23, 3, 27, 2030)


def test_one_digit_cut_in_two_is_left_out_nowhere_and_neither_is_a_piece_of_a_letter() -> None:
    short = year_of("6", ((90, 118),), 1.0)
    halves = year_of("66", ((90, 103), (104, 118)), 1.5)
    letter = year_of("06", ((62, 88), (90, 118)), 1.5, none=(0.98, 0.0))
    for other in (halves, letter):
        assert with_what_is_left_out([short, other], [])[0].form.cost == pytest.approx(1.0, abs=0.02)


def test_a_western_year_all_seen_speaks_against_the_era() -> None:
    cells = ((34, 60), (62, 88), (90, 118), (118, 146))
    era, western = year_of("76", cells[2:], 1.0), year_of("1976", cells, 1.5)
    era_too = year_of("1976", cells, 1.5, none=(0.2, 0.97, 0.0, 0.0))
    assert with_what_is_left_out([era], [western])[0].form.cost > 4
    assert with_what_is_left_out([era], [era_too])[0].form.cost == pytest.approx(1.0, abs=0.03)


def test_nothing_shows_itself() -> None:
    decision = decide([birth()], [EXPIRY], CODE, SHOWA, TODAY)
    for shown in (repr(decision), repr(EXPIRY.form)):
        assert "2030" not in shown
        assert "27" not in shown
