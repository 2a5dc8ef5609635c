# SPDX-License-Identifier: Apache-2.0
"""From a state of the flow to what its screen says; pure."""

from __future__ import annotations

from typing import assert_never

from kiosk.flow import states as s
from kiosk.ui.viewmodels import ending, opening, printed, questions, verification
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.screen import ScreenView


def present(state: s.State, ctx: PresentContext) -> ScreenView:  # noqa: C901  # one line a state
    """The screen of a state."""
    match state:
        case s.Starting():
            return opening.starting(ctx)
        case s.OutOfService():
            return opening.out_of_service(state, ctx)
        case s.Idle():
            return opening.idle(ctx)
        case s.Diagnosing():
            return opening.diagnosing(ctx)
        case s.Reading():
            return opening.reading(state, ctx)
        case s.CardProblem():
            return opening.card_problem(state, ctx)
        case s.GraceNotice():
            return opening.grace(state, ctx)
        case s.Registering():
            return questions.registering(state, ctx)
        case s.ChoosingVerification():
            return verification.choosing(state, ctx)
        case s.PrintedFieldsEntry():
            return printed.entry(state, ctx)
        case s.FaceCapturing():
            return verification.face(state, ctx)
        case s.FaceFailed():
            return verification.face_failed(state, ctx)
        case s.PinPreparing() | s.PinChecking():
            return verification.pin_at_work(state, ctx)
        case s.PinEntry():
            return verification.pin_entry(state, ctx)
        case s.PinWrong():
            return verification.pin_wrong(state, ctx)
        case s.PinUnavailable():
            return verification.pin_unavailable(state, ctx)
        case s.AwaitingStaffCheck():
            return verification.staff_check(state, ctx)
        case s.Matched():
            return verification.matched(state, ctx)
        case s.Consenting():
            return questions.consenting(state, ctx)
        case s.LimitChoosing():
            return questions.limit(state, ctx)
        case s.StillThere():
            return questions.still_there(state, present(state.interrupted, ctx).step, ctx)
        case s.Submitting():
            return ending.submitting(state, ctx)
        case s.Received():
            return ending.received(state, ctx)
        case s.HandToStaff():
            return ending.hand_to_staff(state, ctx)
        case s.TakeYourCard():
            return ending.take_your_card(state, ctx)
        case s.Clearing():
            return ending.clearing(ctx)
        case _:
            assert_never(state)
