# SPDX-License-Identifier: Apache-2.0
"""Dates as the card writes them: eight ASCII digits, year first, in the Gregorian calendar."""

from __future__ import annotations

from datetime import date

from kiosk.reader.tlv import Tlv


def date_of(item: Tlv) -> date | None:
    """The date in that object, or None where the card writes none that the calendar knows."""
    digits = item.value
    if len(digits) != 8 or not digits.isdigit():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
