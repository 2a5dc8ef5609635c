# SPDX-License-Identifier: Apache-2.0
"""The staff corner's side of the program: sign-in by code, and what a person of the staff may do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, cast

from PySide6.QtCore import Property, QObject, Qt, QTimer, Signal, Slot

from kiosk.errors import FailureCode
from kiosk.flow.events import (
    Event,
    LastAttemptAllowed,
    StaffConfirmed,
    StaffDeclined,
    StaffReset,
    TechnicianSignedIn,
)
from kiosk.flow.states import Idle, Starting, State
from kiosk.flow.transition import session_number
from kiosk.secret import Secret
from kiosk.texts import Catalogue
from kiosk.ui.bridge.staff_form import StaffForm
from kiosk.ui.viewmodels.phrases import laid_out, spoken
from kiosk.ui.viewmodels.staff import (
    LONGEST_CODE,
    SHORTEST_CODE,
    SignedIn,
    StaffSituation,
    StaffStage,
    StaffView,
    staff_view,
    wait_after,
)

log = logging.getLogger("kiosk.ui")

SIGN_OUT_MS: Final = 30_000
_LASTING: Final = 6  # so many times as long stays what somebody writes down
_MAP: Final = cast("type", "QVariantMap")  # Qt's own type, which Python has no class for


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """What came of a code: who it is, or why not."""

    who: SignedIn | None = None
    code: FailureCode | None = None


class CheckCode(Protocol):
    """Checks a staff code off the main thread.

    It clears the secret when done, and calls `answer` once, from whichever thread.
    """

    def __call__(self, code: Secret, answer: Callable[[CodeAnswer], None]) -> None:
        """Begin to check; returns at once."""
        ...


class Declarations(Protocol):
    """Prints the declaration of the last who could not be confirmed."""

    @property
    def number(self) -> str:
        """Their reception number; empty where there is nobody."""
        ...

    def declaration(self, by: str, /) -> None:
        """Print it; returns at once."""
        ...


class StaffBridge(QObject):
    """Opens over whatever the patient sees, and shuts by itself when nobody touches it.

    Lives on: the main thread; `CheckCode` answers from any.
    """

    changed = Signal()
    _answered = Signal(int, object)

    def __init__(
        self,
        check_code: CheckCode,
        emit: Callable[[Event], None],
        words: Catalogue,
        *,
        has_photo: Callable[[], bool] = lambda: False,
        click: Callable[[], None] = lambda: None,
        forms: Sequence[StaffForm] = (),
        declarations: Declarations | None = None,
        sign_out_ms: int = SIGN_OUT_MS,
    ) -> None:
        """`words` holds the staff's sentences and the failures; `click` lets a touch be heard.

        `forms` is what else staff can do here, as far as it is switched on.
        """
        super().__init__()
        self._check_code = check_code
        self._emit = emit
        self._words = words
        self._has_photo = has_photo
        self._click = click
        self._forms = tuple(forms)
        self._declarations = declarations
        self._state: State = Starting()
        self._now = StaffSituation()
        self._code = Secret(LONGEST_CODE)
        self._question = 0
        self._wrong_tries = 0
        self._photo_number = 0
        self._sign_out_ms = sign_out_ms
        self._sign_out = QTimer(self, interval=sign_out_ms, singleShot=True)
        self._sign_out.timeout.connect(self.close)
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._second_passed)
        # queued, because the code is checked on another thread
        self._answered.connect(self._take_answer, Qt.ConnectionType.QueuedConnection)
        self._view = self._seen()

    # --- what the controller tells ------------------------------------------------------------------------

    def show(self, state: State) -> None:
        """The flow has come to `state`; what is offered follows it."""
        before, self._state = self._state, state
        if session_number(before) != session_number(state) or isinstance(state, Idle):
            self._photo_number += 1
        if session_number(before) != session_number(state):
            self.close()  # what was opened for one patient is not there for the next
        if self._now.stage is not StaffStage.CLOSED:
            self._view = self._seen()
            self.changed.emit()  # also for the same view: the photo may have been opened meanwhile

    def stop(self) -> None:
        """Forget the digits and end the timers."""
        self.close()
        self._second.stop()

    # --- what QML does ------------------------------------------------------------------------------------

    @Slot()
    def open(self) -> None:
        """Somebody pressed the corner long enough."""
        if self._now.stage is StaffStage.CLOSED:
            self._set(replace(self._now, stage=StaffStage.CODE, digits=0, wrong=False, too_short=False))
            self.touched()

    @Slot()
    def close(self) -> None:
        """Sign out; the patient's screen was there all the time."""
        self._question += 1
        self._code.clear()
        for form in self._forms:
            form.close()
        self._sign_out.stop()
        self._set(StaffSituation(wait_s=self._now.wait_s))

    @Slot()
    def touched(self) -> None:
        """Somebody is still there."""
        if self._now.stage is not StaffStage.CLOSED:
            self._sign_out.start(self._sign_out_ms * (_LASTING if self._view.lasting else 1))

    @Slot(int)
    def digit(self, number: int) -> None:
        """One digit, straight into the secret; the screen only learns how many there are."""
        self.touched()
        if self._form(lambda form: form.digit(number) if 0 <= number <= 9 else None):
            return
        if self._view.keys_live and 0 <= number <= 9 and len(self._code) < LONGEST_CODE:
            self._code.append(ord("0") + number)
            self._count_digits()
            self._click()

    @Slot()
    def erase(self) -> None:
        """Take the last digit back."""
        self.touched()
        if self._form(lambda form: form.erase()):
            return
        if self._view.keys_live and len(self._code):
            self._code.erase_last()
            self._count_digits()
            self._click()

    @Slot()
    def submit(self) -> None:
        """The code is complete."""
        self.touched()
        if self._form(lambda form: form.submit()) or not self._view.keys_live:
            return
        self._click()
        if len(self._code) < SHORTEST_CODE:
            self._set(replace(self._now, too_short=True, wrong=False))
            return
        handed, self._code = self._code, Secret(LONGEST_CODE)
        self._question += 1
        number = self._question
        self._set(replace(self._now, stage=StaffStage.CHECKING, digits=0, wrong=False, too_short=False))
        self._check_code(handed, lambda answer: self._answered.emit(number, answer))

    @Slot(str)
    def press(self, action: str) -> None:
        """A control was used; one that is not offered in this state does nothing."""
        self.touched()
        head, _, tail = action.rpartition(".")
        if head == "staff.digit" and tail.isdigit():
            self.digit(int(tail))
        elif action == "staff.erase":
            self.erase()
        elif action == "staff.submit":
            self.submit()
        elif action == "staff.close":
            self._click()
            self.close()
        else:
            self._act(action)

    def _act(self, action: str) -> None:
        who = self._now.who
        if who is None or action not in {button.action for button in self._view.actions}:
            return
        form = next((one for one in self._forms if one.owns(action)), None)
        if form is not None:
            self._click()
            form.press(action, who.name, self._form_news)
            self._now = StaffSituation(StaffStage.NUMBER, who=who)
            self._form_news()
            return
        if self._declarations is not None and action == "staff.declaration":
            self._click()
            self._declarations.declaration(who.name)
            self.close()
            return
        event = _event(action, session_number(self._state), who.name)
        if event is None:
            log.warning("a control without a meaning was used: %s", action)
            return
        self._click()
        self.close()
        self._emit(event)

    # --- what is done in several steps ----------------------------------------------------------------------

    def _open_form(self) -> StaffForm | None:
        open_one = next((form for form in self._forms if form.is_open), None)
        return open_one if self._now.stage is StaffStage.NUMBER else None

    def _form(self, change: Callable[[StaffForm], None]) -> bool:
        """Whether the keys belong to a form that is open; then `change` was made to it."""
        form = self._open_form()
        if form is not None:
            self._click()
            change(form)
            self._render()
        return form is not None

    def _form_news(self) -> None:
        self._render()
        self.touched()  # whoever waited for it has as long to read it as for anything else

    # --- the code -----------------------------------------------------------------------------------------

    def _count_digits(self) -> None:
        self._set(replace(self._now, digits=len(self._code), wrong=False, too_short=False, refused=None))

    @Slot(int, object)
    def _take_answer(self, number: int, answer: CodeAnswer) -> None:
        if number != self._question or self._now.stage is not StaffStage.CHECKING:
            return  # the corner was closed meanwhile
        self.touched()
        if answer.who is not None:
            self._wrong_tries = 0
            unconfirmed = self._declarations.number if self._declarations is not None else ""
            forms = tuple(form.name for form in self._forms if form.offered)
            self._set(StaffSituation(StaffStage.MENU, who=answer.who, unconfirmed=unconfirmed, forms=forms))
            return
        slip = answer.code in {None, FailureCode.STAFF_CODE_WRONG}
        if slip:
            self._wrong_tries += 1
        wait_s = wait_after(self._wrong_tries) if slip else 0
        self._set(
            StaffSituation(
                StaffStage.CODE, wrong=slip, wait_s=wait_s, refused=None if slip else _told(answer.code)
            )
        )
        if wait_s:
            self._second.start()

    def _second_passed(self) -> None:
        left = max(0, self._now.wait_s - 1)
        if not left:
            self._second.stop()
        self._set(replace(self._now, wait_s=left))

    # --- what QML sees ------------------------------------------------------------------------------------

    def _seen(self) -> StaffView:
        form = self._open_form()
        view = None if form is None else form.view(self._words)
        return view or staff_view(self._now, self._state, self._words)

    def _set(self, situation: StaffSituation) -> None:
        self._now = situation
        self._render()

    def _render(self) -> None:
        view = self._seen()
        if view != self._view:
            self._view = view
            self.changed.emit()

    def _lay(self, text: str) -> str:
        return laid_out(text, self._words.language)

    def _get_view(self) -> dict[str, object]:
        view, language = self._view, self._words.language
        return {
            "stage": view.stage.value,
            "heading": self._lay(view.heading),
            "spoken": spoken(view.heading, language),
            "sentence": self._lay(view.sentence),
            "notice": self._lay(view.notice),
            "typing": view.stage is StaffStage.NUMBER,
            "typed": view.typed,
            "digits": view.digits,
            "digitsSpoken": spoken(self._words.get("code.dots", count=view.digits), language),
            "keysLive": view.keys_live,
            "who": self._lay(view.who),
            "situation": self._lay(view.situation),
            "code": view.code,
            "hint": view.hint,
            "facts": [{"label": self._lay(label), "text": text} for label, text in view.facts],
            "withPhoto": view.with_photo,
            "photo": f"image://staff/photo/{self._photo_number}" if self._photo_there() else "",
            "actions": [
                {
                    "action": button.action,
                    "label": self._lay(button.label),
                    "spoken": ", ".join(
                        spoken(text, language) for text in (button.label, button.detail) if text
                    ),
                    "detail": self._lay(button.detail),
                    "icon": button.icon,
                    "kind": button.kind.value,
                }
                for button in view.actions
            ],
        }

    @property
    def screen_name(self) -> str:
        """The name of what is shown here, where it is a screen of its own; for rehearsals."""
        return self._view.screen

    def _photo_there(self) -> bool:
        return self._view.with_photo and self._has_photo()

    def _get_texts(self) -> dict[str, str]:
        return {
            key: self._lay(text)
            for key, text in self._words.texts.items()
            if key.startswith(("key.", "menu.")) and "{" not in text
        }

    def _get_open(self) -> bool:
        return self._view.stage is not StaffStage.CLOSED

    view = Property(_MAP, _get_view, notify=changed)
    texts = Property(_MAP, _get_texts, constant=True)
    isOpen = Property(bool, _get_open, notify=changed)  # noqa: N815  # Qt's own way of naming


def _event(action: str, session_no: int, by: str) -> Event | None:
    match action:
        case "staff.reset":
            return StaffReset(by)
        case "staff.confirm":
            return StaffConfirmed(session_no=session_no, by=by)
        case "staff.decline":
            return StaffDeclined(session_no=session_no, by=by)
        case "staff.lasttry":
            return LastAttemptAllowed(session_no=session_no, by=by)
        case "staff.diagnose":
            return TechnicianSignedIn(by)
        case _:
            return None


def _told(code: FailureCode | None) -> FailureCode:
    """The codes of which the sign-in has a sentence; any other is told as trouble of the kiosk's own."""
    return code if code is FailureCode.STAFF_NONE else FailureCode.INTERNAL
