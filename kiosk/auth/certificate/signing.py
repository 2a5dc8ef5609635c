# SPDX-License-Identifier: Apache-2.0
"""Whether an authority signed something: certificates, revocation lists and OCSP answers alike."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises where bytes are not what they should be."""


def signed_with(
    signer: x509.Certificate, signature: bytes, content: bytes, digest: HashAlgorithm | None
) -> bool:
    """Whether the key in `signer` made the signature (PKCS#1 v1.5 with SHA-256 or longer) over `content`."""
    if not isinstance(digest, SHA256 | SHA384 | SHA512):
        return False
    key = signer.public_key()
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(signature, content, PKCS1v15(), digest)
    except InvalidSignature:
        return False
    return True


def spki(certificate: x509.Certificate) -> bytes:
    """The key's own bytes: several generations of an authority share one name, never one key."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def may(authority: x509.Certificate, usage: str) -> bool:
    """Whether the certificate's key usage allows it; a certificate that says nothing forbids nothing."""
    try:
        found = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return bool(getattr(found, usage))
