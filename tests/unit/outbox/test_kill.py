# SPDX-License-Identifier: Apache-2.0
"""Killed at any boundary, a committed check reaches upstream under its one key, an uncommitted one never."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.outbox.model import ItemState
from tests.fakes.outbox import open_store

SCRIPT = Path(__file__).with_name("killed_kiosk.py")
ROOT = Path(__file__).parents[3]


def run(folder: Path, point: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT), str(folder), point, str(folder / "seen")],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("point", "seen_before"),
    [
        ("after commit", 0),
        ("before send", 0),
        ("after send", 1),
        ("after answer", 1),
        ("after hand-over", 2),
    ],
)
def test_committed_check_is_delivered_under_its_key(tmp_path: Path, point: str, seen_before: int) -> None:
    killed = run(tmp_path, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    number, key = killed.stdout.split()
    assert number == "A-001"
    seen = tmp_path / "seen"
    assert len(seen.read_text().split() if seen.exists() else []) == seen_before

    again = run(tmp_path, "nothing")
    assert again.returncode == 0, again.stderr
    # upstream and hand-over know a key by itself: twice the same is one effect
    assert set(seen.read_text().split()) == {key, f"{key}:face"}
    store = open_store(tmp_path, SystemClock())
    assert {item.id: item.state for item in store.list()} == {
        key: ItemState.DONE,
        f"{key}:face": ItemState.DONE,
    }
    assert store.verify_audit().ok
    store.close()


def test_uncommitted_reception_leaves_nothing(tmp_path: Path) -> None:
    killed = run(tmp_path, "before commit")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout == ""
    again = run(tmp_path, "nothing")
    assert again.returncode == 0, again.stderr
    store = open_store(tmp_path, SystemClock())
    assert store.list() == []
    assert store.verify_audit().entries == 0
    assert not (tmp_path / "seen").exists()
    store.close()
