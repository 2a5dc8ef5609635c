# SPDX-License-Identifier: Apache-2.0
"""Whether what was read can be a birth date and the end of a card's validity. Pure.

Only what can be is taken; nothing is completed or corrected. A birth date of the Gregorian calendar is
recognised and goes no further, since how its 照合番号B is formed is not public.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Final

_EXPIRY_YEARS: Final = 11  # a card is valid to the tenth birthday after its issue, and issued ahead of time
_OLDEST_YEARS: Final = 130


class Era(Enum):
    """A Japanese era: its two letters, its first day, and its last."""

    MEIJI = ("明治", date(1868, 1, 25), date(1912, 7, 29))
    TAISHO = ("大正", date(1912, 7, 30), date(1926, 12, 24))
    SHOWA = ("昭和", date(1926, 12, 25), date(1989, 1, 7))
    HEISEI = ("平成", date(1989, 1, 8), date(2019, 4, 30))
    REIWA = ("令和", date(2019, 5, 1), date.max)

    def __init__(self, letters: str, first: date, last: date) -> None:
        self.letters = letters
        self.first = first
        self.last = last


@dataclass(frozen=True, slots=True)
class EraDate:
    """A birth date counted in an era. More than one era, where only a letter that they share was read."""

    eras: frozenset[Era]
    year: int = field(repr=False)
    month: int = field(repr=False)
    day: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class GregorianDate:
    """A birth date of the Gregorian calendar. Which one is of no use, and not kept."""


_DATE: Final = re.compile("(元|[0-9]{1,4})年([0-9]{1,2})月([0-9]{1,2})日".encode())


def eras_in(text: bytes | bytearray) -> frozenset[Era]:
    """The eras of which both letters stand in that text, else those of which one does."""
    whole = frozenset(era for era in Era if era.letters.encode() in text)
    if whole:
        return whole
    return frozenset(era for era in Era if any(letter.encode() in text for letter in era.letters))


def parse_birth(text: bytes | bytearray) -> EraDate | GregorianDate | None:
    """The birth date in recognised text (UTF-8, no spaces), in either form; None where there is none."""
    found = _DATE.search(text)
    if found is None:
        return None
    before = text[: found.start()]
    if len(found[1]) == 4 and found[1].isdigit():
        return GregorianDate() if not eras_in(before) else None
    eras = eras_in(before)
    year = 1 if not found[1].isdigit() else int(found[1])
    if not eras or year > 99:
        return None
    return EraDate(eras, year, int(found[2]), int(found[3]))


def is_birth_date(birth: EraDate, today: date) -> bool:
    """Whether there was such a day in one of its eras, and somebody born on it can have a card today."""
    return any(_was_day(era, birth, today) for era in birth.eras)


def is_expiry_year(year: int, today: date) -> bool:
    """Whether a card that is valid today can be valid until that year."""
    return today.year <= year <= today.year + _EXPIRY_YEARS


def may_be_printed(birth_era_yymmdd: bytes, expiry_year: bytes, today: date) -> bool:
    """Whether these digits, of which the era is not known, may stand on a card that is received today.

    A Western year of birth often shows here, since no era has more than sixty-four years. The card may have
    ended last year: the certificate counts for some months more.
    """
    year, month, day = (int(birth_era_yymmdd[at : at + 2]) for at in (0, 2, 4))
    ends = int(expiry_year)
    return is_birth_date(EraDate(frozenset(Era), year, month, day), today) and (
        ends == today.year - 1 or is_expiry_year(ends, today)
    )


def _was_day(era: Era, birth: EraDate, today: date) -> bool:
    try:
        day = date(era.first.year + birth.year - 1, birth.month, birth.day)
    except ValueError:
        return False
    return era.first <= day <= min(era.last, today) and today.year - day.year <= _OLDEST_YEARS
