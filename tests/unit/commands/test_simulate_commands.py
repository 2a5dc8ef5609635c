# SPDX-License-Identifier: Apache-2.0
"""``kiosk simulate``: the simulators by themselves, and the hand at a second terminal."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.simulator.remote import ControlServer, control_socket
from kiosk.simulator.world import SimulatedWorld
from tests.fakes.commands import Command

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@contextmanager
def virtual_reader() -> Iterator[int]:
    """Asks a card for its answer to reset, and hangs up."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(60)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"\x00\x01\x01" + b"\x00\x01\x04")
                length = int.from_bytes(connection.recv(2), "big")
                assert len(connection.recv(length)) == length > 4

        reader = threading.Thread(target=serve)
        reader.start()
        yield listener.getsockname()[1]
        reader.join()


@pytest.mark.parametrize("whose", ["taro", "pin-ok"])
def test_card_lies_on_the_virtual_reader_until_it_hangs_up(kiosk: Command, whose: str) -> None:
    with virtual_reader() as port:
        ended = kiosk("simulate", "card", whose, "--vpcd", f"127.0.0.1:{port}", "--json")
    assert ended.status == 3
    assert json.loads(ended.out.splitlines()[0]) == {"card": "taro", "vpcd": f"127.0.0.1:{port}"}
    assert ended.err.endswith("[RDR-001]\n")


def test_no_virtual_reader(kiosk: Command, taken_port: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    ended = kiosk("simulate", "card", "taro", "--vpcd", f"127.0.0.1:{free}")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.endswith("[RDR-001]\n")


def test_unknown_patient(kiosk: Command) -> None:
    ended = kiosk("simulate", "card", "nobody")
    assert ended.status == 2
    assert "hanako" in ended.err
    assert ended.err.endswith("[CFG-003]\n")


@pytest.mark.parametrize("option", ["--port", "--control-port"])
def test_port_that_is_taken(kiosk: Command, taken_port: int, option: str) -> None:
    ended = kiosk("simulate", "upstream", option, str(taken_port))
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.endswith("[CFG-005]\n")


def test_state_in_a_folder_that_is_not_there(kiosk: Command, folders: Path) -> None:
    ended = kiosk("simulate", "upstream", "--state", folders / "nowhere" / "state.jsonl")
    assert ended.status == 3
    assert ended.err.endswith("[CFG-006]\n")


def test_upstream_serves_until_interrupted(folders: Path) -> None:
    command = [sys.executable, "main.py", "simulate", "upstream", "--state", str(folders / "state.jsonl")]
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        upstream, url, control, control_url = process.stdout.readline().split()
        assert (upstream, control) == ("upstream", "control")
        assert control_url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{url}/v1/health", timeout=10) as answer:  # noqa: S310
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=20)
    assert (process.returncode, rest, said) == (130, "", "")


# --- the hand at a second terminal --------------------------------------------------------------------------


@pytest.fixture
def world() -> Iterator[SimulatedWorld]:
    made = SimulatedWorld(Path(os.environ["XDG_CACHE_HOME"]) / "uketsuke" / "simulator", SystemClock())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def demo(world: SimulatedWorld) -> Iterator[SimulatedWorld]:
    """A running demo, as far as a second terminal sees it."""
    server = ControlServer(world, control_socket("", Path(os.environ["XDG_CACHE_HOME"]) / "uketsuke"))
    server.start()
    yield world
    server.stop()


def test_demo_is_driven(kiosk: Command, demo: SimulatedWorld) -> None:
    def told(*words: str) -> dict[str, object]:
        ended = kiosk("simulate", "ctl", *words, "--json")
        assert ended.status == 0, ended
        return ended.document

    assert told("insert", "taro")["card"] == "taro"
    assert demo.lying() == "taro"
    assert told("swap", "hanako")["card"] == "hanako"
    told("camera", "goro")
    told("camera", "auto")
    told("light", "dark")
    told("tries", "taro", "jpki_user_pin", "1")
    assert told("upstream", "down")["upstream"] == "down"
    assert told("upstream", "normal")["upstream"] == "normal"
    assert told("remove")["card"] is None
    assert kiosk("simulate", "ctl", "state").out == "Done. Card on the reader: none; upstream: normal.\n"


def test_order_that_makes_no_sense_is_a_no(kiosk: Command, demo: SimulatedWorld) -> None:
    unknown = kiosk("simulate", "ctl", "insert", "nobody")
    assert unknown.status == 1
    assert "hanako" in unknown.out
    assert kiosk("simulate", "ctl", "tries", "taro", "jpki_user_pin", "99").status == 1
    assert demo.lying() is None


def test_no_demo_runs(kiosk: Command, folders: Path) -> None:
    ended = kiosk("simulate", "ctl", "remove", "--socket", folders / "demo.sock")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.endswith("[SYS-005]\n")
