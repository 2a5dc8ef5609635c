# SPDX-License-Identifier: Apache-2.0
"""Readers reached through PC/SC, with a monitor of our own: pyscard's ends for good with the service."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Self

from kiosk.errors import FailureCode
from kiosk.reader.apdu import CommandApdu, ResponseApdu, encoded, wipe
from kiosk.reader.errors import CardCommunicationError, CardRemovedError
from kiosk.reader.pcsc.library import (
    EVENT_COUNT_SHIFT,
    PNP_READER,
    PROTOCOL_ANY,
    SCOPE_SYSTEM,
    SHARE_EXCLUSIVE,
    STATE_MUTE,
    STATE_PRESENT,
    STATE_UNAWARE,
    UNPOWER_CARD,
    ScardLibrary,
)
from kiosk.reader.pcsc.scard_errors import SERVICE_GONE, Scard, error_for, plain
from kiosk.reader.ports import CardPresence, ReaderSnapshot, ReaderState

_log = logging.getLogger("kiosk.reader.pcsc")

_LONGEST_WAIT_S = 3.0  # then readers are listed anew, should their notification have been missed
_FIRST_BACK_OFF_S = 0.5
_LONGEST_BACK_OFF_S = 10.0
_PAUSE_S = 0.1  # between looks that contradict each other, so that none spins
_LOOKS = 3
_BUSY_RETRIES = 3
_BUSY_PAUSE_S = 0.2


class PcscDriver:
    """The PC/SC service as a `ReaderDriver`; it may stop, start late and restart.

    Lives on: `snapshot` and `wait_for_change` on the monitor thread, with a context of their own; `connect`
    on the reader thread, with another; `cancel` and `close` on any.
    """

    def __init__(self, scard: ScardLibrary) -> None:
        self._scard = scard
        self._watching = _Context(scard)
        self._talking = _Context(scard)
        self._raw: dict[str, int] = {}
        self._back_off = _FIRST_BACK_OFF_S
        self._condition = threading.Condition()
        self._cancellations = 0
        self._closed = False

    # -- looking ------------------------------------------------------------------------------------------

    def snapshot(self) -> ReaderSnapshot:
        """The readers as they are now; trouble is told in `problem`."""
        now = self._look()
        for _ in range(_LOOKS):
            if now.problem is not FailureCode.READER_LOST:
                break
            now = self._look()
        return now

    def _look(self) -> ReaderSnapshot:
        context = self._watching.get()
        if context is None:
            return ReaderSnapshot(problem=FailureCode.READER_SERVICE_DOWN)
        result, names = self._scard.SCardListReaders(context, [])
        names = [name for name in names if name != PNP_READER]
        if plain(result) == Scard.NO_READERS or (plain(result) == Scard.OK and not names):
            self._raw = {}
            return ReaderSnapshot(problem=FailureCode.NO_READER)
        if plain(result) != Scard.OK:
            return self._service_gone(result)
        result, states = self._scard.SCardGetStatusChange(context, 0, [(n, STATE_UNAWARE) for n in names])
        if plain(result) in SERVICE_GONE:
            return self._service_gone(result)
        if plain(result) not in {Scard.OK, Scard.TIMEOUT}:
            # a reader went away between the two calls: another look tells
            self._raw = {}
            return ReaderSnapshot(problem=FailureCode.READER_LOST)
        self._raw = {name: state for name, state, _ in states}
        return ReaderSnapshot(tuple(_state(name, state) for name, state, _ in states))

    def _service_gone(self, result: int) -> ReaderSnapshot:
        _log.debug("context dropped after %08X", plain(result))
        self._watching.drop()
        self._raw = {}
        return ReaderSnapshot(problem=FailureCode.READER_SERVICE_DOWN)

    def wait_for_change(self, known: ReaderSnapshot, timeout_s: float) -> ReaderSnapshot:
        """Wait until something differs from `known`, or the time is over."""
        end = time.monotonic() + timeout_s
        with self._condition:
            cancellations = self._cancellations
        while True:
            now = self.snapshot()
            left = end - time.monotonic()
            if now != known or left <= 0 or self._cancelled_since(cancellations):
                if now.problem is not FailureCode.READER_SERVICE_DOWN:
                    self._back_off = _FIRST_BACK_OFF_S
                return now
            if now.problem is FailureCode.READER_SERVICE_DOWN:
                self._pause(min(left, self._back_off), cancellations)
                self._back_off = min(self._back_off * 2, _LONGEST_BACK_OFF_S)
            else:
                self._back_off = _FIRST_BACK_OFF_S
                self._wait(min(left, _LONGEST_WAIT_S), cancellations)

    def _wait(self, timeout_s: float, cancellations: int) -> None:
        """Block in the service until a reader or a card comes or goes."""
        context = self._watching.get()
        if context is None:
            return
        states = [*self._raw.items(), (PNP_READER, STATE_UNAWARE)]
        result, _ = self._scard.SCardGetStatusChange(context, max(1, int(timeout_s * 1000)), states)
        if plain(result) in SERVICE_GONE:
            self._watching.drop()
        elif plain(result) not in {Scard.OK, Scard.TIMEOUT, Scard.CANCELLED}:
            self._pause(_PAUSE_S, cancellations)

    def _pause(self, seconds: float, cancellations: int) -> None:
        with self._condition:
            self._condition.wait_for(
                lambda: self._closed or self._cancellations != cancellations, timeout=seconds
            )

    def _cancelled_since(self, cancellations: int) -> bool:
        with self._condition:
            return self._closed or self._cancellations != cancellations

    def cancel(self) -> None:
        """End a `wait_for_change` that is under way."""
        with self._condition:
            self._cancellations += 1
            self._condition.notify_all()
        self._watching.cancel()

    def close(self) -> None:
        """Let go of everything; safe to call twice."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._watching.cancel()
        self._watching.close()
        self._talking.close()

    # -- talking ------------------------------------------------------------------------------------------

    def connect(self, reader: str) -> PcscConnection:
        """Power the card in that reader and hold it alone."""
        with self._condition:
            cancellations = self._cancellations
        for attempt in range(_BUSY_RETRIES + 1):
            context = self._talking.get()
            if context is None:
                raise error_for(self._talking.last_result, "establish")
            if self._is_known_empty(context, reader):
                raise CardRemovedError(detail="connect before the service saw a card")
            result, handle, protocol = self._scard.SCardConnect(
                context, reader, SHARE_EXCLUSIVE, PROTOCOL_ANY
            )
            code = plain(result)
            if code == Scard.OK:
                return self._hold(handle, protocol)
            if code in SERVICE_GONE:
                self._talking.drop()
                if attempt == 0:
                    continue  # the service was started anew since the last card: its old context is void
            elif code == Scard.SHARING_VIOLATION and attempt < _BUSY_RETRIES:
                self._pause(_BUSY_PAUSE_S, cancellations)
                continue
            break
        raise error_for(result, "connect")

    def _is_known_empty(self, context: int, reader: str) -> bool:
        """Whether the service says that nothing lies there.

        It would find a card that was put back a moment ago if it were asked to connect, but pcscd 1.9 then
        never notices its being taken away, and the kiosk would wait for a card that is gone.
        """
        result, states = self._scard.SCardGetStatusChange(context, 0, [(reader, STATE_UNAWARE)])
        return plain(result) == Scard.OK and any(
            name == reader and not state & STATE_PRESENT for name, state, _ in states
        )

    def _hold(self, handle: int, protocol: int) -> PcscConnection:
        result = self._scard.SCardBeginTransaction(handle)
        if plain(result) != Scard.OK:
            self._scard.SCardDisconnect(handle, UNPOWER_CARD)
            raise error_for(result, "begin transaction")
        status = self._scard.SCardStatus(handle)
        atr = status[4] if len(status) > 4 else []
        return PcscConnection(self._scard, handle, protocol, bytes(atr) if isinstance(atr, list) else b"")


