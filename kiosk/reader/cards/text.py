# SPDX-License-Identifier: Apache-2.0
"""券面事項入力補助AP: the holder's four attributes as text, signed (facts: card.md 3.2, 5.5, 5.6).

A reception does not ask for them: name and address come from the qualification answer. The application has a
PIN and a counter of its own, and digits typed once go to one reference, so whoever reads here asks for them
anew. The file with My Number is not among the files here, and the command guard would refuse it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Self

from kiosk.reader.cards.applications import Application
from kiosk.reader.cards.dates import date_of
from kiosk.reader.errors import UnsupportedCardError
from kiosk.reader.references import Presentation, Reference
from kiosk.reader.session import CardSession
from kiosk.reader.status import TryCounter
from kiosk.reader.tlv import Tlv
from kiosk.secret import Secret

TEXT_PIN_LENGTH = 4
LAST_TRY = 1


class TextFile(IntEnum):
    """The files used here."""

    ATTRIBUTES = 0x0002
    SIGNATURES = 0x0003
    CV_CERTIFICATE = 0x0004
    PIN = 0x0011


class TextTag(IntEnum):
    """The objects of these files."""

    ATTRIBUTES = 0xFF20
    NAME = 0xDF22
    ADDRESS = 0xDF23
    BIRTH_DATE = 0xDF24
    SEX = 0xDF25
    SIGNATURES = 0xFF30
    NUMBER_HASH = 0xDF31
    ATTRIBUTES_HASH = 0xDF32
    SIGNATURE = 0xDF33


@dataclass(frozen=True, slots=True)
class TextAttributes:
    """氏名, 住所, 生年月日 and 性別 as whole objects: the hash is over all of them."""

    name: Tlv = field(repr=False)
    address: Tlv = field(repr=False)
    birth: Tlv = field(repr=False)
    sex: Tlv = field(repr=False)

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Take the file apart; raises `MalformedDataError`. The offsets in it are not needed."""
        objects = Tlv.expect(content, TextTag.ATTRIBUTES).children()
        return cls(
            name=objects.require(TextTag.NAME),
            address=objects.require(TextTag.ADDRESS),
            birth=objects.require(TextTag.BIRTH_DATE),
            sex=objects.require(TextTag.SEX),
        )

    @property
    def hashed(self) -> bytes:
        """What the hash in the signed file is over."""
        return self.name.raw + self.address.raw + self.birth.raw + self.sex.raw

    @property
    def name_text(self) -> str | None:
        """Family and given name with a wide space between; None where it is no text."""
        return _text(self.name)

    @property
    def address_text(self) -> str | None:
        """The address, house numbers in wide digits; None where it is no text."""
        return _text(self.address)

    @property
    def birth_date(self) -> date | None:
        """The birth date, or None where the card writes none that the calendar knows."""
        return date_of(self.birth)


@dataclass(frozen=True, slots=True)
class TextSignatures:
    """Two hashes and the signature over them; the first is of the My Number file, which is never read."""

    number_hash: Tlv = field(repr=False)
    attributes_hash: Tlv = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Take the file apart; raises `MalformedDataError`."""
        objects = Tlv.expect(content, TextTag.SIGNATURES).children()
        return cls(
            number_hash=objects.require(TextTag.NUMBER_HASH),
            attributes_hash=objects.require(TextTag.ATTRIBUTES_HASH),
            signature=objects.require(TextTag.SIGNATURE).value,
        )


class TextCard:
    """The verbs of the application.

    Lives on: the reader thread.
    """

    def __init__(self, session: CardSession) -> None:
        self._session = session

    def select(self) -> bool:
        """Turn to this application; False where there is none, as on a phone."""
        return self._session.select_application(Application.TEXT.aid)

    def pin_tries(self) -> TryCounter:
        """The counter of this application's PIN."""
        return self._pin().tries()

    def verify_pin(self, pin: Secret, *, keep: int = LAST_TRY) -> Presentation:
        """Present this application's PIN once, unless no more than `keep` tries are left."""
        return self._pin().present(pin, keep=keep)

    def read_attributes(self) -> TextAttributes:
        """The four attributes; the PIN must have been taken before."""
        return TextAttributes.parse(self._read(TextFile.ATTRIBUTES))

    def read_signatures(self) -> TextSignatures:
        """What signs them; the PIN must have been taken before."""
        return TextSignatures.parse(self._read(TextFile.SIGNATURES))

    def cv_certificate(self) -> bytes:
        """The certificate of the key that signed them."""
        return self._read(TextFile.CV_CERTIFICATE)

    def _pin(self) -> Reference:
        return Reference(self._session, TextFile.PIN, length=TEXT_PIN_LENGTH)

    def _read(self, file: TextFile) -> bytes:
        if not self._session.select_file(file):
            raise UnsupportedCardError(detail=f"file {file:04X} missing")
        return self._session.read_object()


def _text(item: Tlv) -> str | None:
    try:
        return item.value.decode()
    except UnicodeDecodeError:
        return None
