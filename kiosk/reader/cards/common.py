# SPDX-License-Identifier: Apache-2.0
"""共通カードAP: the record with the card's serial number, municipality and expiry (facts: card.md 3.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self

from kiosk.reader.cards.applications import Application
from kiosk.reader.errors import MalformedDataError, UnsupportedCardError
from kiosk.reader.session import CardSession
from kiosk.reader.tlv import Tlv

_RECORD_TAG = 0x01
_DIGITS = 28


class CommonFile(IntEnum):
    """The files used here."""

    RECORDS = 0x0001


@dataclass(frozen=True, slots=True)
class CommonRecord:
    """The free record; its expiry falls on the holder's birthday, so nothing of it is shown."""

    serial: str = field(repr=False)
    municipality: str = field(repr=False)
    expiry: str = field(repr=False)

    @classmethod
    def parse(cls, record: bytes) -> Self:
        """Fifteen digits of serial, five of municipality, eight of expiry."""
        digits = Tlv.expect(record, _RECORD_TAG).value
        if len(digits) != _DIGITS or not digits.isdigit():
            raise MalformedDataError(detail="common record of another form")
        text = digits.decode("ascii")
        return cls(text[:15], text[15:20], text[20:])


class CommonCard:
    """The verbs of the application.

    Lives on: the reader thread.
    """

    def __init__(self, session: CardSession) -> None:
        self._session = session

    def select(self) -> bool:
        """Turn to this application; False where there is none, as on a phone."""
        return self._session.select_application(Application.COMMON.aid)

    def read_record(self) -> CommonRecord:
        """The first record, which is free to read."""
        if not self._session.select_file(CommonFile.RECORDS):
            raise UnsupportedCardError(detail="common record missing")
        return CommonRecord.parse(self._session.read_record(1))
