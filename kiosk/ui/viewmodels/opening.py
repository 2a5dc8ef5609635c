# SPDX-License-Identifier: Apache-2.0
"""The screens before anybody is known: idle and its pages, reading, what is wrong with a card."""

from __future__ import annotations

from kiosk.errors import FailureCode
from kiosk.flow.states import CardProblem, GraceNotice, OutOfService, Reading
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.screen import Answers, ButtonKind, ScreenView, Tone

INFO_PAGES = {"idle.first": "info-first", "idle.nocard": "info-nocard", "idle.phone": "info-phone"}


def starting(ctx: PresentContext) -> ScreenView:
    """Before the first look round has ended."""
    return ScreenView(
        "starting",
        ctx.heading("starting"),
        "wait",
        sentences=(ctx.sentence("starting"),),
        busy=True,
    )


def out_of_service(state: OutOfService, ctx: PresentContext) -> ScreenView:
    """Nobody can be received here."""
    return ScreenView(
        "out-of-service",
        ctx.heading("out-of-service"),
        "out-of-service",
        sentences=(ctx.sentence("out-of-service"),),
        tone=Tone.ATTENTION,
        code=state.code.value,
    )


def diagnosing(ctx: PresentContext) -> ScreenView:
    """What patients see of a technician's work; the technician's own screen lies over it."""
    return ScreenView(
        "diagnostics",
        ctx.heading("diagnostics"),
        "out-of-service",
        sentences=(ctx.sentence("diagnostics"),),
    )


def idle(ctx: PresentContext) -> ScreenView:
    """Waiting for a card."""
    return ScreenView(
        "idle",
        ctx.heading("idle"),
        "place-card",
        sentences=(ctx.sentence("idle"),),
        answers=Answers.TILES,
        buttons=(
            ctx.button("idle.first", "book"),
            ctx.button("idle.nocard", "card-none"),
            ctx.button("idle.phone", "phone"),
        ),
    )


def info(action: str, ctx: PresentContext) -> ScreenView:
    """A page behind one of the idle screen's three buttons."""
    name = INFO_PAGES[action]
    texts = ctx.words.texts
    listing = tuple(
        texts[f"screen.{name}.{number}"] for number in range(1, 10) if f"screen.{name}.{number}" in texts
    )
    sentence = texts.get(f"screen.{name}.sentence", "")
    return ScreenView(
        name,
        ctx.heading(name),
        name,
        sentences=(sentence,) if sentence else (),
        listing=listing,
        answers=Answers.LIST,
        buttons=(ctx.button("info.close", "back"),),
    )


def reading(state: Reading, ctx: PresentContext) -> ScreenView:
    """The card is being read."""
    return ScreenView(
        "reading",
        ctx.heading("reading"),
        "reading",
        step=1,
        sentences=ctx.while_card_works("reading", state.session),
        foot=ctx.foot(state.session),
        busy=True,
    )


def card_problem(state: CardProblem, ctx: PresentContext) -> ScreenView:
    """What lies there is of no use; what to do instead."""
    foot = ctx.foot(state.session)
    match state.code:
        case FailureCode.CARD_NOT_MY_NUMBER:
            return ScreenView(
                "other-card",
                ctx.heading("other-card"),
                "other-card",
                step=1,
                sentences=(ctx.sentence("other-card"),),
                tone=Tone.ATTENTION,
                answers=Answers.LIST,
                buttons=(ctx.button("idle.nocard", "card-none"),),
                foot=foot,
            )
        case _:
            return ScreenView(
                "card-not-read",
                ctx.heading("card-not-read"),
                "card-not-read",
                step=1,
                sentences=(ctx.sentence("card-not-read"),),
                tone=Tone.ATTENTION,
                answers=Answers.LIST,
                buttons=(ctx.button("card.again", "restart", ButtonKind.MAIN),),
                foot=foot,
            )


def grace(state: GraceNotice, ctx: PresentContext) -> ScreenView:
    """The certificate should be renewed; receiving goes on."""
    return ScreenView(
        "grace",
        ctx.heading("grace"),
        "grace",
        step=1,
        sentences=(ctx.sentence("grace"),),
        tone=Tone.ATTENTION,
        answers=Answers.LIST,
        buttons=(ctx.button("continue", "forward", ButtonKind.MAIN),),
        foot=ctx.foot(state.session),
    )
