# SPDX-License-Identifier: Apache-2.0
"""Driving a simulated kiosk from a second terminal: one JSON object a line, over a local socket."""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.simulator.card.references import MAX_TRIES, ReferenceName
from kiosk.simulator.patients.covers import Cover
from kiosk.simulator.stances import Device, Stance
from kiosk.simulator.tray.control import Light, UpstreamMode
from kiosk.simulator.world import SimulatedWorld

_LOGGER = logging.getLogger("kiosk.simulator")
_LONGEST_LINE = 4096
_TIME_LIMIT_S = 10.0

Reply = Mapping[str, object]


def control_socket(configured: str, cache: Path) -> Path:
    """Where orders are taken: as configured, else in the cache folder."""
    return Path(configured) if configured else cache / "demo.sock"


def obey(world: SimulatedWorld, order: Mapping[str, Any]) -> Reply:
    """Carry out one order and say what came of it; an order that makes no sense changes nothing."""
    try:
        match order:
            case {"do": "insert", "patient": str(key)}:
                world.insert(key)
            case {"do": "swap", "patient": str(key)}:
                world.swap(key)
            case {"do": "remove"}:
                world.remove()
            case {"do": "camera", "patient": str() | None as key}:
                world.camera_shows(key)
            case {"do": "light", "level": str(level)} if level in set(Light):
                world.light(Light(level))
            case {"do": "beside", "patient": str() | None as key}:
                world.beside(key)
            case {"do": "stance", "name": str(name)} if name in {*Stance, *Cover}:
                world.stance(name)
            case {"do": "device", "name": str(name)} if name in set(Device):
                world.camera.become(Device(name))
            case {"do": "upstream", "mode": str(mode)} if mode in set(UpstreamMode):
                world.set_upstream(UpstreamMode(mode))
            case {"do": "tries", "patient": str(key), "reference": str(reference), "tries": int(tries)} if (
                reference in set(ReferenceName) and 0 <= tries <= MAX_TRIES[ReferenceName(reference)]
            ):
                world.set_tries(key, ReferenceName(reference), tries)
            case {"do": "state"}:
                pass
            case _:
                return {"ok": False, "error": "no such order"}
    except KioskError as error:
        return {"ok": False, "error": error.detail or error.code.value, "code": error.code.value}
    return {"ok": True, "card": world.lying(), "upstream": world.upstream_does()}


def order_in(line: bytes) -> dict[str, Any] | None:
    """The order in one line; None where the line is no JSON object."""
    try:
        order = json.loads(line)
    except (ValueError, RecursionError):  # nested deeper than anybody means it
        return None
    return order if isinstance(order, dict) else None


class ControlServer:
    """Takes orders on a Unix socket that only this user can open.

    Lives on: a thread of its own; one client at a time is enough for a hand at a second terminal.
    """

    def __init__(self, world: SimulatedWorld, path: Path) -> None:
        self._world = world
        self._path = path
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen; raises `EnvironmentProblem` where another demo listens there already."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _answers(self._path):
            raise EnvironmentProblem(FailureCode.PORT_TAKEN, detail=f"another demo listens at {self._path}")
        if self._path.is_socket():
            self._path.unlink()  # of a demo that was killed
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            before = os.umask(0o177)
            try:
                listener.bind(str(self._path))
            finally:
                os.umask(before)
            listener.listen(4)
        except OSError as error:
            listener.close()
            raise EnvironmentProblem(
                FailureCode.PORT_TAKEN, detail=f"{self._path}: {error.strerror or error}"
            ) from error
        self._socket = listener
        self._thread = threading.Thread(target=self._run, args=(listener,), name="control", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; the thread has ended when this returns."""
        listener, self._socket = self._socket, None
        if listener is None or self._thread is None:
            return
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        self._thread.join(2.0)
        with suppress(FileNotFoundError):
            self._path.unlink()

    def _run(self, listener: socket.socket) -> None:
        while self._socket is listener:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.settimeout(_TIME_LIMIT_S)
                try:
                    self._serve(client)
                except OSError:
                    _LOGGER.info("a control client hung up")

    def _serve(self, client: socket.socket) -> None:
        with client.makefile("rwb") as stream:
            while line := stream.readline(_LONGEST_LINE):
                order = order_in(line)
                reply = (
                    obey(self._world, order)
                    if order is not None
                    else {"ok": False, "error": "one JSON object a line, please"}
                )
                stream.write(json.dumps(reply).encode() + b"\n")
                stream.flush()


def send_order(path: Path, order: Mapping[str, object]) -> dict[str, Any]:
    """Give one order to a running demo; raises `EnvironmentProblem` where none runs."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(_TIME_LIMIT_S)
            client.connect(str(path))
            client.sendall(json.dumps(order).encode() + b"\n")
            with client.makefile("rb") as stream:
                answer = json.loads(stream.readline(_LONGEST_LINE))
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            FailureCode.DEMO_NOT_RUNNING, detail=f"no running demo answers at {path}"
        ) from error
    return dict(answer)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True
