# SPDX-License-Identifier: Apache-2.0
"""The simulated upstream as a process of its own, driven by its control endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.programs import Program


class UpstreamProcess:
    """Where it answers, what it did, and what it is told to do wrong."""

    def __init__(self, url: str, control_url: str) -> None:
        self.url = url
        self._control = control_url

    def state(self) -> dict[str, Any]:
        """What it tells of itself."""
        reply = httpx.get(f"{self._control}/control/state", trust_env=False, timeout=10)
        assert reply.status_code == 200
        value: dict[str, Any] = reply.json()
        return value

    def effects(self) -> dict[str, int]:
        """How often each key took effect."""
        return {str(key): int(times) for key, times in self.state()["effects"].items()}

    def fault(self, kind: str, **more: float) -> None:
        """Do this wrong from now on."""
        wanted = {"kind": kind, **more}
        reply = httpx.put(f"{self._control}/control/fault", json=wanted, trust_env=False, timeout=20)
        assert reply.status_code == 200


@contextmanager
def upstream_process(state: Path) -> Iterator[UpstreamProcess]:
    """Start it, with its ledger in that file; it ends with the block."""
    with Program("simulate", "upstream", "--json", "--state", state) as program:
        said = json.loads(program.wait_out())
        yield UpstreamProcess(said["url"], said["control_url"])
