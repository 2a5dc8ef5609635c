# SPDX-License-Identifier: Apache-2.0
"""What is printed on a patient's card and opens its visual application (照合番号B)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from kiosk.simulator.patients.people import Patient

_ERA_STARTS = (date(2019, 5, 1), date(1989, 1, 8), date(1926, 12, 25), date(1912, 7, 30), date(1868, 1, 25))
_EXPIRY_STEP_YEARS = 5
_EXPIRY_MARGIN = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class PrintedFields:
    """The three printed fields from which 照合番号B is put together."""

    era_birth: str = field(repr=False)  # YYMMDD, the year counted in its era
    expiry_year: str
    security_code: str = field(repr=False)

    def number_b(self) -> bytes:
        """The fourteen digits in ASCII."""
        return f"{self.era_birth}{self.expiry_year}{self.security_code}".encode("ascii")


def era_year(day: date) -> int:
    """The year within the Japanese era in force on that day; an era's first year is 1."""
    for start in _ERA_STARTS:
        if day >= start:
            return day.year - start.year + 1
    raise ValueError


def card_expiry(patient: Patient, today: date) -> date:
    """The day printed as 有効期限: a birthday some years on.

    It moves only once in five years, so that a card and its printed face agree wherever each was made.
    """
    next_year = (today + _EXPIRY_MARGIN).year + 1
    year = -(-next_year // _EXPIRY_STEP_YEARS) * _EXPIRY_STEP_YEARS
    return birthday_in(patient, year)


def birthday_in(patient: Patient, year: int) -> date:
    """The patient's birthday in that year; 28 February stands in for a missing leap day."""
    try:
        return patient.birth.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def printed_fields(patient: Patient, today: date) -> PrintedFields:
    """What a reader of the card's face would find on it."""
    return PrintedFields(
        era_birth=f"{era_year(patient.birth):02d}{patient.birth:%m%d}",
        expiry_year=f"{card_expiry(patient, today).year}",
        security_code=patient.security_code,
    )
