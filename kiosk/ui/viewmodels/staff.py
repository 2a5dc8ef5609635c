# SPDX-License-Identifier: Apache-2.0
"""What the staff corner says, as a value: how far the sign-in is, and what may be done in which state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.errors import FailureCode
from kiosk.flow import states as s
from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.screen import Button, ButtonKind

SHORTEST_CODE = 4
LONGEST_CODE = 12
FREE_TRIES = 1
FIRST_WAIT_S = 4
LONGEST_WAIT_S = 120


_FORM_ICONS = {"number": "book", "news": "bell"}


class StaffStage(StrEnum):
    """How far the sign-in is."""

    CLOSED = "closed"
    CODE = "code"
    CHECKING = "checking"
    MENU = "menu"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person of the staff who is signed in."""

    name: str
    technician: bool = False


@dataclass(frozen=True, slots=True)
class StaffSituation:
    """Everything the corner depends on besides the flow's state."""

    stage: StaffStage = StaffStage.CLOSED
    digits: int = 0
    wrong: bool = False
    too_short: bool = False
    wait_s: int = 0
    who: SignedIn | None = None
    refused: FailureCode | None = None
    forms: tuple[str, ...] = ()  # what else can be done here, by the names of its controls
    unconfirmed: str = ""  # the reception number that a declaration can be printed for


@dataclass(frozen=True, slots=True)
class StaffView:
    """The corner as it is drawn."""

    stage: StaffStage
    heading: str
    sentence: str = ""
    notice: str = ""
    digits: int = 0
    keys_live: bool = False
    who: str = ""
    situation: str = ""
    code: str = ""
    hint: str = ""
    with_photo: bool = False
    actions: tuple[Button, ...] = ()
    typed: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    lasting: bool = False  # somebody writes it down: it stays longer than anything else
    screen: str = ""


def wait_after(wrong_tries: int) -> int:
    """Seconds until the next code is taken: none after one slip, then doubling up to a limit."""
    beyond = wrong_tries - FREE_TRIES
    if beyond <= 0:
        return 0
    return int(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(beyond - 1, 8)))


def staff_view(situation: StaffSituation, state: s.State, words: Catalogue) -> StaffView:
    """The corner for a sign-in that has come so far, over the screen of `state`."""
    match situation.stage:
        case StaffStage.MENU if situation.who is not None:
            return _menu(situation.who, state, words, situation)
        case StaffStage.CLOSED:
            return StaffView(StaffStage.CLOSED, "")
        case _:
            return _code(situation, words)


def _hint(state: s.State, code: FailureCode | None, words: Catalogue) -> str:
    """What staff do about it; where codes came that are in no list, with those as they came."""
    hint = words.failure(code).staff if code else ""
    raw = state.outcome.raw if isinstance(state, s.Received) else ""
    return f"{hint} {words.get('menu.raw', raw=raw)}" if raw else hint


def session_code(state: s.State) -> FailureCode | None:
    """Why the kiosk stands where it stands, where there is a reason."""
    match state:
        case s.OutOfService(code=code) | s.CardProblem(code=code) | s.FaceFailed(code=code):
            return code
        case s.PinUnavailable(code=code) | s.AwaitingStaffCheck(code=code):
            return code
        case s.ChoosingVerification(notice=code):
            return code
        case s.HandToStaff(end=end) | s.TakeYourCard(end=end):
            return end.code
        case s.Received(outcome=outcome):
            return outcome.code
        case s.StillThere(interrupted=interrupted):
            return session_code(interrupted)
        case _:
            return None


def _code(situation: StaffSituation, words: Catalogue) -> StaffView:
    checking = situation.stage is StaffStage.CHECKING
    if checking:
        notice = words.get("code.checking")
    elif situation.wait_s:
        notice = words.get("code.wait", seconds=situation.wait_s)
    elif situation.refused is not None:
        notice = words.get(f"code.refused_{situation.refused.name.lower()}")
    elif situation.wrong:
        notice = words.get("code.wrong")
    elif situation.too_short:
        notice = words.get("code.short", count=SHORTEST_CODE)
    else:
        notice = ""
    return StaffView(
        situation.stage,
        words.get("code.heading"),
        words.get("code.sentence"),
        notice,
        digits=situation.digits,
        keys_live=not checking and not situation.wait_s,
    )


def _menu(who: SignedIn, state: s.State, words: Catalogue, situation: StaffSituation) -> StaffView:
    awaiting = isinstance(state, s.AwaitingStaffCheck)
    code = session_code(state)
    return StaffView(
        StaffStage.MENU,
        words.get("menu.check_heading" if awaiting else "menu.heading"),
        words.get("menu.check_sentence") if awaiting else "",
        who=words.get("menu.who_technician" if who.technician else "menu.who", name=who.name),
        situation=words.get(f"situation.{_situation(state)}"),
        code=code.value if code else "",
        hint=_hint(state, code, words),
        with_photo=awaiting,
        actions=_actions(who, state, words, situation),
    )


def _actions(
    who: SignedIn, state: s.State, words: Catalogue, situation: StaffSituation
) -> tuple[Button, ...]:
    def button(action: str, icon: str, kind: ButtonKind = ButtonKind.CHOICE) -> Button:
        return Button(
            f"staff.{action}",
            words.get(f"action.{action}"),
            icon,
            kind,
            words.texts.get(f"action.{action}_detail", ""),
        )

    offered: list[Button] = []
    if isinstance(state, s.AwaitingStaffCheck):
        offered += [button("decline", "desk"), button("confirm", "check", ButtonKind.MAIN)]
    if isinstance(state, s.PinUnavailable) and state.code is FailureCode.PIN_LAST_TRY:
        offered.append(button("lasttry", "key"))
    if _may_reset(state):
        offered.append(button("reset", "restart"))
    if isinstance(state, s.Idle):
        offered += [button(form, _FORM_ICONS[form]) for form in situation.forms]
    if situation.unconfirmed and isinstance(state, s.Idle):
        detail = words.get("action.declaration_for", number=situation.unconfirmed)
        offered.append(Button("staff.declaration", words.get("action.declaration"), "book", detail=detail))
    if who.technician and isinstance(state, s.Idle | s.OutOfService):
        offered.append(button("diagnose", "tools"))
    offered.append(button("close", "close", ButtonKind.QUIET))
    return tuple(offered)


def _may_reset(state: s.State) -> bool:
    """There is a session to end; in every state of one, also while the card is read or a request is out."""
    return not isinstance(state, s.Starting | s.Idle | s.OutOfService | s.Diagnosing | s.Clearing)


def _situation(state: s.State) -> str:
    match state:
        case s.Idle():
            return "idle"
        case s.OutOfService():
            return "out_of_service"
        case s.Starting() | s.Clearing() | s.Diagnosing():
            return "busy"
        case s.AwaitingStaffCheck():
            return "staff_check"
        case s.PinUnavailable(code=FailureCode.PIN_LAST_TRY):
            return "last_try"
        case s.Submitting() | s.Received():
            return "committed"
        case s.HandToStaff():
            return "handed"
        case s.TakeYourCard():
            return "card_left"
        case _:
            return "session"
