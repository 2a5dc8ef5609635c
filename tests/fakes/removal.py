# SPDX-License-Identifier: Apache-2.0
"""A card that is pulled, bounces or is exchanged at one chosen command, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kiosk.auth.certificate.trust import Trust
from kiosk.flow.session import ClearReason, EndKind
from kiosk.flow.states import (
    ChoosingVerification,
    Clearing,
    Idle,
    PinChecking,
    PinWrong,
    Received,
    State,
    Submitting,
)
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.printed import PrintedFields
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.patients.people import patient
from tests.fakes.cards import card_of
from tests.fakes.headless import DEBOUNCE_S, HeadlessKiosk

WAYS = {"face": "hanako", "pin": "taro", "phone": "taro-phone"}
OTHER = "ryoko"
LONG_DEBOUNCE_S = 0.2  # a card that is back at once never counts as gone


class Pull(StrEnum):
    """What happens to the card at the chosen command."""

    BEFORE = "before"  # the command never reaches it
    ANSWER_LOST = "answer_lost"  # it has done what was asked, and nobody hears
    BOUNCES = "bounces"  # it is gone and there again at once; the answer is lost
    EXCHANGED = "exchanged"  # somebody else's lies there instead


@dataclass(frozen=True, slots=True)
class Walk:
    """What was seen of one session."""

    states: tuple[State, ...]
    ends: tuple[tuple[EndKind, ClearReason | None], ...]
    commands: int
    verifies: int
    verifies_of_other: int
    receptions: int

    def count(self, kind: type[State]) -> int:
        return sum(isinstance(state, kind) for state in self.states)


class PulledCard:
    """A simulated card that leaves the reader at its n-th command."""

    def __init__(
        self,
        inner: VirtualCard,
        driver: SimulatedDriver,
        at: int | None,
        pull: Pull,
        other: PulledCard | None,
    ) -> None:
        self._inner = inner
        self._driver = driver
        self._at = at
        self._pull = pull
        self._other = other
        self.commands = 0
        self.verifies = 0

    @property
    def key(self) -> str:
        return self._inner.key

    @property
    def printed(self) -> PrintedFields | None:
        return self._inner.printed

    def power_on(self) -> bytes:
        return self._inner.power_on()

    def power_off(self) -> None:
        self._inner.power_off()

    def reset(self) -> bytes:
        return self._inner.reset()

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        due = self.commands == self._at
        self.commands += 1
        if due and self._pull is Pull.BEFORE:
            self._driver.remove()
            return b"\x6f\x00"
        if apdu[1] == 0x20 and len(apdu) > 4:
            self.verifies += 1
        answer = self._inner.transmit(apdu)
        if due:
            self._leave()
        return answer

    def _leave(self) -> None:
        if self._pull is Pull.ANSWER_LOST:
            self._driver.remove()
        elif self._pull is Pull.BOUNCES:
            self._driver.insert(self)
        elif self._other is not None:
            self._driver.swap(self._other)


def walk(
    folder: Path,
    trust: Trust,
    way: str,
    pull: Pull = Pull.BEFORE,
    at: int | None = None,
    *,
    remove_in: type[State] | None = None,
    long_reads: bool = True,
) -> Walk:
    """Receive a patient whose card leaves at its command number `at`, or in the first state of that kind."""
    driver = SimulatedDriver()
    other = PulledCard(card_of(OTHER), driver, None, pull, None)
    card = PulledCard(card_of(WAYS[way]), driver, at, pull, other)
    debounce_s = DEBOUNCE_S if pull in {Pull.BEFORE, Pull.ANSWER_LOST} else LONG_DEBOUNCE_S
    with HeadlessKiosk(folder, trust, driver, debounce_s=debounce_s, long_reads=long_reads) as kiosk:
        kiosk.wait_for(Idle)
        driver.insert(card)
        removed: list[State] = []

        def on_state(state: State) -> None:
            if remove_in is not None and isinstance(state, remove_in) and not removed:
                removed.append(state)
                driver.remove()
                kiosk.settle(3 * DEBOUNCE_S)

        kiosk.receive(way, lambda: _pin_of_what_lies_in(driver), on_state=on_state)
        assert kiosk.vault.is_empty()
        return Walk(
            states=tuple(kiosk.seen),
            ends=tuple((end.kind, end.reason) for end in kiosk.ends),
            commands=card.commands,
            verifies=card.verifies,
            verifies_of_other=other.verifies,
            receptions=len(kiosk.upstream.sent),
        )


def faults(way: str, pull: Pull, seen: Walk) -> list[str]:
    """What must not have been; nothing for a walk that is well."""
    found = []

    def must(condition: bool, otherwise: str) -> None:  # reads like a sentence
        if not condition:
            found.append(otherwise)

    entries = seen.count(PinChecking)
    must(not seen.count(PinWrong), "called a wrong PIN")
    must(seen.verifies + seen.verifies_of_other <= entries + (way == "face"), "presented more than once")
    must(seen.count(Clearing) == len(seen.ends) == 1, "not cleared once")
    committed = any(isinstance(state, Submitting) and state.number for state in seen.states)
    must(seen.receptions == committed, "kept what was not committed, or not what was")
    if committed:
        must(seen.ends[0][0] is EndKind.ELIGIBLE, "committed, and not the patient's outcome")
        must(seen.count(Received) > 0, "committed, and no result shown")
    else:
        must(seen.ends[0][0] is EndKind.CLEARED, "neither committed nor cleared")
    match pull:
        case Pull.BEFORE | Pull.ANSWER_LOST if not committed:
            must(seen.ends[0][1] is ClearReason.CARD_REMOVED, "cleared for another reason")
        case Pull.BOUNCES:
            must(committed, "a card that was back at once ended the session")
        case Pull.EXCHANGED if seen.count(ChoosingVerification) and not committed:
            must(seen.ends[0][1] is ClearReason.CARD_SWAPPED, "cleared for another reason")
            must(not seen.verifies_of_other, "the digits went to another card")
    return found


def _pin_of_what_lies_in(driver: SimulatedDriver) -> str:
    card = driver.card_in()
    return patient(card.key).pin if isinstance(card, PulledCard) else "0000"
