# SPDX-License-Identifier: Apache-2.0
"""The kiosk's own reading and checking on each kind of simulated card (facts: card.md 9.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kiosk.auth.certificate.trust import Trust
from kiosk.auth.dialogue import (
    CardFacts,
    CardTrouble,
    PhotoFailed,
    PhotoOpened,
    PinFailed,
    PinSigned,
    VisuallySigned,
    open_photo,
    read_card,
    sign_with_visual_key,
    verify_pin_and_sign,
)
from kiosk.auth.evidence import Statement, VerificationMethod
from kiosk.errors import FailureCode, KioskError
from kiosk.reader.session import CardSession
from kiosk.secret import Secret
from kiosk.simulator.card.factory import build_card
from kiosk.simulator.card.foreign import SimulatedCard
from kiosk.simulator.card.images import photo_jp2
from kiosk.simulator.card.options import ATR_CONTACT, CardOptions, TokenKind
from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.card.tlv import LengthForm
from kiosk.simulator.driver import DEFAULT_NAMES, SimulatedDriver
from kiosk.simulator.patients.people import patient
from kiosk.simulator.surface import SimulatedSurface
from tests.fakes.cards import authority, card_of, grey_photo
from tests.fakes.clock import MORNING

KINDS = {
    "usual": CardOptions(),
    "contact": CardOptions(atr=ATR_CONTACT),
    "outer lengths long": CardOptions(length_form=LengthForm.LONG_OUTER),
    "all lengths long": CardOptions(length_form=LengthForm.LONG),
    "filler behind the certificate": CardOptions(certificate_filler=300),
    "no signature certificate": CardOptions(signature_certificate=False),
    "first command fails": CardOptions(first_command_fails=True),
    "nothing past the end": CardOptions(empty_past_end=True),
    "warns at the end": CardOptions(end_of_file_warning=True),
    "short lengths only": CardOptions(extended_length=False),
    "says verified": CardOptions(verified_query_succeeds=True),
}


def trust(*, allow_test: bool = True) -> Trust:
    anchors = authority().trust_anchors()
    return Trust.load([anchors.user_ca_file], anchors.cv_issuers_file, allow_test=allow_test)


def statement(method: VerificationMethod) -> Statement:
    return Statement("1310000001", "K1", "01J", bytes(range(32)), method, MORNING)


@contextmanager
def session_with(card: SimulatedCard, *, extended_reads: bool = False) -> Iterator[CardSession]:
    driver = SimulatedDriver()
    driver.insert(card)
    with driver.connect(DEFAULT_NAMES[0]) as connection:
        yield CardSession(connection, extended_reads=extended_reads)


def facts(session: CardSession) -> CardFacts:
    read = read_card(session, trust(), MORNING)
    assert isinstance(read, CardFacts), read
    return read


@pytest.mark.parametrize("extended_reads", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_pin_and_photo_work_on_every_kind_of_card(kind: str, extended_reads: bool) -> None:
    card = card_of("taro", KINDS[kind])
    with session_with(card, extended_reads=extended_reads) as session:
        known = facts(session)
        assert known.tries.left == 3
        signed = verify_pin_and_sign(session, known, Secret.of(b"1470"), statement(VerificationMethod.PIN))
        assert isinstance(signed, PinSigned)

        printed = SimulatedSurface(lambda: card).read()
        assert printed is not None
        opened = open_photo(session, known, printed, trust())
        assert isinstance(opened, PhotoOpened)
        assert opened.photo_jp2 == photo_jp2(grey_photo())
        assert opened.birth_date == patient("taro").birth
        assert opened.evidence.photo_hash != hashlib.sha256(opened.photo_jp2).digest()  # of the whole object
        face = sign_with_visual_key(session, known, statement(VerificationMethod.FACE), opened.evidence)
        assert isinstance(face, VisuallySigned)


@pytest.mark.parametrize(
    ("key", "options", "code"),
    [
        ("akira", CardOptions(), FailureCode.CERTIFICATE_EXPIRED),
        ("licence", CardOptions(), FailureCode.CARD_NOT_MY_NUMBER),
        ("taro", CardOptions(token=TokenKind.OLD_CARD), FailureCode.CARD_NOT_MY_NUMBER),
        ("taro", CardOptions(token=TokenKind.IPHONE), FailureCode.PHONE_NOT_SUPPORTED),
    ],
)
def test_cards_that_cannot_be_used_are_told_apart(key: str, options: CardOptions, code: FailureCode) -> None:
    card = build_card(patient(key), authority(), grey_photo(), options)
    with session_with(card) as session:
        assert read_card(session, trust(), MORNING) == CardTrouble(code)


def test_production_does_not_take_a_simulated_card() -> None:
    with pytest.raises(KioskError):
        trust(allow_test=False)


@pytest.mark.parametrize("blocked_query_refused", [False, True])
def test_a_blocked_card_is_known_before_any_entry(blocked_query_refused: bool) -> None:
    card = card_of("yuki", CardOptions(blocked_query_refused=blocked_query_refused))
    with session_with(card) as session:
        assert facts(session).tries.blocked


def test_the_last_try_is_kept() -> None:
    card = card_of("goro")
    with session_with(card) as session:
        known = facts(session)
        pin = Secret.of(patient("goro").pin.encode())
        result = verify_pin_and_sign(session, known, pin, statement(VerificationMethod.PIN))
        assert result == PinFailed(FailureCode.PIN_LAST_TRY)
    assert card.tries(ReferenceName.JPKI_USER_PIN) == 1


def test_a_copied_card_is_found_out_by_its_signatures() -> None:
    card = card_of("taro", CardOptions(cloned=True))
    with session_with(card) as session:
        known = facts(session)
        result = verify_pin_and_sign(session, known, Secret.of(b"1470"), statement(VerificationMethod.PIN))
        assert result == PinFailed(FailureCode.SIGNATURE_INVALID)


def test_a_forged_photo_is_found_out() -> None:
    card = card_of("taro", CardOptions(forged_photo=True))
    printed = SimulatedSurface(lambda: card).read()
    assert printed is not None
    with session_with(card) as session:
        result = open_photo(session, facts(session), printed, trust())
    assert result == PhotoFailed(FailureCode.PHOTO_FORGED)
