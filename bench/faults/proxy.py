# SPDX-License-Identifier: Apache-2.0
"""Stands between kiosk and upstream, with or without TLS, and does to each exchange what it is told."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import struct
import threading
from enum import StrEnum

_LIMIT_S = 5.0


class Way(StrEnum):
    """What becomes of one exchange."""

    WHOLE = "whole"
    DRIPPING = "dripping"  # the answer comes byte by byte, for longer than anybody waits
    RESET_BEFORE = "reset before"  # the request never arrives
    RESET_AFTER = "reset after"  # the request was done, the answer is reset away
    HALF = "half an answer"
    SILENCE = "silence"  # the request was done, nothing comes
    RUBBISH = "rubbish"
    CLOSED = "closed"  # accepted, and closed at once


class Proxy:
    """One listening port; `way` may be changed at any time. Each connection has a thread of its own."""

    def __init__(self, port: int, chance: random.Random, tls: ssl.SSLContext | None = None) -> None:
        self.way: Way | None = Way.WHOLE  # None: by chance
        self.exchanges: dict[str, int] = {}
        self._port = port
        self._chance = chance
        self._tls = tls
        self._over = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.1)
        self._thread = threading.Thread(target=self._serve)
        self._workers: list[threading.Thread] = []
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Proxy:  # noqa: PYI034
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)
        for worker in self._workers:
            worker.join(10)
        self._server.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._server.accept()
            except TimeoutError:
                continue
            worker = threading.Thread(target=self._talk, args=(client,))
            self._workers.append(worker)
            worker.start()

    def _talk(self, client: socket.socket) -> None:
        client.settimeout(_LIMIT_S)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(client.close)
            if self._tls is not None:
                client = self._tls.wrap_socket(client, server_side=True)
                stack.callback(client.close)
            while not self._over.is_set():
                way = self.way or self._chance.choice(list(Way))
                if way is Way.CLOSED:
                    self._count(way)
                    return
                request = _message(client)
                if not request:
                    return
                self._count(way)
                if not self._answered(client, request, way):
                    return

    def _answered(self, client: socket.socket, request: bytes, way: Way) -> bool:
        """Do it; whether the connection may be used again."""
        if way is Way.RESET_BEFORE:
            _reset(client)
            return False
        if way is Way.RUBBISH:
            client.sendall(self._chance.randbytes(300))
            return False
        with socket.create_connection(("127.0.0.1", self._port), _LIMIT_S) as upstream:
            upstream.sendall(request)
            answer = _message(upstream)
        match way:
            case Way.RESET_AFTER:
                _reset(client)
            case Way.HALF:
                client.sendall(answer[: len(answer) // 2])
            case Way.SILENCE:
                self._over.wait(_LIMIT_S)
            case Way.DRIPPING:
                for byte in answer:
                    client.sendall(bytes((byte,)))
                    if self._over.wait(0.02):
                        break
            case _:
                client.sendall(answer)
                return True
        return False

    def _count(self, way: Way) -> None:
        self.exchanges[way.value] = self.exchanges.get(way.value, 0) + 1


def _message(connection: socket.socket) -> bytes:
    """One HTTP message with the body that its length tells of; empty at the end."""
    data = bytearray()
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":", 1)[1])
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