class _Context:
    """One PC/SC context, made when needed, dropped when the service went away.

    Lives on: one thread; `cancel` and `drop` on any.
    """

    def __init__(self, scard: ScardLibrary) -> None:
        self._scard = scard
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._closed = False
        self.last_result = int(Scard.SERVICE_STOPPED)

    def get(self) -> int | None:
        """The context, or None where the service does not answer."""
        with self._lock:
            if self._handle is None and not self._closed:
                result, handle = self._scard.SCardEstablishContext(SCOPE_SYSTEM)
                self.last_result = plain(result)
                if self.last_result != Scard.OK:
                    return None
                self._handle = handle
            return self._handle

    def drop(self) -> None:
        """Let it go; the next `get` makes another."""
        with self._lock:
            if self._handle is not None:
                self._scard.SCardReleaseContext(self._handle)
                self._handle = None

    def close(self) -> None:
        """Let it go for good."""
        with self._lock:
            self._closed = True
        self.drop()

    def cancel(self) -> None:
        """End the wait in it."""
        with self._lock:
            if self._handle is not None:
                self._scard.SCardCancel(self._handle)


class PcscConnection:
    """A powered card held exclusively, in one transaction from the first command to the power-off.

    Lives on: the reader thread.
    """

    def __init__(self, scard: ScardLibrary, handle: int, protocol: int, atr: bytes) -> None:
        self._scard = scard
        self._handle: int | None = handle
        self._protocol = protocol
        self._atr = atr

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._atr

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send one command, once."""
        if self._handle is None:
            raise CardCommunicationError(detail="connection closed")
        with encoded(command) as wire:
            numbers = list(wire)
            try:
                result, answer = self._scard.SCardTransmit(self._handle, self._protocol, numbers)
            finally:
                wipe(numbers)
        if plain(result) != Scard.OK:
            raise error_for(result, "transmit")
        response = ResponseApdu.parse(bytes(answer))
        if response is None:
            raise CardCommunicationError(detail="answer without status word")
        return response

    def close(self) -> None:
        """Power the card off, whatever happened; never raises."""
        handle, self._handle = self._handle, None
        if handle is not None:
            result = self._scard.SCardDisconnect(handle, UNPOWER_CARD)
            if plain(result) != Scard.OK:
                _log.info("disconnect answered %08X", plain(result))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _state(name: str, state: int) -> ReaderState:
    card = CardPresence.ABSENT
    if state & STATE_PRESENT:
        card = CardPresence.MUTE if state & STATE_MUTE else CardPresence.PRESENT
    return ReaderState(name, card, (state >> EVENT_COUNT_SHIFT) & 0xFFFF)
