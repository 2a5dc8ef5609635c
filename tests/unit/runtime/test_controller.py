# SPDX-License-Identifier: Apache-2.0
"""The controller goes on where one of the parts around it makes a mistake."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from kiosk.clock import SystemClock
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.states import Clearing, State
from kiosk.runtime.controller import FlowController

_MARK = "山田 1234"


class _NoTimers:
    def start(self, timer: ev.Timer, seconds: float, on_end: Callable[[], None]) -> None:
        """Never ends."""

    def cancel(self, timer: ev.Timer) -> None:
        """Nothing runs."""

    def cancel_all(self) -> None:
        """Nothing runs."""


class _Clumsy:
    """Fails at the first of its effects, and notes the others."""

    def __init__(self) -> None:
        self.done: list[ef.Effect] = []

    def perform(self, effect: ef.Effect) -> bool:
        match effect:
            case ef.ClearSecrets():
                raise ValueError(_MARK)
            case _:
                self.done.append(effect)
                return True


def _screen(_before: State, _event: ev.Event, _after: State) -> None:
    raise KeyError(_MARK)


@pytest.mark.expect_log("a listener failed: KeyError", "ClearSecrets failed: ValueError")
def test_a_mistake_of_one_part_keeps_no_other_from_its_work(caplog: pytest.LogCaptureFixture) -> None:
    performer, seen = _Clumsy(), list[State]()
    controller = FlowController(FlowPolicy(), SystemClock(), _NoTimers(), lambda call: call())
    controller.connect([performer])
    controller.listen(_screen)
    controller.listen(lambda _before, _event, after: seen.append(after))
    with caplog.at_level(logging.ERROR, logger="kiosk.flow"):
        for event in (ev.ServiceReady(), ev.CardInserted("01"), ev.StaffReset("desk")):
            controller.handle(event)
    assert isinstance(controller.state, Clearing)
    assert seen[-1] == controller.state
    assert [type(effect) for effect in performer.done] == [ef.ReadCard, ef.RecordSessionEnd]
    assert "KeyError" in caplog.text
    assert "ClearSecrets failed: ValueError" in caplog.text
    assert _MARK not in caplog.text
    caplog.clear()
