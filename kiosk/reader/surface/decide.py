# SPDX-License-Identifier: Apache-2.0
"""Which number the evidence of one picture speaks for, and how strongly. Pure.

What the networks say about each digit, and how well each form fits the ink, are weighed together with what
is known about such numbers: a birth date is a day of its era, a valid card ends within eleven years, and it
ends on a birthday, so that month and day stand on the card twice. That a card may be none of this is weighed
as well, and a digit that the picture speaks against is never put in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.reader.surface.digits import NO_DIGIT
from kiosk.reader.surface.letters import Form
from kiosk.reader.surface.parse import Era, EraDate, is_birth_date, is_expiry_year

Floats = NDArray[np.float64]
Chances = NDArray[np.float32]

_FIT: Final = 1.5  # how strongly the cost of a form speaks against it
_FLOOR: Final = 1e-4  # no network is surer than that
_IN_GLARE: Final = 0.01  # of a digit's chances that light takes from it
_LEFT_OUT: Final = 0.01  # no digit that a form leaves out is surer than that
_SAME_INK: Final = 0.3  # of a digit's cell
_APART: Final = 0.002  # how likely two days that differ are, beside two that are the same
_ODD_DATE: Final = 0.02  # of what looks like a birth date is none
_PAST_YEARS: Final = 15
_FUTURE_YEARS: Final = 25
_RUN_OUT, _FAR_OFF, _ODD_YEAR = 0.05, 0.02, 1e-3  # of all cards
_KEPT: Final = 10  # years that are weighed on
_WORSE: Final = 1.0
_AGAINST: Final = 0.02  # a digit less likely than this by itself is spoken against

_YEARS: Final = 100
_MONTHS: Final = np.arange(1, 13)
_DAYS: Final = np.arange(1, 32)


@dataclass(frozen=True, slots=True)
class Decision:
    """The likeliest number: its fields, how likely each is, and the forms of the lines that show it."""

    birth: int  # the place among the birth line's forms
    expiry: int
    year: int = field(repr=False)
    month: int = field(repr=False)
    day: int = field(repr=False)
    expiry_year: int = field(repr=False)
    code: tuple[int, ...] = field(repr=False)
    digits: tuple[int, ...] = field(repr=False)  # as they stand on the card
    sure: tuple[float, ...] = field(repr=False)  # of each of them
    fit: float  # how much worse than the best its forms fit
    alone: float = field(repr=False)  # the least likely of them, by what is seen in its own place


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One form of a line, and what the networks say about each of its digits."""

    form: Form
    chances: Chances

    def logs(self) -> Floats:
        """How likely each digit is in each place, as logarithms; what is rather no digit is none of them."""
        chances = np.maximum(self.chances[:, :NO_DIGIT].astype(np.float64), _FLOOR)
        shone = np.asarray(self.form.shone_on, dtype=np.float64)[:, np.newaxis] * _IN_GLARE
        return np.asarray(np.log(chances * (1 - shone) + shone / 10))


def with_what_is_left_out(births: Sequence[Seen], gregorian: Sequence[Seen]) -> list[Seen]:
    """Those forms, and for each how strongly it is spoken against by digits that it takes for something else.

    Light and dirt can make a digit and a letter look as wide as a letter alone. What the networks see as a
    digit where a form with a longer year has one then counts, and not only how wide it is.
    """
    weighed = []
    for one in births:
        longer = [
            other
            for other in (*births, *gregorian)
            if other.form.parts[0] > one.form.parts[0] and other.form.parts[1:] == one.form.parts[1:]
        ]
        none = min((_none_left_out(one.form, other) for other in longer), default=1.0)
        cost = one.form.cost - math.log(max(none, _LEFT_OUT)) / _FIT
        weighed.append(Seen(replace(one.form, cost=cost), one.chances))
    return weighed


def _none_left_out(form: Form, longer: Seen) -> float:
    """How likely it is that what the longer year has beside the digits of that form is no digit."""
    year = form.cells[: form.parts[0]]
    count = longer.form.parts[0]
    beside = [
        float(chances[NO_DIGIT])
        for cell, chances in zip(longer.form.cells[:count], longer.chances[:count], strict=True)
        if not any(_overlap(cell, own) for own in year)
    ]
    return max(beside, default=1.0)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > _SAME_INK * (one[1] - one[0])


