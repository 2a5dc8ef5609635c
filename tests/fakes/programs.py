# SPDX-License-Identifier: Apache-2.0
"""The product as it is typed: run to its end, or left running and watched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fakes.commands import Ended

ROOT = Path(__file__).resolve().parents[2]
LOOK_AGAIN_S = 0.05


def settings_file(folder: Path, **sections: Mapping[str, object]) -> Path:
    """A clinic's settings in `folder`, with all records below it; `__` in a section's name is its dot."""
    paths = {"state": str(folder / "state"), "data": str(folder / "data")}
    lines = []
    for name, values in {"paths": paths, **sections}.items():
        lines.append(f"[{name.replace('__', '.')}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    file = folder / "clinic.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def run(
    *words: str | Path,
    stdin: bytes = b"",
    timeout: float = 240.0,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command to its end, by `main.py` as a user does."""
    with Program(*words, stdin=stdin, environment=environment) as program:
        return program.wait(timeout)


def processes_of(session: int) -> dict[int, str]:
    """The processes that belong to that session of the operating system, zombies left out."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            # the program's name stands in brackets and may hold anything
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            fields = rest.split()
            if int(fields[3]) == session and fields[0] != "Z":
                found[int(stat.parent.name)] = name
    return found


class Program:
    """One command in a process of its own, with its standard error read line by line.

    It leads a session of the operating system, so that whatever it started can be found after its end.
    """

    def __init__(
        self, *words: str | Path, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> None:
        self.lines: list[str] = []
        self.seen_at: list[float] = []
        self._changed = threading.Condition()
        self._out = bytearray()
        # nothing may read what a test sets by accident: the Qt variables of the test process are its own
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "QML_"))}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tempfile.gettempdir(),
            env={**kept, **(environment or {})},
            start_new_session=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(stdin)
        self.process.stdin.close()
        self._readers = [threading.Thread(target=self._read_out), threading.Thread(target=self._read_err)]
        for reader in self._readers:
            reader.start()

    @property
    def out(self) -> str:
        """Standard output as far as it came."""
        return self._out.decode()

    @property
    def err(self) -> str:
        """Standard error as far as it came."""
        return "".join(self.lines)

    def wait_for(self, text: str, timeout: float = 200.0, *, after: int = 0) -> int:
        """Wait for a line with `text` on standard error from line `after` on; its number, plus one."""
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                for number in range(after, len(self.lines)):
                    if text in self.lines[number]:
                        return number + 1
                left = end - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self._readers[1].is_alive()):
                    message = f"no line with {text!r}:\n{self.err}\n{self.out}"
                    raise AssertionError(message)
                self._changed.wait(min(left, 0.5))

    def wait_out(self, timeout: float = 200.0) -> str:
        """The first line on standard output."""
        end = time.monotonic() + timeout
        with self._changed:
            while b"\n" not in self._out:
                left = end - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    message = f"nothing said:\n{self.err}"
                    raise AssertionError(message)
                self._changed.wait(min(left, 0.5))
        return self.out.partition("\n")[0]

    def wait(self, timeout: float = 200.0) -> Ended:
        """Wait for the end."""
        status = self.process.wait(timeout)
        for reader in self._readers:
            reader.join(timeout)
        return Ended(status, self.out, self.err)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to this process alone."""
        self.process.send_signal(number)

    def left_running(self, within: float = 20.0) -> dict[int, str]:
        """What it started and what has not ended by itself so long after it."""
        end = time.monotonic() + within
        pause = threading.Event()
        while (found := processes_of(self.process.pid)) and time.monotonic() < end:
            pause.wait(LOOK_AGAIN_S)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None or processes_of(self.process.pid):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for reader in self._readers:
            reader.join(10)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _read_out(self) -> None:
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 65536):
            with self._changed:
                self._out += data
                self._changed.notify_all()

    def _read_err(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._changed:
                self.lines.append(line.decode(errors="replace"))
                self.seen_at.append(time.monotonic())
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()


def clean_environment(folder: Path) -> dict[str, str]:
    """A folder for temporary files of its own, which must be empty afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"TMPDIR": str(folder)}
