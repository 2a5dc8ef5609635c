# SPDX-License-Identifier: Apache-2.0
"""What is said to a card at each step of a reception, as jobs for the card service.

What lies in the card's content is a returned value. Trouble of the transport (removed, reset, reader gone)
is raised, and becomes a value at the service's edge. What presents nothing to the card (`read_card`,
`read_pin_tries`, `sign_with_visual_key`) may be run again then; the others never. All live on the reader
thread.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from kiosk.auth.certificate.chain import CertificateCheck, Verdict, signed_by
from kiosk.auth.certificate.cv import CvVerdict, check_face, face_evidence, own_key
from kiosk.auth.certificate.revocation import Revocation, judge
from kiosk.auth.certificate.rsa import digest_info
from kiosk.auth.certificate.trust import Trust
from kiosk.auth.evidence import Assurance, Evidence, Statement, VisualEvidence
from kiosk.errors import FailureCode
from kiosk.reader.cards.jpki import LAST_TRY, CertificatePresence, JpkiCard, TokenKind
from kiosk.reader.cards.visual import VisualCard
from kiosk.reader.errors import CardStatusError, MalformedDataError, UnsupportedCardError
from kiosk.reader.identity import identity_of
from kiosk.reader.references import Presented
from kiosk.reader.session import CardSession
from kiosk.reader.status import Meaning, TryCounter, meaning
from kiosk.reader.surface.ports import PrintedFields
from kiosk.secret import Secret

_ContentError = (CardStatusError, MalformedDataError, UnsupportedCardError)


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a My Number Card tells before any verification.

    `fingerprint` names the certificate upstream; `identity` tells this card from another in this run only.
    """

    token_kind: TokenKind
    certificate: bytes = field(repr=False)
    check: CertificateCheck
    tries: TryCounter
    presence: CertificatePresence | None
    fingerprint: str = field(repr=False)
    identity: bytes = field(repr=False)

    @property
    def in_grace(self) -> bool:
        """The certificate counts for eligibility only."""
        return self.check.verdict is Verdict.GRACE


@dataclass(frozen=True, slots=True)
class PhoneFound:
    """A phone with the card's certificate in it, which it shows only after the PIN: so PIN is the only way.

    `identity` is made from what the phone says of itself. Two phones that say the same cannot be told apart
    by it; that nobody exchanged them is for the reader's watch to see.
    """

    token_kind: TokenKind
    tries: TryCounter
    identity: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardTrouble:
    """The card cannot be used, and why."""

    code: FailureCode


@dataclass(frozen=True, slots=True)
class PinSigned:
    """The PIN was taken and the statement signed; the signature holds.

    `card` is what is known now: of a phone it was not before.
    """

    evidence: Evidence
    card: CardFacts


@dataclass(frozen=True, slots=True)
class PinWrong:
    """The card refused the PIN; `tries_left` is its counter after that, None where it is not told."""

    tries_left: int | None


@dataclass(frozen=True, slots=True)
class PinNowBlocked:
    """No try is left: `sent` says whether it was this entry that used the last one."""

    sent: bool


@dataclass(frozen=True, slots=True)
class PinFailed:
    """The check did not come to an end, or what came of it is not believed."""

    code: FailureCode


@dataclass(frozen=True, slots=True)
class PhotoOpened:
    """The photo and who it belongs to, signed by the issuer; the birth date where the calendar knows it."""

    photo_jp2: bytes = field(repr=False)
    birth_date: date | None = field(repr=False)
    evidence: VisualEvidence


