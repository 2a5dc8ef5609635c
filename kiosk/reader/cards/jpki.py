# SPDX-License-Identifier: Apache-2.0
"""公的個人認証AP: the user-authentication certificate, its key and its PIN (facts: card.md 3.1, 5.2–5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from kiosk.reader.cards.applications import Application
from kiosk.reader.errors import CardStatusError, MalformedDataError, UnsupportedCardError
from kiosk.reader.identity import identity_of
from kiosk.reader.references import Presentation, Reference
from kiosk.reader.session import CardSession
from kiosk.reader.status import Meaning, TryCounter, meaning
from kiosk.secret import Secret

PIN_LENGTH = 4
LAST_TRY = 1

_LABEL_LENGTH = 32
_TOKEN_INFO_LENGTH = 160
_PRESENT = 0x8F


class JpkiFile(IntEnum):
    """The files used here; the signature key's are left alone."""

    TOKEN_INFO = 0x0006
    CERTIFICATE_PRESENCE = 0x0008
    USER_CERTIFICATE = 0x000A
    USER_CA_CERTIFICATE = 0x000B
    USER_KEY = 0x0017
    USER_PIN = 0x0018


class TokenKind(StrEnum):
    """What the application lives in; the values are what EF 0006 starts with."""

    CARD = "JPKIAPICCTOKEN2"
    OLD_CARD = "JPKIAPICCTOKEN"
    ANDROID = "JPKIAPGPSETOKEN"
    IPHONE = "JPKIAPIOSTOKEN"
    UNKNOWN = ""

    @property
    def is_phone(self) -> bool:
        """A phone has no application but this one."""
        return self in {TokenKind.ANDROID, TokenKind.IPHONE}


@dataclass(frozen=True, slots=True)
class CertificatePresence:
    """Which certificates the card says it holds; anything but the known mark is not shown as present."""

    signature: bool
    user: bool


class JpkiCard:
    """The verbs of the application.

    Lives on: the reader thread.
    """

    def __init__(self, session: CardSession) -> None:
        self._session = session

    def select(self) -> bool:
        """Turn to this application; False where the card does not have it."""
        return self._session.select_application(Application.JPKI.aid)

    def token_kind(self) -> TokenKind:
        """Card, old card or phone."""
        self._select(JpkiFile.TOKEN_INFO)
        label = self._session.read(_LABEL_LENGTH).rstrip(b" \x00")
        return next((kind for kind in TokenKind if kind.value.encode() == label), TokenKind.UNKNOWN)

    def certificate_presence(self) -> CertificatePresence | None:
        """Which certificates are there; None where the card does not say."""
        if not self._session.select_file(JpkiFile.CERTIFICATE_PRESENCE):
            return None
        marks = self._session.read(3)
        if len(marks) < 2:
            return None
        return CertificatePresence(signature=marks[0] == _PRESENT, user=marks[1] == _PRESENT)

    def read_certificate(self) -> bytes:
        """The user-authentication certificate in DER; a phone gives it only after the PIN."""
        self._select(JpkiFile.USER_CERTIFICATE)
        certificate = self._read_der()
        if self._session.identity is None:  # a phone's was set before, and stays what it is
            self._session.identity = identity_of(certificate)
        return certificate

    def identify(self) -> bytes:
        """What tells this card from another, also kept as the session's; costs no try.

        A phone keeps its certificate until the PIN: what it says of itself has to do.
        """
        if self._session.identity is None:
            try:
                telling = self.read_certificate()
            except CardStatusError as error:
                if meaning(error.sw) is not Meaning.ACCESS_DENIED:
                    raise
                self._select(JpkiFile.TOKEN_INFO)
                telling = self._session.read(_TOKEN_INFO_LENGTH)
            self._session.identity = identity_of(telling)
        return self._session.identity

    def read_ca_certificate(self) -> bytes:
        """The certificate of its issuer in DER, for showing only: trust comes from the settings."""
        self._select(JpkiFile.USER_CA_CERTIFICATE)
        return self._read_der()

    def pin_tries(self) -> TryCounter:
        """The counter of the user-authentication PIN."""
        return self._pin().tries()

    def verify_pin(self, pin: Secret, *, keep: int = LAST_TRY) -> Presentation:
        """Present the PIN once, unless no more than `keep` tries are left."""
        return self._pin().present(pin, keep=keep)

    def sign(self, digest_info: bytes) -> bytes:
        """A PKCS#1 v1.5 signature of the user-authentication key; the PIN must have been taken before."""
        self._select(JpkiFile.USER_KEY)
        return self._session.sign(digest_info)

    def _pin(self) -> Reference:
        return Reference(self._session, JpkiFile.USER_PIN, length=PIN_LENGTH)

    def _select(self, file: JpkiFile) -> None:
        if not self._session.select_file(file):
            raise UnsupportedCardError(detail=f"file {file:04X} missing")

    def _read_der(self) -> bytes:
        content = self._session.read_object()
        if content[0] != 0x30:
            raise MalformedDataError(detail="no certificate in its file")
        return content
