# SPDX-License-Identifier: Apache-2.0
"""All scenarios, played once for every test that looks at what came of them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.fakes.commands import Ended
from tests.fakes.programs import Program, clean_environment, settings_file


@dataclass(frozen=True)
class Played:
    """What one run left: its words, its folder with `out`, `state`, `data` and `tmp`, and its processes."""

    ended: Ended
    folder: Path
    settings: Path
    left_running: dict[int, str]

    @property
    def out(self) -> Path:
        return self.folder / "out"


@cache
def all_scenarios() -> Played:
    """Play them with every log line there is; the records stay for whoever looks at them."""
    folder = Path(tempfile.mkdtemp(prefix="uketsuke-played-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = settings_file(folder)
    words: list[str | Path] = ["demo", "--headless", "--scenario", "all", "--json", "--debug"]
    places: list[str | Path] = ["--config", settings, "--out", folder / "out"]
    with Program(*words, *places, environment=clean_environment(folder / "tmp")) as program:
        ended = program.wait(1800)
        left = program.left_running()
    return Played(ended, folder, settings, left)
