# SPDX-License-Identifier: Apache-2.0
"""The effects that talk to the card, and what happens to the card as events."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

from kiosk.auth import dialogue
from kiosk.auth.certificate.revocation import Revocation
from kiosk.auth.certificate.trust import Trust
from kiosk.auth.evidence import NONCE_LENGTH, Evidence, Statement, VerificationMethod
from kiosk.clock import Clock, tokyo_date
from kiosk.consent.age import age_by_law
from kiosk.errors import FailureCode, KioskError
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.session import CardSummary
from kiosk.reader.service import CardService
from kiosk.reader.session import CardSession
from kiosk.reader.status import TryCounter
from kiosk.reader.surface.ports import PrintedFields, SurfaceHint, SurfaceReader
from kiosk.reader.watch import (
    CardEvent,
    CardExchanged,
    CardLaid,
    CardTaken,
    CardTakesLong,
    ReaderBack,
    ReaderTrouble,
)
from kiosk.runtime.ports import Post
from kiosk.runtime.vault import SessionVault

_LOGGER = logging.getLogger("kiosk.reader")

CardFound: TypeAlias = dialogue.CardFacts | dialogue.PhoneFound


@dataclass(frozen=True, slots=True)
class KioskIdentity:
    """Who signs for whom: the institution's ten digits, and this kiosk's name."""

    institution_code: str
    kiosk_id: str


class ReaderWatcher:
    """Turns what happens at the readers into events, and tells at the next idle screen what is still so.

    Lives on: `hear` on threads of the card service, `at_idle` on the main thread.
    """

    def __init__(self, post: Post, new_id: Callable[[], str]) -> None:
        self._post = post
        self._new_id = new_id
        self.problem: FailureCode | None = None
        self.card_lies = False

    def hear(self, event: CardEvent) -> None:
        """Pass on what the card service tells."""
        match event:
            case CardLaid():
                self.card_lies = True
                self._post(ev.CardInserted(self._new_id()))
            case CardTaken():
                self.card_lies = False
                self._post(ev.CardRemoved())
            case CardExchanged():
                self.card_lies = True
                self._post(ev.CardSwapped())
            case ReaderTrouble(code):
                self.problem, self.card_lies = code, False
                self._post(ev.ServiceLost(code))
            case ReaderBack():
                self.problem = None
                self._post(ev.ServiceReady())
            case CardTakesLong():
                self._post(ev.CardTookLong())

    def at_idle(self) -> None:
        """The flow has come to rest: what happened meanwhile and was not for it then is told now."""
        if self.problem is not None:
            self._post(ev.ServiceLost(self.problem))
        elif self.card_lies:
            self._post(ev.CardInserted(self._new_id()))


class CardEffects:
    """Runs the card's dialogues on the reader thread.

    A card that is gone is told of by the reader; a dialogue that broke off because of it says nothing.
    Lives on: main thread; results are posted from the reader thread.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # the parts it plays between
        self,
        service: CardService,
        trust: Trust,
        revocation: Revocation | None,
        surface: SurfaceReader | None,
        identity: KioskIdentity,
        vault: SessionVault,
        clock: Clock,
        post: Post,
        to_main_thread: Callable[[Callable[[], None]], None],
    ) -> None:
        self._service = service
        self._trust = trust
        self._revocation = revocation
        self._surface = surface
        self._identity = identity
        self._vault = vault
        self._clock = clock
        self._post = post
        self._to_main_thread = to_main_thread

    def perform(self, effect: ef.Effect) -> bool:
        """Begin a dialogue."""
        match effect:
            case ef.ReadCard(session_no=number):
                self._read_card(number)
            case ef.ReadPinAttempts(session_no=number):
                self._read_pin_attempts(number)
            case ef.SubmitPin(session_no=number, last_attempt_allowed=allowed):
                self._submit_pin(number, last_attempt_allowed=allowed)
            case ef.OpenPhoto(session_no=number, typed=typed):
                self._open_photo(number, typed=typed)
            case ef.SignStatement(session_no=number, method=method, decided_by=by):
                self._sign(number, method, by)
            case _:
                return False
        return True

    def _for_session(self, number: int, then: Callable[[], None]) -> None:
        """Go on, on the main thread, if that session is still the one in the vault."""

        def check() -> None:
            if self._vault.session_no == number:
                then()

        self._to_main_thread(check)

    def _statement(self, method: VerificationMethod) -> Statement:
        return Statement(
            institution_code=self._identity.institution_code,
            kiosk_id=self._identity.kiosk_id,
            session_id=self._vault.session_id,
            nonce=secrets.token_bytes(NONCE_LENGTH),
            method=method,
            time=self._clock.now().replace(microsecond=0),
        )

    # --- reading ---------------------------------------------------------------------------------------

    def _read_card(self, number: int) -> None:
        trust, revocation, now = self._trust, self._revocation, self._clock.now()

        def job(session: CardSession) -> CardFound | dialogue.CardTrouble:
            return dialogue.read_card(session, trust, now, revocation)

        def done(result: CardFound | dialogue.CardTrouble | KioskError) -> None:
            if isinstance(result, dialogue.CardFacts | dialogue.PhoneFound):
                found = result
                self._for_session(number, lambda: self._card_read(number, found))
            elif result.code is not FailureCode.CARD_REMOVED:
                self._post(ev.CardReadFailed(session_no=number, code=result.code))

        self._service.submit(job, done, repeatable=True)

    def _card_read(self, number: int, found: CardFound) -> None:
        if isinstance(found, dialogue.PhoneFound):
            # Its certificate comes only with the PIN, and it has no photo.
            self._vault.phone = found
            summary = CardSummary(pin_tries=found.tries.left, has_photo=False)
        else:
            self._vault.card = found
            summary = CardSummary(pin_tries=found.tries.left, in_grace=found.in_grace)
        self._post(ev.CardRead(session_no=number, card=summary))

    # --- PIN -------------------------------------------------------------------------------------------

    def _read_pin_attempts(self, number: int) -> None:
        def done(result: TryCounter | dialogue.CardTrouble | KioskError) -> None:
            if isinstance(result, TryCounter):
                self._post(ev.PinAttemptsRead(session_no=number, tries_left=result.left))
            elif result.code is not FailureCode.CARD_REMOVED:
                self._post(ev.PinCheckFailed(session_no=number, code=result.code))

        self._service.submit(dialogue.read_pin_tries, done, repeatable=True)

    def _submit_pin(self, number: int, *, last_attempt_allowed: bool) -> None:
        card, phone, pin = self._vault.card, self._vault.phone, self._vault.take_pin()
        if card is None and phone is None:
            pin.clear()
            self._post(ev.PinCheckFailed(session_no=number, code=FailureCode.INTERNAL))
            return
        statement = self._statement(VerificationMethod.PIN)
        trust, revocation, now = self._trust, self._revocation, self._clock.now()

        def job(session: CardSession) -> dialogue.PinResult:
            if phone is not None:
                return dialogue.verify_phone_pin_and_sign(
                    session,
                    phone,
                    pin,
                    statement,
                    trust,
                    now,
                    revocation,
                    allow_last_attempt=last_attempt_allowed,
                )
            return dialogue.verify_pin_and_sign(
                session,
                cast("dialogue.CardFacts", card),
                pin,
                statement,
                allow_last_attempt=last_attempt_allowed,
            )

        def done(result: dialogue.PinResult | KioskError) -> None:
            pin.clear()
            match result:
                case dialogue.PinSigned():
                    signed = result
                    self._for_session(number, lambda: self._pin_signed(number, signed))
                case dialogue.PinWrong(tries_left):
                    self._post(ev.PinRejected(session_no=number, tries_left=tries_left))
                case dialogue.PinNowBlocked():
                    self._post(ev.PinRejected(session_no=number, tries_left=0))
                case dialogue.PinFailed(code):
                    self._post(ev.PinCheckFailed(session_no=number, code=code))
                case KioskError():
                    self._post(ev.PinCheckFailed(session_no=number, code=result.code))

        # Whatever came of it: nobody is waited for while a PIN is verified.
        self._service.submit(job, done, power_off=True)

    def _pin_signed(self, number: int, signed: dialogue.PinSigned) -> None:
        self._vault.evidence = signed.evidence
        self._vault.card = signed.card
        self._post(ev.PinAccepted(session_no=number))

    # --- photo, and the visual application's signature ----------------------------------------------------

    def _open_photo(self, number: int, *, typed: bool) -> None:
        card = self._vault.card
        if self._vault.photo is not None and self._vault.visual is not None:
            # Opened earlier in this session: 照合番号B is not presented again.
            self._photo_known(number)
            return
        if card is None:
            self._post(ev.PhotoNotOpened(session_no=number, code=FailureCode.INTERNAL))
            return
        trust = self._trust
        printed_fields = self._typed_fields() if typed else self._read_fields

        def job(session: CardSession) -> dialogue.PhotoOpened | dialogue.PhotoFailed:
            printed = printed_fields()
            if isinstance(printed, FailureCode):
                return dialogue.PhotoFailed(printed)
            return dialogue.open_photo(session, card, printed, trust)

        def done(result: dialogue.PhotoOpened | dialogue.PhotoFailed | KioskError) -> None:
            if isinstance(result, dialogue.PhotoOpened):
                opened = result
                self._for_session(number, lambda: self._photo_opened(number, opened))
            elif isinstance(result, dialogue.PhotoFailed):
                self._post(
                    ev.PhotoNotOpened(
                        session_no=number,
                        code=result.code,
                        wrong_number=result.wrong_number,
                        closed=result.closed,
                    )
                )
            else:
                # Broken off. The number was perhaps presented, so nothing is repeated; a card that is really
                # gone is told of in a moment.
                _LOGGER.info("the photo was not read: %s", result.code.value)
                self._post(ev.PhotoNotOpened(session_no=number, code=FailureCode.PHOTO_NOT_OPENED))

        self._service.submit(job, done)

    def _typed_fields(self) -> Callable[[], PrintedFields | FailureCode]:
        typed = self._vault.take_fields(tokyo_date(self._clock.now()))
        # What can stand on no card was never presented to one, and costs nothing.
        return lambda: typed if typed is not None else FailureCode.SURFACE_UNREADABLE

    def _read_fields(self) -> PrintedFields | FailureCode:
        """What the camera over the reader sees. On the reader thread."""
        if self._surface is None:
            return FailureCode.SURFACE_UNREADABLE
        printed = self._surface.read()
        if printed is not None:
            return printed
        _LOGGER.info("the printed face was not read: %s", self._surface.hint)
        if self._surface.hint is SurfaceHint.GREGORIAN:
            return FailureCode.BIRTH_DATE_GREGORIAN
        return FailureCode.SURFACE_UNREADABLE

    def _photo_opened(self, number: int, opened: dialogue.PhotoOpened) -> None:
        self._vault.hold_photo(opened.photo_jp2)
        self._vault.visual = opened.evidence
        today = tokyo_date(self._clock.now())
        self._vault.age = None if opened.birth_date is None else age_by_law(opened.birth_date, today)
        self._photo_known(number)

    def _photo_known(self, number: int) -> None:
        self._post(ev.PhotoOpened(session_no=number, age=self._vault.age))

    def _sign(self, number: int, method: VerificationMethod, decided_by: str) -> None:
        card, visual = self._vault.card, self._vault.visual
        if card is None:
            # A phone shows its certificate with the PIN only: the desk goes on without one.
            self._post(ev.StatementNotSigned(session_no=number, code=FailureCode.CERTIFICATE_UNREADABLE))
            return
        statement = self._statement(method)
        reason = "visual check" if method is VerificationMethod.STAFF else ""
        if visual is None:
            # Staff's eyes, with a photo that could not be had: the certificate alone stands for the card.
            self._vault.evidence = dialogue.certificate_only(
                card, statement, decided_by=decided_by, reason=reason
            )
            self._service.power_off(lambda: self._post(ev.StatementSigned(session_no=number)))
            return

        def job(session: CardSession) -> dialogue.VisuallySigned | dialogue.SigningFailed:
            return dialogue.sign_with_visual_key(
                session, card, statement, visual, decided_by=decided_by, reason=reason
            )

        def done(result: dialogue.VisuallySigned | dialogue.SigningFailed | KioskError) -> None:
            if isinstance(result, dialogue.VisuallySigned):
                evidence = result.evidence
                self._for_session(number, lambda: self._visually_signed(number, evidence))
            elif result.code is not FailureCode.CARD_REMOVED:
                self._post(ev.StatementNotSigned(session_no=number, code=result.code))

        # Signing presents nothing, so a card that bounces may be asked again.
        self._service.submit(job, done, repeatable=True, power_off=True)

    def _visually_signed(self, number: int, evidence: Evidence) -> None:
        self._vault.evidence = evidence
        self._post(ev.StatementSigned(session_no=number))
