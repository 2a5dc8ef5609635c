# SPDX-License-Identifier: Apache-2.0
"""The screens that ask for a decision: registration, consents, the limit, and whether anybody is there."""

from __future__ import annotations

from kiosk.consent.items import ConsentItem, Decision
from kiosk.flow.states import Consenting, LimitChoosing, Registering, StillThere
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.screen import Answers, Button, ButtonKind, ScreenView, Tone

_STEP = 3
_QUIET = ButtonKind.QUIET


def registering(state: Registering, ctx: PresentContext) -> ScreenView:
    """Whether the card becomes an insurance card."""
    text = ctx.consent_texts.question(ConsentItem.USAGE_REGISTRATION, ctx.language)
    return ScreenView(
        "registration",
        text.heading,
        "registration",
        step=1,
        sentences=(text.explanation,),
        answers=Answers.PAIR,
        buttons=(Button("registration.no", text.no, "no"), Button("registration.yes", text.yes, "yes")),
        foot=ctx.foot(state.session),
    )


def consenting(state: Consenting, ctx: PresentContext) -> ScreenView:
    """One question about one kind of information, in the words that the record names."""
    question = state.questions[state.index]
    text = ctx.consent_texts.question(question.item, ctx.language, question.age_unknown)
    name = f"consent-{question.item.value}"
    return ScreenView(
        name,
        text.heading,
        name,
        step=_STEP,
        sentences=(text.explanation,),
        answers=Answers.PAIR,
        buttons=(Button("consent.no", text.no, "no"), Button("consent.yes", text.yes, "yes")),
        foot=ctx.foot(state.session, back=state.index > 0),
    )


def limit(state: LimitChoosing, ctx: PresentContext) -> ScreenView:
    """Whether to hand over the limit."""
    text = ctx.consent_texts.question(ConsentItem.LIMIT, ctx.language)
    asked = any(
        record.decision in (Decision.YES, Decision.NO)
        for record in state.session.records
        if record.item is not ConsentItem.USAGE_REGISTRATION
    )
    return ScreenView(
        "limit",
        text.heading,
        "limit",
        step=_STEP,
        sentences=(text.explanation,),
        answers=Answers.PAIR,
        buttons=(Button("limit.no", text.no, "no"), Button("limit.yes", text.yes, "yes")),
        foot=ctx.foot(state.session, back=asked),
    )


def still_there(state: StillThere, step: int, ctx: PresentContext) -> ScreenView:
    """Is anybody there? Nothing personal stands here. Who asks for more time is asked again much later."""
    pace = ctx.policy.unhurried_factor if state.interrupted.session.unhurried else 1.0
    return ScreenView(
        "still-there",
        ctx.heading("still-there"),
        "still-there",
        step=step,
        sentences=(ctx.sentence("still-there"),),
        tone=Tone.ATTENTION,
        answers=Answers.PAIR,
        buttons=(
            ctx.button("still.end", "leave"),
            ctx.button("still.here", "hand", ButtonKind.MAIN),
            *(() if state.interrupted.session.unhurried else (ctx.button("more.time", "waiting", _QUIET),)),
        ),
        foot=ctx.foot(state.interrupted.session, restart=False),
        countdown_s=int(ctx.policy.warning_s * pace),
    )
