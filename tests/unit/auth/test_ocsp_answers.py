# SPDX-License-Identifier: Apache-2.0
"""OCSP answers: who may give them, about which certificate, to which question, and of when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from kiosk.auth.certificate.ocsp import Question, address_in, read_answer
from kiosk.auth.certificate.standing import Obstacle, Source, Standing, StandingAnswer
from kiosk.simulator.card.certificates import NO_RESPONDER
from kiosk.simulator.card.pki import Signatory
from kiosk.simulator.revocation import RevocationDesk, RevocationFault
from tests.fakes.cards import authority
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.revocation import DAY, certificate_of, issuer

TARO, MIDORI = certificate_of("taro"), certificate_of("midori")
QUESTION = Question(TARO, issuer(), bytes(range(32)))


@pytest.fixture
def desk() -> RevocationDesk:
    return RevocationDesk(authority(), FakeClock())


def answered(
    desk: RevocationDesk, question: Question = QUESTION, now: timedelta = timedelta()
) -> StandingAnswer:
    return read_answer(desk.answer(question.request()), question, MORNING + now)


def test_the_request_names_the_certificate_and_carries_the_nonce() -> None:
    request = ocsp.load_der_ocsp_request(QUESTION.request())
    assert request.serial_number == TARO.serial_number
    assert request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == bytes(range(32))


@pytest.mark.parametrize("fault", [RevocationFault.NONE, RevocationFault.BY_THE_ISSUER])
def test_good_and_revoked(desk: RevocationDesk, fault: RevocationFault) -> None:
    desk.fault = fault
    assert answered(desk) == StandingAnswer(Standing.GOOD, Source.OCSP, as_of=MORNING)
    assert answered(desk, replace(QUESTION, certificate=MIDORI)).standing is Standing.REVOKED


@pytest.mark.parametrize(
    ("fault", "obstacle"),
    [
        (RevocationFault.STRANGER, Obstacle.WRONG_SIGNER),
        (RevocationFault.NOT_A_DELEGATE, Obstacle.WRONG_SIGNER),
        (RevocationFault.WRONG_NONCE, Obstacle.WRONG_NONCE),
        (RevocationFault.OTHER_CERTIFICATE, Obstacle.OTHER_CERTIFICATE),
        (RevocationFault.OUT_OF_TIME, Obstacle.OUT_OF_TIME),
        (RevocationFault.NOT_YET, Obstacle.OUT_OF_TIME),
        (RevocationFault.NOT_KNOWN, Obstacle.NOT_KNOWN_THERE),
        (RevocationFault.TRY_LATER, Obstacle.REFUSED),
    ],
)
def test_answers_that_do_not_count(desk: RevocationDesk, fault: RevocationFault, obstacle: Obstacle) -> None:
    desk.fault = fault
    assert answered(desk) == StandingAnswer.unknown(obstacle, Source.OCSP)
    assert answered(desk, replace(QUESTION, certificate=MIDORI)).standing is Standing.COULD_NOT_CHECK


def test_an_answer_without_nonce_counts_within_its_time(desk: RevocationDesk) -> None:
    desk.fault = RevocationFault.NO_NONCE
    assert answered(desk).standing is Standing.GOOD
    assert answered(desk, now=timedelta(minutes=64)).standing is Standing.GOOD
    assert answered(desk, now=timedelta(minutes=66)).obstacle is Obstacle.OUT_OF_TIME


def test_an_answer_played_again_is_noticed_by_its_nonce(desk: RevocationDesk) -> None:
    old = desk.answer(QUESTION.request())
    again = replace(QUESTION, nonce=bytes(32))
    assert read_answer(old, again, MORNING).obstacle is Obstacle.WRONG_NONCE


def test_the_same_serial_number_of_another_generation_is_another_certificate(desk: RevocationDesk) -> None:
    """Its answer is signed by this issuer, but names the other one's key."""
    sign_ca = x509.load_der_x509_certificate(authority().trust_anchors().sign_ca)
    about_the_other = Question(TARO, sign_ca, QUESTION.nonce)
    content = desk.answer(about_the_other.request())
    assert read_answer(content, QUESTION, MORNING).obstacle is Obstacle.OTHER_CERTIFICATE


