# SPDX-License-Identifier: Apache-2.0
"""Puts a simulated card into the virtual PC/SC reader (vpcd), so that any card program can use it."""

from __future__ import annotations

import logging
import socket
import threading
from types import TracebackType
from typing import Self

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.card.foreign import SimulatedCard

DEFAULT_PORT = 35963
_CONNECT_TIMEOUT_S = 3.0
_JOIN_TIMEOUT_S = 5.0
_POWER_OFF = b"\x00"
_POWER_ON = b"\x01"
_RESET = b"\x02"
_GIVE_ATR = b"\x04"

_log = logging.getLogger("kiosk.simulator.vpcd")


class VpcdLink:
    """One slot of the virtual reader: a connection is a card that lies there, no connection is none.

    Lives on: a thread of its own for each card laid down; the methods may be called on any thread but that.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> None:
        self._address = (host, port)
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def insert(self, card: SimulatedCard) -> None:
        """Lay the card down, in place of another that may lie there.

        Raises `EnvironmentProblem` (card service down) where no virtual reader listens.
        """
        self.remove()
        try:
            connection = socket.create_connection(self._address, timeout=_CONNECT_TIMEOUT_S)
        except OSError as error:
            host, port = self._address
            raise EnvironmentProblem(
                FailureCode.READER_SERVICE_DOWN,
                detail=f"no virtual reader (vpcd) listens at {host}:{port}: {error.strerror or 'no answer'}",
            ) from error
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        thread = threading.Thread(
            target=_serve, args=(connection, card), name=f"vpcd-{self._address[1]}", daemon=True
        )
        with self._lock:
            self._socket, self._thread = connection, thread
        thread.start()

    def remove(self) -> None:
        """Take the card away and wait until its thread has ended; nothing happens when none lies there."""
        with self._lock:
            connection, thread = self._socket, self._thread
            self._socket = self._thread = None
        if connection is None or thread is None:
            return
        try:
            connection.shutdown(socket.SHUT_RDWR)  # wakes the thread, which closes
        except OSError:
            _log.debug("the virtual reader had hung up already")
        thread.join(_JOIN_TIMEOUT_S)

    def wait_until_dropped(self, timeout_s: float | None = None) -> bool:
        """Wait until the virtual reader hangs up; False when the time was over first."""
        with self._lock:
            thread = self._thread
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def is_connected(self) -> bool:
        """Whether the virtual reader still has the card."""
        with self._lock:
            return self._thread is not None and self._thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def _serve(connection: socket.socket, card: SimulatedCard) -> None:
    """Answer until the other side, or `remove`, ends the connection."""
    atr = card.power_on()
    with connection:
        try:
            while True:
                message = _receive(connection)
                if message is None:
                    break
                answer: bytes | None = None
                if message == _POWER_OFF:
                    card.power_off()
                elif message == _POWER_ON:
                    atr = card.power_on()
                elif message == _RESET:
                    atr = card.reset()
                elif message == _GIVE_ATR:
                    answer = atr
                elif len(message) > 1:
                    answer = card.transmit(message)
                if answer is not None:
                    connection.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            _log.info("the virtual reader hung up")
        finally:
            card.power_off()


def _receive(connection: socket.socket) -> bytes | None:
    """One message; None at the end of the connection."""
    head = _exactly(connection, 2)
    return None if head is None else _exactly(connection, int.from_bytes(head, "big"))


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
