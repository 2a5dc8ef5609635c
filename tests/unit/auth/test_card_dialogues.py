# SPDX-License-Identifier: Apache-2.0
"""What is said to a card in a reception, with simulated cards that answer to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.auth.certificate.chain import Verdict
from kiosk.auth.certificate.trust import Trust
from kiosk.auth.dialogue import (
    CardFacts,
    CardTrouble,
    PhotoFailed,
    PhotoOpened,
    PinFailed,
    PinNowBlocked,
    PinSigned,
    PinWrong,
    SigningFailed,
    VisuallySigned,
    certificate_only,
    open_photo,
    read_card,
    read_pin_tries,
    sign_with_visual_key,
    verify_pin_and_sign,
)
from kiosk.auth.evidence import Assurance, Statement, VerificationMethod
from kiosk.errors import FailureCode, KioskError
from kiosk.reader.apdu import CommandApdu, ResponseApdu
from kiosk.reader.cards.jpki import TokenKind
from kiosk.reader.errors import CardStatusError
from kiosk.reader.ports import CardConnection
from kiosk.reader.session import CardSession
from kiosk.reader.status import TryCounter
from kiosk.reader.surface.ports import PrintedFields
from kiosk.secret import Secret
from kiosk.simulator.card import options as simulated
from kiosk.simulator.card.foreign import ForeignCard, SimulatedCard
from kiosk.simulator.card.options import CardOptions
from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.card.tlv import LengthForm
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.patients.people import patient
from kiosk.simulator.surface import SimulatedSurface
from tests.fakes.cards import card_of
from tests.fakes.clock import MORNING
from tests.fakes.recording import RecordingConnection
from tests.fakes.trust import demo_trust

PIN = ReferenceName.JPKI_USER_PIN
NUMBER_B = ReferenceName.VISUAL_NUMBER_B
STATEMENT = Statement("1310000001", "K1", "01J", bytes(32), VerificationMethod.PIN, MORNING)


@contextmanager
def powered(
    card: SimulatedCard, *, extended: bool = False
) -> Iterator[tuple[CardSession, RecordingConnection]]:
    driver = SimulatedDriver()
    driver.insert(card)
    with RecordingConnection(driver.connect(driver.snapshot().readers[0].name)) as connection:
        yield CardSession(connection, extended_reads=extended), connection


def facts(session: CardSession) -> CardFacts:
    card = read_card(session, demo_trust(), MORNING)
    assert isinstance(card, CardFacts)
    return card


def printed_on(card: SimulatedCard) -> PrintedFields:
    driver = SimulatedDriver()
    driver.insert(card)
    fields = SimulatedSurface(driver.card_in).read()
    assert fields is not None
    return fields


def verifies(connection: RecordingConnection) -> list[bytes]:
    return [wire for wire in connection.sent if wire[1] == 0x20 and len(wire) > 4]


def right_pin() -> Secret:
    return Secret.of(patient("taro").pin.encode())


# --- the card itself -------------------------------------------------------------------------------------


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        CardOptions(),
        CardOptions(length_form=LengthForm.LONG),
        CardOptions(first_command_fails=True),
        CardOptions(certificate_filler=500, end_of_file_warning=True),
        CardOptions(empty_past_end=True),
        CardOptions(extended_length=False),
        CardOptions(signature_certificate=False),
    ],
)
def test_a_card_is_read_whatever_its_generation_does(options: CardOptions, *, extended: bool) -> None:
    with powered(card_of("taro", options), extended=extended) as (session, connection):
        card = facts(session)
        assert card.token_kind is TokenKind.CARD
        assert card.check.verdict is Verdict.VALID
        assert card.tries == TryCounter(3)
        assert card.presence is not None
        assert card.presence.user
        assert card.presence.signature is options.signature_certificate
        assert not verifies(connection)
        photo = open_photo(session, card, printed_on(card_of("taro")), demo_trust())
        assert isinstance(photo, PhotoOpened)
        assert photo.photo_jp2[4:8] == b"jP  "
        assert photo.birth_date == patient("taro").birth


def test_a_card_of_another_kind() -> None:
    with powered(ForeignCard("licence")) as (session, _):
        assert read_card(session, demo_trust(), MORNING) == CardTrouble(FailureCode.CARD_NOT_MY_NUMBER)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (simulated.TokenKind.OLD_CARD, FailureCode.CARD_NOT_MY_NUMBER),
        (simulated.TokenKind.IPHONE, FailureCode.PHONE_NOT_SUPPORTED),
    ],
)
def test_old_cards_and_iphones_are_told_apart(kind: simulated.TokenKind, code: FailureCode) -> None:
    with powered(card_of("taro", CardOptions(token=kind))) as (session, _):
        assert read_card(session, demo_trust(), MORNING) == CardTrouble(code)


def test_a_certificate_ages_from_valid_to_expired() -> None:
    told: list[str] = []
    with powered(card_of("taro")) as (session, _):
        for month in range(80):
            card = read_card(session, demo_trust(), MORNING + timedelta(days=30 * month))
            assert isinstance(card, CardFacts | CardTrouble)
            state = card.code.value if isinstance(card, CardTrouble) else card.check.verdict.value
            if not told or told[-1] != state:
                told.append(state)
            assert isinstance(card, CardTrouble) or card.in_grace == (state == "grace")
    assert told == ["valid", "expiring", "grace", FailureCode.CERTIFICATE_EXPIRED.value]


def test_an_authority_nobody_configured() -> None:
    with powered(card_of("taro")) as (session, _):
        nobody = Trust.of((), {}, allow_test=True)
        assert read_card(session, nobody, MORNING) == CardTrouble(FailureCode.CERTIFICATE_UNTRUSTED)


def test_the_counter_is_read_each_time() -> None:
    with powered(card_of("taro", CardOptions(tries={PIN: 2}))) as (session, _):
        card = facts(session)
        assert read_pin_tries(session) == TryCounter(2)
        assert verify_pin_and_sign(session, card, Secret.of(b"0000"), STATEMENT) == PinWrong(1)
        assert read_pin_tries(session) == TryCounter(1)


class OddReferences(RecordingConnection):
    """A real card but for what it says where its PIN is asked for, by the file and by the command."""

    def __init__(self, inner: CardConnection, *, select: int | None = None, query: int = 0x63C3) -> None:
        super().__init__(inner)
        self._select, self._query = select, query

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        if self._select is not None and command.data == b"\x00\x18":
            return ResponseApdu(b"", self._select)
        if command.ins == 0x20 and not command.lc:
            return ResponseApdu(b"", self._query)
        return super().transmit(command)


def test_a_card_without_a_pin_may_still_have_a_face() -> None:
    with powered(card_of("taro")) as (_, connection):
        session = CardSession(OddReferences(connection, select=0x6A82))
        card = facts(session)
        assert card.tries.blocked
        assert read_pin_tries(session) == TryCounter(0)
    with powered(card_of("taro")) as (_, connection):
        session = CardSession(OddReferences(connection, select=0x6A82, query=0x63CA))
        photo = open_photo(session, facts(session), printed_on(card_of("taro")), demo_trust())
        assert isinstance(photo, PhotoOpened)


@pytest.mark.parametrize("query", [0x6700, 0x6982, 0x6A88, 0x6C10, 0x6D00, 0x6F00])
def test_a_counter_in_words_nobody_knows_keeps_the_pin_and_not_the_card(query: int) -> None:
    with powered(card_of("taro")) as (_, connection):
        session = CardSession(OddReferences(connection, query=query))
        assert facts(session).tries == TryCounter(None)
        with pytest.raises(CardStatusError):
            read_pin_tries(session)
        with pytest.raises(CardStatusError):
            verify_pin_and_sign(session, facts(session), right_pin(), STATEMENT)
        assert not verifies(connection)


@pytest.mark.parametrize(("query", "sent"), [(0x63CF, 1), (0x63C5, 1), (0x63C4, 0), (0x9000, 0), (0x6300, 0)])
def test_the_printed_number_goes_out_on_a_number_of_tries_only(query: int, sent: int) -> None:
    with powered(card_of("taro")) as (_, connection):
        session = CardSession(OddReferences(connection, query=query))
        open_photo(session, facts(session), printed_on(card_of("taro")), demo_trust())
        assert len(verifies(connection)) == sent


# --- the PIN ---------------------------------------------------------------------------------------------


def test_a_right_pin_signs_the_statement() -> None:
    with powered(card_of("taro")) as (session, connection):
        card = facts(session)
        pin = right_pin()
        signed = verify_pin_and_sign(session, card, pin, STATEMENT)
        assert isinstance(signed, PinSigned)
        assert signed.evidence.assurance is Assurance.USER_KEY_SIGNATURE
        assert signed.evidence.certificate == card.certificate
        assert len(signed.evidence.signature or b"") == 256
        assert len(verifies(connection)) == 1
        assert len(pin) == 0
        assert not any(pin.view())


def test_a_wrong_pin_costs_one_try_and_is_overwritten() -> None:
    with powered(card_of("taro")) as (session, connection):
        card = facts(session)
        pin = Secret.of(b"0000")
        assert verify_pin_and_sign(session, card, pin, STATEMENT) == PinWrong(2)
        assert len(verifies(connection)) == 1
        assert len(pin) == 0


@pytest.mark.parametrize("pin", [b"", b"1", b"147", b"14700", b"1470147014701470"])
def test_a_pin_of_another_length_is_never_sent(pin: bytes) -> None:
    with powered(card_of("taro")) as (session, connection):
        card = facts(session)
        assert isinstance(verify_pin_and_sign(session, card, Secret.of(pin), STATEMENT), PinFailed)
        assert not verifies(connection)
        assert read_pin_tries(session) == TryCounter(3)


def test_the_last_try_is_kept_unless_staff_allow_it() -> None:
    with powered(card_of("taro", CardOptions(tries={PIN: 1}))) as (session, connection):
        card = facts(session)
        kept = verify_pin_and_sign(session, card, right_pin(), STATEMENT)
        assert kept == PinFailed(FailureCode.PIN_LAST_TRY)
        assert not verifies(connection)
        allowed = verify_pin_and_sign(session, card, right_pin(), STATEMENT, allow_last_attempt=True)
        assert isinstance(allowed, PinSigned)
        assert read_pin_tries(session) in {TryCounter(3), TryCounter(None, verified=True)}


def test_the_last_try_used_up_is_blocked_not_wrong() -> None:
    with powered(card_of("taro", CardOptions(tries={PIN: 1}))) as (session, connection):
        card = facts(session)
        result = verify_pin_and_sign(session, card, Secret.of(b"0000"), STATEMENT, allow_last_attempt=True)
        assert result == PinNowBlocked(sent=True)
        again = verify_pin_and_sign(session, card, right_pin(), STATEMENT, allow_last_attempt=True)
        assert again == PinNowBlocked(sent=False)
        assert len(verifies(connection)) == 1


@pytest.mark.parametrize("refused", [False, True])
def test_a_blocked_pin_is_not_sent(*, refused: bool) -> None:
    options = CardOptions(tries={PIN: 0}, blocked_query_refused=refused)
    with powered(card_of("taro", options)) as (session, connection):
        card = facts(session)
        assert card.tries.blocked
        assert verify_pin_and_sign(session, card, right_pin(), STATEMENT) == PinNowBlocked(sent=False)
        assert not verifies(connection)


def test_a_second_entry_after_a_right_one_is_checked_anew() -> None:
    with powered(card_of("taro", CardOptions(verified_query_succeeds=True))) as (session, _):
        card = facts(session)
        assert isinstance(verify_pin_and_sign(session, card, right_pin(), STATEMENT), PinSigned)
        assert verify_pin_and_sign(session, card, Secret.of(b"0000"), STATEMENT) == PinWrong(2)


class YesCard:
    """A card that takes any PIN and signs with whatever key it has, in front of a real one's files."""

    def __init__(self, inner: CardConnection, signature: ResponseApdu) -> None:
        self._inner = inner
        self._signature = signature

    @property
    def atr(self) -> bytes:
        return b""

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        if command.ins == 0x20 and command.lc:
            return ResponseApdu(b"", 0x9000)
        return self._signature if command.ins == 0x2A else self._inner.transmit(command)

    def close(self) -> None:
        self._inner.close()

    def __enter__(self) -> YesCard:  # noqa: PYI034  # never subclassed
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.mark.parametrize(
    "signature",
    [
        ResponseApdu(bytes(256), 0x9000),
        ResponseApdu(b"", 0x9000),
        ResponseApdu(b"", 0x6982),
        ResponseApdu(b"", 0x6D00),
    ],
)
def test_a_card_that_says_yes_to_any_pin_is_caught(signature: ResponseApdu) -> None:
    with powered(card_of("taro")) as (_, connection):
        session = CardSession(YesCard(connection, signature))
        card = facts(session)
        result = verify_pin_and_sign(session, card, Secret.of(b"0000"), STATEMENT)
        assert result == PinFailed(FailureCode.SIGNATURE_INVALID)


