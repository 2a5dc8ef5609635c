# SPDX-License-Identifier: Apache-2.0
"""How long each state may wait, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from kiosk.flow.common import WAITING
from kiosk.flow.events import Timer
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.states import (
    AwaitingStaffCheck,
    CardProblem,
    ChoosingVerification,
    Clearing,
    Consenting,
    Diagnosing,
    FaceCapturing,
    FaceFailed,
    GraceNotice,
    HandToStaff,
    Idle,
    LimitChoosing,
    Matched,
    OutOfService,
    PinChecking,
    PinEntry,
    PinPreparing,
    PinUnavailable,
    PinWrong,
    PrintedFieldsEntry,
    Reading,
    Received,
    Registering,
    Starting,
    State,
    StillThere,
    Submitting,
    TakeYourCard,
    Waiting,
)


@dataclass(frozen=True, slots=True)
class Waits:
    """The timers of a state. While `key` stays the same they go on; with another key they begin anew."""

    key: object
    timers: Mapping[Timer, float]


def waits(state: State, policy: FlowPolicy) -> Waits:  # noqa: C901  # one line a state
    """The timers that run in a state."""
    if isinstance(state, WAITING):
        return _waiting(state, policy)
    match state:
        case Starting() | OutOfService() | Idle():
            return Waits(type(state), {})
        case Diagnosing():
            return Waits(Diagnosing, {Timer.DIAGNOSIS: policy.diagnosis_s})
        case Reading(asking_registration=asking):
            timers = {Timer.REGISTRATION: policy.registration_s} if asking else {Timer.CARD: policy.card_s}
            return Waits((Reading, asking), timers)
        case FaceCapturing(photo_open=is_open, asked=asked):
            timers = {Timer.FACE: policy.face_s} if is_open else {Timer.PHOTO: policy.photo_s}
            return Waits((FaceCapturing, is_open, asked), timers)
        case PinPreparing() | PinChecking():
            return Waits(type(state), {Timer.CARD: policy.card_s})
        case AwaitingStaffCheck():
            return Waits(AwaitingStaffCheck, {Timer.STAFF: policy.staff_wait_s})
        case Matched(signed=signed):
            timers = {Timer.CONFIRMED: policy.confirmed_s} if signed else {Timer.CARD: policy.card_s}
            return Waits((Matched, signed), timers)
        case StillThere(interrupted):
            return Waits(StillThere, {Timer.WARNING: policy.warning_s * _pace(interrupted, policy)})
        case Submitting(number=number):
            timers = {Timer.ANSWER: policy.answer_wait_s} if number else {Timer.COMMIT: policy.commit_s}
            return Waits((Submitting, bool(number)), timers)
        case Received():
            return Waits(Received, {Timer.RESULT: policy.result_s})
        case HandToStaff(card_gone=gone):
            return Waits((HandToStaff, gone), {Timer.HANDED: policy.result_s if gone else policy.handed_s})
        case TakeYourCard(reminders=reminders):
            return Waits((TakeYourCard, reminders), {Timer.REMINDER: policy.reminder_s})
        case Clearing():
            return Waits(Clearing, {Timer.CLEARING: policy.clearing_s})
        case _:
            assert_never(state)


def _pace(state: Waiting, policy: FlowPolicy) -> float:
    return policy.unhurried_factor if state.session.unhurried else 1.0


def _waiting(state: Waiting, policy: FlowPolicy) -> Waits:
    key: object = (type(state), state.session.unhurried)
    match state:
        case PinEntry(entry=entry, digits=digits):
            key = (key, entry, digits)
        case Consenting(index=index):
            key = (key, index)
        case PrintedFieldsEntry(field=field, digits=digits):
            key = (key, field, digits)
        case (
            CardProblem()
            | GraceNotice()
            | Registering()
            | ChoosingVerification()
            | FaceFailed()
            | PinWrong()
            | PinUnavailable()
            | LimitChoosing()
        ):
            pass
        case _:
            assert_never(state)
    return Waits(key, {Timer.IDLE: policy.idle_s * _pace(state, policy)})
