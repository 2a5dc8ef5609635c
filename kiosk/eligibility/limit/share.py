# SPDX-License-Identifier: Apache-2.0
"""Which share of the cost is paid at the desk: by the record first, by age where the record says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.eligibility.codes import plain
from kiosk.eligibility.limit.age import AgeBand, age_band
from kiosk.eligibility.model import ElderlyInfo, Result

_MEDICAL_AID = "A1"  # OQSCD010
_PER_CENT = {"010": 10, "020": 20, "030": 30}
_BY_AGE = {
    AgeBand.PRESCHOOL: (20,),
    AgeBand.ADULT: (30,),
    AgeBand.ELDERLY: (20, 30),
    AgeBand.LATE_ELDERLY: (10, 20, 30),
}


class ShareSource(StrEnum):
    """Where the share was taken from."""

    LATE_ELDERLY_RECORD = "late_elderly_record"
    ELDERLY_RECORD = "elderly_record"
    PRESCHOOL_RECORD = "preschool_record"
    AGE = "age"
    MEDICAL_AID = "medical_aid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Share:
    """The share in per cent, or those that are possible; `raw` is what the record says and nobody knows."""

    possible: tuple[int, ...]
    source: ShareSource
    raw: str = ""

    @property
    def per_cent(self) -> int | None:
        """The share, where there is only one that it can be."""
        return self.possible[0] if len(self.possible) == 1 else None


def share_of(result: Result, on: date) -> Share:
    """The share of one person on a day (a Tokyo date)."""
    if plain(result.card_class) == _MEDICAL_AID:
        # what is paid, if anything, stands on the medical ticket
        return Share((), ShareSource.MEDICAL_AID)
    for code, source in (
        (result.partial_ratio, ShareSource.LATE_ELDERLY_RECORD),
        (_current(result.elderly, on), ShareSource.ELDERLY_RECORD),
    ):
        ratio = plain(code)
        if ratio:
            known = _PER_CENT.get(ratio)
            return Share((), source, raw=ratio) if known is None else Share((known,), source)
    if plain(result.preschool) == "1":
        return Share(_BY_AGE[AgeBand.PRESCHOOL], ShareSource.PRESCHOOL_RECORD)
    birth = day(result.birth_date)
    if birth is None or birth > on:
        return Share((), ShareSource.UNKNOWN)
    return Share(_BY_AGE[age_band(birth, on)], ShareSource.AGE)


def _current(info: ElderlyInfo | None, on: date) -> str | None:
    """The ratio of a certificate for 70 to 74 that counts on that day."""
    if info is None or not within(on, info.valid_from, info.valid_to):
        return None
    return info.ratio


def day(text: str | None) -> date | None:
    """A day as the messages have it, ``yyyyMMdd``; None where it is none."""
    digits = plain(text)
    if len(digits) != 8 or not digits.isascii() or not digits.isdigit():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def within(on: date, begins: str | None, ends: str | None) -> bool:
    """Whether a day lies between two, each of which may be missing."""
    first, last = day(begins), day(ends)
    return (first is None or first <= on) and (last is None or on <= last)