def delegate(
    *,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.OCSP_SIGNING,
    ended: bool = False,
    usage: bool = True,
) -> Signatory:
    """Certified by the authority, for that purpose."""
    known, by = authority().responder(), authority().user_issuer()
    builder = (
        x509.CertificateBuilder()
        .subject_name(known.certificate.subject)
        .issuer_name(by.certificate.subject)
        .public_key(known.key.public_key())
        .serial_number(11)
        .not_valid_before(MORNING - 2 * DAY)
        .not_valid_after(MORNING - DAY if ended else MORNING + DAY)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=usage,
                content_commitment=not usage,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    return Signatory(known.key, builder.sign(by.key, SHA256()))


def answer_by(
    signer: Signatory,
    *,
    name: bool = True,
    ends: timedelta | None = DAY,
    begins: timedelta = timedelta(),
    nonce: bytes | None = None,
) -> bytes:
    encoding = ocsp.OCSPResponderEncoding.NAME if name else ocsp.OCSPResponderEncoding.HASH
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=TARO,
            issuer=issuer(),
            algorithm=SHA1(),  # noqa: S303  # as responders name certificates
            cert_status=ocsp.OCSPCertStatus.GOOD,
            this_update=MORNING + begins,
            next_update=None if ends is None else MORNING + ends,
            revocation_time=None,
            revocation_reason=None,
        )
        .responder_id(encoding, signer.certificate)
        .certificates([signer.certificate])
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.sign(signer.key, SHA256()).public_bytes(Encoding.DER)


def test_a_delegate_is_one_by_purpose_time_and_use() -> None:
    assert read_answer(answer_by(delegate()), QUESTION, MORNING).standing is Standing.GOOD
    assert read_answer(answer_by(delegate(), name=False), QUESTION, MORNING).standing is Standing.GOOD
    for other in (
        delegate(purpose=ExtendedKeyUsageOID.CLIENT_AUTH),
        delegate(purpose=ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE),
        delegate(ended=True),
        delegate(usage=False),
    ):
        assert read_answer(answer_by(other), QUESTION, MORNING).obstacle is Obstacle.WRONG_SIGNER


def test_an_answer_that_names_no_end_must_be_of_now_or_to_this_question() -> None:
    old, signer = timedelta(hours=-2), delegate()
    assert read_answer(answer_by(signer, ends=None), QUESTION, MORNING).standing is Standing.GOOD
    without = answer_by(signer, ends=None, begins=old)
    assert read_answer(without, QUESTION, MORNING).obstacle is Obstacle.OUT_OF_TIME
    to_us = answer_by(signer, ends=None, begins=old, nonce=QUESTION.nonce)
    assert read_answer(to_us, QUESTION, MORNING).standing is Standing.GOOD


def test_the_address_stands_in_the_certificate() -> None:
    assert address_in(TARO) == NO_RESPONDER
    assert address_in(issuer()) is None


@given(st.binary(max_size=300))
def test_garbage_is_only_malformed(content: bytes) -> None:
    assert read_answer(content, QUESTION, MORNING).obstacle in {Obstacle.MALFORMED, Obstacle.REFUSED}


WHOLE = RevocationDesk(authority(), FakeClock()).answer(replace(QUESTION, certificate=MIDORI).request())


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_no_damage_raises_or_makes_good(position: int, change: int) -> None:
    content = bytearray(WHOLE)
    content[position] ^= change
    answer = read_answer(bytes(content), replace(QUESTION, certificate=MIDORI), MORNING)
    assert answer.standing is not Standing.GOOD
