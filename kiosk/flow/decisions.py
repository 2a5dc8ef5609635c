# SPDX-License-Identifier: Apache-2.0
"""What the patient decides once it is known who is there: consents, then the limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.consent.age import due_questions, rule_records
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Given
from kiosk.consent.policy import LimitStep
from kiosk.errors import FailureCode
from kiosk.flow.common import Step, hand_to_staff
from kiosk.flow.effects import CommitReception, PlaySound, Sound
from kiosk.flow.events import (
    ConsentDecided,
    Event,
    StatementNotSigned,
    StatementSigned,
    TimedOut,
    Timer,
    WentBack,
)
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import Session, Verified
from kiosk.flow.states import Consenting, LimitChoosing, Matched, Submitting


def on_matched(state: Matched, event: Event, now: datetime, policy: FlowPolicy) -> Step:
    """The card signs; then the patient sees for a moment that it went well."""
    session = state.session
    match event:
        case StatementSigned() if not state.signed:
            verified = replace(session, verified=Verified(state.method, now, session.photo_age))
            return Step(replace(state, session=verified, signed=True), (PlaySound(Sound.DONE),))
        case StatementNotSigned(code=code) if not state.signed:
            return hand_to_staff(session, code)
        case TimedOut(timer=Timer.CARD) if not state.signed:
            return hand_to_staff(session, FailureCode.CARD_COMMUNICATION)
        case TimedOut(timer=Timer.CONFIRMED) if state.signed:
            return _first_question(session, now, policy)
        case _:
            return Step(state)


def _age(session: Session) -> int | None:
    return session.verified.age if session.verified else None


def _in_grace(session: Session) -> bool:
    return session.card is not None and session.card.in_grace


def _first_question(session: Session, now: datetime, policy: FlowPolicy) -> Step:
    by_rule = rule_records(
        policy.consent, _age(session), language=session.language, at=now, in_grace=_in_grace(session)
    )
    session = replace(session, records=(*session.records, *by_rule))
    questions = due_questions(policy.consent, _age(session), in_grace=_in_grace(session))
    return Step(Consenting(session, questions)) if questions else _limit(session, policy)


def _limit(session: Session, policy: FlowPolicy) -> Step:
    if policy.consent.limit_step is LimitStep.ASK:
        return Step(LimitChoosing(session))
    return _commit(session)


def _commit(session: Session) -> Step:
    return Step(Submitting(session), (CommitReception(session_no=session.number, session=session),))


def _recorded(
    session: Session, item: ConsentItem, event: ConsentDecided, now: datetime, policy: FlowPolicy
) -> Session:
    record = ConsentRecord(
        item, event.decision, policy.consent.text_version, session.language, now, event.given
    )
    return replace(session, records=(*session.records, record))


def _taken_back(session: Session, item: ConsentItem) -> Session:
    return replace(session, records=tuple(record for record in session.records if record.item is not item))


def on_consenting(state: Consenting, event: Event, now: datetime, policy: FlowPolicy) -> Step:
    """One question at a time; the last answer given counts."""
    item = state.questions[state.index].item
    match event:
        case ConsentDecided(decision=Decision.YES | Decision.NO, given=Given()):
            session = _recorded(state.session, item, event, now, policy)
            if state.index + 1 < len(state.questions):
                return Step(Consenting(session, state.questions, state.index + 1))
            return _limit(session, policy)
        case WentBack() if state.index > 0:
            before = state.questions[state.index - 1].item
            return Step(Consenting(_taken_back(state.session, before), state.questions, state.index - 1))
        case _:
            return Step(state)


def on_limit_choosing(state: LimitChoosing, event: Event, now: datetime, policy: FlowPolicy) -> Step:
    """Whether to hand over the limit; then everything is committed."""
    session = state.session
    match event:
        case ConsentDecided(decision=Decision.YES | Decision.NO):
            return _commit(_recorded(session, ConsentItem.LIMIT, event, now, policy))
        case WentBack():
            questions = due_questions(policy.consent, _age(session), in_grace=_in_grace(session))
            if not questions:
                return Step(state)
            last = len(questions) - 1
            return Step(Consenting(_taken_back(session, questions[last].item), questions, last))
        case _:
            return Step(state)
