# SPDX-License-Identifier: Apache-2.0
"""The simulated readers: a driver like PC/SC's, and the hand that lays cards on them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from kiosk.errors import FailureCode
from kiosk.reader.apdu import CommandApdu, ResponseApdu, encoded
from kiosk.reader.errors import (
    CardCommunicationError,
    CardRemovedError,
    CardUnreadableError,
    ReaderBusyError,
    ReaderLostError,
    ReaderServiceDownError,
)
from kiosk.reader.ports import CardPresence, ReaderSnapshot, ReaderState
from kiosk.simulator.card.foreign import MuteCard, SimulatedCard

DEFAULT_NAMES = ("Simulated Reader 00",)


@dataclass(slots=True)
class _Slot:
    """One reader; `commands_left` counts down to a card that is pulled in the middle."""

    name: str
    plugged: bool = True
    card: SimulatedCard | MuteCard | None = None
    insertions: int = 0
    commands_left: int | None = None
    held: bool = False

    def presence(self) -> CardPresence:
        if self.card is None:
            return CardPresence.ABSENT
        return CardPresence.MUTE if isinstance(self.card, MuteCard) else CardPresence.PRESENT


class SimulatedDriver:
    """Readers in memory, each empty at first.

    Lives on: as `ReaderDriver` says; everything that lays, takes or unplugs may be called on any thread.
    """

    def __init__(self, names: Sequence[str] = DEFAULT_NAMES) -> None:
        self._slots = [_Slot(name) for name in names]
        self._changed = threading.Condition()
        self._service_runs = True
        self._closed = False
        self._cancellations = 0

    # -- the driver ---------------------------------------------------------------------------------------

    def snapshot(self) -> ReaderSnapshot:
        """The readers as they are now."""
        with self._changed:
            return self._snapshot()

    def wait_for_change(self, known: ReaderSnapshot, timeout_s: float) -> ReaderSnapshot:
        """Wait until something differs from `known`, or the time is over."""
        with self._changed:
            cancellations = self._cancellations
            self._changed.wait_for(
                lambda: self._closed or self._cancellations != cancellations or self._snapshot() != known,
                timeout=timeout_s,
            )
            return self._snapshot()

    def connect(self, reader: str) -> SimulatedConnection:
        """Power the card in that reader and hold it."""
        with self._changed:
            if self._closed or not self._service_runs:
                raise ReaderServiceDownError
            slot = next((slot for slot in self._slots if slot.name == reader and slot.plugged), None)
            if slot is None:
                raise ReaderLostError
            if slot.card is None:
                raise CardRemovedError
            if isinstance(slot.card, MuteCard):
                raise CardUnreadableError
            if slot.held:
                raise ReaderBusyError
            slot.held = True
            return SimulatedConnection(self, self._slots.index(slot), slot.insertions, slot.card)

    def cancel(self) -> None:
        """End a `wait_for_change` that is under way."""
        with self._changed:
            self._cancellations += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Let go of everything; safe to call twice."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # -- the hand -----------------------------------------------------------------------------------------

    def insert(self, card: SimulatedCard | MuteCard, reader: int = 0) -> None:
        """Lay a card down; one that lies there already is taken away first."""
        with self._changed:
            slot = self._slots[reader]
            self._take(slot)
            slot.card = card
            slot.insertions += 1
            self._changed.notify_all()

    def swap(self, card: SimulatedCard | MuteCard, reader: int = 0) -> None:
        """Put another card in the place of the one that lies there, quicker than anyone looks."""
        self.insert(card, reader)

    def remove(self, reader: int = 0) -> None:
        """Take the card away; a command under way gets no answer."""
        with self._changed:
            self._take(self._slots[reader])
            self._changed.notify_all()

    def remove_after(self, commands: int, reader: int = 0) -> None:
        """Have the card that lies there pulled after so many more commands were answered."""
        with self._changed:
            self._slots[reader].commands_left = commands

    def unplug(self, reader: int = 0) -> None:
        """Pull the reader's cable, with what lies in it."""
        with self._changed:
            slot = self._slots[reader]
            self._take(slot)
            slot.plugged = False
            self._changed.notify_all()

    def plug(self, reader: int = 0) -> None:
        """Connect the reader again."""
        with self._changed:
            self._slots[reader].plugged = True
            self._changed.notify_all()

    def stop_service(self) -> None:
        """Let the card service be down."""
        with self._changed:
            self._service_runs = False
            self._changed.notify_all()

    def start_service(self) -> None:
        """Let the card service run again."""
        with self._changed:
            self._service_runs = True
            self._changed.notify_all()

    def card_in(self, reader: int = 0) -> SimulatedCard | MuteCard | None:
        """What lies in that reader."""
        with self._changed:
            return self._slots[reader].card

    # -- for the connections ------------------------------------------------------------------------------

    def check(self, reader: int, insertion: int, *, counts: bool = False) -> None:
        """Raise unless the card of that insertion still lies there; `counts`: a command is about to go."""
        with self._changed:
            if self._closed or not self._service_runs:
                raise ReaderServiceDownError
            slot = self._slots[reader]
            if not slot.plugged:
                raise ReaderLostError
            if slot.card is None or slot.insertions != insertion:
                raise CardRemovedError
            if counts and slot.commands_left is not None:
                if not slot.commands_left:
                    self._take(slot)
                    self._changed.notify_all()
                    raise CardRemovedError
                slot.commands_left -= 1

    def release(self, reader: int, insertion: int) -> None:
        """Power the card of that insertion off and let go of it, if it still lies there."""
        with self._changed:
            slot = self._slots[reader]
            if slot.insertions == insertion and slot.card is not None and not isinstance(slot.card, MuteCard):
                slot.card.power_off()
                slot.held = False

    def _take(self, slot: _Slot) -> None:
        if slot.card is not None and not isinstance(slot.card, MuteCard):
            slot.card.power_off()
        slot.card = None
        slot.commands_left = None
        slot.held = False

    def _snapshot(self) -> ReaderSnapshot:
        if self._closed or not self._service_runs:
            return ReaderSnapshot(problem=FailureCode.READER_SERVICE_DOWN)
        readers = tuple(
            ReaderState(slot.name, slot.presence(), slot.insertions) for slot in self._slots if slot.plugged
        )
        return ReaderSnapshot(readers, None if readers else FailureCode.NO_READER)


class SimulatedConnection:
    """A powered simulated card.

    Lives on: the reader thread.
    """

    def __init__(self, driver: SimulatedDriver, reader: int, insertion: int, card: SimulatedCard) -> None:
        self._driver = driver
        self._reader = reader
        self._insertion = insertion
        self._card = card
        self._open = True
        self._atr = card.power_on()

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._atr

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send one command, once."""
        if not self._open:
            raise CardCommunicationError
        self._driver.check(self._reader, self._insertion, counts=True)
        with encoded(command) as wire:
            raw = self._card.transmit(wire)
        # taken away while it was thinking: the answer never arrived
        self._driver.check(self._reader, self._insertion)
        response = ResponseApdu.parse(raw)
        if response is None:
            raise CardCommunicationError
        return response

    def close(self) -> None:
        """Power the card off and let go of it."""
        if self._open:
            self._open = False
            self._driver.release(self._reader, self._insertion)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
