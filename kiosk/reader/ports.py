# SPDX-License-Identifier: Apache-2.0
"""What a reader driver must be able to do, and the values it deals in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from kiosk.errors import FailureCode

if TYPE_CHECKING:
    from kiosk.reader.apdu import CommandApdu, ResponseApdu


class CardPresence(StrEnum):
    """What lies in one reader."""

    ABSENT = "absent"
    PRESENT = "present"
    MUTE = "mute"  # something lies there that does not answer: wrong way round, no chip


@dataclass(frozen=True, slots=True)
class ReaderState:
    """One reader and what lies in it.

    `insertions` grows with every card laid down, so that a quick swap between two looks is still seen.
    """

    name: str
    card: CardPresence
    insertions: int = 0


@dataclass(frozen=True, slots=True)
class ReaderSnapshot:
    """All readers at one moment; `problem` says why there is none to use."""

    readers: tuple[ReaderState, ...] = ()
    problem: FailureCode | None = None


class CardConnection(Protocol):
    """A powered card, reached exclusively, until it is closed and powered off.

    Lives on: the reader thread.
    """

    @property
    def atr(self) -> bytes:
        """The answer to reset; of no use as the card's identity."""
        ...

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send one command, once; raises `kiosk.reader.errors.ReaderError` or `CardError`."""
        ...

    def close(self) -> None:
        """Power the card off and let go of it; never raises."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class ReaderDriver(Protocol):
    """A way of reaching readers: PC/SC, or the simulator.

    `snapshot` and `wait_for_change` are called on the monitor thread, `connect` on the reader thread,
    `cancel` and `close` on any.
    """

    def snapshot(self) -> ReaderSnapshot:
        """The readers as they are now; trouble is told in `problem`, never raised."""
        ...

    def wait_for_change(self, known: ReaderSnapshot, timeout_s: float) -> ReaderSnapshot:
        """Wait until something differs from `known`, or the time is over, and say how it is then."""
        ...

    def connect(self, reader: str) -> CardConnection:
        """Power the card in that reader and hold it; raises what `CardConnection.transmit` raises."""
        ...

    def cancel(self) -> None:
        """End a `wait_for_change` that is under way."""
        ...

    def close(self) -> None:
        """Let go of everything; safe to call twice."""
        ...
