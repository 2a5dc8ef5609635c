# SPDX-License-Identifier: Apache-2.0
"""OCSP responder (OCSP レスポンダ方式): one question a check, within a time that patients do not notice."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from kiosk.auth.certificate.fetch import fetch, is_web_address
from kiosk.auth.certificate.signing import UNREADABLE, may, signed_with
from kiosk.auth.certificate.standing import (
    CLOCKS_MAY_DIFFER,
    Obstacle,
    Source,
    Standing,
    StandingAnswer,
)

MAX_ANSWER_BYTES = 64 * 1024
NONCE_LENGTH = 32
DEFAULT_LIMIT_S = 2.0
_MEDIA_TYPE = "application/ocsp-request"

_log = logging.getLogger("kiosk.certificate")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about one certificate, and the nonce by which an old answer is told from a new one."""

    certificate: x509.Certificate = field(repr=False)
    issuer: x509.Certificate = field(repr=False)
    nonce: bytes = field(repr=False)

    def request(self) -> bytes:
        """The request in DER. SHA-1 only names the issuer here, and is what every responder understands."""
        return (
            ocsp.OCSPRequestBuilder()
            .add_certificate(self.certificate, self.issuer, SHA1())  # noqa: S303  # a name, not a proof
            .add_extension(x509.OCSPNonce(self.nonce), critical=False)
            .build()
            .public_bytes(Encoding.DER)
        )


class OcspClient:
    """Asks a responder.

    Lives on: any thread; `ask` holds it for the time limit at most.
    """

    def __init__(self, url: str = "", *, limit_s: float = DEFAULT_LIMIT_S) -> None:
        """Without `url` the address in each certificate is asked, once its issuer is known to be ours."""
        self._url = url
        self._limit_s = limit_s

    def ask(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> StandingAnswer:
        """What the responder says about a certificate whose chain was checked."""
        url = self._url or address_in(certificate)
        if url is None:
            return StandingAnswer.unknown(Obstacle.NO_SOURCE, Source.OCSP)
        question = Question(certificate, issuer, secrets.token_bytes(NONCE_LENGTH))
        content = fetch(
            url,
            limit_s=self._limit_s,
            limit_bytes=MAX_ANSWER_BYTES,
            body=question.request(),
            media_type=_MEDIA_TYPE,
        )
        if isinstance(content, Obstacle):
            _log.info("the OCSP responder did not answer: %s", content.value)
            return StandingAnswer.unknown(content, Source.OCSP)
        answer = read_answer(content, question, now)
        if answer.obstacle is not None:
            _log.info("the OCSP answer does not count: %s", answer.obstacle.value)
        return answer


def address_in(certificate: x509.Certificate) -> str | None:
    """The responder's address as the certificate gives it."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return None
    for entry in access:
        location = entry.access_location
        if (
            entry.access_method == AuthorityInformationAccessOID.OCSP
            and isinstance(location, x509.UniformResourceIdentifier)
            and is_web_address(location.value)
        ):
            return location.value
    return None


def read_answer(content: bytes, question: Question, now: datetime) -> StandingAnswer:
    """Check who signed the answer, that it is about this certificate and this question, and of today."""
    try:
        checked = _checked(content, question, now)
    except UNREADABLE:
        checked = Obstacle.MALFORMED
    return StandingAnswer.unknown(checked, Source.OCSP) if isinstance(checked, Obstacle) else checked


def _checked(content: bytes, question: Question, now: datetime) -> StandingAnswer | Obstacle:
    response = ocsp.load_der_ocsp_response(content)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return Obstacle.REFUSED
    if not _signed(response, question.issuer, now):
        return Obstacle.WRONG_SIGNER
    nonce = _nonce_of(response)
    if nonce is not None and not hmac.compare_digest(nonce, question.nonce):
        return Obstacle.WRONG_NONCE
    single = next((item for item in response.responses if _is_about(item, question)), None)
    if single is None:
        return Obstacle.OTHER_CERTIFICATE
    if not _of_today(single, now, answered_now=nonce is not None):
        return Obstacle.OUT_OF_TIME
    match single.certificate_status:
        case ocsp.OCSPCertStatus.GOOD:
            return StandingAnswer(Standing.GOOD, Source.OCSP, as_of=single.this_update_utc)
        case ocsp.OCSPCertStatus.REVOKED:
            return StandingAnswer(Standing.REVOKED, Source.OCSP, as_of=single.this_update_utc)
        case _:
            return Obstacle.NOT_KNOWN_THERE


def _nonce_of(response: ocsp.OCSPResponse) -> bytes | None:
    try:
        return response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return None


def _signed(response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> bool:
    """By the issuer itself, or by whom the issuer certified for nothing but this."""
    signers = [issuer, *(each for each in response.certificates if _is_delegate(each, issuer, now))]
    digest = response.signature_hash_algorithm
    return any(
        _is_named(signer, response)
        and signed_with(signer, response.signature, response.tbs_response_bytes, digest)
        for signer in signers
    )


def _is_delegate(certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return False
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return (
        ExtendedKeyUsageOID.OCSP_SIGNING in purposes
        and certificate.issuer == issuer.subject
        and may(certificate, "digital_signature")
        and signed_with(
            issuer,
            certificate.signature,
            certificate.tbs_certificate_bytes,
            certificate.signature_hash_algorithm,
        )
    )


def _is_named(signer: x509.Certificate, response: ocsp.OCSPResponse) -> bool:
    """Whether the answer says that this one gave it."""
    if response.responder_name is not None:
        return response.responder_name == signer.subject
    key = signer.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return response.responder_key_hash == hashlib.sha1(key, usedforsecurity=False).digest()


def _is_about(single: ocsp.OCSPSingleResponse, question: Question) -> bool:
    """Whether it names our certificate: by serial number, and its issuer by name and key."""
    if single.serial_number != question.certificate.serial_number:
        return False
    algorithm = single.hash_algorithm.name
    if algorithm not in {"sha1", "sha256", "sha384", "sha512"}:
        return False
    name = question.issuer.subject.public_bytes()
    key = question.issuer.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return (
        single.issuer_name_hash == hashlib.new(algorithm, name, usedforsecurity=False).digest()
        and single.issuer_key_hash == hashlib.new(algorithm, key, usedforsecurity=False).digest()
    )


def _of_today(single: ocsp.OCSPSingleResponse, now: datetime, *, answered_now: bool) -> bool:
    """Within its own time; one that names no end must at least have been made for this question."""
    if single.this_update_utc > now + CLOCKS_MAY_DIFFER:
        return False
    ends = single.next_update_utc
    if ends is not None:
        return now <= ends + CLOCKS_MAY_DIFFER
    return answered_now or now - single.this_update_utc <= CLOCKS_MAY_DIFFER
