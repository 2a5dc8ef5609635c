# SPDX-License-Identifier: Apache-2.0
"""The test authorities: every key and certificate on the simulated cards, and what relying parties trust."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.clock import Clock, tokyo_date
from kiosk.simulator.card import certificates, cvc
from kiosk.simulator.card.certificates import Validity
from kiosk.simulator.card.keystore import KeyStore
from kiosk.simulator.card.printed import birthday_in, card_expiry
from kiosk.simulator.patients.people import CardQuirk, Patient

USER_CA_FILE = "user-ca.pem"
SIGN_CA_FILE = "sign-ca.pem"
CV_ISSUERS_FILE = "cv-issuers.json"

_ENDED_BEFORE = timedelta(days=30)
_ISSUED_BEFORE = timedelta(days=400)
_RENEWED_BEFORE = timedelta(days=120)
_SHORT_BEFORE_END = timedelta(days=2)
_GRACE_MONTHS = 3
_VALID_BIRTHDAYS = 5


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """What a relying party needs to check the simulated cards, and where it lies as files."""

    user_ca: bytes = field(repr=False)
    sign_ca: bytes = field(repr=False)
    cv_issuers: Mapping[bytes, cvc.CvPublicKey]
    folder: Path

    @property
    def user_ca_file(self) -> Path:
        """PEM of the authority that issues user-authentication certificates."""
        return self.folder / USER_CA_FILE

    @property
    def sign_ca_file(self) -> Path:
        """PEM of the authority that issues signature certificates."""
        return self.folder / SIGN_CA_FILE

    @property
    def cv_issuers_file(self) -> Path:
        """JSON: issuer key id in hex → ``{"modulus": hex, "exponent": hex}``."""
        return self.folder / CV_ISSUERS_FILE


@dataclass(frozen=True, slots=True)
class HolderMaterial:
    """Keys and certificates of one patient's card."""

    user_key: RSAPrivateKey = field(repr=False)
    user_certificate: bytes = field(repr=False)
    sign_key: RSAPrivateKey = field(repr=False)
    sign_certificate: bytes = field(repr=False)
    visual_key: RSAPrivateKey = field(repr=False)
    text_key: RSAPrivateKey = field(repr=False)
    common_key: Callable[[], RSAPrivateKey] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApplicationSigner:
    """Who signs the files of the text or of the visual application, with its certificate."""

    key: RSAPrivateKey = field(repr=False)
    cv_certificate: bytes = field(repr=False)
    key_id: bytes


@dataclass(frozen=True, slots=True)
class Signatory:
    """A key and the certificate that says whose it is."""

    key: RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class _Issuer:
    """One of the two authorities and what it issues."""

    key_name: str
    file_name: str
    certificate: Callable[[RSAPrivateKey], x509.Certificate]
    leaf: Callable[[Patient, RSAPublicKey, RSAPrivateKey, Validity, str], x509.Certificate]


_USER_CA = _Issuer("user-ca", USER_CA_FILE, certificates.user_ca, certificates.user_certificate)
_SIGN_CA = _Issuer("sign-ca", SIGN_CA_FILE, certificates.sign_ca, certificates.sign_certificate)


