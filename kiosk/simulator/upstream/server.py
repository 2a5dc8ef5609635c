# SPDX-License-Identifier: Apache-2.0
"""Serves the simulated upstream over HTTP, in threads of this process or as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Generator
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.control import control_app
from kiosk.simulator.upstream.faults import Fault, FaultKind

LOOPBACK = "127.0.0.1"
_START_S = 10.0
_DATE_S = 1.0
_GRACE_S = 1  # an unfinished request may take this long when the server stops


class _Uvicorn(uvicorn.Server):
    """Says when it listens. Lives on its thread's loop."""

    def __init__(self, config: uvicorn.Config, listening: threading.Event) -> None:
        super().__init__(config)
        self._listening = listening
        self._over = asyncio.Event()
        self._serving_on: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell."""
        await super().startup(sockets=sockets)
        self._serving_on = asyncio.get_running_loop()
        self._listening.set()

    async def main_loop(self) -> None:
        """Wait for the end; only the date of the answers is renewed, each second.

        The library asks ten times a second whether it should end, and three servers run beside an idle kiosk.
        """
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _DATE_S)

    def end(self) -> None:
        """Ask it to end, from any thread."""
        self.should_exit = True
        if self._serving_on is not None:
            with contextlib.suppress(RuntimeError):  # its loop has ended
                self._serving_on.call_soon_threadsafe(self._over.set)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the program: this server is a part of it, not the whole."""
        yield


class Listener:
    """One ASGI application on one port, which it keeps over stop and start. Owned by one thread at a time."""

    def __init__(self, app: ASGIApp, host: str, port: int, name: str) -> None:
        self._app = app
        self._host = host
        self.port = port
        self._name = name
        self._server: _Uvicorn | None = None
        self._thread: threading.Thread | None = None

    @property
    def listening(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._thread is not None

    def start(self) -> None:
        """Listen; raises `EnvironmentProblem` (`PORT_TAKEN`) where another program does."""
        handle = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            handle.bind((self._host, self.port))
        except OSError as error:
            handle.close()
            raise EnvironmentProblem(
                FailureCode.PORT_TAKEN, detail=f"{self._host}:{self.port}: {error.strerror}"
            ) from error
        self.port = handle.getsockname()[1]
        listening = threading.Event()
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            loop="asyncio",
            http="h11",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        self._server = _Uvicorn(config, listening)
        self._thread = threading.Thread(
            target=self._server.run, args=([handle],), name=self._name, daemon=True
        )
        self._thread.start()
        if not listening.wait(_START_S):
            self.stop()
            raise EnvironmentProblem(FailureCode.PORT_TAKEN, detail=f"{self._name} did not start")

    def stop(self) -> None:
        """Ask it to end; returns at once."""
        if self._server is not None:
            self._server.end()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for its end; False when the time was not enough."""
        if self._thread is None:
            return True
        self._thread.join(timeout)
        if self._thread.is_alive():
            return False
        self._thread = self._server = None
        return True


class UpstreamServer:
    """The simulated upstream on a port, and its control endpoint on a loopback port of its own.

    Lives on: whoever made it starts and stops it; each endpoint has a thread. The fault *unreachable* closes
    the first port and any other opens it again, under the same number.
    """

    def __init__(
        self, app: SimulatedUpstream, host: str = LOOPBACK, port: int = 0, control_port: int = 0
    ) -> None:
        """Port 0 takes any free one; the numbers are known after `start`."""
        self._app = app
        self._host = host
        self._lock = threading.Lock()  # faults are set from the control endpoint's threads, too
        self._public = Listener(app.public, host, port, "upstream")
        self._control = Listener(control_app(app, self.set_fault), LOOPBACK, control_port, "upstream-control")

    @property
    def port(self) -> int:
        """Where kiosks ask."""
        return self._public.port

    @property
    def control_port(self) -> int:
        """Where it is driven."""
        return self._control.port

    @property
    def url(self) -> str:
        """The base URL for kiosks."""
        return f"http://{self._host}:{self.port}"

    @property
    def control_url(self) -> str:
        """The base URL of the control endpoint."""
        return f"http://{LOOPBACK}:{self.control_port}"

    def start(self) -> None:
        """Listen on both ports; raises `EnvironmentProblem` (`PORT_TAKEN`) when one is taken."""
        self._app.reopen()
        self._public.start()
        try:
            self._control.start()
        except EnvironmentProblem:
            self._public.stop()
            self._public.join()
            raise

    def set_fault(self, fault: Fault) -> None:
        """Do this wrong from now on; returns once the port is closed or open as it should be."""
        with self._lock:
            self._app.set_fault(fault)
            if fault.kind is FaultKind.UNREACHABLE:
                self._close_public()
            elif not self._public.listening:
                self._app.reopen()
                self._public.start()

    def stop(self) -> None:
        """Ask both to end; returns at once."""
        self._app.close()
        self._public.stop()
        self._control.stop()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for their end; False when the time was not enough."""
        public = self._public.join(timeout)
        return self._control.join(timeout) and public

    def _close_public(self) -> None:
        self._app.close()
        self._public.stop()
        self._public.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.join()