def decide(
    births: Sequence[Seen], expiries: Sequence[Seen], code: Seen, eras: frozenset[Era], today: date
) -> Decision | None:
    """The likeliest number; None where what is seen is rather no such number."""
    if not births or not expiries:
        return None
    years = np.arange(today.year - _PAST_YEARS, today.year + _FUTURE_YEARS + 1)
    birth_scores = np.stack([_score(one.form, _birth_parts(one)) for one in births])
    end_scores = np.stack([_score(one.form, _expiry_parts(one, years)) for one in expiries])
    birth_chances = np.exp(birth_scores - birth_scores.max()) * _date_prior(eras, today)
    end_chances = np.exp(end_scores - end_scores.max())
    end_chances *= _year_prior(years, today)[:, np.newaxis, np.newaxis]
    end_chances[..., 1, 28] += end_chances[..., 1, 27]  # a birthday that most years do not have
    kept, ends = _likeliest(birth_chances.sum(axis=(0, 2, 3))), _likeliest(end_chances.sum(axis=(0, 2, 3)))
    joint = _joint(births, expiries, birth_chances[:, kept], end_chances[:, ends])
    # what has two days that differ is not read, but it is what else this can be: a card that ends on no
    # birthday, or a digit that light, dirt or blur took away
    total = float(joint.sum()) + _APART * float(birth_chances.sum()) * float(end_chances.sum())
    if total <= 0:
        return None
    joint /= total
    year_at, end_at, month_at, day_at = (int(at) for at in np.unravel_index(int(joint.argmax()), joint.shape))
    year, month, day, end_year = int(kept[year_at]), month_at + 1, day_at + 1, int(years[ends[end_at]])
    if not is_birth_date(EraDate(eras, year, month, day), today) or not is_expiry_year(end_year, today):
        return None
    birth = int(birth_scores[:, year, month_at, day_at].argmax())
    expiry = int(end_scores[:, ends[end_at], month_at, day_at].argmax())
    counts = (*births[birth].form.parts, 4)
    digits = [
        digit
        for value, count in zip((year, month, day, end_year), counts, strict=True)
        for digit in _digits(value, count)
    ]
    likely = (
        float(joint[year_at].sum()),
        float(joint[:, :, month_at].sum()),
        float(joint[:, :, :, day_at].sum()),
        float(joint[:, end_at].sum()),
    )
    sure = [chance for chance, count in zip(likely, counts, strict=True) for _ in range(count)]
    seen = np.concatenate((births[birth].chances, expiries[expiry].chances[:4]))
    code_logs = code.logs()
    code_digits = tuple(int(digit) for digit in code_logs.argmax(axis=1))
    return Decision(
        birth=birth,
        expiry=expiry,
        year=year,
        month=month,
        day=day,
        expiry_year=end_year,
        code=code_digits,
        digits=(*digits, *code_digits),
        sure=(*sure, *(float(chance) for chance in np.exp(code_logs.max(axis=1)))),
        fit=max(
            chosen.form.cost - min(one.form.cost for one in forms)
            for chosen, forms in ((births[birth], births), (expiries[expiry], expiries))
        ),
        alone=min(float(chances[digit]) for chances, digit in zip(seen, digits, strict=True)),
    )


def _joint(births: Sequence[Seen], expiries: Sequence[Seen], birth: Floats, end: Floats) -> Floats:
    """How likely year, expiry year, month and day are together: a day is printed in the same way twice."""
    joint = np.zeros((birth.shape[1], end.shape[1], 12, 31))
    for one, seen in enumerate(births):
        for other, ending in enumerate(expiries):
            if seen.form.parts[1:] == ending.form.parts[1:]:
                joint += birth[one][:, np.newaxis] * end[other][np.newaxis]
    return joint


def spoken_against(decision: Decision) -> bool:
    """Whether one of its digits is not what is seen in its place, or the ink has rather another form."""
    return decision.alone < _AGAINST or decision.fit > _WORSE


def _birth_parts(seen: Seen) -> tuple[Floats, Floats, Floats]:
    year, month, _ = seen.form.parts
    logs = seen.logs()
    years = _values(logs[:year], np.arange(_YEARS))
    if not year:  # 元年
        years = np.where(np.arange(_YEARS) == 1, 0.0, -np.inf)
    years[0] = -np.inf
    return years, _values(logs[year : year + month], _MONTHS), _values(logs[year + month :], _DAYS)


def _expiry_parts(seen: Seen, years: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    month = seen.form.parts[1]
    logs = seen.logs()
    return _values(logs[:4], years), _values(logs[4 : 4 + month], _MONTHS), _values(logs[4 + month :], _DAYS)


def _values(logs: Floats, values: NDArray[np.int64]) -> Floats:
    """How likely each value is, written with so many digits."""
    found = np.zeros(len(values))
    rest = values.copy()
    for place in reversed(range(len(logs))):
        found += logs[place, rest % 10]
        rest //= 10
    found[rest > 0] = -np.inf
    return found


def _score(form: Form, parts: tuple[Floats, Floats, Floats]) -> Floats:
    """How strongly that form speaks for each year, month and day."""
    years, months, days = parts
    return np.asarray(years[:, np.newaxis, np.newaxis] + months[:, np.newaxis] + days - _FIT * form.cost)


def _likeliest(chances: Floats) -> NDArray[np.int64]:
    return np.asarray(np.argsort(-chances)[:_KEPT], dtype=np.int64)


def _year_prior(years: NDArray[np.int64], today: date) -> Floats:
    valid = np.array([is_expiry_year(int(year), today) for year in years])
    prior = np.where(years < today.year, _RUN_OUT / _PAST_YEARS, _FAR_OFF / (_FUTURE_YEARS - valid.sum() + 1))
    return np.where(valid, (1 - _RUN_OUT - _FAR_OFF) / valid.sum(), prior)


@lru_cache(maxsize=8)
def _date_prior(eras: frozenset[Era], today: date) -> Floats:
    """How likely each day is before anything was read: by year of the era, month, day."""
    valid = np.zeros((_YEARS, 12, 31), dtype=bool)
    for year in range(1, _YEARS):
        for month in range(1, 13):
            for day in range(1, 32):
                valid[year, month - 1, day - 1] = is_birth_date(EraDate(eras, year, month, day), today)
    days = max(1, int(valid.sum()))
    return np.asarray(np.where(valid, (1 - _ODD_DATE) / days, _ODD_DATE / (valid.size - days)))


def _digits(value: int, count: int) -> list[int]:
    return [value // 10**place % 10 for place in reversed(range(count))]
