# SPDX-License-Identifier: Apache-2.0
"""RSA as the card writes it: bare numbers, and DigestInfos that are not always what their OID says."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Self

from kiosk.reader.errors import MalformedDataError
from kiosk.reader.tlv import Children

_SHA256_OID = bytes.fromhex("0609608648016503040201")
_MIN_BITS = 2048
_MAX_BITS = 4096
_MAX_EXPONENT = 1 << 32


def digest_info(value: bytes) -> bytes:
    """`value` in a DigestInfo that names SHA-256, the ASN.1 NULL in its place.

    Usually `value` is a hash of 32 bytes; the card's face is signed over three of them (facts: card.md 5.7).
    """
    algorithm = b"\x30" + bytes((len(_SHA256_OID) + 2,)) + _SHA256_OID + b"\x05\x00"
    content = algorithm + b"\x04" + bytes((len(value),)) + value
    if len(content) > 0x7F:
        raise ValueError
    return b"\x30" + bytes((len(content),)) + content


@dataclass(frozen=True, slots=True)
class RsaKey:
    """A public key as numbers, within the bounds that a hostile card must not widen."""

    modulus: int = field(repr=False)
    exponent: int

    def __post_init__(self) -> None:
        if not _MIN_BITS <= self.modulus.bit_length() <= _MAX_BITS:
            raise MalformedDataError(detail="key of another size")
        if not 3 <= self.exponent < _MAX_EXPONENT or self.exponent % 2 == 0:
            raise MalformedDataError(detail="key with another exponent")

    @classmethod
    def parse(cls, objects: bytes) -> Self:
        """Exponent (`90`) and modulus (`91`) side by side."""
        parts = Children.parse(objects)
        return cls(
            modulus=int.from_bytes(parts.require(0x91).value, "big"),
            exponent=int.from_bytes(parts.require(0x90).value, "big"),
        )

    def signed(self, encoded: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's PKCS#1 v1.5 signature over exactly `encoded`.

        The whole padded block is compared, so that nothing can hide behind or within it.
        """
        size = (self.modulus.bit_length() + 7) // 8
        if len(signature) != size or len(encoded) > size - 11:
            return False
        number = int.from_bytes(signature, "big")
        if number >= self.modulus:
            return False
        block = pow(number, self.exponent, self.modulus).to_bytes(size, "big")
        expected = b"\x00\x01" + b"\xff" * (size - 3 - len(encoded)) + b"\x00" + encoded
        return hmac.compare_digest(block, expected)
