# SPDX-License-Identifier: Apache-2.0
"""What the strings of a message say, as typed values; what cannot be read stays visible as it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum, auto
from typing import TypeAlias, TypeVar

from kiosk.clock import TOKYO
from kiosk.eligibility.codes import plain


class Form(Enum):
    """How an element's text is written; an element with a list of codes has that list instead."""

    TEXT = auto()
    NUMBER = auto()  # digits that name something: kept without padding, leading zeros stay
    AMOUNT = auto()  # digits that count: yen, tens of per cent, how many
    DAY = auto()  # yyyyMMdd
    MONTH = auto()  # yyyyMM
    MOMENT = auto()  # yyyyMMddHHmmss in Japan


@dataclass(frozen=True, slots=True)
class Unread:
    """A text that is not what its element should hold: to be shown to people as it came."""

    raw: str


Writing: TypeAlias = Form | type[StrEnum]
Value: TypeAlias = str | int | date | datetime | Unread | None
_C = TypeVar("_C", bound=StrEnum)

_PATTERNS = {Form.DAY: "%Y%m%d", Form.MONTH: "%Y%m", Form.MOMENT: "%Y%m%d%H%M%S"}
_LENGTHS = {Form.DAY: 8, Form.MONTH: 6, Form.MOMENT: 14}


def code(codes: type[_C], raw: str | None) -> _C | Unread | None:
    """The code, without padding and in half-width; `Unread` where the list has no such code."""
    text = plain(raw)
    if not text:
        return None
    try:
        return codes(text)
    except ValueError:
        return Unread(raw or "")


def day(raw: str | None) -> date | Unread | None:
    """The day of ``yyyyMMdd``."""
    moment = _moment(Form.DAY, raw)
    return moment.date() if isinstance(moment, datetime) else moment


def moment(raw: str | None) -> datetime | Unread | None:
    """The moment of ``yyyyMMddHHmmss``, which the messages have in Japan's time."""
    return _moment(Form.MOMENT, raw)


def amount(raw: str | None) -> int | Unread | None:
    """The number of plain digits."""
    text = plain(raw)
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else Unread(raw or "")


def read(writing: Writing, raw: str | None) -> Value:
    """The value of a text that should be written so; None where there is no text."""
    if isinstance(writing, type):
        return code(writing, raw)
    match writing:
        case Form.TEXT:
            return raw or None
        case Form.NUMBER:
            return plain(raw) or None
        case Form.AMOUNT:
            return amount(raw)
        case Form.DAY:
            return day(raw)
        case Form.MONTH | Form.MOMENT:
            return _moment(writing, raw)


def _moment(form: Form, raw: str | None) -> datetime | Unread | None:
    text = plain(raw)
    if not text:
        return None
    # by length and digits first: strptime takes single digits and full-width ones for more than is written
    if len(text) == _LENGTHS[form] and text.isascii() and text.isdigit():
        try:
            return datetime.strptime(text, _PATTERNS[form]).replace(tzinfo=TOKYO)
        except ValueError:
            pass
    return Unread(raw or "")
