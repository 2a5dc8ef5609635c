# SPDX-License-Identifier: Apache-2.0
"""One time limit over a whole exchange: an answer that drips byte by byte is within every other limit."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from kiosk.clock import Clock

_ROOM = 8  # connections kept for the next question


class Deadline:
    """The moment by which the exchange of this thread must be over.

    Lives on: any thread, each with a moment of its own.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of_thread = threading.local()

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """Let everything within take so long at most."""
        self._of_thread.end = self._clock.monotonic() + seconds
        try:
            yield
        finally:
            self._of_thread.end = None

    def left(self, wanted: float | None) -> float | None:
        """The wait that is still allowed, up to the one that is wanted; 0 or less when time is up."""
        end: float | None = getattr(self._of_thread, "end", None)
        if end is None:
            return wanted
        left = end - self._clock.monotonic()
        return left if wanted is None else min(wanted, left)


class _Stream(httpcore.NetworkStream):
    """A connection that keeps to the deadline. Lives on: the thread of the exchange."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.left(timeout)
        if left is not None and left <= 0:
            raise httpcore.ReadTimeout
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._deadline.left(timeout)
        if left is not None and left <= 0:
            raise httpcore.WriteTimeout
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        if left is not None and left <= 0:
            raise httpcore.ConnectTimeout
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  # the adapted class has it so
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections that keep to the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._backend = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        if left is not None and left <= 0:
            raise httpcore.ConnectTimeout
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(stream, self._deadline)


def pool(deadline: Deadline, tls: ssl.SSLContext) -> httpcore.ConnectionPool:
    """Connections that are kept for the next question, and keep to the deadline."""
    return httpcore.ConnectionPool(
        ssl_context=tls,
        max_connections=_ROOM,
        max_keepalive_connections=_ROOM,
        keepalive_expiry=30.0,
        http1=True,
        http2=False,
        network_backend=_Backend(deadline),
    )
