# SPDX-License-Identifier: Apache-2.0
"""The screens from the last answer to an empty screen."""

from __future__ import annotations

from typing import assert_never

from kiosk.eligibility.outcome import OutcomeKind
from kiosk.flow.session import ClearReason, EndKind
from kiosk.flow.states import HandToStaff, Received, Submitting, TakeYourCard
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.screen import Answers, Button, ButtonKind, ScreenView, Tone

_STEP = 4


def submitting(state: Submitting, ctx: PresentContext) -> ScreenView:
    """What was decided is kept and sent; before the commit the patient may still leave."""
    text = "sentence_gone" if state.card_gone else "sentence"
    return ScreenView(
        "sending",
        ctx.heading("sending"),
        "sending",
        step=_STEP,
        sentences=(ctx.sentence("sending", text),),
        foot=ctx.foot(state.session, restart=False),
        busy=True,
    )


def received(state: Received, ctx: PresentContext) -> ScreenView:
    """The patient is received, in one of four ways."""
    match state.outcome.kind:
        case OutcomeKind.ELIGIBLE:
            name, tone = "received", Tone.GOOD
        case OutcomeKind.TO_BE_CONFIRMED:
            name, tone = "received-unconfirmed", Tone.ATTENTION
        case OutcomeKind.NOT_ELIGIBLE | OutcomeKind.ASK_STAFF:
            return _ask_staff(state, ctx)
        case _:
            assert_never(state.outcome.kind)
    sentences: tuple[str, ...] = (ctx.sentence(name),)
    if not state.card_gone:
        sentences = (ctx.sentence(name), ctx.sentence(name, "card"))
    return ScreenView(
        name,
        ctx.heading(name),
        name,
        step=_STEP,
        sentences=sentences,
        tone=tone,
        foot=(*_slip(ctx), *ctx.foot(state.session, restart=False)),
        number=state.number,
    )


def _slip(ctx: PresentContext) -> tuple[Button, ...]:
    """A slip of paper, for who wants one, where there is a printer."""
    if not ctx.slip:
        return ()
    icon = {"slip": "book", "slip_printing": "check"}.get(ctx.slip, "problem")
    return (Button("foot.slip", ctx.words.get(f"foot.{ctx.slip}"), icon, ButtonKind.QUIET),)


def _ask_staff(state: Received, ctx: PresentContext) -> ScreenView:
    code = state.outcome.code
    return ScreenView(
        "ask-staff",
        ctx.heading("ask-staff"),
        "staff",
        step=_STEP,
        # first what the desk will do about this answer, then what to do now
        sentences=(
            *((ctx.failure(code, ""),) if code else ()),
            ctx.sentence("ask-staff", "sentence_gone" if state.card_gone else "sentence"),
        ),
        tone=Tone.ATTENTION,
        foot=ctx.foot(state.session, restart=False),
        number=state.number,
        code=code.value if code else "",
    )


def hand_to_staff(state: HandToStaff, ctx: PresentContext) -> ScreenView:
    """The desk goes on; what it will do stands there in one sentence."""
    sentence = ctx.sentence("hand-to-staff")
    code = state.end.code
    return ScreenView(
        "hand-to-staff",
        ctx.heading("hand-to-staff"),
        "staff",
        sentences=(ctx.failure(code, sentence) if code else sentence,),
        tone=Tone.ATTENTION,
        foot=ctx.foot(state.session),
        number=state.end.number,
        code=code.value if code else "",
    )


def take_your_card(state: TakeYourCard, ctx: PresentContext) -> ScreenView:
    """The card still lies there. Who only wants to begin again may do so."""
    if state.end.reason is ClearReason.CARD_SWAPPED and not state.reminders:
        return _card_changed(state, ctx)
    name = "card-left" if state.reminders else "take-card"
    again = state.cleared and state.end.kind in (EndKind.CLEARED, EndKind.HANDED_TO_STAFF)
    return ScreenView(
        name,
        ctx.heading(name),
        "take-card",
        sentences=(ctx.sentence(name),),
        tone=Tone.ATTENTION if state.reminders else Tone.CALM,
        answers=Answers.LIST if again else Answers.NONE,
        buttons=(ctx.button("card.again", "restart", ButtonKind.CHOICE, label="card.again_start"),)
        if again
        else (),
        foot=() if state.cleared else ctx.foot(state.session, restart=False),
        number=state.end.number,
    )


def _card_changed(state: TakeYourCard, ctx: PresentContext) -> ScreenView:
    """The card that lies there is another than the one the session began with."""
    return ScreenView(
        "card-changed",
        ctx.heading("card-changed"),
        "other-card",
        sentences=(ctx.sentence("card-changed"),),
        tone=Tone.ATTENTION,
        answers=Answers.LIST,
        buttons=(ctx.button("card.again", "restart", ButtonKind.MAIN, label="card.again_start"),)
        if state.cleared
        else (),
    )


def clearing(ctx: PresentContext) -> ScreenView:
    """Everything is being wiped."""
    return ScreenView(
        "cleared",
        ctx.heading("cleared"),
        "cleared",
        sentences=(ctx.sentence("cleared"),),
        busy=False,
    )