def test_another_card_laid_while_the_pin_was_typed_gets_no_pin() -> None:
    with powered(card_of("taro")) as (session, _):
        card = facts(session)
    with powered(card_of("hanako")) as (session, connection):
        pin = right_pin()
        assert verify_pin_and_sign(session, card, pin, STATEMENT) == PinFailed(FailureCode.CARD_SWAPPED)
        assert not verifies(connection)
        assert len(pin) == 0
    with powered(ForeignCard("licence")) as (session, connection):
        swapped = verify_pin_and_sign(session, card, right_pin(), STATEMENT)
        assert swapped == PinFailed(FailureCode.CARD_SWAPPED)
        assert read_pin_tries(session) == CardTrouble(FailureCode.CARD_SWAPPED)


def test_a_card_pulled_at_any_command_is_removed_and_never_asked_twice() -> None:
    commands = 0
    while True:
        driver = SimulatedDriver()
        driver.insert(card_of("taro"))
        with RecordingConnection(driver.connect("Simulated Reader 00")) as connection:
            session = CardSession(connection)
            card = facts(session)
            pin = right_pin()
            driver.remove_after(commands)
            try:
                result: object = verify_pin_and_sign(session, card, pin, STATEMENT)
            except KioskError as error:
                result = error.code
            assert len(verifies(connection)) <= 1
            assert len(pin) == 0
            if result is not FailureCode.CARD_REMOVED:
                assert isinstance(result, PinSigned)
                break
        commands += 1
    assert commands == 6


