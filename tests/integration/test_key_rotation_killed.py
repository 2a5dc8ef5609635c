# SPDX-License-Identifier: Apache-2.0
"""A change of the key that is killed at any instant leaves records that one of the two keys opens."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.outbox.model import Finish, ItemState
from tests.fakes.outbox import answer, draft, open_store

_CHILD = """
import sys
from pathlib import Path
from kiosk.clock import SystemClock
from kiosk.outbox.key_file import KeyPlace
from tests.fakes.outbox import open_store
folder = Path(sys.argv[1])
store = open_store(folder, SystemClock())
print("go", flush=True)
for _ in range(1000):
    store.upkeep.change_key(KeyPlace(folder / "keys" / "store.key"), "Sato")
    store.close()
    store = open_store(folder, SystemClock())
"""
_ROUNDS = 8


@pytest.mark.integration
def test_killed_at_any_instant(tmp_path: Path) -> None:
    store = open_store(tmp_path, SystemClock())
    items = []
    for number in range(40):
        item = store.commit(draft(f"S{number}", SystemClock().now(), body=b"x" * 4000)).check_id
        assert store.mark_in_flight(item) is not None
        store.finish(item, Finish(ItemState.DONE, 200, answer=answer(item)))
        items.append(item)
    store.record_staff_act("Sato", "staff_reset", "S1", "a reason")
    store.close()
    chance = random.Random(20261128)  # noqa: S311  # instants, no secrets
    for _ in range(_ROUNDS):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(chance.uniform(0, 0.25))
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        child.stdout.close()
        store = open_store(tmp_path, SystemClock())
        assert [store.answer(item) for item in items] == [answer(item) for item in items]
        assert store.verify_audit().ok
        store.close()
        assert [path.name for path in (tmp_path / "keys").iterdir()] == ["store.key"]
