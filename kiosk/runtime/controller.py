# SPDX-License-Identifier: Apache-2.0
"""Holds the flow's state, feeds it events and has its effects carried out."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from kiosk.clock import Clock
from kiosk.flow.effects import CancelTimer, Effect, StartTimer
from kiosk.flow.events import Event, IdleTimedOut, TimedOut, Timer
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.states import Starting, State
from kiosk.flow.transition import session_number, transition
from kiosk.runtime.ports import Performer, Timers

_LOGGER = logging.getLogger("kiosk.flow")

StateListener: TypeAlias = Callable[[State, Event, State], None]
Poster: TypeAlias = Callable[[Callable[[], None]], None]


class FlowController:
    """The flow at work.

    Lives on: main thread; `post` may be called from any. Events are handled one at a time, in the order in
    which they were posted; an effect never runs while another event is being handled.
    """

    def __init__(self, policy: FlowPolicy, clock: Clock, timers: Timers, to_main_thread: Poster) -> None:
        self.policy = policy
        self._clock = clock
        self._timers = timers
        self._to_main_thread = to_main_thread
        self._performers: list[Performer] = []
        self._listeners: list[StateListener] = []
        self._waiting: deque[Event] = deque()
        self._handling = False
        self._closed = False
        self.state: State = Starting()

    @property
    def session_no(self) -> int:
        """The number of the session that goes on, or of the last one."""
        return session_number(self.state)

    def connect(self, performers: Sequence[Performer]) -> None:
        """Who carries out effects; the first that takes one has it."""
        self._performers += performers

    def listen(self, listener: StateListener) -> None:
        """Tell `listener` of each event that changed the state: before, event, after."""
        self._listeners.append(listener)

    def post(self, event: Event) -> None:
        """Take an event, from any thread."""
        self._to_main_thread(lambda: self.handle(event))

    def handle(self, event: Event) -> None:
        """Handle an event now, or after the one that is being handled."""
        self._waiting.append(event)
        if self._handling:
            return
        self._handling = True
        try:
            while self._waiting and not self._closed:
                self._step(self._waiting.popleft())
        finally:
            self._handling = False

    def close(self) -> None:
        """Handle nothing any more."""
        self._closed = True
        self._timers.cancel_all()

    def _step(self, event: Event) -> None:
        before = self.state
        self.state, effects = transition(before, event, self._clock.now(), self.policy)
        if type(before) is not type(self.state):
            _LOGGER.info(
                "session %d: %s: %s -> %s",
                session_number(self.state),
                type(event).__name__,
                type(before).__name__,
                type(self.state).__name__,
            )
        if self.state != before:
            for listener in self._listeners:
                self._guarded(partial(listener, before, event, self.state), "a listener")
        for effect in effects:
            self._guarded(partial(self._perform, effect), type(effect).__name__)

    def _guarded(self, call: Callable[[], None], what: str) -> None:
        """A mistake in one part must not keep the others from their work, wiping least of all."""
        try:
            call()
        except Exception as error:  # the boundary; its text may quote anything, so only its kind and place
            place = traceback.extract_tb(error.__traceback__)[-1]
            _LOGGER.error("%s failed: %s in %s:%d", what, type(error).__name__, place.name, place.lineno or 0)  # noqa: TRY400

    def _perform(self, effect: Effect) -> None:
        match effect:
            case StartTimer(session_no=number, timer=timer, seconds=seconds):
                self._timers.start(timer, seconds, lambda: self.handle(_timed_out(timer, number)))
            case CancelTimer(timer=timer):
                self._timers.cancel(timer)
            case _:
                if not any(performer.perform(effect) for performer in self._performers):
                    _LOGGER.error("nobody carries out %s", type(effect).__name__)


def _timed_out(timer: Timer, number: int) -> Event:
    if timer is Timer.IDLE:
        return IdleTimedOut(session_no=number)
    return TimedOut(session_no=number, timer=timer)