# --- the photo -------------------------------------------------------------------------------------------


def test_wrong_printed_fields_cost_one_try_and_open_nothing() -> None:
    with powered(card_of("taro")) as (session, connection):
        card = facts(session)
        printed = printed_on(card_of("hanako"))
        assert open_photo(session, card, printed, demo_trust()) == PhotoFailed(
            FailureCode.PHOTO_NOT_OPENED, wrong_number=True
        )
        assert len(verifies(connection)) == 1
        assert len(printed.number_b) == 0


@pytest.mark.parametrize(("tries", "sent"), [(10, 1), (5, 1), (4, 0), (3, 0), (1, 0), (0, 0)])
def test_printed_fields_are_presented_while_five_tries_are_left(tries: int, sent: int) -> None:
    with powered(card_of("taro", CardOptions(tries={NUMBER_B: tries}))) as (session, connection):
        result = open_photo(session, facts(session), printed_on(card_of("taro")), demo_trust())
        if not sent:
            assert result == PhotoFailed(FailureCode.PHOTO_NOT_OPENED, closed=True)
        else:
            assert isinstance(result, PhotoOpened)
        assert len(verifies(connection)) == sent


def test_a_face_signed_by_nobody_we_know() -> None:
    with powered(card_of("taro")) as (session, _):
        card = facts(session)
        result = open_photo(session, card, printed_on(card_of("taro")), replace(demo_trust(), cv_issuers={}))
        assert result == PhotoFailed(FailureCode.PHOTO_FORGED)


