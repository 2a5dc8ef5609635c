# SPDX-License-Identifier: Apache-2.0
"""A card service of the tests' own, with two virtual readers that simulated cards can be laid on."""

from __future__ import annotations

import atexit
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

_DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 30.0
_LOOK_AGAIN_S = 0.05
_SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
_FRIENDLY_NAME = "Uketsuke Test Reader"


def missing() -> str | None:
    """Why there can be no card service of our own here; None where there can."""
    for program in ("pcscd", "unshare"):
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
            return f"{program} is not installed"
    if not _DRIVER.exists():
        return "the virtual reader's driver (vsmartcard-vpcd) is not installed"
    if os.geteuid() != 0:
        return "a card service can be started by root only"
    return None if _own_namespace() else "a mount namespace of one's own is not allowed here"


@cache
def _own_namespace() -> tuple[str, ...]:
    """The command that begins a mount namespace; empty where none may be begun.

    Below a changed root nothing can be made private, since that root is no mount point: there the mounts keep
    their propagation, and `stop` looks whether one of ours came out.
    """
    for command in (("unshare", "-m"), ("unshare", "-m", "--propagation", "unchanged")):
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    return ()


def wait_until(holds: Callable[[], bool], timeout_s: float) -> bool:
    """Look again and again at something that tells nobody when it changes."""
    pause = threading.Event()
    end = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > end:
            return False
        pause.wait(_LOOK_AGAIN_S)
    return True


class PrivatePcscd:
    """pcscd in its own mount namespace, beside any other that runs; one at a time in a test process.

    In that namespace a folder of the tests lies over pcscd's run folder, so its socket can be reached from
    outside: while this is entered, ``PCSCLITE_CSOCK_NAME`` names it for this process and for its children.
    The client library reads that variable once in a process, which is why the folder never changes.
    """

    def __init__(self) -> None:
        self.port = _free_pair_of_ports()
        self.second_port = self.port + 1
        self.reader = f"{_FRIENDLY_NAME} 00 00"
        self.second_reader = f"{_FRIENDLY_NAME} 00 01"
        self._process: subprocess.Popen[bytes] | None = None
        self._before: str | None = None

    def __enter__(self) -> Self:
        self._before = os.environ.get(_SOCKET_VARIABLE)
        os.environ[_SOCKET_VARIABLE] = str(_run_folder() / "pcscd.comm")
        try:
            self.start()
        except BaseException:
            self._forget()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._forget()

    def start(self) -> None:
        """Start the service and wait until both readers listen."""
        run, configuration = _run_folder(), _run_folder().parent / "conf"
        configuration.mkdir(exist_ok=True)
        (configuration / "vpcd").write_text(
            f'FRIENDLYNAME "{_FRIENDLY_NAME}"\nDEVICENAME /dev/null:0x{self.port:04X}\n'
            f"LIBPATH {_DRIVER}\nCHANNELID 0x{self.port:04X}\n"
        )
        script = (
            'PATH="$PATH:/usr/sbin"; mkdir -p /run/pcscd && mount --bind "$1" /run/pcscd'
            ' && exec pcscd --foreground --config "$2"'
        )
        self._process = subprocess.Popen(
            [*_own_namespace(), "sh", "-c", script, "sh", str(run), str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if not wait_until(self._is_ready, _START_TIMEOUT_S):
            self.stop()
            raise RuntimeError

    def stop(self) -> None:
        """Stop the service; its clients see it go."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_TIMEOUT_S)
        if any(line.split()[4] == "/run/pcscd" for line in _mounts()):
            subprocess.run(["umount", "/run/pcscd"], capture_output=True, check=False)
        for name in ("pcscd.comm", "pcscd.pid"):
            (_run_folder() / name).unlink(missing_ok=True)

    def _is_ready(self) -> bool:
        return (_run_folder() / "pcscd.comm").exists() and {self.port, self.second_port} <= _listening()

    def _forget(self) -> None:
        if self._before is None:
            os.environ.pop(_SOCKET_VARIABLE, None)
        else:
            os.environ[_SOCKET_VARIABLE] = self._before


@cache
def _run_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="uketsuke-pcscd-")) / "run"
    folder.mkdir()
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    return folder


def _mounts() -> list[str]:
    return Path("/proc/self/mountinfo").read_text().splitlines()


def _free_pair_of_ports() -> int:
    """Two neighbouring ports nobody uses; parallel test runs each find their own."""
    while True:
        port = random.randrange(36200, 39000, 2)  # noqa: S311  # not a secret
        try:
            for candidate in (port, port + 1):
                with socket.socket() as probe:
                    probe.bind(("0.0.0.0", candidate))  # noqa: S104  # as vpcd does
        except OSError:
            continue
        return port


def _listening() -> set[int]:
    """The TCP ports somebody listens on; asking them directly would lay a card on the reader."""
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A":
                ports.add(int(fields[1].rsplit(":", 1)[1], 16))
    return ports