class TestAuthority:
    """Makes and keeps the keys of the test hierarchy; its organisation name is refused outside a demo.

    Lives on: any thread, and beside other processes on the same cache folder.
    """

    __test__: ClassVar[bool] = False  # pytest takes it for a test by its name

    def __init__(self, cache: Path, clock: Clock, *, ocsp_url: str = certificates.NO_RESPONDER) -> None:
        """`ocsp_url` is written into the cards' certificates; by itself it leads nowhere."""
        self._store = KeyStore(cache)
        self._clock = clock
        self._ocsp_url = ocsp_url

    def today(self) -> date:
        """The day in Japan, by which certificates and cards are dated."""
        return tokyo_date(self._clock.now())

    def trust_anchors(self) -> TrustAnchors:
        """The authorities' certificates and keys, also written as files into the cache folder."""
        user_ca = self._authority(_USER_CA)
        sign_ca = self._authority(_SIGN_CA)
        issuers = {
            cvc.TEXT_ISSUER_ID: cvc.CvPublicKey.of(self._store.key("text-issuer").public_key()),
            cvc.VISUAL_ISSUER_ID: cvc.CvPublicKey.of(self._store.key("visual-issuer").public_key()),
        }
        content = json.dumps(
            {
                key_id.hex(): {"modulus": f"{key.modulus:x}", "exponent": f"{key.exponent:x}"}
                for key_id, key in issuers.items()
            },
            indent=1,
        ).encode("ascii")
        self._store.file(CV_ISSUERS_FILE, lambda known: known == content, lambda: content)
        return TrustAnchors(
            user_ca=user_ca.public_bytes(Encoding.DER),
            sign_ca=sign_ca.public_bytes(Encoding.DER),
            cv_issuers=issuers,
            folder=self._store.folder,
        )

    def material(self, patient: Patient) -> HolderMaterial:
        """What that patient's card holds."""
        name = patient.key
        user_key = self._store.key(f"{name}-user")
        sign_key = self._store.key(f"{name}-sign")
        return HolderMaterial(
            user_key=user_key,
            user_certificate=self._leaf(patient, f"certificates/{name}-user.der", user_key, _USER_CA),
            sign_key=sign_key,
            sign_certificate=self._leaf(patient, f"certificates/{name}-sign.der", sign_key, _SIGN_CA),
            visual_key=self._store.key(f"{name}-visual"),
            text_key=self._store.key(f"{name}-text"),
            common_key=lambda: self._store.key(f"{name}-common"),
        )

    def user_issuer(self) -> Signatory:
        """The authority of user-authentication certificates itself."""
        return Signatory(self._store.key(_USER_CA.key_name), self._authority(_USER_CA))

    def responder(self) -> Signatory:
        """Whom it lets answer OCSP in its place."""
        issuer = self.user_issuer()
        key = self._store.key("ocsp-responder")
        today = self.today()

        def usable(der: bytes) -> bool:
            try:
                certificate = x509.load_der_x509_certificate(der)
                certificate.verify_directly_issued_by(issuer.certificate)
            except (ValueError, TypeError, InvalidSignature):
                return False
            start, end = certificate.not_valid_before_utc.date(), certificate.not_valid_after_utc.date()
            return certificate.public_key() == key.public_key() and start <= today < end - _SHORT_BEFORE_END

        def issue() -> bytes:
            validity = Validity(today - _SHORT_BEFORE_END, today + _RENEWED_BEFORE)
            return certificates.responder_certificate(
                key.public_key(), issuer.certificate, issuer.key, validity
            ).public_bytes(Encoding.DER)

        der = self._store.file("certificates/ocsp-responder.der", usable, issue)
        return Signatory(key, x509.load_der_x509_certificate(der))

    def text_signer(self) -> ApplicationSigner:
        """Who signs the text application's files."""
        return self._signer("text", cvc.TEXT_ISSUER_ID, cvc.TEXT_SIGNER_ID)

    def visual_signer(self) -> ApplicationSigner:
        """Who signs the visual application's files."""
        return self._signer("visual", cvc.VISUAL_ISSUER_ID, cvc.VISUAL_SIGNER_ID)

    def session_key(self) -> RSAPrivateKey:
        """The key whose public half the text application offers for secure messaging."""
        return self._store.key("text-session")

    def _signer(self, name: str, issuer_id: bytes, signer_id: bytes) -> ApplicationSigner:
        key = self._store.key(f"{name}-signer")
        issuer = self._store.key(f"{name}-issuer")
        return ApplicationSigner(
            key, cvc.cv_certificate(issuer_id, issuer, signer_id, key.public_key()), signer_id
        )

    def _authority(self, issuer: _Issuer) -> x509.Certificate:
        key = self._store.key(issuer.key_name)

        def usable(pem: bytes) -> bool:
            try:
                certificate = x509.load_pem_x509_certificate(pem)
            except ValueError:
                return False
            return certificate.public_key() == key.public_key()

        pem = self._store.file(
            issuer.file_name, usable, lambda: issuer.certificate(key).public_bytes(Encoding.PEM)
        )
        return x509.load_pem_x509_certificate(pem)

    def _leaf(
        self,
        patient: Patient,
        file_name: str,
        key: RSAPrivateKey,
        issuer: _Issuer,
    ) -> bytes:
        issuer_key = self._store.key(issuer.key_name)
        authority = self._authority(issuer)
        today = self.today()
        wanted = _VALIDITY.get(patient.quirk, current_validity)

        def usable(der: bytes) -> bool:
            try:
                certificate = x509.load_der_x509_certificate(der)
                certificate.verify_directly_issued_by(authority)
            except (ValueError, TypeError, InvalidSignature):
                return False
            if certificate.public_key() != key.public_key():
                return False
            start = tokyo_date(certificate.not_valid_before_utc)
            end = tokyo_date(certificate.not_valid_after_utc)
            if not _names_responder(certificate, self._ocsp_url):
                return False
            if patient.quirk is CardQuirk.CERTIFICATE_EXPIRED:
                return grace_end(end) < today
            if patient.quirk is CardQuirk.CERTIFICATE_GRACE:
                return end < today <= grace_end(end)
            return start <= today and today + _RENEWED_BEFORE <= end

        def issue() -> bytes:
            certificate = issuer.leaf(
                patient, key.public_key(), issuer_key, wanted(patient, today), self._ocsp_url
            )
            return certificate.public_bytes(Encoding.DER)

        return self._store.file(file_name, usable, issue)


def current_validity(patient: Patient, today: date) -> Validity:
    """Issued a good year ago, up to the fifth birthday after that, or the card's expiry if earlier."""
    first = today - _ISSUED_BEFORE
    birthday = birthday_in(patient, first.year)
    next_birthday_year = first.year if birthday > first else first.year + 1
    last = birthday_in(patient, next_birthday_year + _VALID_BIRTHDAYS - 1)
    return Validity(first, min(last, card_expiry(patient, today)))


def expired_validity(patient: Patient, today: date) -> Validity:
    """Ended on the latest birthday for which the grace of three months is over, too."""
    year = today.year
    while grace_end(birthday_in(patient, year)) >= today:
        year -= 1
    last = birthday_in(patient, year)
    return Validity(birthday_in(patient, year - _VALID_BIRTHDAYS) + timedelta(days=30), last)


def grace_validity(_patient: Patient, today: date) -> Validity:
    """Ended a month ago, whatever the holder's birthday is: so the grace is always under way."""
    last = today - _ENDED_BEFORE
    return Validity(last - timedelta(days=5 * 365), last)


_VALIDITY: dict[CardQuirk | None, Callable[[Patient, date], Validity]] = {
    CardQuirk.CERTIFICATE_EXPIRED: expired_validity,
    CardQuirk.CERTIFICATE_GRACE: grace_validity,
}


def _names_responder(certificate: x509.Certificate, url: str) -> bool:
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    return any(entry.access_location == x509.UniformResourceIdentifier(url) for entry in access)


def grace_end(last: date) -> date:
    """The last day of the third month after the month in which the certificate ended."""
    months = last.year * 12 + (last.month - 1) + _GRACE_MONTHS + 1
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)
