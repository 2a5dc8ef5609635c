# SPDX-License-Identifier: Apache-2.0
"""Everything that the files of one patient's card are made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from numpy.typing import NDArray

from kiosk.simulator.card.files import ReferenceFile
from kiosk.simulator.card.options import CardOptions
from kiosk.simulator.card.pki import ApplicationSigner, HolderMaterial, TrustAnchors
from kiosk.simulator.card.printed import PrintedFields
from kiosk.simulator.card.references import MAX_TRIES, ReferenceName
from kiosk.simulator.card.tlv import TlvWriter
from kiosk.simulator.patients.people import CardQuirk, Patient

_PIN_REFERENCES = (
    ReferenceName.JPKI_USER_PIN,
    ReferenceName.TEXT_PIN,
)
_QUIRK_TRIES: dict[CardQuirk, dict[ReferenceName, int]] = {
    CardQuirk.PIN_LAST_TRY: {ReferenceName.JPKI_USER_PIN: 1},
    CardQuirk.PIN_BLOCKED: dict.fromkeys(_PIN_REFERENCES, 0),
    CardQuirk.NO_PIN: dict.fromkeys((*_PIN_REFERENCES, ReferenceName.JPKI_SIGN_PASSWORD), 0),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """One patient with keys, certificates, photo and the switches of the card."""

    patient: Patient
    options: CardOptions
    material: HolderMaterial = field(repr=False)
    anchors: TrustAnchors = field(repr=False)
    text_signer: ApplicationSigner = field(repr=False)
    visual_signer: ApplicationSigner = field(repr=False)
    session_key: RSAPrivateKey = field(repr=False)
    photo: NDArray[np.uint8] = field(repr=False)
    printed: PrintedFields = field(repr=False)
    expiry: date

    @property
    def writer(self) -> TlvWriter:
        """Writes objects in this card's length form."""
        return TlvWriter(self.options.length_form)

    @property
    def has_signature(self) -> bool:
        """Whether the signature certificate is on the card."""
        return self.options.signature_certificate and self.patient.quirk is not CardQuirk.NO_PIN

    @property
    def card_serial(self) -> str:
        """Fifteen digits; the first three are those of no known maker."""
        digest = hashlib.sha256(f"card {self.patient.key}".encode()).digest()
        return f"999{int.from_bytes(digest[:8], 'big') % 10**12:012d}"

    def signing(self, key: RSAPrivateKey) -> RSAPrivateKey:
        """The key that the card signs with: not the certified one where the card is a copy."""
        return self.session_key if self.options.cloned else key

    def reference(self, name: ReferenceName) -> ReferenceFile:
        """The secret of that name with the tries that this card starts with."""
        maximum = MAX_TRIES[name]
        quirk = {} if self.patient.quirk is None else _QUIRK_TRIES.get(self.patient.quirk, {})
        fresh = self.options.tries.get(name, quirk.get(name, maximum))
        return ReferenceFile(name, self._value(name), maximum, fresh)

    def _value(self, name: ReferenceName) -> bytes:
        match name:
            case ReferenceName.JPKI_SIGN_PASSWORD:
                return sign_password(self.patient).encode("ascii")
            case ReferenceName.TEXT_NUMBER_A | ReferenceName.VISUAL_NUMBER_A:
                return wrong_my_number(self.patient).encode("ascii")
            case ReferenceName.TEXT_NUMBER_B | ReferenceName.VISUAL_NUMBER_B:
                return self.printed.number_b()
            case ReferenceName.VISUAL_BIRTH:
                return self.printed.era_birth.encode("ascii")
            case _:
                return self.patient.pin.encode("ascii")


def sign_password(patient: Patient) -> str:
    """署名用パスワード of a fictional patient: letters and digits, eight of them."""
    return f"TEST{patient.pin}"


def wrong_my_number(patient: Patient) -> str:
    """Twelve digits whose check digit is wrong, so that they can be nobody's number."""
    digest = hashlib.sha256(f"number {patient.key}".encode()).digest()
    body = f"{int.from_bytes(digest[:8], 'big') % 10**11:011d}"
    return f"{body}{(check_digit(body) + 1) % 10}"


def check_digit(eleven: str) -> int:
    """The check digit that a real My Number would have."""
    total = sum(
        int(digit) * (place + 1 if place <= 6 else place - 5)
        for place, digit in enumerate(reversed(eleven), start=1)
    )
    remainder = total % 11
    return 0 if remainder <= 1 else 11 - remainder
