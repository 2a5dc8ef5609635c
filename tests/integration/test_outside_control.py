# SPDX-License-Identifier: Apache-2.0
"""A running demo is driven from a second terminal: what is ordered there changes what the kiosk does."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.fakes.commands import Ended
from tests.fakes.programs import Program, clean_environment, run, settings_file

pytestmark = pytest.mark.integration


def test_orders_from_a_second_terminal_change_what_happens(tmp_path: Path) -> None:
    """A story in which somebody else holds the card is turned, step by step, into others."""
    socket = tmp_path / "demo.sock"
    settings = settings_file(tmp_path, simulator={"control_socket": str(socket)})

    def order(*words: str) -> Ended:
        ended = run("simulate", "ctl", *words, "--config", settings, "--json")
        assert ended.status == 0, ended.err
        return ended

    words = ["demo", "--headless", "--debug", "--scenario", "face-mismatch", "--config", str(settings)]
    with Program(*words, environment=clean_environment(tmp_path / "tmp")) as kiosk:
        seen = kiosk.wait_for("-> FaceCapturing")
        # nobody but this user can give orders
        assert socket.stat().st_mode & 0o077 == 0
        # the card's holder steps up to the camera after all, and is known
        order("camera", "hanako")
        seen = kiosk.wait_for("FaceMatched: FaceCapturing -> Matched", after=seen)
        seen = kiosk.wait_for("Matched -> Consenting", after=seen)
        assert json.loads(order("state").out)["card"] == "hanako"
        # and takes the card away at the first question
        order("remove")
        seen = kiosk.wait_for("CardRemoved: Consenting -> Clearing", after=seen)
        assert json.loads(order("state").out)["card"] is None
        # the next patient's card has one try left
        order("tries", "taro", "jpki_user_pin", "1")
        order("insert", "taro")
        seen = kiosk.wait_for("VERIFY (query) 00 20 → 0 bytes, 63C1", after=seen)
        # and another one is put in its place
        order("swap", "licence")
        kiosk.wait_for("CardSwapped", after=seen)
        assert json.loads(order("upstream", "down").out)["upstream"] == "down"
        kiosk.signal(signal.SIGTERM)
        ended = kiosk.wait()
        assert kiosk.left_running() == {}
    assert ended.status == 1  # the story did not end as it is written
    assert not socket.exists()
    late = run("simulate", "ctl", "state", "--config", settings)
    assert late.status == 3
    assert "[SYS-005]" in late.err


def test_a_demo_without_a_screen_takes_no_orders_by_itself(tmp_path: Path) -> None:
    settings = settings_file(tmp_path)
    surroundings = clean_environment(tmp_path / "tmp")
    words = ["demo", "--headless", "--debug", "--scenario", "other-card", "--config", str(settings)]
    with Program(*words, environment=surroundings) as kiosk:
        kiosk.wait_for("Starting -> Idle")
        ended = run("simulate", "ctl", "state", "--config", settings)
        assert ended.status == 3
        assert "[SYS-005]" in ended.err
        assert kiosk.wait().status == 0
