# SPDX-License-Identifier: Apache-2.0
"""The screens on which it is proved who is there: face, PIN and staff, as equals."""

from __future__ import annotations

from kiosk.errors import FailureCode
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import Session
from kiosk.flow.states import (
    AwaitingStaffCheck,
    ChoosingVerification,
    FaceCapturing,
    FaceFailed,
    Matched,
    PinChecking,
    PinEntry,
    PinPreparing,
    PinUnavailable,
    PinWrong,
)
from kiosk.flow.verification import face_offered, tries_usable
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.screen import Answers, Button, ButtonKind, ScreenView, Tone

_STEP = 2
# What has to be put right before anybody can do what is asked; a hint that still stands from before waits.
_BEFORE_A_CHALLENGE = frozenset({"no_face", "two_faces", "hidden"})
_ABOUT_THE_PHOTO = frozenset(
    {
        FailureCode.PHOTO_NOT_OPENED,
        FailureCode.PHOTO_UNUSABLE,
        FailureCode.SURFACE_UNREADABLE,
        FailureCode.BIRTH_DATE_GREGORIAN,
    }
)


def pin_offered(session: Session, policy: FlowPolicy) -> bool:
    """Whether the PIN is worth offering: not where the card said that it is blocked or at its last try."""
    return session.card is None or tries_usable(session, session.card.pin_tries, policy) > 0


def choosing(state: ChoosingVerification, ctx: PresentContext) -> ScreenView:
    """Three equal ways; the PIN is shown although it may turn out to be blocked, and then says so."""
    session = state.session
    notice = ctx.words.find(f"notice.{state.notice.value}", "notice.other") if state.notice else ""
    return ScreenView(
        "choose",
        ctx.heading("choose"),
        "",
        step=_STEP,
        sentences=() if notice else (ctx.sentence("choose"),),
        tone=Tone.CALM,
        answers=Answers.LIST,
        buttons=_ways(session, ctx, face=True, pin=True, wide=True),
        foot=ctx.foot(session),
        notice=notice,
    )


def _ways(  # the same three, as several screens offer them
    session: Session, ctx: PresentContext, *, face: bool, pin: bool, wide: bool = False
) -> tuple[Button, ...]:
    pin_action = "choose.pin" if wide else "face.pin"
    ways: list[Button] = []
    if face and face_offered(session, ctx.policy):
        ways.append(ctx.button("choose.face", "face", picture="way-face" if wide else ""))
    # Where all ways are shown the PIN is among them: whoever looks for it is told why it is not used.
    if pin and (wide or pin_offered(session, ctx.policy)):
        ways.append(ctx.button(pin_action, "pin", picture="way-pin" if wide else ""))
    if ctx.policy.staff_check_available:
        ways.append(ctx.button("choose.staff", "staff", picture="way-staff" if wide else ""))
    return tuple(ways)


def face(state: FaceCapturing, ctx: PresentContext) -> ScreenView:
    """The camera looks."""
    if not state.photo_open:
        slow = state.session.card_is_slow
        hint = ctx.words.get("card.slow") if slow else ctx.sentence("face", "preparing")
    elif state.challenge and state.hint not in _BEFORE_A_CHALLENGE:
        hint = ctx.words.find(f"challenge.{state.challenge}", "screen.face.looking")
    elif state.hint:
        hint = ctx.words.find(f"hint.{state.hint}", "screen.face.looking")
    else:
        hint = ctx.sentence("face", "looking")
    offered = pin_offered(state.session, ctx.policy)
    return ScreenView(
        "face",
        ctx.heading("face"),
        "face",
        step=_STEP,
        answers=Answers.LIST,
        buttons=(ctx.button("face.pin", "pin"),) if offered else (),
        foot=ctx.foot(state.session, back=True),
        hint=hint,
        good_frames=state.good_frames,
        frames_wanted=state.frames_wanted,
        challenge=state.challenge,
    )


def face_failed(state: FaceFailed, ctx: PresentContext) -> ScreenView:
    """The face could not be confirmed; nobody is to blame."""
    why = ctx.sentence("face-failed", "unmoved" if state.unmoved else "sentence")
    if state.code is not FailureCode.FACE_NOT_CONFIRMED:
        why = ctx.words.find(f"notice.{state.code.value}", "notice.other")
    retry = (ctx.button("face.retry", "restart", ButtonKind.MAIN),) if state.may_retry else ()
    # Where it is the card's photo that cannot be had, nobody has looked at a face.
    heading = "heading_photo" if state.code in _ABOUT_THE_PHOTO else "heading"
    return ScreenView(
        "face-failed",
        ctx.sentence("face-failed", heading),
        "face-failed",
        step=_STEP,
        sentences=(why,),
        tone=Tone.ATTENTION,
        answers=Answers.LIST,
        buttons=(*retry, *_ways(state.session, ctx, face=False, pin=True)),
        foot=ctx.foot(state.session, back=True),
    )


