# SPDX-License-Identifier: Apache-2.0
"""The faults that the outbox must survive: python -m bench.faults [--share 1] [--json] [NAME...]

Each check whose commit survived reaches upstream's effect exactly once in the end, and the simulated upstream
counts; where a commit cannot be made, or is lost with the disk, it is told and nothing is pretended. The disk
faults need root. Exit status 0: all held; 1: something broke, and is named.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    _HOME = tempfile.TemporaryDirectory(prefix="uketsuke-faults-")
    for _variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        os.environ[_variable] = _HOME.name  # before the fakes look: the keys of the test cards are kept there

from bench.faults import disks, kills, links
from bench.faults.kiosk import CLOCK
from bench.faults.world import Counts, Fault, Skipped, world
from tests.fakes.cards import authority_at

FAULTS: dict[str, Fault] = {
    "kill -9 at every commit boundary": kills.at_every_commit_boundary,
    "kill -9 at random instants under load": kills.at_random_instants,
    "power cut between hand-over and done": kills.between_hand_over_and_done,
    "power cut inside a commit (log cut anywhere)": disks.power_cut,
    "power cut under load (file system shut down)": disks.file_system_loses_power,
    "two processes on one database": kills.two_on_one_database,
    "disk full": disks.full,
    "disk read-only": disks.read_only,
    "database locked by another process": disks.locked,
    "database damaged": disks.damaged,
    **links.FAULTS,
}


def run(name: str, share: float, seed: int) -> Counts | str:
    """One fault in a world of its own; why not, where it cannot be made here."""
    with tempfile.TemporaryDirectory(prefix="uketsuke-fault-", dir=os.environ.get("FAULTS_DIR")) as folder:
        try:
            with world(Path(folder), authority_at(CLOCK), seed) as made:
                return FAULTS[name](made, share)
        except Skipped as reason:
            return str(reason)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="words of the faults' names; all of them without")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    logging.getLogger("kiosk").setLevel(logging.CRITICAL)
    results: dict[str, object] = {}
    failed = False
    if not chosen.json:
        print("| fault | faults | told | effects | seconds | verdict | seen |\n|---|---|---|---|---|---|---|")
    for name in FAULTS:
        if chosen.names and not any(word in name for word in chosen.names):
            continue
        began = time.monotonic()
        counts = run(name, chosen.share, chosen.seed)
        seconds = round(time.monotonic() - began, 1)
        if isinstance(counts, str):
            results[name] = {"skipped": counts}
            if not chosen.json:
                print(f"| {name} | | | | {seconds} | skipped: {counts} | |", flush=True)
            continue
        failed = failed or bool(counts.broken)
        results[name] = {**counts.document(), "seconds": seconds}
        if not chosen.json:
            seen = ", ".join(f"{what} {number}" for what, number in sorted(counts.notes.items()))
            verdict = f"BROKEN: {'; '.join(counts.broken[:3])}" if counts.broken else "held"
            figures = f"{counts.faults} | {counts.told} | {counts.effects} | {seconds}"
            print(f"| {name} | {figures} | {verdict} | {seen} |", flush=True)
    if chosen.json:
        print(json.dumps(results, ensure_ascii=False))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
