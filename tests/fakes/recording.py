# SPDX-License-Identifier: Apache-2.0
"""Looks over the shoulder of a driver: every command that went out, in order."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from kiosk.reader.apdu import CommandApdu, ResponseApdu, encoded
from kiosk.reader.ports import CardConnection, ReaderDriver, ReaderSnapshot


class RecordingConnection:
    """A `CardConnection` that keeps what was sent."""

    def __init__(self, inner: CardConnection, sent: list[bytes] | None = None) -> None:
        self._inner = inner
        self.sent = sent if sent is not None else []

    @property
    def atr(self) -> bytes:
        return self._inner.atr

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        with encoded(command) as wire:
            self.sent.append(bytes(wire))
        return self._inner.transmit(command)

    def close(self) -> None:
        self._inner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RecordingDriver:
    """A `ReaderDriver` that keeps what was sent on all of its connections, and how many there were."""

    def __init__(self, inner: ReaderDriver) -> None:
        self._inner = inner
        self.sent: list[bytes] = []
        self.connections = 0

    def snapshot(self) -> ReaderSnapshot:
        return self._inner.snapshot()

    def wait_for_change(self, known: ReaderSnapshot, timeout_s: float) -> ReaderSnapshot:
        return self._inner.wait_for_change(known, timeout_s)

    def connect(self, reader: str) -> CardConnection:
        self.connections += 1
        return RecordingConnection(self._inner.connect(reader), self.sent)

    def cancel(self) -> None:
        self._inner.cancel()

    def close(self) -> None:
        self._inner.close()
