# SPDX-License-Identifier: Apache-2.0
"""When an age changes what is paid, as the law counts: one turns N on the day before the birthday."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class AgeBand(StrEnum):
    """Who pays which share."""

    PRESCHOOL = "preschool"
    ADULT = "adult"
    ELDERLY = "elderly"  # 70 to 74
    LATE_ELDERLY = "late_elderly"  # 75 and over


def attained(birth: date, years: int) -> date:
    """The day on which that age is reached: the day before the birthday, 28 February for 29 February."""
    try:
        birthday = birth.replace(year=birth.year + years)
    except ValueError:  # born on 29 February, and that year has none
        birthday = date(birth.year + years, 3, 1)
    return birthday - timedelta(days=1)


def preschool_until(birth: date) -> date:
    """The last day before school: the first 31 March on which six years are reached.

    So who is born on 1 April goes to school with those born in March.
    """
    six = attained(birth, 6)
    return date(six.year if (six.month, six.day) <= (3, 31) else six.year + 1, 3, 31)


def elderly_from(birth: date) -> date:
    """The first of the month after the one in which 70 is reached; for who is born on a first, that first."""
    seventy = attained(birth, 70)
    return (seventy.replace(day=1) + timedelta(days=31)).replace(day=1)


def late_elderly_from(birth: date) -> date:
    """The 75th birthday itself."""
    return attained(birth, 75) + timedelta(days=1)


def age_band(birth: date, on: date) -> AgeBand:
    """The band of that day (a Tokyo date)."""
    if on >= late_elderly_from(birth):
        return AgeBand.LATE_ELDERLY
    if on >= elderly_from(birth):
        return AgeBand.ELDERLY
    return AgeBand.PRESCHOOL if on <= preschool_until(birth) else AgeBand.ADULT
