# SPDX-License-Identifier: Apache-2.0
"""When a demo is over, or has to be, it ends soon and leaves nothing behind."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.fakes.programs import Program, clean_environment, processes_of

pytestmark = pytest.mark.integration

SOON_S = 15.0  # it takes one on an idle machine; what would be waited for in vain takes longer than this
WORDS = ("demo", "--headless", "--debug", "--json", "--scenario")


def test_it_ends_soon_after_its_last_scenario(tmp_path: Path) -> None:
    environment = clean_environment(tmp_path / "tmp")
    with Program(*WORDS, "other-card", environment=environment) as demo:
        last = demo.wait_for("SecretsCleared: Clearing -> Idle")
        assert len(processes_of(demo.process.pid)) > 1  # the face process is one of its own
        ended = demo.wait()
        assert time.monotonic() - demo.seen_at[last - 1] < SOON_S
        assert demo.left_running() == {}
    assert ended.status == 0
    assert ended.document["ok"] is True
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon_in_the_middle_of_a_session(tmp_path: Path, number: signal.Signals) -> None:
    environment = clean_environment(tmp_path / "tmp")
    with Program(*WORDS, "face-ok", environment=environment) as demo:
        demo.wait_for("-> FaceCapturing")
        told = time.monotonic()
        demo.signal(number)
        ended = demo.wait()
        assert time.monotonic() - told < SOON_S
        assert demo.left_running() == {}
    # what was asked for did not happen: the answer is no, said in the same document
    assert ended.status == 1
    assert ended.document["ok"] is False
    assert "Traceback" not in ended.err
    assert list((tmp_path / "tmp").iterdir()) == []
