# SPDX-License-Identifier: Apache-2.0
"""What a durable enqueue costs, against SQLite alone and two queues made of it, all with a full sync.

python -m bench.outbox.enqueue [--commits N] [--sync OFF] [--json]

By bench/outbox/run, which has the two queues. The sides take turns in short blocks on one disk, so that what
else the disk does meets all of them. What each side writes is counted and not said: rows in its tables, seals
and keyed hashes at the functions that make them, syncs and pages by strace. Without any sync it shows what
the processor has to do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_HOME = tempfile.TemporaryDirectory(prefix="uketsuke-bench-")
for _variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = _HOME.name  # before the fakes look: the keys of the test cards are kept there

from bench.outbox.sides import seals_and_hashes, sides  # noqa: E402

BLOCK = 10
BASE = "SQLite alone, one row"
FILING = "ours: its filing, when nobody waits"
COLUMNS = {
    "median ms": ("median_ms", ".2f"),
    "mean ms": ("mean_ms", ".2f"),
    "best ten, ms": ("best_ms", ".3f"),
    "ratio of medians": ("ratio", ".2f"),
    "of blocks": ("ratio_of_blocks", ".2f"),
    "of means": ("ratio_of_means", ".2f"),
    "rows": ("rows", "d"),
    "bytes": ("bytes", "d"),
    "seals": ("seals", "d"),
    "hashes": ("hashes", "d"),
    "syncs": ("syncs", ".1f"),
    "pages": ("pages", ".1f"),
}
"""What is printed, and how; ratios are to one row of SQLite alone."""


def race(commits: int, folder: Path, sync: str) -> tuple[dict[str, list[float]], dict[str, dict[str, float]]]:
    """Seconds of every put, side by side, and what each side writes with one."""
    racers = {name: make() for name, make in sides(folder).items()}
    seconds: dict[str, list[float]] = {name: [] for name in (*racers, FILING)}
    wrote: dict[str, dict[str, float]] = {FILING: {}}
    for name, racer in racers.items():
        seals, hashes = seals_and_hashes(racer)
        wrote[name] = {"rows": racer.rows, "bytes": racer.size, "seals": seals, "hashes": hashes}
        racer.connection.execute(f"PRAGMA synchronous = {sync}")
        (found,) = racer.connection.execute("PRAGMA synchronous").fetchone()
        assert found == {"OFF": 0, "FULL": 2}[sync], name
    for block in range(-(-commits // BLOCK)):
        order = list(racers) if block % 2 else list(reversed(racers))
        for name in order:
            racer = racers[name]
            racer.prepare(BLOCK)
            for _ in range(BLOCK):
                began = time.perf_counter()
                racer.put()
                seconds[name].append(time.perf_counter() - began)
                if racer.follow is not None:
                    began = time.perf_counter()
                    racer.follow()
                    seconds[FILING].append(time.perf_counter() - began)
    for racer in racers.values():
        racer.close()
    return seconds, wrote


def blocks(took: list[float]) -> list[float]:
    """How long each block took: a sync takes one tick of the disk or none, so a single one says little."""
    return [sum(took[start : start + BLOCK]) for start in range(0, len(took), BLOCK)]


def written(name: str, folder: Path) -> None:
    """Five puts of one side, for whoever counts system calls; a mark before and after each."""
    racer = sides(folder)[name]()
    racer.prepare(8)
    mark = os.open(folder / "mark", os.O_WRONLY | os.O_CREAT)
    for number in range(8):
        if number >= 3:
            os.write(mark, b"MARK-BEGIN")
        racer.put()
        if number >= 3:
            os.write(mark, b"MARK-END")
        if racer.follow is not None:
            racer.follow()
    racer.close()


def counted(name: str) -> dict[str, float]:
    """Syncs and bytes written to disk by one put, as strace sees them; nothing without strace."""
    if shutil.which("strace") is None:
        return {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        trace = Path(folder) / "trace"
        command = ["strace", "-f", "-o", str(trace), "-e", "trace=pwrite64,write,fsync,fdatasync"]
        subprocess.run(
            [*command, sys.executable, "-m", "bench.outbox.enqueue", "--written", name], check=True
        )
        text = trace.read_text("utf-8", "replace")
    between = [
        line
        for part in text.split("MARK-BEGIN")[1:]
        for line in part[: part.index("MARK-END")].splitlines()[1:-1]
    ]
    writes = [line for line in between if "pwrite64(" in line]
    size = sum(int(line.rsplit("=", 1)[1].split()[0]) for line in writes)
    syncs = sum("fsync(" in line or "fdatasync(" in line for line in between)
    pages = sum(line.rsplit("=", 1)[1].strip() == "4096" for line in writes)
    return {"syncs": syncs / 5, "pages": pages / 5, "bytes_to_disk": size / 5}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commits", type=int, default=400)
    parser.add_argument("--sync", choices=("FULL", "OFF"), default="FULL")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--written", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        if chosen.written:
            written(chosen.written, Path(name))
            return 0
        seconds, wrote = race(chosen.commits, Path(name), chosen.sync)
    base = blocks(seconds[BASE])
    table = {
        side: {
            "median_ms": statistics.median(took) * 1000,
            "mean_ms": statistics.mean(took) * 1000,
            "p95_ms": sorted(took)[int(len(took) * 0.95)] * 1000,
            "best_ms": min(blocks(took)) / BLOCK * 1000,
            "ratio": statistics.median(took) / statistics.median(seconds[BASE]),
            "ratio_of_blocks": statistics.median(a / b for a, b in zip(blocks(took), base, strict=True)),
            "ratio_of_means": statistics.mean(took) / statistics.mean(seconds[BASE]),
            **wrote[side],
            **(counted(side) if chosen.sync == "FULL" and side != FILING else {}),
        }
        for side, took in seconds.items()
    }
    load = os.getloadavg()[0]
    if chosen.json:
        print(json.dumps({"commits": chosen.commits, "load": load, "sides": table}))
        return 0
    print(f"{chosen.commits} commits a side, synchronous = {chosen.sync}, load {load:.1f}")
    print("| side | " + " | ".join(COLUMNS) + " |\n|" + "---|" * (len(COLUMNS) + 1))
    for side, row in table.items():
        figures = (f"{row[name]:{form}}" if name in row else "–" for name, form in COLUMNS.values())
        print(f"| {side} | " + " | ".join(figures) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
