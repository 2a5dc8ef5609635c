# SPDX-License-Identifier: Apache-2.0
"""Over any inputs of people and answers of a card: one VERIFY an entry, none on the last try, four digits.

Through the flow, the effects and the dialogues, with nothing in between but a card that answers as it likes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import KioskError
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.events import Timer
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.states import (
    ChoosingVerification,
    HandToStaff,
    Matched,
    PinChecking,
    PinEntry,
    PinPreparing,
    PinUnavailable,
    PinWrong,
    StillThere,
)
from kiosk.reader.apdu import CommandApdu, ResponseApdu, encoded
from kiosk.reader.errors import (
    CardCommunicationError,
    CardRemovedError,
    CardResetError,
    CardStatusError,
    MalformedDataError,
    ReaderLostError,
    UnsupportedCardError,
)
from kiosk.reader.service import CardService
from kiosk.reader.session import CardSession
from kiosk.runtime.card_effects import CardEffects, KioskIdentity
from kiosk.runtime.controller import FlowController
from kiosk.runtime.vault import SessionVault
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.options import CardOptions, TokenKind
from tests.fakes.cards import card_of
from tests.fakes.clock import FakeClock
from tests.fakes.headless import HeldTimers
from tests.fakes.trust import demo_trust

T = TypeVar("T")
RIGHT = "1470"
OTHERS = (0x63C0, 0x6300, 0x6983, 0x6984, 0x6700, 0x6F00, 0x6C04)
QUERIES = (*(None, 0x63C1, 0x63C2, 0x63C3) * 4, *OTHERS)  # mostly numbers, or no run would get far
VERIFIES = (None, 0x63C1, 0x63C2, 0x63C3, *OTHERS, 0x9000, 0x6A80, 0x6982, 0x6104, 0x6D00)
BROKEN = (CardRemovedError, CardResetError, CardCommunicationError, ReaderLostError)


@dataclass(frozen=True, slots=True)
class Presented:
    """One VERIFY that carried something."""

    session: int
    entry: int
    digits: bytes
    typed: str
    told: int | None
    allowed: bool


class MoodyCard:
    """Taro's card, but for what it says to VERIFY: from lists in turn, and honestly at their end."""

    def __init__(
        self,
        queries: list[int | None],
        verifies: list[int | type[KioskError] | None],
        options: CardOptions | None = None,
    ) -> None:
        self._inner: VirtualCard = card_of("taro", options)
        self._queries, self._verifies = deque(queries), deque(verifies)
        self.told: int | None = None
        self.on_present: Callable[[bytes], None] = lambda _: None
        self._inner.power_on()

    @property
    def atr(self) -> bytes:
        return b""

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        with encoded(command) as wire:
            sent = bytes(wire)
        planned: int | type[KioskError] | None = None
        if command.ins == 0x20 and command.lc:
            self.on_present(sent[5:])
            planned = self._verifies.popleft() if self._verifies else None
        elif command.ins == 0x20:
            planned = self._queries.popleft() if self._queries else None
        if isinstance(planned, type):
            raise planned
        raw = planned.to_bytes(2, "big") if planned is not None else self._inner.transmit(sent)
        response = ResponseApdu.parse(raw)
        assert response is not None
        if command.ins == 0x20 and not command.lc:
            self.told = response.sw
        return response

    def would_sign(self) -> bool:
        """Whether the key signs for whoever asks now: a PIN is verified."""
        self._inner.transmit(bytes.fromhex("00A4020C020017"))
        return self._inner.transmit(bytes.fromhex("802A0080020102" + "00"))[-2:] == b"\x90\x00"

    def power(self) -> None:
        self._inner.power_off()
        self._inner.power_on()

    def close(self) -> None:
        """The card stays where it is."""

    def __enter__(self) -> MoodyCard:  # noqa: PYI034  # never subclassed
        return self

    def __exit__(self, *_: object) -> None:
        """The card stays where it is."""