def test_the_visual_key_signs_for_face_and_for_staff() -> None:
    with powered(card_of("taro")) as (session, connection):
        card = facts(session)
        photo = open_photo(session, card, printed_on(card_of("taro")), demo_trust())
        assert isinstance(photo, PhotoOpened)
        before = len(verifies(connection))
        signed = sign_with_visual_key(session, card, STATEMENT, photo.evidence, decided_by="佐藤", reason="x")
        assert isinstance(signed, VisuallySigned)
        assert signed.evidence.assurance is Assurance.VISUAL_KEY_SAME_SESSION
        assert signed.evidence.visual == photo.evidence
        assert (signed.evidence.decided_by, signed.evidence.reason) == ("佐藤", "x")
        assert len(verifies(connection)) == before
    with powered(card_of("hanako")) as (session, _):
        swapped = sign_with_visual_key(session, card, STATEMENT, photo.evidence)
        assert swapped == SigningFailed(FailureCode.CARD_SWAPPED)


def test_a_copied_face_without_its_key_is_caught() -> None:
    with powered(card_of("taro")) as (session, connection):
        card = facts(session)
        photo = open_photo(session, card, printed_on(card_of("taro")), demo_trust())
        assert isinstance(photo, PhotoOpened)
        for answer in (ResponseApdu(bytes(256), 0x9000), ResponseApdu(b"", 0x6985)):
            clone = CardSession(YesCard(connection, answer))
            result = sign_with_visual_key(clone, card, STATEMENT, photo.evidence)
            assert result == SigningFailed(FailureCode.SIGNATURE_INVALID)


def test_without_a_photo_staff_leave_the_certificate() -> None:
    with powered(card_of("taro")) as (session, _):
        card = facts(session)
    evidence = certificate_only(card, STATEMENT, decided_by="佐藤", reason="no photo")
    assert evidence.assurance is Assurance.CERTIFICATE_ONLY
    assert evidence.signature is None