@dataclass(frozen=True, slots=True)
class PhotoFailed:
    """The photo could not be had, or is not genuine.

    `wrong_number`: the card compared the number and refused it. `closed`: it takes none, whatever it is.
    """

    code: FailureCode
    wrong_number: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class VisuallySigned:
    """The visual application signed the statement."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class SigningFailed:
    """It did not, or the signature does not hold."""

    code: FailureCode


PinResult: TypeAlias = PinSigned | PinWrong | PinNowBlocked | PinFailed


def read_card(
    session: CardSession, trust: Trust, now: datetime, revocation: Revocation | None = None
) -> CardFacts | PhoneFound | CardTrouble:
    """Find out what lies there and whether its certificate counts; costs no try."""
    jpki = JpkiCard(session)
    try:
        if not jpki.select():
            return CardTrouble(FailureCode.CARD_NOT_MY_NUMBER)
        kind = jpki.token_kind()
        if kind is TokenKind.OLD_CARD:
            return CardTrouble(FailureCode.CARD_NOT_MY_NUMBER)
        if kind is TokenKind.IPHONE:
            return CardTrouble(FailureCode.PHONE_NOT_SUPPORTED)
        if kind is TokenKind.ANDROID:
            return PhoneFound(kind, _told_tries(jpki), jpki.identify())
        presence = jpki.certificate_presence()
    except _ContentError as error:
        return CardTrouble(_what_lies_there(error))
    try:
        certificate = jpki.read_certificate()
    except _ContentError:
        return CardTrouble(FailureCode.CERTIFICATE_UNREADABLE)
    check = judge(certificate, trust, revocation, now)
    failure = check.verdict.failure
    if failure is not None:
        return CardTrouble(failure)
    return _facts(kind, certificate, check, _told_tries(jpki), presence)


def _told_tries(jpki: JpkiCard) -> TryCounter:
    """The counter as far as the card tells it: where it does not, the other ways are open all the same."""
    try:
        return _pin_tries(jpki)
    except CardStatusError:
        return TryCounter(None)


def _pin_tries(jpki: JpkiCard) -> TryCounter:
    """The PIN's counter; a card that has no PIN is as one on which it is blocked."""
    try:
        return jpki.pin_tries()
    except UnsupportedCardError:
        return TryCounter(0)


def _what_lies_there(error: Exception) -> FailureCode:
    """A card that says it is not well may be the right one: it is laid again before another is asked for."""
    if isinstance(error, CardStatusError) and meaning(error.sw) is Meaning.CARD_TROUBLE:
        return FailureCode.CARD_COMMUNICATION
    return FailureCode.CARD_NOT_MY_NUMBER


def _facts(
    kind: TokenKind,
    certificate: bytes,
    check: CertificateCheck,
    tries: TryCounter,
    presence: CertificatePresence | None = None,
    identity: bytes | None = None,
) -> CardFacts:
    return CardFacts(
        token_kind=kind,
        certificate=certificate,
        check=check,
        tries=tries,
        presence=presence,
        fingerprint=hashlib.sha256(certificate).hexdigest(),
        identity=identity or identity_of(certificate),
    )


def read_pin_tries(session: CardSession) -> TryCounter | CardTrouble:
    """The card's own counter, just now; costs no try."""
    jpki = JpkiCard(session)
    if not jpki.select():
        return CardTrouble(FailureCode.CARD_SWAPPED)
    return _pin_tries(jpki)


def verify_pin_and_sign(
    session: CardSession,
    card: CardFacts,
    pin: Secret,
    statement: Statement,
    *,
    allow_last_attempt: bool = False,
) -> PinResult:
    """Present the PIN at most once, and have the statement signed. The digits are overwritten in any case.

    That the card says yes proves nothing: the signature of the certificate's key does.
    """
    with pin:
        if not _is_same_card(session, card):
            return PinFailed(FailureCode.CARD_SWAPPED)
        jpki = JpkiCard(session)
        refused = _present(jpki, pin, allow_last_attempt=allow_last_attempt)
    if refused is not None:
        return refused
    signature = _sign(jpki, statement)
    return _checked(card, statement, signature)


def verify_phone_pin_and_sign(
    session: CardSession,
    phone: PhoneFound,
    pin: Secret,
    statement: Statement,
    trust: Trust,
    now: datetime,
    revocation: Revocation | None = None,
    *,
    allow_last_attempt: bool = False,
) -> PinResult:
    """The same with a phone, whose certificate comes only now; one powered session for all of it.

    The phone has done its part before anybody is asked about revocation.
    """
    with pin:
        if not _is_same_card(session, phone):
            return PinFailed(FailureCode.CARD_SWAPPED)
        jpki = JpkiCard(session)
        refused = _present(jpki, pin, allow_last_attempt=allow_last_attempt)
    if refused is not None:
        return refused
    try:
        certificate = jpki.read_certificate()
    except _ContentError:
        return PinFailed(FailureCode.CERTIFICATE_UNREADABLE)
    signature = _sign(jpki, statement)
    check = judge(certificate, trust, revocation, now)
    if check.verdict.failure is not None:
        return PinFailed(check.verdict.failure)
    if check.verdict is Verdict.GRACE:
        # The months after a certificate's end count for the card itself, not for a phone.
        return PinFailed(FailureCode.CERTIFICATE_EXPIRED)
    card = _facts(phone.token_kind, certificate, check, phone.tries, identity=phone.identity)
    return _checked(card, statement, signature)


