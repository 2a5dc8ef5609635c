# SPDX-License-Identifier: Apache-2.0
"""Commands as they are typed, in folders of their own."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.cli import main
from tests.fakes.commands import Command, Ended


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The records' and the data's folders are below this one; the simulator's keys are the whole run's."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Commands set up logging for a process of their own; here many run in one."""
    root, ours = logging.getLogger(), logging.getLogger("kiosk")
    handlers, levels = list(root.handlers), (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


@pytest.fixture
def kiosk(
    folders: Path,
    logging_as_before: None,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """Run a command; `stdin` is what is piped into it."""

    def run(*words: str | Path, stdin: str = "") -> Ended:
        reading, writing = os.pipe()
        os.write(writing, stdin.encode())
        os.close(writing)
        with os.fdopen(reading) as piped, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", piped)
            status = main([str(word) for word in words])
        said = capfd.readouterr()
        assert "Traceback" not in said.err
        return Ended(status, said.out, said.err)

    return run


@pytest.fixture
def settings_file(folders: Path) -> Callable[[str], Path]:
    """A settings file with that content."""

    def write(content: str) -> Path:
        file = folders / "clinic.toml"
        file.write_text(content, encoding="utf-8")
        return file

    return write
