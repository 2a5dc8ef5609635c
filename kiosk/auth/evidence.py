# SPDX-License-Identifier: Apache-2.0
"""What the kiosk can show for a verification: the statement, who signed it, and how far that carries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.auth.certificate.standing import Standing

STATEMENT_VERSION = "uketsuke-v1"
NONCE_LENGTH = 32


class VerificationMethod(StrEnum):
    """How the person was proved to be the holder."""

    FACE = "face"
    PIN = "pin"
    STAFF = "staff"


class Assurance(StrEnum):
    """How far the evidence carries by itself.

    Nothing ties the visual application's key to the certificate but the powered session in which both were
    read, so a signature of that key is a weaker proof than one of the user-authentication key.
    """

    USER_KEY_SIGNATURE = "user_key_signature"
    VISUAL_KEY_SAME_SESSION = "visual_key_same_session"
    CERTIFICATE_ONLY = "certificate_only"


@dataclass(frozen=True, slots=True)
class Statement:
    """What the card signs: which kiosk, which session, by which method, and when.

    `time` is UTC with whole seconds; `nonce` is 32 random bytes made by the kiosk.
    """

    institution_code: str
    kiosk_id: str
    session_id: str
    nonce: bytes = field(repr=False)
    method: VerificationMethod
    time: datetime

    def time_text(self) -> str:
        """The time as it is signed and sent, ``2026-11-23T03:10:00Z``."""
        return self.time.strftime("%Y-%m-%dT%H:%M:%SZ")

    def digest(self) -> bytes:
        """SHA-256 over the parts, each preceded by its length as four bytes, big end first."""
        parts = (
            STATEMENT_VERSION.encode(),
            self.institution_code.encode(),
            self.kiosk_id.encode(),
            self.session_id.encode(),
            self.nonce,
            self.method.value.encode(),
            self.time_text().encode(),
        )
        return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


@dataclass(frozen=True, slots=True)
class VisualEvidence:
    """Enough of the visual application to check its chain, without the photo (facts: card.md 5.7).

    The three data objects are whole TLVs; the two hashes stand for the text images and the photo.
    """

    birth_date: bytes = field(repr=False)  # DF22
    sex: bytes = field(repr=False)  # DF23
    public_key: bytes = field(repr=False)  # DF24
    images_hash: bytes = field(repr=False)  # SHA-256(DF25 ‖ DF26)
    photo_hash: bytes = field(repr=False)  # SHA-256(DF27)
    signature: bytes = field(repr=False)  # value of DF28
    cv_certificate: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What goes upstream for one verification; nothing of it is printed."""

    statement: Statement
    assurance: Assurance
    certificate: bytes = field(repr=False)
    signature: bytes | None = field(default=None, repr=False)
    visual: VisualEvidence | None = field(default=None, repr=False)
    decided_by: str = ""  # the staff person's name, method staff only
    reason: str = ""
    revocation: Standing = Standing.NOT_ASKED  # what the kiosk learnt; upstream judges for itself
