# SPDX-License-Identifier: Apache-2.0
"""COMPUTE DIGITAL SIGNATURE: what each padding scheme takes and gives (facts: card.md 4.5)."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.simulator.card.commands import Refusal, Sw

SCHEMES = range(0x06)
_MAX_VERBATIM = 245
_HASH_LENGTH = 32


def compute_signature(key: RSAPrivateKey, scheme: int, data: bytes) -> bytes:
    """Sign `data` by that scheme (P1); refuses with 6985 what has a length the scheme does not take."""
    hashed_by_host = scheme in {0x02, 0x04}
    longest = _MAX_VERBATIM if scheme == 0x00 else 0xFF
    if len(data) > longest or (hashed_by_host and len(data) != _HASH_LENGTH):
        raise Refusal(Sw.CONDITIONS)
    match scheme:
        case 0x00:
            return key.sign(data, PKCS1v15(), NoDigestInfo())
        case 0x01:
            return key.sign(hashlib.sha256(data).digest(), PKCS1v15(), NoDigestInfo())
        case 0x02:
            return key.sign(data, PKCS1v15(), Prehashed(SHA256()))
        case 0x03:
            return key.sign(data, PKCS1v15(), SHA256())
        case 0x04:
            return key.sign(data, _pss(), Prehashed(SHA256()))
        case 0x05:
            return key.sign(data, _pss(), SHA256())
        case _:
            raise Refusal(Sw.WRONG_P1P2)


def _pss() -> PSS:
    return PSS(mgf=MGF1(SHA256()), salt_length=_HASH_LENGTH)