def pin_at_work(state: PinPreparing | PinChecking, ctx: PresentContext) -> ScreenView:
    """The card is busy with its counter or with the digits."""
    name = "pin-preparing" if isinstance(state, PinPreparing) else "pin-checking"
    return ScreenView(
        name,
        ctx.heading(name),
        "card-working",
        step=_STEP,
        sentences=ctx.while_card_works(name, state.session),
        foot=ctx.foot(state.session),
        busy=True,
    )


def pin_entry(state: PinEntry, ctx: PresentContext) -> ScreenView:
    """The pad. What the card has left is told before the first digit."""
    warning = ""
    if state.tries_left is not None:
        usable = tries_usable(state.session, state.tries_left, ctx.policy)
        if state.tries_left == 1:
            warning = ctx.sentence("pin", "tries_last")
        elif usable == state.tries_left:
            warning = ctx.sentence("pin", "tries_all", left=state.tries_left)
        else:
            warning = ctx.sentence("pin", "tries", left=state.tries_left, usable=usable)
    return ScreenView(
        "pin",
        ctx.heading("pin"),
        "pin",
        step=_STEP,
        sentences=(ctx.sentence("pin"), ctx.sentence("pin", "cover")),
        answers=Answers.PAD,
        buttons=(
            *(
                Button(f"pin.digit.{digit}", str(digit), "", ButtonKind.CHOICE)
                for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9)
            ),
            ctx.button("pin.erase", "erase", ButtonKind.QUIET),
            Button("pin.digit.0", "0", "", ButtonKind.CHOICE),
            ctx.button("pin.submit", "check", ButtonKind.MAIN),
        ),
        foot=ctx.foot(state.session, back=True),
        warning=warning,
        pin_digits=state.digits,
    )


def pin_wrong(state: PinWrong, ctx: PresentContext) -> ScreenView:
    """The PIN was wrong; how many tries are left, and the ways round it."""
    usable = tries_usable(state.session, state.tries_left, ctx.policy)
    text = "tries" if face_offered(state.session, ctx.policy) else "tries_staff"
    return ScreenView(
        "pin-wrong",
        ctx.heading("pin-wrong"),
        "pin-wrong",
        step=_STEP,
        sentences=(ctx.sentence("pin-wrong", text, left=state.tries_left, usable=usable),),
        tone=Tone.ATTENTION,
        answers=Answers.LIST,
        buttons=(
            ctx.button("pin.retry", "restart", ButtonKind.MAIN),
            *_ways(state.session, ctx, face=True, pin=False),
        ),
        foot=ctx.foot(state.session, back=True),
    )


def pin_unavailable(state: PinUnavailable, ctx: PresentContext) -> ScreenView:
    """The PIN is not used: its last try is kept, or it is blocked."""
    name = "pin-last-try" if state.code is FailureCode.PIN_LAST_TRY else "pin-blocked"
    return ScreenView(
        name,
        ctx.heading(name),
        name,
        step=_STEP,
        sentences=(ctx.sentence(name),),
        tone=Tone.ATTENTION,
        answers=Answers.LIST,
        buttons=_ways(state.session, ctx, face=True, pin=False),
        foot=ctx.foot(state.session, back=True),
    )


def staff_check(state: AwaitingStaffCheck, ctx: PresentContext) -> ScreenView:
    """Staff look; the way back stays open."""
    return ScreenView(
        "staff-check",
        ctx.heading("staff-check"),
        "staff-check",
        step=_STEP,
        sentences=(ctx.sentence("staff-check"),),
        foot=ctx.foot(state.session, back=True),
        busy=True,
    )


def matched(state: Matched, ctx: PresentContext) -> ScreenView:
    """It is known who is there; the card signs."""
    return ScreenView(
        "matched",
        ctx.heading("matched"),
        "matched",
        step=_STEP,
        sentences=(
            (ctx.sentence("matched"),) if state.signed else ctx.while_card_works("matched", state.session)
        ),
        tone=Tone.GOOD,
        foot=ctx.foot(state.session),
        busy=not state.signed,
    )