def _present(
    jpki: JpkiCard, pin: Secret, *, allow_last_attempt: bool
) -> PinWrong | PinNowBlocked | PinFailed | None:
    """Present the PIN at most once; None where it was taken."""
    if not jpki.select():
        return PinFailed(FailureCode.CARD_SWAPPED)
    presentation = jpki.verify_pin(pin, keep=0 if allow_last_attempt else LAST_TRY)
    match presentation.result:
        case Presented.WRONG:
            return PinWrong(presentation.tries.left)
        case Presented.BLOCKED:
            return PinNowBlocked(sent=presentation.sent)
        case Presented.KEPT_BACK:
            return PinFailed(FailureCode.PIN_LAST_TRY)
        case Presented.WRONG_LENGTH:
            return PinFailed(FailureCode.CARD_COMMUNICATION)
        case Presented.ACCEPTED:
            return None


def _sign(jpki: JpkiCard, statement: Statement) -> bytes:
    """The user-authentication key's signature; nothing where the card gives none."""
    try:
        return jpki.sign(digest_info(statement.digest()))
    except _ContentError:
        return b""


def _checked(card: CardFacts, statement: Statement, signature: bytes) -> PinSigned | PinFailed:
    if card.check.key is None or not signed_by(card.check.key, statement.digest(), signature):
        return PinFailed(FailureCode.SIGNATURE_INVALID)
    evidence = Evidence(
        statement,
        Assurance.USER_KEY_SIGNATURE,
        card.certificate,
        signature,
        revocation=card.check.revocation.standing,
    )
    return PinSigned(evidence, card)


def open_photo(
    session: CardSession, card: CardFacts, printed: PrintedFields, trust: Trust
) -> PhotoOpened | PhotoFailed:
    """Open the card's face with its printed fields, once, and check who signed it.

    The printed fields are overwritten in any case.
    """
    visual = VisualCard(session)
    try:
        if not _is_same_card(session, card):
            return PhotoFailed(FailureCode.CARD_SWAPPED)
        if not visual.select():
            return PhotoFailed(FailureCode.PHOTO_NOT_OPENED, closed=True)
        presented = visual.present_lookup_b(printed.number_b).result
        if presented is not Presented.ACCEPTED:
            return PhotoFailed(
                FailureCode.PHOTO_NOT_OPENED,
                wrong_number=presented is Presented.WRONG,
                closed=presented in {Presented.KEPT_BACK, Presented.BLOCKED},
            )
        face = visual.read_face()
        evidence = face_evidence(face, visual.cv_certificate())
    except _ContentError:
        return PhotoFailed(FailureCode.PHOTO_NOT_OPENED)
    finally:
        printed.clear()
    if check_face(evidence, trust.cv_issuers) is not CvVerdict.GENUINE:
        return PhotoFailed(FailureCode.PHOTO_FORGED)
    return PhotoOpened(face.photo_jp2, face.birth_date, evidence)


def sign_with_visual_key(
    session: CardSession,
    card: CardFacts,
    statement: Statement,
    visual_evidence: VisualEvidence,
    *,
    decided_by: str = "",
    reason: str = "",
) -> VisuallySigned | SigningFailed:
    """Have the visual application's own key sign; it asks for nothing and proves the card's presence."""
    visual = VisualCard(session)
    digest = digest_info(statement.digest())
    try:
        if not _is_same_card(session, card) or not visual.select():
            return SigningFailed(FailureCode.CARD_SWAPPED)
        signature = visual.sign_with_own_key(digest)
        holds = own_key(visual_evidence).signed(digest, signature)
    except _ContentError:
        return SigningFailed(FailureCode.SIGNATURE_INVALID)
    if not holds:
        return SigningFailed(FailureCode.SIGNATURE_INVALID)
    return VisuallySigned(
        Evidence(
            statement,
            Assurance.VISUAL_KEY_SAME_SESSION,
            card.certificate,
            signature,
            visual_evidence,
            decided_by=decided_by,
            reason=reason,
            revocation=card.check.revocation.standing,
        )
    )


def certificate_only(card: CardFacts, statement: Statement, *, decided_by: str, reason: str) -> Evidence:
    """What staff's eyes leave where the card's photo could not be had: nothing of the card's but its name."""
    return Evidence(
        statement,
        Assurance.CERTIFICATE_ONLY,
        card.certificate,
        decided_by=decided_by,
        reason=reason,
        revocation=card.check.revocation.standing,
    )


def _is_same_card(session: CardSession, card: CardFacts | PhoneFound) -> bool:
    """Whether this powered session is with the card that was read; asked of the card after a new power-on."""
    if session.identity is None:
        jpki = JpkiCard(session)
        try:
            if not jpki.select():
                return False
            jpki.identify()
        except _ContentError:
            return False
    return session.identity == card.identity
