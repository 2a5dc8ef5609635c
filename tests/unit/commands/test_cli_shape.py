# SPDX-License-Identifier: Apache-2.0
"""What is typed, what comes back at once, and how every command ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from kiosk import cli
from kiosk.commands import demo, guard
from kiosk.commands.console import Console, sentence
from kiosk.desk.staff import Role
from kiosk.errors import ConfigurationError, EnvironmentProblem, FailureCode, KioskError
from kiosk.outbox.model import ItemState
from kiosk.simulator.tray.control import Light, UpstreamMode
from tests.fakes.commands import Command

ROOT = Path(__file__).resolve().parents[3]
FAMILIES = ["run", "demo", "diagnose", "card", "face", "queue", "staff", "audit", "config", "simulate"]


def program(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_names_every_command() -> None:
    ended = program("--help")
    assert ended.returncode == 0
    assert ended.stderr == ""
    for family in FAMILIES:
        assert re.search(rf"^    {family} +\w", ended.stdout, re.MULTILINE), family


def test_help_loads_nothing_heavy() -> None:
    heavy = "PySide6 sqlalchemy cv2 numpy pydantic httpx dlib cryptography uvicorn kiosk.app kiosk.settings"
    code = (
        "import sys; from kiosk.cli import main; main(['--help']); "
        f"sys.exit(' '.join(set('{heavy}'.split()) & set(sys.modules)) or 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("queue",),
        ("nonsense",),
        ("queue", "settle", "X", "--staff", "A"),
        ("queue", "settle", "X", "--staff", "A", "--reason", "  "),
        ("queue", "list", "--limit", "0"),
        ("simulate", "upstream", "--port", "70000"),
        ("simulate", "card", "taro", "--vpcd", "nowhere"),
        ("staff", "add", "A", "--role", "boss"),
        ("staff", "add", "A", "--role", "reception", "739154"),
    ],
)
def test_wrong_usage_ends_with_2(kiosk: Command, words: tuple[str, ...]) -> None:
    ended = kiosk(*words)
    assert ended.status == 2
    assert ended.out == ""
    assert "usage: kiosk" in ended.err


def test_choices_are_the_values_they_stand_for() -> None:
    assert tuple(role.value for role in Role) == cli.ROLES
    assert tuple(state.value for state in ItemState) == cli.STATES
    assert tuple(light.value for light in Light) == cli.LIGHTS
    assert tuple(mode.value for mode in UpstreamMode) == cli.UPSTREAM_MODES


def test_run_gets_its_settings_file(kiosk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Path | None, bool]] = []

    def run(config: Path | None, *, debug: bool = False) -> int:
        asked.append((config, debug))
        return 7

    module = ModuleType("kiosk.commands.run")
    vars(module)["run"] = run
    monkeypatch.setitem(sys.modules, "kiosk.commands.run", module)
    assert kiosk("run", "--config", "clinic.toml").status == 7
    assert kiosk("run", "--debug").status == 7
    assert asked == [(Path("clinic.toml"), False), (None, True)]


def test_demo_gets_every_option(kiosk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[demo.DemoOptions] = []

    def play(options: demo.DemoOptions) -> int:
        asked.append(options)
        return 1

    monkeypatch.setattr(demo, "demo", play)
    words = "demo --headless --scenario pin-ok --reader pcsc --pin-stdin --out out --json --config a.toml"
    assert kiosk(*words.split(), "--debug").status == 1
    assert asked == [
        demo.DemoOptions(
            headless=True,
            scenario="pin-ok",
            reader="pcsc",
            pin_stdin=True,
            out=Path("out"),
            json=True,
            config=Path("a.toml"),
            debug=True,
        )
    ]


# --- how commands end ---------------------------------------------------------------------------------------


def raising(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


def exits_in_the_docs() -> dict[str, str]:
    page = (ROOT / "docs" / "failure-codes.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| **")]
    return {row[4:11]: row.rstrip(" |").rpartition("|")[2].strip() for row in rows}


def test_statuses_are_those_of_the_docs() -> None:
    documented = exits_in_the_docs()
    assert len(documented) > 50
    for code, status in documented.items():
        if status != "–":
            assert guard.exit_status(FailureCode(code)) == int(status), code


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigurationError(FailureCode.CONFIG_INVALID, detail="no such thing"), 2),
        (EnvironmentProblem(FailureCode.PORT_TAKEN, detail="no such thing"), 3),
        (KioskError(FailureCode.STAFF_UNKNOWN, detail="no such thing"), 1),
    ],
)
def test_failure_is_one_line_with_its_code(
    capsys: pytest.CaptureFixture[str], error: KioskError, status: int
) -> None:
    assert guard.guarded(Console(), raising(error)) == status
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(rf"kiosk: No such thing\. .+ \[{error.code.value}\]\n", said.err)


def test_failure_is_a_document_where_one_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    error = EnvironmentProblem(FailureCode.PORT_TAKEN, detail="127.0.0.1:80: taken")
    assert guard.guarded(Console(json=True), raising(error)) == 3
    assert '"code": "CFG-005"' in capsys.readouterr().out


def test_failures_can_be_told_in_japanese() -> None:
    assert "確かめます" in sentence(FailureCode.CONFIG_MISSING, "x", "ja")


def test_language_may_stand_before_and_after_the_command(kiosk: Command) -> None:
    before = kiosk("--lang", "ja", "config", "check", "--config", "nowhere.toml")
    after = kiosk("config", "check", "--config", "nowhere.toml", "--lang", "ja")
    assert before == after
    assert "確かめます" in before.err


def test_unexpected_exception_shows_its_place_and_not_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> int:
        sentence(FailureCode.INTERNAL, None, "en")  # type: ignore[arg-type]
        return 0

    assert guard.guarded(Console(), command) == 3
    assert re.fullmatch(
        r"kiosk: Something went wrong inside the program: AttributeError at kiosk\.commands\.console:\d+\. "
        r".+ \[SYS-003\]\n",
        capsys.readouterr().err,
    )
    assert guard.guarded(Console(), raising(ValueError("marker-9182"))) == 3
    assert "marker-9182" not in capsys.readouterr().err


def test_traceback_comes_only_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    guard.guarded(Console(debug=True), raising(ValueError()))
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError(name="PySide6.QtGui"), "The Python package PySide6 is not installed. "),
        (
            ImportError("libEGL.so.1: cannot open shared object file", name="PySide6.QtGui"),
            "The Python package PySide6 cannot be loaded: it needs libEGL.so.1, which is not there. ",
        ),
    ],
)
def test_missing_package_is_said_in_plain_words(
    capsys: pytest.CaptureFixture[str], error: ImportError, said: str
) -> None:
    assert guard.guarded(Console(), raising(error)) == 3
    err = capsys.readouterr().err
    assert said in err
    assert err.endswith("[SYS-002]\n")


def test_missing_part_of_ours_is_a_fault_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert guard.guarded(Console(), raising(ModuleNotFoundError(name="kiosk.nothing"))) == 3
    assert "[SYS-003]" in capsys.readouterr().err


def test_interrupt_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert guard.guarded(Console(), raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr() == ("", "")


def test_closed_pipe_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "main.py", "config", "show"],
            cwd=ROOT,
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")
