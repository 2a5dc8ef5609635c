# SPDX-License-Identifier: Apache-2.0
"""Whether the evidence of a verification holds. Shares no code with the kiosk's own checks, on purpose."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.auth.evidence import Assurance, VerificationMethod
from kiosk.clock import tokyo_date
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.card.pki import CV_ISSUERS_FILE, grace_end
from kiosk.simulator.upstream.wire import EvidenceIn, VisualIn

STATEMENT_MAY_BE_OLD = timedelta(hours=24)
CLOCKS_MAY_DIFFER = timedelta(minutes=5)
_USER_POLICY = x509.ObjectIdentifier("1.2.392.200149.8.5.1.3.30")
# SEQUENCE { SEQUENCE { sha256, NULL }, OCTET STRING of 96 bytes }: three hashes under the name of one
_THREE_HASHES = bytes.fromhex("3071300d060960864801650304020105000460")


class EvidenceRefused(Exception):  # noqa: N818  # a verdict, not an error of the program
    """The evidence does not hold; `code` says which part."""

    def __init__(self, code: FailureCode, title: str) -> None:
        super().__init__(title)
        self.code = code
        self.title = title


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose certificate it is, and whether it is only in its grace period."""

    sha256: str
    in_grace: bool


class EvidenceChecker:
    """Checks evidence against the anchors of a trust folder. Never changes; any thread."""

    def __init__(self, trust_dir: Path) -> None:
        """Read ``*.pem`` and ``cv-issuers.json``."""
        try:
            self._anchors = tuple(
                x509.load_pem_x509_certificate(file.read_bytes()) for file in sorted(trust_dir.glob("*.pem"))
            )
            issuers = json.loads((trust_dir / CV_ISSUERS_FILE).read_bytes())
            self._issuers = {
                bytes.fromhex(key_id): RSAPublicNumbers(
                    int(key["exponent"], 16), int(key["modulus"], 16)
                ).public_key()
                for key_id, key in issuers.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise EnvironmentProblem(
                FailureCode.FOLDER_MISSING,
                detail=f"trust folder of the simulated upstream: {type(error).__name__}",
            ) from error
        if not self._anchors:
            raise EnvironmentProblem(
                FailureCode.FOLDER_MISSING, detail="trust folder of the simulated upstream holds no anchor"
            )

    def check(self, evidence: EvidenceIn, now: datetime) -> Holder:
        """Who holds the card; raises `EvidenceRefused` where anything is wrong."""
        statement = evidence.statement.statement()
        if evidence.method is not statement.method:
            _refuse(FailureCode.SIGNATURE_INVALID, "the statement names another method")
        age = now - statement.time
        if not -CLOCKS_MAY_DIFFER <= age <= STATEMENT_MAY_BE_OLD:
            _refuse(FailureCode.UPSTREAM_REFUSED, "the statement is not of this day")
        certificate, key = self._certificate(evidence.certificate)
        signer = self._signer(evidence, key)
        if signer is not None:
            _verify(signer, evidence.signature or b"", statement.digest())
        return Holder(
            sha256=hashlib.sha256(evidence.certificate).hexdigest(),
            in_grace=_in_grace(certificate, statement.time),
        )

    def _certificate(self, der: bytes) -> tuple[x509.Certificate, RSAPublicKey]:
        try:
            certificate = x509.load_der_x509_certificate(der)
            policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
        except (ValueError, x509.ExtensionNotFound):
            _refuse(FailureCode.CERTIFICATE_UNREADABLE, "the certificate cannot be read")
        if all(policy.policy_identifier != _USER_POLICY for policy in policies):
            _refuse(FailureCode.CERTIFICATE_UNTRUSTED, "the certificate is not one for user authentication")
        if not any(_issued_by(certificate, anchor) for anchor in self._anchors):
            _refuse(FailureCode.CERTIFICATE_UNTRUSTED, "the certificate's issuer is not known")
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            _refuse(FailureCode.CERTIFICATE_UNTRUSTED, "the certificate's key is of another kind")
        return certificate, key

    def _signer(self, evidence: EvidenceIn, user_key: RSAPublicKey) -> RSAPublicKey | None:
        """Which key must have signed, by the way of verification; None where nothing can be signed."""
        expected = {
            VerificationMethod.PIN: Assurance.USER_KEY_SIGNATURE,
            VerificationMethod.FACE: Assurance.VISUAL_KEY_SAME_SESSION,
            VerificationMethod.STAFF: (
                Assurance.VISUAL_KEY_SAME_SESSION if evidence.visual else Assurance.CERTIFICATE_ONLY
            ),
        }[evidence.method]
        if evidence.assurance is not expected:
            _refuse(FailureCode.SIGNATURE_INVALID, "the evidence claims another assurance than it gives")
        if evidence.method is VerificationMethod.STAFF and not evidence.decided_by:
            _refuse(FailureCode.SIGNATURE_INVALID, "nobody answers for the check by eye")
        if evidence.method is VerificationMethod.PIN:
            return user_key
        if evidence.visual is not None:
            return self._visual_key(evidence.visual)
        if evidence.method is VerificationMethod.FACE or evidence.signature is not None:
            _refuse(FailureCode.SIGNATURE_INVALID, "the evidence is not complete")
        return None

    def _visual_key(self, visual: VisualIn) -> RSAPublicKey:
        """The visual application's own key, once its chain up to a known issuer holds."""
        try:
            body, signature = _cv_parts(visual.cv_certificate)
            issuer = self._issuers.get(body[:16])
            own_key = _public_key(_only(visual.public_key, 0xDF24))
            _only(visual.birth_date, 0xDF22)
            _only(visual.sex, 0xDF23)
            signer = _public_key(body[32:])
        except (ValueError, IndexError):
            _refuse(FailureCode.PHOTO_FORGED, "the card face's data cannot be read")
        if issuer is None:
            _refuse(FailureCode.PHOTO_FORGED, "the issuer of the card face's signer is not known")
        person = hashlib.sha256(visual.birth_date + visual.sex + visual.public_key).digest()
        hashes = person + visual.images_hash + visual.photo_hash
        try:
            issuer.verify(signature, body, PKCS1v15(), SHA256())
            signed = signer.recover_data_from_signature(visual.signature, PKCS1v15(), None)
        except InvalidSignature:
            signed = b""
        if signed != _THREE_HASHES + hashes:
            _refuse(FailureCode.PHOTO_FORGED, "the card face's signature does not hold")
        return own_key


def _refuse(code: FailureCode, title: str) -> NoReturn:
    raise EvidenceRefused(code, title) from None


def _verify(key: RSAPublicKey, signature: bytes, digest: bytes) -> None:
    try:
        key.verify(signature, digest, PKCS1v15(), Prehashed(SHA256()))
    except InvalidSignature:
        _refuse(FailureCode.SIGNATURE_INVALID, "the statement's signature does not hold")


def _issued_by(certificate: x509.Certificate, anchor: x509.Certificate) -> bool:
    # by signature: several generations of an issuer share one name
    try:
        certificate.verify_directly_issued_by(anchor)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _in_grace(certificate: x509.Certificate, moment: datetime) -> bool:
    if moment < certificate.not_valid_before_utc:
        _refuse(FailureCode.CERTIFICATE_UNTRUSTED, "the certificate is not valid yet")
    if moment <= certificate.not_valid_after_utc:
        return False
    if tokyo_date(moment) > grace_end(tokyo_date(certificate.not_valid_after_utc)):
        _refuse(FailureCode.CERTIFICATE_EXPIRED, "the certificate has expired")
    return True


def _take(data: bytes, tag: int, tag_size: int = 2) -> tuple[bytes, bytes]:
    """The value of the object at the start, and what follows it; lengths need not be the shortest form."""
    if int.from_bytes(data[:tag_size], "big") != tag:
        raise ValueError
    first = data[tag_size]
    start = tag_size + 1
    size = first
    if first >= 0x80:
        count = first & 0x7F
        if count not in (1, 2):
            raise ValueError
        size = int.from_bytes(data[start : start + count], "big")
        start += count
    if len(data) < start + size:
        raise ValueError
    return data[start : start + size], data[start + size :]


def _only(data: bytes, tag: int) -> bytes:
    value, rest = _take(data, tag)
    if rest:
        raise ValueError
    return value


def _cv_parts(certificate: bytes) -> tuple[bytes, bytes]:
    content, _filler = _take(certificate, 0x7F21)
    body, rest = _take(content, 0x5F4E)
    return body, _only(rest, 0x5F37)


def _public_key(value: bytes) -> RSAPublicKey:
    exponent, rest = _take(value, 0x90, 1)
    modulus, rest = _take(rest, 0x91, 1)
    if rest:
        raise ValueError
    return RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()
