# SPDX-License-Identifier: Apache-2.0
"""Whether the four attributes of the text application are the issuer's (facts: card.md 5.6)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from kiosk.auth.certificate.cv import CvCertificate, CvVerdict, certified_key
from kiosk.auth.certificate.rsa import RsaKey, digest_info
from kiosk.reader.cards.text import TextAttributes, TextSignatures
from kiosk.reader.errors import MalformedDataError


def check_text(
    attributes: TextAttributes,
    signatures: TextSignatures,
    cv_certificate: bytes,
    issuers: Mapping[bytes, RsaKey],
) -> CvVerdict:
    """Check the chain: configured issuer → CV certificate → the two hashes → the attributes.

    The hash of the My Number file is part of what was signed and is taken as it is: the file stays unread.
    """
    try:
        certificate = CvCertificate.parse(cv_certificate)
        if certificate.issuer_id not in issuers:
            return CvVerdict.UNKNOWN_ISSUER
        signer = certified_key(cv_certificate, issuers)
    except MalformedDataError:
        return CvVerdict.UNREADABLE
    if signer is None:
        return CvVerdict.FORGED
    hashes = hashlib.sha256(signatures.number_hash.raw + signatures.attributes_hash.raw).digest()
    own = hashlib.sha256(attributes.hashed).digest()
    genuine = signer.signed(digest_info(hashes), signatures.signature) and hmac.compare_digest(
        own, signatures.attributes_hash.value
    )
    return CvVerdict.GENUINE if genuine else CvVerdict.FORGED
