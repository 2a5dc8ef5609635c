# SPDX-License-Identifier: Apache-2.0
"""The test authority's word on revocation: its list for download, and a responder that answers OCSP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from enum import StrEnum
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from kiosk.clock import Clock
from kiosk.simulator.card.certificates import Validity, responder_certificate, user_serial
from kiosk.simulator.card.pki import Signatory, TestAuthority
from kiosk.simulator.patients.people import PATIENTS, CardQuirk
from kiosk.simulator.upstream.server import LOOPBACK, Listener

CRL_PATH = "/crl"
OCSP_PATH = "/ocsp"
_LIST_HOLDS = timedelta(hours=36)
_ANSWER_HOLDS = timedelta(hours=1)
_LONG_AGO = timedelta(days=10)
_TOO_LARGE = 65 * 1024 * 1024
_SLICE_S = 0.02
_SLOW_SLICES = 200


class RevocationFault(StrEnum):
    """What list and responder can be told to do wrong."""

    NONE = "none"
    SLOW = "slow"  # no answer for seconds
    DRIPPING = "dripping"  # a byte now and then
    UNAVAILABLE = "unavailable"
    MOVED = "moved"  # a redirect, which nobody should follow
    GARBAGE = "garbage"
    CUT_OFF = "cut_off"
    TOO_LARGE = "too_large"
    OUT_OF_TIME = "out_of_time"
    NOT_YET = "not_yet"
    STRANGER = "stranger"  # signed by a key that nobody certified for it
    NOT_A_DELEGATE = "not_a_delegate"  # signed with a card's own certificate, which the authority did issue
    TRY_LATER = "try_later"
    WRONG_NONCE = "wrong_nonce"
    NO_NONCE = "no_nonce"
    OTHER_CERTIFICATE = "other_certificate"
    NOT_KNOWN = "not_known"
    BY_THE_ISSUER = "by_the_issuer"  # no fault: answered by the authority itself, not by its delegate


def _revoked_at_first() -> set[int]:
    return {user_serial(person.key) for person in PATIENTS if person.quirk is CardQuirk.CERTIFICATE_REVOKED}


class RevocationDesk:
    """Who is revoked, as a list and as answers.

    Lives on: any thread. `fault` may be set at any time.
    """

    def __init__(self, authority: TestAuthority, clock: Clock) -> None:
        self._authority = authority
        self._clock = clock
        self._stranger: RSAPrivateKey | None = None
        self.fault = RevocationFault.NONE
        self.asked = 0
        self.revoked = _revoked_at_first()

    def reset(self) -> None:
        """Who is revoked is as at the start."""
        self.revoked = _revoked_at_first()

    def crl(self) -> bytes:
        """The list in DER, dated now."""
        issuer = self._authority.user_issuer()
        now = self._clock.now().replace(microsecond=0)
        begins, ends = now, now + _LIST_HOLDS
        if self.fault is RevocationFault.OUT_OF_TIME:
            begins, ends = now - _LONG_AGO, now - _LONG_AGO + _LIST_HOLDS
        elif self.fault is RevocationFault.NOT_YET:
            begins, ends = now + _LONG_AGO, now + _LONG_AGO + _LIST_HOLDS
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.certificate.subject)
            .last_update(begins)
            .next_update(ends)
            .add_extension(x509.CRLNumber(int(begins.timestamp())), critical=False)
        )
        for serial in sorted(self.revoked):
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(begins - _LONG_AGO)
                .add_extension(x509.CRLReason(x509.ReasonFlags.superseded), critical=False)
                .build()
            )
        key = self._strangers_key() if self.fault is RevocationFault.STRANGER else issuer.key
        return builder.sign(key, SHA256()).public_bytes(Encoding.DER)

    def answer(self, content: bytes) -> bytes:
        """The answer to one OCSP request, both in DER."""
        try:
            request = ocsp.load_der_ocsp_request(content)
            serial = request.serial_number
        except ValueError:
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        issuer = self._authority.user_issuer()
        if self.fault is RevocationFault.TRY_LATER:
            return _unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
        if self.fault is RevocationFault.OTHER_CERTIFICATE:
            serial += 1
        now = self._clock.now().replace(microsecond=0)
        shift = {
            RevocationFault.OUT_OF_TIME: -_LONG_AGO,
            RevocationFault.NOT_YET: _LONG_AGO,
        }.get(self.fault, timedelta())
        revoked = serial in self.revoked
        known = self.fault is not RevocationFault.NOT_KNOWN
        status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        signer = self._signer(issuer)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=request.issuer_name_hash,
                issuer_key_hash=request.issuer_key_hash,
                serial_number=serial,
                algorithm=request.hash_algorithm,
                cert_status=status if known else ocsp.OCSPCertStatus.UNKNOWN,
                this_update=now + shift,
                next_update=now + shift + _ANSWER_HOLDS,
                revocation_time=now - _LONG_AGO if known and revoked else None,
                revocation_reason=x509.ReasonFlags.superseded if known and revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        )
        if signer.certificate != issuer.certificate:
            builder = builder.certificates([signer.certificate])
        nonce = self._nonce(request)
        if nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        return builder.sign(signer.key, SHA256()).public_bytes(Encoding.DER)

    def _nonce(self, request: ocsp.OCSPRequest) -> bytes | None:
        if self.fault is RevocationFault.NO_NONCE:
            return None
        try:
            nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        except x509.ExtensionNotFound:
            return None
        return bytes(reversed(nonce)) if self.fault is RevocationFault.WRONG_NONCE else nonce

    def _signer(self, issuer: Signatory) -> Signatory:
        match self.fault:
            case RevocationFault.BY_THE_ISSUER:
                return issuer
            case RevocationFault.STRANGER:
                key = self._strangers_key()
                today = self._authority.today()
                validity = Validity(today - _LONG_AGO, today + _LONG_AGO)
                return Signatory(
                    key, responder_certificate(key.public_key(), issuer.certificate, key, validity)
                )
            case RevocationFault.NOT_A_DELEGATE:
                material = self._authority.material(PATIENTS[0])
                return Signatory(material.user_key, x509.load_der_x509_certificate(material.user_certificate))
            case _:
                return self._authority.responder()

    def _strangers_key(self) -> RSAPrivateKey:
        if self._stranger is None:
            self._stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._stranger


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def revocation_app(desk: RevocationDesk) -> Starlette:
    """``GET /crl`` and ``POST /ocsp``."""

    async def crl(_request: Request) -> Response:
        return await _reply(desk, desk.crl, "application/pkix-crl")

    async def responder(request: Request) -> Response:
        content = await request.body()
        return await _reply(desk, lambda: desk.answer(content), "application/ocsp-response")

    return Starlette(
        routes=[
            Route(CRL_PATH, crl, methods=["GET"]),
            Route(OCSP_PATH, responder, methods=["POST"]),
        ]
    )


async def _reply(desk: RevocationDesk, make: Callable[[], bytes], media_type: str) -> Response:
    """What there is to send, or what the fault makes of it."""
    desk.asked += 1
    fault = desk.fault
    match fault:
        case RevocationFault.UNAVAILABLE:
            return Response(status_code=503)
        case RevocationFault.MOVED:
            return Response(status_code=302, headers={"Location": CRL_PATH})
        case RevocationFault.GARBAGE:
            return Response(bytes(range(256)) * 4, media_type=media_type)
        case RevocationFault.TOO_LARGE:
            return StreamingResponse(_endless(), media_type=media_type)
        case RevocationFault.SLOW:
            await _held_back(desk)
        case RevocationFault.DRIPPING:
            return StreamingResponse(_dripping(desk), media_type=media_type)
        case _:
            pass
    content = make()
    return Response(
        content[: len(content) // 2] if fault is RevocationFault.CUT_OFF else content, media_type=media_type
    )


async def _held_back(desk: RevocationDesk) -> None:
    """Until the fault is lifted, or seconds have gone."""
    for _ in range(_SLOW_SLICES):
        if desk.fault is not RevocationFault.SLOW:
            return
        await asyncio.sleep(_SLICE_S)


async def _dripping(desk: RevocationDesk) -> AsyncIterator[bytes]:
    for _ in range(_SLOW_SLICES):
        if desk.fault is not RevocationFault.DRIPPING:
            return
        yield b"0"
        await asyncio.sleep(_SLICE_S)


async def _endless() -> AsyncIterator[bytes]:
    piece = bytes(1024 * 1024)
    for _ in range(_TOO_LARGE // len(piece)):
        yield piece


class RevocationServer:
    """List and responder on a loopback port.

    Lives on: whoever made it starts and stops it; it has a thread of its own.
    """

    def __init__(self, desk: RevocationDesk, port: int = 0) -> None:
        """Port 0 takes any free one; the addresses are known after `start`."""
        self.desk = desk
        self._listener = Listener(revocation_app(desk), LOOPBACK, port, "revocation")

    @property
    def crl_url(self) -> str:
        """Where the list is downloaded."""
        return f"http://{LOOPBACK}:{self._listener.port}{CRL_PATH}"

    @property
    def ocsp_url(self) -> str:
        """Where the responder is asked."""
        return f"http://{LOOPBACK}:{self._listener.port}{OCSP_PATH}"

    def start(self) -> None:
        """Listen; raises `EnvironmentProblem` (`PORT_TAKEN`) where another program does."""
        self._listener.start()

    def stop(self) -> None:
        """Ask it to end; returns at once."""
        self.desk.fault = RevocationFault.NONE
        self._listener.stop()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for its end; False when the time was not enough."""
        return self._listener.join(timeout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.join()
