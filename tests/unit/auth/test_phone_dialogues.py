# SPDX-License-Identifier: Apache-2.0
"""Phones: the certificate comes only after the PIN, in the same powered session, and is judged then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.auth.certificate.chain import Verdict
from kiosk.auth.certificate.standing import Source, Standing, StandingAnswer
from kiosk.auth.certificate.trust import Trust
from kiosk.auth.dialogue import (
    CardFacts,
    CardTrouble,
    PhoneFound,
    PinFailed,
    PinNowBlocked,
    PinResult,
    PinSigned,
    PinWrong,
    read_card,
    read_pin_tries,
    verify_phone_pin_and_sign,
    verify_pin_and_sign,
)
from kiosk.auth.evidence import Assurance, Statement, VerificationMethod
from kiosk.errors import FailureCode, KioskError
from kiosk.reader.cards.jpki import JpkiCard, TokenKind
from kiosk.reader.cards.text import TextCard
from kiosk.reader.cards.visual import VisualCard
from kiosk.reader.errors import CardStatusError
from kiosk.reader.session import CardSession
from kiosk.reader.status import TryCounter
from kiosk.secret import Secret
from kiosk.simulator.card import options as simulated
from kiosk.simulator.card.foreign import ForeignCard, SimulatedCard
from kiosk.simulator.card.options import CardOptions
from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.patients.people import CardQuirk, patient
from tests.fakes.cards import card_of
from tests.fakes.clock import MORNING
from tests.fakes.recording import RecordingConnection
from tests.fakes.revocation import certificate_of
from tests.fakes.trust import demo_trust

PIN = ReferenceName.JPKI_USER_PIN
PHONE = CardOptions(token=simulated.TokenKind.ANDROID)
STATEMENT = Statement("1310000001", "K1", "01J", bytes(32), VerificationMethod.PIN, MORNING)


@contextmanager
def powered(card: SimulatedCard) -> Iterator[tuple[CardSession, RecordingConnection]]:
    driver = SimulatedDriver()
    driver.insert(card)
    with RecordingConnection(driver.connect(driver.snapshot().readers[0].name)) as connection:
        yield CardSession(connection), connection


def found(session: CardSession) -> PhoneFound:
    phone = read_card(session, demo_trust(), MORNING)
    assert isinstance(phone, PhoneFound)
    return phone


def right_pin() -> Secret:
    return Secret.of(patient("taro").pin.encode())


def entered(
    session: CardSession, phone: PhoneFound, pin: Secret, trust: Trust | None = None, *, last: bool = False
) -> PinResult:
    return verify_phone_pin_and_sign(
        session, phone, pin, STATEMENT, trust or demo_trust(), MORNING, allow_last_attempt=last
    )


def verifies(connection: RecordingConnection) -> list[bytes]:
    return [wire for wire in connection.sent if wire[1] == 0x20 and len(wire) > 4]


def test_a_phone_shows_its_kind_and_counter_and_nothing_else() -> None:
    with powered(card_of("taro-phone")) as (session, connection):
        phone = found(session)
        assert (phone.token_kind, phone.tries) == (TokenKind.ANDROID, TryCounter(3))
        assert not verifies(connection)
        assert not VisualCard(session).select()
        assert not TextCard(session).select()
        jpki = JpkiCard(session)
        assert jpki.select()
        with pytest.raises(CardStatusError):
            jpki.read_certificate()


def test_a_right_pin_brings_certificate_and_signature() -> None:
    with powered(card_of("taro-phone")) as (session, connection):
        pin = right_pin()
        signed = entered(session, found(session), pin)
        assert isinstance(signed, PinSigned)
        assert signed.evidence.assurance is Assurance.USER_KEY_SIGNATURE
        assert signed.evidence.certificate == signed.card.certificate
        assert signed.card.check.verdict is Verdict.VALID
        assert signed.card.token_kind is TokenKind.ANDROID
        assert len(signed.card.fingerprint) == 64
        assert len(verifies(connection)) == 1
        assert len(pin) == 0


def test_a_wrong_pin_and_then_the_right_one() -> None:
    with powered(card_of("taro-phone")) as (session, connection):
        phone = found(session)
        assert entered(session, phone, Secret.of(b"0000")) == PinWrong(2)
        assert read_pin_tries(session) == TryCounter(2)
        assert isinstance(entered(session, phone, right_pin()), PinSigned)
        assert len(verifies(connection)) == 2


def test_the_last_try_is_kept_and_a_blocked_one_not_sent() -> None:
    with powered(card_of("taro", replace(PHONE, tries={PIN: 1}))) as (session, connection):
        phone = found(session)
        assert entered(session, phone, right_pin()) == PinFailed(FailureCode.PIN_LAST_TRY)
        assert not verifies(connection)
        assert entered(session, phone, Secret.of(b"0000"), last=True) == PinNowBlocked(sent=True)
        assert entered(session, phone, right_pin(), last=True) == PinNowBlocked(sent=False)
        assert len(verifies(connection)) == 1


def test_a_phone_that_came_back_is_asked_who_it_is_before_the_pin() -> None:
    with powered(card_of("taro-phone")) as (session, _):
        phone = found(session)
    with powered(card_of("taro-phone")) as (session, _):
        assert isinstance(entered(session, phone, right_pin()), PinSigned)
    for other in (card_of("taro"), card_of("hanako"), ForeignCard("licence")):
        with powered(other) as (session, connection):
            assert entered(session, phone, right_pin()) == PinFailed(FailureCode.CARD_SWAPPED)
            assert not verifies(connection)


def test_a_phone_where_a_card_was_gets_no_pin() -> None:
    with powered(card_of("taro")) as (session, _):
        card = read_card(session, demo_trust(), MORNING)
        assert isinstance(card, CardFacts)
    with powered(card_of("taro-phone")) as (session, connection):
        swapped = verify_pin_and_sign(session, card, right_pin(), STATEMENT)
        assert swapped == PinFailed(FailureCode.CARD_SWAPPED)
        assert not verifies(connection)


def test_a_certificate_nobody_vouches_for_is_caught_after_the_pin() -> None:
    with powered(card_of("taro-phone")) as (session, _):
        nobody = Trust.of((), {}, allow_test=True)
        result = entered(session, found(session), right_pin(), nobody)
        assert result == PinFailed(FailureCode.CERTIFICATE_UNTRUSTED)


def test_a_revoked_one_too_and_a_good_answer_stands_in_the_evidence() -> None:
    class Told:
        def __init__(self, standing: Standing) -> None:
            self.standing = standing

        def ask(self, *_: object) -> StandingAnswer:
            return StandingAnswer(self.standing, Source.OCSP)

    def signed_under(standing: Standing) -> PinResult:
        with powered(card_of("taro-phone")) as (session, _):
            return verify_phone_pin_and_sign(
                session, found(session), right_pin(), STATEMENT, demo_trust(), MORNING, Told(standing)
            )

    assert signed_under(Standing.REVOKED) == PinFailed(FailureCode.CERTIFICATE_REVOKED)
    for standing in (Standing.GOOD, Standing.COULD_NOT_CHECK):
        result = signed_under(standing)
        assert isinstance(result, PinSigned)
        assert result.evidence.revocation is standing


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(days=200)], ids=["in grace", "beyond"])
def test_a_phone_has_no_grace_and_its_certificates_end_is_known_after_the_pin(later: timedelta) -> None:
    end = certificate_of("taro-phone").not_valid_after_utc
    with powered(card_of("taro-phone")) as (session, _):
        result = verify_phone_pin_and_sign(
            session, found(session), right_pin(), STATEMENT, demo_trust(), end + later
        )
    assert result == PinFailed(FailureCode.CERTIFICATE_EXPIRED)


def test_a_phone_without_the_certificates_key_is_caught() -> None:
    with powered(card_of("taro", replace(PHONE, cloned=True))) as (session, _):
        result = entered(session, found(session), right_pin())
        assert result == PinFailed(FailureCode.SIGNATURE_INVALID)


def test_a_phone_taken_at_any_command_is_removed_and_never_asked_twice() -> None:
    commands = 0
    while True:
        driver = SimulatedDriver()
        driver.insert(card_of("taro-phone"))
        with RecordingConnection(driver.connect("Simulated Reader 00")) as connection:
            session = CardSession(connection)
            phone = found(session)
            pin = right_pin()
            driver.remove_after(commands)
            try:
                result: object = entered(session, phone, pin)
            except KioskError as error:
                result = error.code
            assert len(verifies(connection)) <= 1
            assert len(pin) == 0
            if result is not FailureCode.CARD_REMOVED:
                assert isinstance(result, PinSigned)
                break
        commands += 1
    assert commands > 8


def test_the_phone_of_the_cast_is_its_owners() -> None:
    phone, owner = patient("taro-phone"), patient("taro")
    assert phone.quirk is CardQuirk.ANDROID_PHONE
    assert (phone.name, phone.birth, phone.pin) == (owner.name, owner.birth, owner.pin)
    assert certificate_of("taro-phone").serial_number != certificate_of("taro").serial_number


def test_revocation_is_asked_before_the_pin_on_a_card() -> None:
    class Revoked:
        def ask(self, *_: object) -> StandingAnswer:
            return StandingAnswer(Standing.REVOKED, Source.CRL)

    with powered(card_of("taro")) as (session, _):
        trouble = read_card(session, demo_trust(), MORNING, Revoked())
        assert trouble == CardTrouble(FailureCode.CERTIFICATE_REVOKED)
