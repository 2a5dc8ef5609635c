# SPDX-License-Identifier: Apache-2.0
"""Card-verifiable certificates of the text and visual applications, and the signatures that hang on them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.simulator.card.tlv import length

KEY_ID_LENGTH = 16
# digits, as issuer ids are, but beginning with a 9, which no real issuer's does
TEXT_ISSUER_ID = b"9000033000000001"
TEXT_SIGNER_ID = b"9000033999910001"
VISUAL_ISSUER_ID = b"9000023000000001"
VISUAL_SIGNER_ID = b"9000023999910001"

_DIGEST_INFO_SHA256_96 = bytes.fromhex("3071300D060960864801650304020105000460")


@dataclass(frozen=True, slots=True)
class CvPublicKey:
    """An RSA public key as numbers."""

    modulus: int = field(repr=False)
    exponent: int

    @classmethod
    def of(cls, key: RSAPublicKey) -> CvPublicKey:
        """The numbers of that key."""
        numbers = key.public_numbers()
        return cls(numbers.n, numbers.e)


def public_key_value(key: RSAPublicKey) -> bytes:
    """Exponent and modulus as the card writes them (`90`, `91`); 265 bytes for RSA-2048."""
    numbers = key.public_numbers()
    modulus = numbers.n.to_bytes(256, "big")
    return b"\x90\x03" + numbers.e.to_bytes(3, "big") + b"\x91" + length(len(modulus)) + modulus


def cv_certificate(
    issuer_id: bytes, issuer: RSAPrivateKey, subject_id: bytes, subject: RSAPublicKey
) -> bytes:
    """`7F21 { 5F4E, 5F37 }`, 568 bytes."""
    body = issuer_id + subject_id + public_key_value(subject)
    signature = sign(issuer, body)
    content = b"\x5f\x4e" + length(len(body)) + body + b"\x5f\x37" + length(len(signature)) + signature
    return b"\x7f\x21" + length(len(content)) + content


def sign(key: RSAPrivateKey, message: bytes) -> bytes:
    """An ordinary sha256WithRSA signature (PKCS#1 v1.5)."""
    return key.sign(message, PKCS1v15(), SHA256())


def sign_three_hashes(key: RSAPrivateKey, person: bytes, images: bytes, photo: bytes) -> bytes:
    """The card face's signature: three hashes side by side in one DigestInfo that names SHA-256."""
    value = b"".join(hashlib.sha256(part).digest() for part in (person, images, photo))
    return key.sign(_DIGEST_INFO_SHA256_96 + value, PKCS1v15(), NoDigestInfo())
