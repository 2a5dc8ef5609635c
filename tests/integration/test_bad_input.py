# SPDX-License-Identifier: Apache-2.0
"""What a demo cannot begin with: one clear line with its code, the right exit status, and no traceback."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.commands import Ended
from tests.fakes.programs import clean_environment, run, settings_file

pytestmark = pytest.mark.integration

Settings = Callable[[Path], Path]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        yield int(holder.getsockname()[1])


def play(tmp_path: Path, *words: str | Path, **environment: str) -> Ended:
    surroundings = clean_environment(tmp_path / "tmp") | environment
    ended = run("demo", "--headless", *words, timeout=60, environment=surroundings)
    assert list((tmp_path / "tmp").iterdir()) == []
    return ended


def check(ended: Ended, status: int, code: str, *said: str) -> None:
    """Exactly one line of error, with the code at its end, and nothing as if there were an answer."""
    assert ended.status == status, ended.err
    assert ended.out == ""
    lines = [line for line in ended.err.splitlines() if line.startswith("kiosk: ")]
    others = [line for line in ended.err.splitlines() if not line.startswith("kiosk: ")]
    assert len(lines) == 1, ended.err
    assert all(re.match(r"\d{4}-\d\d-\d\dT", line) for line in others), ended.err  # log lines, no traceback
    sentence = lines[0].removeprefix("kiosk: ")
    assert re.fullmatch(rf"\S.{{20,}}\. \[{code}\]", sentence), sentence
    for part in said:
        assert part in sentence


def test_unknown_scenario(tmp_path: Path) -> None:
    check(play(tmp_path, "--scenario", "face-okay"), 2, "CFG-003", "face-ok", "upstream-down")


def test_scenario_that_would_leave_its_folder(tmp_path: Path) -> None:
    check(play(tmp_path, "--scenario", "../scenarios/face-ok"), 2, "CFG-003")


def test_missing_settings(tmp_path: Path) -> None:
    check(play(tmp_path, "--config", tmp_path / "no.toml"), 2, "CFG-001", str(tmp_path / "no.toml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[kiosk\nid = 1", "is not TOML"),
        ("[kiosk]\nletter = 'AB'", "[kiosk] letter"),
        ("[kiosk]\nleter = 'A'", "Is letter meant?"),
        ("[upstream]\nkind = 'http'\nurl = 'https://example.invalid'", "allow_test"),
    ],
)
def test_broken_settings(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text(text)
    check(play(tmp_path, "--config", file), 2, "CFG-002", said)


def test_error_is_a_document_where_one_was_asked_for(tmp_path: Path) -> None:
    ended = play(tmp_path, "--json", "--config", tmp_path / "no.toml")
    assert ended.status == 2
    assert ended.document["ok"] is False
    error = ended.document["error"]
    assert isinstance(error, dict)
    assert error["code"] == "CFG-001"
    assert len(ended.err.splitlines()) == 1


def test_missing_hand_over_folder(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    file = settings_file(tmp_path, handover__face_file={"enabled": True, "folder": str(folder)})
    check(play(tmp_path, "--config", file), 3, "HND-001")
    assert not folder.exists()


def test_hand_over_folder_that_is_not_a_demos(tmp_path: Path) -> None:
    folder = tmp_path / "reception"
    folder.mkdir()
    file = settings_file(tmp_path, handover__face_file={"enabled": True, "folder": str(folder)})
    check(play(tmp_path, "--config", file), 2, "HND-003", "UKETSUKE-DEMO")
    assert list(folder.iterdir()) == []


def test_port_that_is_taken(tmp_path: Path, taken_port: int) -> None:
    file = settings_file(tmp_path, simulator={"upstream_port": taken_port})
    check(play(tmp_path, "--config", file), 3, "CFG-005", str(taken_port))


def test_control_socket_that_another_demo_has(tmp_path: Path) -> None:
    path = tmp_path / "demo.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen(1)
        file = settings_file(tmp_path, simulator={"control_socket": str(path)})
        check(play(tmp_path, "--config", file), 3, "CFG-005", str(path))
    assert path.is_socket()  # it is the other's


def test_no_reader_service(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "no.comm")
    ended = play(tmp_path, "--reader", "pcsc", "--scenario", "pin-ok", PCSCLITE_CSOCK_NAME=nowhere)
    check(ended, 3, "RDR-001")


def test_state_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    check(play(tmp_path, "--config", settings_file(tmp_path)), 3, "OUT-001", str(tmp_path / "state"))
    assert (tmp_path / "state").read_text() == "a file"


def test_data_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    check(play(tmp_path, "--config", settings_file(tmp_path)), 3, "OUT-001")


def test_out_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    ended = play(tmp_path, "--scenario", "other-card", "--out", tmp_path / "out")
    check(ended, 3, "CFG-006", str(tmp_path / "out"))


@pytest.mark.parametrize("typed", [b"", b"73519\n", b"wxyz\n"])
def test_pin_that_is_none(tmp_path: Path, typed: bytes) -> None:
    surroundings = clean_environment(tmp_path / "tmp")
    words = ["demo", "--headless", "--scenario", "pin-ok", "--pin-stdin"]
    ended = run(*words, stdin=typed, environment=surroundings)
    check(ended, 2, "CFG-002", "four digits")
    assert typed.strip() == b"" or typed.strip().decode() not in ended.err


def test_document_of_an_error_is_json(tmp_path: Path) -> None:
    ended = play(tmp_path, "--json", "--scenario", "nobody")
    assert json.loads(ended.out)["error"]["sentence"] in ended.err
