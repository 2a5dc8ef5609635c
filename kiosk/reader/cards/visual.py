# SPDX-License-Identifier: Apache-2.0
"""券面事項確認AP: the card's face with its photo, opened by what is printed on it (card.md 3.3, 5.7)."""

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

LOOKUP_B_LENGTH = 14
LOOKUP_TRIES_KEPT = 4
"""Presented only while five or more are left: the card's full count is not public, and a holder locked out of
this reference must go to the municipality."""


class VisualFile(IntEnum):
    """The files used here."""

    FACE = 0x0002
    CV_CERTIFICATE = 0x0004
    LOOKUP_B = 0x0012


class FaceTag(IntEnum):
    """The objects of the card-face file."""

    FILE = 0xFF20
    BIRTH_DATE = 0xDF22
    SEX = 0xDF23
    PUBLIC_KEY = 0xDF24
    NAME_IMAGE = 0xDF25
    ADDRESS_IMAGE = 0xDF26
    PHOTO = 0xDF27
    SIGNATURE = 0xDF28
    EXPIRY = 0xDF29


@dataclass(frozen=True, slots=True)
class CardFace:
    """What the application shows of the card's face, as whole objects: their hashes are over all of them."""

    birth: Tlv = field(repr=False)
    sex: Tlv = field(repr=False)
    public_key: Tlv = field(repr=False)
    name_image: Tlv = field(repr=False)
    address_image: Tlv = field(repr=False)
    photo: Tlv = field(repr=False)
    signature: bytes = field(repr=False)
    expiry: bytes = field(repr=False)  # not covered by the signature

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Take the file apart; raises `MalformedDataError` where something is missing."""
        objects = Tlv.expect(content, FaceTag.FILE).children()
        expiry = objects.find(FaceTag.EXPIRY)
        return cls(
            birth=objects.require(FaceTag.BIRTH_DATE),
            sex=objects.require(FaceTag.SEX),
            public_key=objects.require(FaceTag.PUBLIC_KEY),
            name_image=objects.require(FaceTag.NAME_IMAGE),
            address_image=objects.require(FaceTag.ADDRESS_IMAGE),
            photo=objects.require(FaceTag.PHOTO),
            signature=objects.require(FaceTag.SIGNATURE).value,
            expiry=expiry.value if expiry is not None else b"",
        )

    @property
    def photo_jp2(self) -> bytes:
        """The photo, grey JPEG 2000."""
        return self.photo.value

    @property
    def birth_date(self) -> date | None:
        """The holder's birth date, or None where the card writes none that the calendar knows."""
        return date_of(self.birth)


class VisualCard:
    """The verbs of the application.

    Lives on: the reader thread.
    """

    def __init__(self, session: CardSession) -> None:
        self._session = session

    def select(self) -> bool:
        """Turn to this application; False where there is none, as on a phone."""
        return self._session.select_application(Application.VISUAL.aid)

    def lookup_tries(self) -> TryCounter:
        """The counter of 照合番号B."""
        return self._lookup().tries()

    def present_lookup_b(self, number: Secret) -> Presentation:
        """Present 照合番号B once, while five tries or more are left."""
        return self._lookup().present(number, keep=LOOKUP_TRIES_KEPT)

    def read_face(self) -> CardFace:
        """The card's face; 照合番号B must have been taken before."""
        self._select(VisualFile.FACE)
        return CardFace.parse(self._session.read_object())

    def cv_certificate(self) -> bytes:
        """The certificate of the key that signed the card's face."""
        self._select(VisualFile.CV_CERTIFICATE)
        return self._session.read_object()

    def sign_with_own_key(self, digest_info: bytes) -> bytes:
        """A signature of the application's own key, which asks for nothing."""
        return self._session.sign(digest_info, own_key=True)

    def _lookup(self) -> Reference:
        return Reference(self._session, VisualFile.LOOKUP_B, length=LOOKUP_B_LENGTH)

    def _select(self, file: VisualFile) -> None:
        if not self._session.select_file(file):
            raise UnsupportedCardError(detail=f"file {file:04X} missing")
