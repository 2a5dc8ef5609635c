# SPDX-License-Identifier: Apache-2.0
"""``kiosk config`` and ``kiosk staff``."""

from __future__ import annotations

import os
import pty
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.clock import SystemClock
from kiosk.desk.staff import StaffRegister
from kiosk.secret import Secret
from kiosk.settings import Settings
from tests.fakes.commands import Command

CODE = "739154"

GOOD = """
[kiosk]
institution_code = "1319999999"
[upstream]
url = "https://gateway.example/"
client_key_file = "key.pem"
client_certificate_file = "certificate.pem"
client_key_password = "marker-password"
[trust]
user_ca_files = ["ca.pem"]
"""

WriteSettings = Callable[[str], Path]


def test_settings_that_fit(kiosk: Command, settings_file: WriteSettings) -> None:
    file = settings_file(GOOD)
    assert kiosk("config", "check", "--config", file).status == 0
    document = kiosk("config", "check", "--json", "--config", file).document
    assert document["ok"] is True
    assert document["simulated"] is False


def test_settings_that_lack_something(kiosk: Command) -> None:
    ended = kiosk("config", "check")
    assert ended.status == 2
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("kiosk: [") and line.endswith("[CFG-002]") for line in lines)


def test_each_setting_that_does_not_fit_has_its_line(kiosk: Command, settings_file: WriteSettings) -> None:
    file = settings_file('[flow]\nidle_s = 1\nspeed = 3\n[kiosk]\nletter = "a"\n')
    ended = kiosk("config", "check", "--config", file)
    assert ended.status == 2
    assert [line.split("]")[0] for line in ended.err.splitlines()] == ["kiosk: [kiosk", *["kiosk: [flow"] * 2]
    assert len(kiosk("config", "check", "--json", "--config", file).document["problems"]) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words", [("config", "show"), ("queue", "stats"), ("staff", "list"), ("card", "info")]
)
def test_broken_settings_end_every_command(
    kiosk: Command, settings_file: WriteSettings, words: tuple[str, ...]
) -> None:
    ended = kiosk(*words, "--config", settings_file("[flow\n"))
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.count("\n") == 1
    assert "[CFG-002]" in ended.err


def test_missing_settings_file(kiosk: Command) -> None:
    ended = kiosk("config", "show", "--config", "nowhere.toml")
    assert ended.status == 2
    assert "nowhere.toml" in ended.err
    assert "[CFG-001]" in ended.err


def test_shown_settings_are_a_settings_file_without_secrets(
    kiosk: Command, settings_file: WriteSettings
) -> None:
    file = settings_file(GOOD)
    shown = kiosk("config", "show", "--config", file)
    Settings.model_validate(tomllib.loads(shown.out))
    as_document = kiosk("config", "show", "--json", "--config", file)
    assert as_document.document["kiosk"]["institution_code"] == "1319999999"  # type: ignore[index]
    assert "marker-password" not in shown.out + as_document.out


def test_settings_of_a_demo(kiosk: Command) -> None:
    assert kiosk("config", "check", "--demo", "--json").document["simulated"] is True


# --- staff --------------------------------------------------------------------------------------------------


def test_person_comes_and_goes(kiosk: Command, folders: Path) -> None:
    added = kiosk("staff", "add", "Sato", "--role", "technician", "--json", stdin=f"{CODE}\n")
    assert (added.status, added.document) == (0, {"added": "Sato", "role": "technician"})
    listed = kiosk("staff", "list", "--json").document
    assert listed == {"staff": [{"name": "Sato", "role": "technician"}]}
    # where the kiosk itself looks
    register = StaffRegister(folders / "data" / "uketsuke" / "staff.json", SystemClock())
    with Secret.of(CODE.encode()) as code:
        member = register.check(code)
    assert member is not None
    assert member.name == "Sato"
    assert kiosk("staff", "remove", "Sato").status == 0
    assert kiosk("staff", "list").out == "Nobody is registered yet.\n"


def test_code_is_nowhere_in_the_clear(kiosk: Command, folders: Path) -> None:
    ended = kiosk("staff", "add", "Sato", "--role", "reception", stdin=f"{CODE}\r\n")
    assert ended.status == 0
    assert CODE not in ended.out + ended.err
    files = [file for file in folders.rglob("*") if file.is_file()]
    assert files
    assert all(CODE.encode() not in file.read_bytes() for file in files)


@pytest.mark.parametrize("typed", ["", "\n", "123\n", "abcdefg\n", "111111\n", "7391" * 30 + "\n"])
def test_code_that_will_not_do(kiosk: Command, typed: str) -> None:
    ended = kiosk("staff", "add", "Sato", "--role", "reception", stdin=typed)
    assert ended.status == 1
    assert ended.err.endswith("[STF-003]\n")
    assert typed.strip() == "" or typed.strip() not in ended.err
    assert kiosk("staff", "list", "--json").document == {"staff": []}


def test_name_that_is_taken_and_name_that_is_unknown(kiosk: Command) -> None:
    kiosk("staff", "add", "Sato", "--role", "reception", stdin=f"{CODE}\n")
    for ended in (
        kiosk("staff", "add", "Sato", "--role", "reception", stdin="820465\n"),
        kiosk("staff", "remove", "Suzuki"),
    ):
        assert ended.status == 1
        assert ended.err.endswith("[STF-005]\n")


def test_closed_standard_input(
    folders: Path, logging_as_before: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert main(["staff", "add", "Sato", "--role", "reception"]) == 1


@pytest.mark.parametrize(("again", "status"), [(CODE, 0), ("820465", 1)])
def test_terminal_asks_twice_and_shows_nothing(
    folders: Path,
    logging_as_before: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    again: str,
    status: int,
) -> None:
    master, slave = pty.openpty()
    monkeypatch.setattr("sys.stdin", os.fdopen(slave, closefd=False))
    silent = threading.Event()
    monkeypatch.setattr("kiosk.commands.console.Console.note", lambda _self, _text: silent.set())

    def person() -> None:
        # typed only once asked: what was typed before is thrown away with the echo
        assert silent.wait(10)
        os.write(master, f"{CODE}\n{again}\n".encode())

    hand = threading.Thread(target=person)
    hand.start()
    try:
        assert main(["staff", "add", "Sato", "--role", "reception"]) == status
        hand.join()
        os.write(slave, b".")
        assert CODE.encode() not in os.read(master, 1024)
    finally:
        os.close(slave)
        os.close(master)
    said = capfd.readouterr()
    assert CODE not in said.out + said.err


@pytest.mark.parametrize(("content", "code"), [(None, "CFG-001"), ("{}", "CFG-002")])
def test_a_table_of_thresholds_that_cannot_be_used_is_told(
    kiosk: Command, settings_file: WriteSettings, tmp_path: Path, content: str | None, code: str
) -> None:
    table = tmp_path / "own.json"
    if content is not None:
        table.write_text(content, encoding="utf-8")
    ended = kiosk("config", "check", "--demo", "--config", settings_file(f'[face]\nthresholds = "{table}"\n'))
    assert ended.status == 2
    assert "table of thresholds own.json" in ended.err
    assert f"[{code}]" in ended.err
