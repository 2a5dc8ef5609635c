# SPDX-License-Identifier: Apache-2.0
"""Card-verifiable certificates, and the signature over the card's face that hangs on one (card.md 5.7)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from kiosk.auth.certificate.rsa import RsaKey, digest_info
from kiosk.auth.evidence import VisualEvidence
from kiosk.reader.cards.visual import CardFace, FaceTag
from kiosk.reader.errors import MalformedDataError
from kiosk.reader.tlv import Tlv

KEY_ID_LENGTH = 16
_CERTIFICATE = 0x7F21
_BODY = 0x5F4E
_SIGNATURE = 0x5F37


@dataclass(frozen=True, slots=True)
class CvCertificate:
    """Who certified which key."""

    issuer_id: bytes
    subject_id: bytes
    key: RsaKey
    body: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Take it apart; raises `MalformedDataError`."""
        parts = Tlv.expect(content, _CERTIFICATE).children()
        body = parts.require(_BODY).value
        if len(body) < 2 * KEY_ID_LENGTH:
            raise MalformedDataError(detail="CV certificate cut off")
        return cls(
            issuer_id=body[:KEY_ID_LENGTH],
            subject_id=body[KEY_ID_LENGTH : 2 * KEY_ID_LENGTH],
            key=RsaKey.parse(body[2 * KEY_ID_LENGTH :]),
            body=body,
            signature=parts.require(_SIGNATURE).value,
        )


class CvVerdict(StrEnum):
    """What the check of a signed file came to: of the card's face, or of the attributes as text."""

    GENUINE = "genuine"
    FORGED = "forged"
    UNKNOWN_ISSUER = "unknown_issuer"
    UNREADABLE = "unreadable"


def certified_key(content: bytes, issuers: Mapping[bytes, RsaKey]) -> RsaKey | None:
    """The key in a CV certificate, if one of `issuers` certified it; an unknown issuer certifies nothing."""
    certificate = CvCertificate.parse(content)
    issuer = issuers.get(certificate.issuer_id)
    if issuer is None:
        return None
    signed = issuer.signed(digest_info(hashlib.sha256(certificate.body).digest()), certificate.signature)
    return certificate.key if signed else None


def face_evidence(face: CardFace, cv_certificate: bytes) -> VisualEvidence:
    """What stays of a card's face when the pictures are left away."""
    return VisualEvidence(
        birth_date=face.birth.raw,
        sex=face.sex.raw,
        public_key=face.public_key.raw,
        images_hash=hashlib.sha256(face.name_image.raw + face.address_image.raw).digest(),
        photo_hash=hashlib.sha256(face.photo.raw).digest(),
        signature=face.signature,
        cv_certificate=cv_certificate,
    )


def own_key(evidence: VisualEvidence) -> RsaKey:
    """The visual application's own key; raises `MalformedDataError`."""
    return RsaKey.parse(Tlv.expect(evidence.public_key, FaceTag.PUBLIC_KEY).value)


def check_face(evidence: VisualEvidence, issuers: Mapping[bytes, RsaKey]) -> CvVerdict:
    """Check the chain: configured issuer → CV certificate → the three hashes, which bind the card's key.

    The card's own key must be readable too: it signs the statement later.
    """
    try:
        certificate = CvCertificate.parse(evidence.cv_certificate)
        if certificate.issuer_id not in issuers:
            return CvVerdict.UNKNOWN_ISSUER
        signer = certified_key(evidence.cv_certificate, issuers)
        own_key(evidence)
    except MalformedDataError:
        return CvVerdict.UNREADABLE
    if signer is None:
        return CvVerdict.FORGED
    person = hashlib.sha256(evidence.birth_date + evidence.sex + evidence.public_key).digest()
    value = person + evidence.images_hash + evidence.photo_hash
    if len(value) != 96:
        return CvVerdict.UNREADABLE
    return CvVerdict.GENUINE if signer.signed(digest_info(value), evidence.signature) else CvVerdict.FORGED
