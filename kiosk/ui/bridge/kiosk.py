# SPDX-License-Identifier: Apache-2.0
"""What the patient's screens see of the program, and the only way by which a touch gets into it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import ClassVar

from PySide6.QtCore import QTimer, Slot

from kiosk.clock import Clock
from kiosk.consent.texts import ConsentTexts
from kiosk.flow.events import Event, LanguageChosen, MoreTimeChosen, StartedAgain, StillHere, Touched
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.states import FaceCapturing, Idle, Received, Starting, State, StillThere, TakeYourCard
from kiosk.flow.transition import session_number
from kiosk.texts import Catalogue
from kiosk.ui.bridge.actions import session_event
from kiosk.ui.bridge.pads import Pads, missing, pad_of
from kiosk.ui.bridge.snapshot import chrome_texts, live_map, screen_map
from kiosk.ui.bridge.surface import Surface, UiSettings
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.opening import INFO_PAGES, info
from kiosk.ui.viewmodels.present import present
from kiosk.ui.viewmodels.screen import ScreenView

__all__ = ["KioskBridge", "UiSettings"]

log = logging.getLogger("kiosk.ui")

INFO_PAGE_MS = 30_000
NOBODY_MS = 60_000
TOUCH_EVERY_S = 1.0

PrintSlip = Callable[[Received, Catalogue, Callable[[object], None]], None]
"""Prints a slip in these words, and tells None or what went wrong."""


class KioskBridge(Surface):
    """The screens' side of the flow.

    Lives on: the main thread. `show` is told each new state; `press`, `digit` and `touched` come from QML.
    """

    TEXT_SCALES: ClassVar[tuple[float, ...]] = (1.0, 1.25, 1.5)

    def __init__(  # noqa: PLR0913, PLR0917  # what a screen needs of the program, each by itself
        self,
        emit: Callable[[Event], None],
        digit_sink: Callable[[int], None],
        erase_sink: Callable[[], None],
        new_id: Callable[[], str],
        catalogues: Mapping[str, Catalogue],
        consent_texts: ConsentTexts,
        policy: FlowPolicy,
        ui_settings: UiSettings,
        clock: Clock,
        *,
        click: Callable[[], None] = lambda: None,
        field_digit_sink: Callable[[int], None] = lambda _: None,
        field_erase_sink: Callable[[], None] = lambda: None,
        typed_digits: Callable[[], str] = lambda: "",
        print_slip: PrintSlip | None = None,
    ) -> None:
        """`click` lets a touch be heard that did something.

        The printed fields of a card are typed into `field_digit_sink`, and `typed_digits` gives all of them
        back, one field after the other, for the screen that shows them; nothing of them is kept here.
        """
        spoken = tuple(name for name in ui_settings.languages if name in catalogues)
        super().__init__(ui_settings, clock, spoken)
        self._emit = emit
        self._pads = Pads(digit_sink, erase_sink, field_digit_sink, field_erase_sink, typed_digits)
        self._new_id = new_id
        self._catalogues = dict(catalogues)
        self._consent_texts = consent_texts
        self._policy = policy
        self._click = click
        self._print_slip = print_slip
        self._slip = "slip" if print_slip else ""

        self._state: State = Starting()
        self._info = ""
        self._missing = False
        self._countdown = 0
        self._touched_at = -TOUCH_EVERY_S

        self._seconds = self._timer(1000, self._second_passed, once=False)
        self._info_timer = self._timer(INFO_PAGE_MS, self._close_info, once=True)
        self._nobody_timer = self._timer(NOBODY_MS, self._nobody_came, once=True)
        self._clock_timer = self._timer(10_000, self.clockChanged.emit, once=False)
        self._clock_timer.start()
        self._render()

    def _timer(self, milliseconds: int, slot: Callable[[], None], *, once: bool) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        timer.setSingleShot(once)
        timer.timeout.connect(slot)
        return timer

    # --- what the controller tells ------------------------------------------------------------------------

    def show(self, state: State) -> None:
        """Put the screen of `state` up. A finished session takes its language, size and colours along."""
        before, self._state = self._state, state
        if session_number(before) != session_number(state) or not isinstance(state, Idle):
            self._info_closed()
        if self._print_slip is not None and not isinstance(state, Received):
            self._slip = "slip"
        begun_again = session_number(before) != session_number(state) and not isinstance(before, Idle)
        if begun_again or (isinstance(state, Idle) and not isinstance(before, Idle)):
            self._forget_choices()
        if not isinstance(state, Idle):
            self._nobody_timer.stop()
        if self._preview_on and not isinstance(state, FaceCapturing):
            self._preview_on = False
            self.previewChanged.emit()
        if isinstance(state, StillThere) and not isinstance(before, StillThere):
            self._countdown = self._view().countdown_s
            self._seconds.start()
        elif not isinstance(state, StillThere):
            self._seconds.stop()
        self._missing = self._missing and state == before
        self._render()
        self._tell_language(before)

    def choose_text_scale(self, scale: float) -> None:
        """One of `TEXT_SCALES`, until the session ends."""
        if scale in self.TEXT_SCALES and scale != self._text_scale:
            self._text_scale = scale
            self.choicesChanged.emit()

    def preview_arrived(self) -> None:
        """A new picture of the camera lies in the preview provider."""
        self._preview_number += 1
        self._preview_on = isinstance(self._state, FaceCapturing)
        self.previewChanged.emit()

    def stop(self) -> None:
        """End the clock and the countdowns."""
        for timer in (self._seconds, self._info_timer, self._nobody_timer, self._clock_timer):
            timer.stop()

    def _tell_language(self, before: State) -> None:
        """A session begins in the clinic's language; another one chosen at the idle screen is kept."""
        number = session_number(self._state)
        if number != session_number(before) and self._language != self._settings.default_language:
            event = LanguageChosen(session_no=number, language=self._language)
            QTimer.singleShot(0, self, lambda: self._emit(event))

    def _forget_choices(self) -> None:
        self._language = self._settings.default_language
        self._text_scale = 1.0
        self._high_contrast = False
        self.choicesChanged.emit()

    # --- what QML does ------------------------------------------------------------------------------------

    @Slot(str)
    def press(self, action: str) -> None:
        """A control was used. An action that the screen does not offer does nothing, and is not heard."""
        if isinstance(self._state, Idle):
            self._nobody_timer.start()
        if self._do(action):
            self._click()

    def _do(self, action: str) -> bool:
        head, _, tail = action.rpartition(".")
        pad = pad_of(self._state)
        if head in ("pin.digit", "field.digit") and tail.isdigit():
            return head == f"{pad}.digit" and self._take_digit(int(tail))
        if action in ("pin.erase", "field.erase"):
            return action == f"{pad}.erase" and self._tell(self._pads.erase(self._state))
        if head == "language":
            return self._choose_language(tail)
        if action == f"{pad}.submit" and missing(self._state):
            self._missing = True
            self._render()
        elif action == "foot.slip":
            return self._ask_for_slip()
        elif action in INFO_PAGES:
            self._info = action
            self._info_timer.start()
            self._render()
        elif action == "info.close":
            self._close_info()
        elif action == "text.size":
            following = self.TEXT_SCALES.index(self._text_scale) + 1
            self.choose_text_scale(self.TEXT_SCALES[following % len(self.TEXT_SCALES)])
        elif action == "contrast":
            self._high_contrast = not self._high_contrast
            self.choicesChanged.emit()
        elif action == "card.again" and isinstance(self._state, TakeYourCard):
            self._emit(StartedAgain(self._new_id()))
        elif action == "more.time" and isinstance(self._state, StillThere):
            number = session_number(self._state)
            self._emit(MoreTimeChosen(session_no=number))
            self._emit(StillHere(session_no=number))
        else:
            event = session_event(action, session_number(self._state))
            if event is None:
                log.warning("a control without a meaning was used: %s", action)
                return False
            self._emit(event)
        return True

    def _ask_for_slip(self) -> bool:
        """One slip a reception; after a failure another try."""
        state = self._state
        if self._print_slip is None or not isinstance(state, Received) or self._slip == "slip_printing":
            return False
        self._slip = "slip_printing"
        self._render()
        self._print_slip(state, self.words, lambda failed: self._slip_told(state.number, failed))
        return True

    def _slip_told(self, number: str, failed: object) -> None:
        if failed is not None and isinstance(self._state, Received) and self._state.number == number:
            self._slip = "slip_failed"
            self._render()

    @Slot(int)
    def digit(self, number: int) -> None:
        """One digit, straight into the vault; of a PIN the screens only ever learn how many there are."""
        if self._take_digit(number):
            self._click()

    def _take_digit(self, number: int) -> bool:
        return self._tell(self._pads.take(self._state, number))

    def _tell(self, event: Event | None) -> bool:
        if event is not None:
            self._emit(event)
        return event is not None

    @Slot()
    def touched(self) -> None:
        """Somebody touched something.

        While the kiosk asks whether anybody is there, only an answer counts: the screen must not change under
        the finger that is about to press.
        """
        moment = self._clock.monotonic()
        if self._info:
            self._info_timer.start()
        if isinstance(self._state, Idle | StillThere) or moment - self._touched_at < TOUCH_EVERY_S:
            return
        self._touched_at = moment
        self._emit(Touched(session_no=session_number(self._state)))

    def _choose_language(self, language: str) -> bool:
        if language not in self._catalogues or language == self._language:
            return False
        self._language = language
        self._render()
        self.choicesChanged.emit()
        if not isinstance(self._state, Idle):
            self._emit(LanguageChosen(session_no=session_number(self._state), language=language))
        return True

    def _nobody_came(self) -> None:
        """Somebody chose a language or a size at the idle screen, and went away."""
        self._forget_choices()
        self._render()

    def _close_info(self) -> None:
        self._info_closed()
        self._render()

    def _info_closed(self) -> None:
        self._info = ""
        self._info_timer.stop()

    def _second_passed(self) -> None:
        self._countdown = max(self._countdown - 1, 0)
        self._render()

    # --- what QML sees ------------------------------------------------------------------------------------

    @property
    def words(self) -> Catalogue:
        """The sentences of the language in force."""
        return self._catalogues[self._language]

    @property
    def screen_name(self) -> str:
        """Which screen is up."""
        return str(self._screen.get("name", ""))

    def _context(self) -> PresentContext:
        return PresentContext(self.words, self._consent_texts, self._policy, self._slip)

    def _view(self) -> ScreenView:
        return info(self._info, self._context()) if self._info else present(self._state, self._context())

    def _render(self) -> None:
        """Tell QML only what is different, so that nothing is built anew under a finger."""
        view = self._view()
        texts = chrome_texts(self.words, view.step)
        screen = screen_map(view, self.words)
        live = live_map(
            view,
            self.words,
            missing=missing(self._state) if self._missing else 0,
            seconds=self._countdown,
            typed=self._pads.shown(self._state),
        )
        if texts != self._texts:
            self._texts = texts
            self.choicesChanged.emit()
        if screen != self._screen:
            self._screen, self._live = screen, live
            # What was typed must be gone from the old screen's items before they stop listening.
            self.liveChanged.emit()
            self.screenChanged.emit()
        elif live != self._live:
            self._live = live
            self.liveChanged.emit()