class PresentCards:
    """The card service without its threads: each job is done at once."""

    def __init__(self, card: MoodyCard) -> None:
        self._card = card
        self._session = CardSession(card)

    def submit(
        self,
        job: Callable[[CardSession], T],
        on_done: Callable[[T | KioskError], None],
        *,
        repeatable: bool = False,
        power_off: bool = False,
    ) -> None:
        result: T | KioskError
        try:
            result = job(self._session)
        except KioskError as error:
            result = error
            if not isinstance(error, CardStatusError | MalformedDataError | UnsupportedCardError):
                self.power_off()
        if power_off:
            self.power_off()
        on_done(result)

    def power_off(self, on_done: Callable[[], None] | None = None) -> None:
        self._card.power()
        self._session = CardSession(self._card)
        if on_done is not None:
            on_done()


class Desk:
    """Flow and effects around one card, and somebody who types."""

    def __init__(self, card: MoodyCard) -> None:
        self.calls: deque[Callable[[], None]] = deque()
        self.timers = HeldTimers()
        self.vault = SessionVault()
        clock = FakeClock()
        policy = FlowPolicy(offer_registration=False)
        self.controller = FlowController(policy, clock, self.timers, self.calls.append)
        self.cards = PresentCards(card)
        effects = CardEffects(
            cast("CardService", self.cards),
            demo_trust(),
            None,
            None,
            KioskIdentity("1319999999", "K1"),
            self.vault,
            clock,
            self.controller.post,
            self.calls.append,
        )
        self.controller.connect([effects, self])
        self.controller.listen(self._on_state)
        self.presented: list[Presented] = []
        self.card = card
        self.typed = ""
        self.allowed = False
        self.entry = (0, 0)
        card.on_present = self._on_present

    def perform(self, effect: ef.Effect) -> bool:
        match effect:
            case ef.ErasePinDigits():
                self.vault.pin.clear()
            case ef.ClearSecrets(session_no=number):
                self.vault.clear()
                self.controller.post(ev.SecretsCleared(session_no=number))
            case _:
                pass
        return True

    def _on_state(self, before: object, event: object, after: object) -> None:
        if isinstance(after, PinEntry) and not isinstance(before, PinEntry | StillThere):
            self.typed = ""
        if isinstance(after, PinChecking):
            self.entry = (after.session.number, after.entry)
        if isinstance(event, ev.CardInserted):
            self.vault.open(self.controller.session_no, "01KAQ0000000000000000000SS")
            self.allowed = False
        if isinstance(event, ev.LastAttemptAllowed) and isinstance(after, PinPreparing):
            self.allowed = True

    def _on_present(self, digits: bytes) -> None:
        self.presented.append(Presented(*self.entry, digits, self.typed, self.card.told, self.allowed))
        self.allowed = False

    def post(self, event: ev.Event) -> None:
        self.controller.handle(event)
        while self.calls:
            self.calls.popleft()()

    def do(self, act: str) -> None:
        number = self.controller.session_no
        events: dict[str, ev.Event] = {
            "lay": ev.CardInserted("01KAQ0000000000000000000SS"),
            "take": ev.CardRemoved(),
            "pin": ev.PinChosen(session_no=number),
            "back": ev.WentBack(session_no=number),
            "submit": ev.PinSubmitted(session_no=number),
            "staff": ev.LastAttemptAllowed(session_no=number, by="佐藤"),
            "reset": ev.StaffReset("佐藤"),
        }
        if act in events:
            self.post(events[act])
        elif act == "erase":
            self._erase()
        elif act in {"timeout", "idle"}:
            self._wait(idle=act == "idle")
        else:
            for digit in act:
                self._type(digit)

    def _wait(self, *, idle: bool) -> None:
        """Every timer that runs ends, or the one of the idle screen."""
        for timer in list(self.timers.running):
            if (timer is Timer.IDLE) is idle and timer in self.timers.running:
                self.timers.end(timer)
        while self.calls:
            self.calls.popleft()()

    def _erase(self) -> None:
        if isinstance(self.controller.state, PinEntry) and self.typed:
            self.typed = self.typed[:-1]
            self.vault.erase_pin_digit()
        self.post(ev.PinDigitErased(session_no=self.controller.session_no))

    def _type(self, digit: str) -> None:
        # as the screen's keypad does: it takes no fifth digit
        if isinstance(self.controller.state, PinEntry) and len(self.vault.pin) < 4:
            self.typed += digit
            self.vault.pin.append(ord(digit))
        self.post(ev.PinDigitEntered(session_no=self.controller.session_no))


