# SPDX-License-Identifier: Apache-2.0
"""Takes the card away at every single command of a reception by face and of one by PIN, in four ways.

python -m bench.card_removal [--every N]
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

_HOME = tempfile.TemporaryDirectory(prefix="uketsuke-bench-")
for _variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = _HOME.name  # before the fakes look: the keys of the test cards are kept there

from tests.fakes.removal import WAYS, Pull, Walk, faults, walk  # noqa: E402
from tests.fakes.trust import demo_trust  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only each N-th command")
    every = parser.parse_args().every
    wrong = 0
    for way, long_reads in itertools.product(WAYS, (True, False)):
        whole = _walk(way, long_reads=long_reads)
        print(f"{way}, {'long' if long_reads else 'short'} reads: {whole.commands} commands")
        for pull in Pull:
            began, ends = time.monotonic(), {}
            for at in range(0, whole.commands, every):
                seen = _walk(way, pull, at, long_reads=long_reads)
                end = f"{seen.ends[0][0].value}/{seen.ends[0][1] or '-'}"
                ends[end] = ends.get(end, 0) + 1
                for fault in faults(way, pull, seen):
                    wrong += 1
                    states = " ".join(type(state).__name__ for state in seen.states)
                    print(f"  {way} {pull} at {at}: {fault}: {states}")
            print(f"  {pull}: {ends}, {time.monotonic() - began:.0f} s")
    print("every one as it should be" if not wrong else f"{wrong} faults")
    return 1 if wrong else 0


def _walk(way: str, pull: Pull = Pull.BEFORE, at: int | None = None, *, long_reads: bool) -> Walk:
    with tempfile.TemporaryDirectory() as folder:
        return walk(Path(folder), demo_trust(), way, pull, at, long_reads=long_reads)


if __name__ == "__main__":
    sys.exit(main())
