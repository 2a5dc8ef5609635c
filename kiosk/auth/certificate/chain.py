# SPDX-License-Identifier: Apache-2.0
"""Whether a user-authentication certificate counts: by signature, then by date (card.md 6, oqs.md 9)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from kiosk.auth.certificate.signing import UNREADABLE, signed_with
from kiosk.auth.certificate.standing import NOT_ASKED, StandingAnswer
from kiosk.auth.certificate.trust import Trust, is_test_name
from kiosk.clock import tokyo_date
from kiosk.errors import FailureCode

GRACE_MONTHS = 3
NOTICE_MONTHS = 3
_MIN_KEY_BITS = 2048
_KNOWN_CRITICAL = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
)


class Verdict(StrEnum):
    """What a certificate is worth today; what does not count is handed to staff with its `failure`."""

    VALID = "valid"
    EXPIRING = "expiring"  # within three months
    GRACE = "grace"  # past its end, and within three months from the end of that month
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNTRUSTED = "untrusted"
    UNREADABLE = "unreadable"

    @property
    def counts(self) -> bool:
        """A reception can be based on it."""
        return self in {Verdict.VALID, Verdict.EXPIRING, Verdict.GRACE}

    @property
    def failure(self) -> FailureCode | None:
        """Why not, for those who are told."""
        return {
            Verdict.EXPIRED: FailureCode.CERTIFICATE_EXPIRED,
            Verdict.REVOKED: FailureCode.CERTIFICATE_REVOKED,
            Verdict.UNTRUSTED: FailureCode.CERTIFICATE_UNTRUSTED,
            Verdict.UNREADABLE: FailureCode.CERTIFICATE_UNREADABLE,
        }.get(self)


@dataclass(frozen=True, slots=True)
class CertificateCheck:
    """The verdict, and the key where the certificate could be read and is believed.

    `issuer` is the authority that signed it, `revocation` what was learnt about its being revoked.
    """

    verdict: Verdict
    key: RSAPublicKey | None = field(default=None, repr=False)
    certificate: x509.Certificate | None = field(default=None, repr=False)
    issuer: x509.Certificate | None = field(default=None, repr=False)
    revocation: StandingAnswer = NOT_ASKED


def check_certificate(der: bytes, trust: Trust, now: datetime) -> CertificateCheck:
    """Read a certificate, find who signed it, and look at its dates. `revocation.judge` asks further."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        issuer = _issuer(certificate, trust)
        test = is_test_name(certificate.issuer)
        fit = _fit_for_signing(certificate)
        by_date = _by_date(certificate, now)
    except (OverflowError, *UNREADABLE):  # the former of an end that stands for *never*
        return CertificateCheck(Verdict.UNREADABLE)
    if issuer is None or (test and not trust.allow_test):
        return CertificateCheck(Verdict.UNTRUSTED)
    if not fit or not isinstance(key, RSAPublicKey) or key.key_size < _MIN_KEY_BITS:
        return CertificateCheck(Verdict.UNTRUSTED)
    return CertificateCheck(by_date, key, certificate, issuer)


def _issuer(certificate: x509.Certificate, trust: Trust) -> x509.Certificate | None:
    """The authority whose key made the signature. Three generations share one name, so names say nothing."""
    digest = certificate.signature_hash_algorithm
    for authority in trust.authorities:
        if _was_valid_then(authority, certificate) and signed_with(
            authority, certificate.signature, certificate.tbs_certificate_bytes, digest
        ):
            return authority
    return None


def _was_valid_then(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    """An authority may expire in the meantime, but not have issued out of its time."""
    issued = certificate.not_valid_before_utc
    return authority.not_valid_before_utc <= issued <= authority.not_valid_after_utc


def _fit_for_signing(certificate: x509.Certificate) -> bool:
    """An end entity's certificate whose key may sign for a person, with no demand that is unknown here."""
    if any(each.critical and each.oid not in _KNOWN_CRITICAL for each in certificate.extensions):
        return False
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
            return False  # as the responder's, which the same authority issues
    except x509.ExtensionNotFound:
        pass
    try:
        if certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
    except x509.ExtensionNotFound:
        pass
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature


def _by_date(certificate: x509.Certificate, now: datetime) -> Verdict:
    if now < certificate.not_valid_before_utc:
        return Verdict.UNTRUSTED
    today = tokyo_date(now)
    last_day = tokyo_date(certificate.not_valid_after_utc)
    if now <= certificate.not_valid_after_utc:
        return Verdict.EXPIRING if today >= months_before(last_day, NOTICE_MONTHS) else Verdict.VALID
    return Verdict.GRACE if today <= end_of_grace(last_day) else Verdict.EXPIRED


def end_of_grace(last_day: date) -> date:
    """The last day of the third month after the month in which the certificate ended."""
    year, month = _shift(last_day, GRACE_MONTHS)
    return date(year, month, monthrange(year, month)[1])


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or that month's last day."""
    year, month = _shift(day, -months)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _shift(day: date, months: int) -> tuple[int, int]:
    index = day.year * 12 + day.month - 1 + months
    return index // 12, index % 12 + 1


def signed_by(key: RSAPublicKey, digest: bytes, signature: bytes) -> bool:
    """Whether the certificate's key signed this SHA-256 digest."""
    try:
        key.verify(signature, digest, PKCS1v15(), Prehashed(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