ACTS = (
    *("lay", "take", "pin", "pin", "pin", "back", "erase", "submit", "submit", "staff", "reset", "timeout"),
    *("idle", "1", "14", "147", RIGHT, RIGHT, "0000", "0000", "14700"),
    *(f"pin {RIGHT} submit", "pin 0000 submit", "staff 0000 submit", f"lay pin {RIGHT} submit"),
)


def desk_with(
    queries: list[int | None],
    verifies: list[int | type[KioskError] | None],
    options: CardOptions | None = None,
) -> Desk:
    desk = Desk(MoodyCard(queries, verifies, options))
    desk.post(ev.ServiceReady())
    return desk


@settings(max_examples=200, deadline=None)
@given(
    acts=st.lists(st.sampled_from(ACTS), min_size=8, max_size=40),
    queries=st.lists(st.sampled_from(QUERIES), min_size=6, max_size=12),
    verifies=st.lists(st.sampled_from(VERIFIES) | st.sampled_from(BROKEN), max_size=6),
    early=st.booleans(),
)
def test_no_try_is_spent_by_mistake(
    acts: list[str],
    queries: list[int | None],
    verifies: list[int | type[KioskError] | None],
    *,
    early: bool,
) -> None:
    # the first counter is asked for while reading; most runs let that one be honest, or none would get far
    desk = desk_with(queries if early else [None, *queries], verifies)
    for act in " ".join(("lay", *acts)).split():
        desk.do(act)
        assert not desk.card.would_sign()
    entries = [(made.session, made.entry) for made in desk.presented]
    assert len(entries) == len(set(entries))
    for made in desk.presented:
        assert len(made.digits) == 4
        assert made.digits.decode() == made.typed
        assert made.told in ({0x63C1, 0x63C2, 0x63C3} if made.allowed else {0x63C2, 0x63C3})


def test_the_way_to_a_signature_is_open_in_this_surrounding() -> None:
    desk = desk_with([], [])
    for act in ("lay", "pin", "0000", "submit", "pin", RIGHT, "submit"):
        desk.do(act)
    assert [made.typed for made in desk.presented] == ["0000", RIGHT]
    assert isinstance(desk.controller.state, Matched)


@pytest.mark.parametrize(
    ("options", "answers"),
    [
        (CardOptions(), []),
        (CardOptions(cloned=True), []),  # the PIN is right, and the key another
        (CardOptions(token=TokenKind.ANDROID, cloned=True), []),
        (CardOptions(), [0x6104]),  # neither yes nor no
    ],
)
def test_nobody_is_waited_for_while_a_pin_is_verified(options: CardOptions, answers: list[int]) -> None:
    desk = desk_with([], [*answers], options)
    for act in ("lay", "pin", RIGHT, "submit"):
        desk.do(act)
    assert len(desk.presented) == 1
    assert isinstance(desk.controller.state, Matched | HandToStaff | PinEntry)
    assert not desk.card.would_sign()


def test_the_last_try_is_for_staff_to_allow_once() -> None:
    one = 0x63C1
    desk = desk_with([None, one, one, one, one, one], [0x63C1])
    for act in ("lay", "pin"):
        desk.do(act)
    assert isinstance(desk.controller.state, PinUnavailable)
    for act in ("pin", "0000", "submit"):
        desk.do(act)
    assert desk.presented == []
    for act in ("staff", "0000", "submit"):
        desk.do(act)
    assert [made.allowed for made in desk.presented] == [True]
    for act in ("pin", "0000", "submit", "back", "pin", "0000", "submit"):
        desk.do(act)
    assert len(desk.presented) == 1


def test_a_broken_off_verify_is_never_called_a_wrong_pin() -> None:
    for broken in BROKEN[:3]:
        desk = desk_with([], [broken])
        seen: list[object] = []
        desk.controller.listen(lambda _before, _event, after: seen.append(after))  # noqa: B023
        for act in ("lay", "pin", RIGHT, "submit"):
            desk.do(act)
        assert len(desk.presented) == 1
        assert not any(isinstance(state, PinWrong) for state in seen)
        assert isinstance(desk.controller.state, PinEntry | ChoosingVerification)
        assert desk.typed == ""
