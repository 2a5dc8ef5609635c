# SPDX-License-Identifier: Apache-2.0
"""Fuzzes one parser, in the fuzzer's own environment: python -m bench.fuzz.one NAME INPUTS CORPUS."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from pathlib import Path

import atheris

_MEMORY = 2 << 30  # an allocation beyond what an input can ask for ends in MemoryError, which is a fault
_HOME = tempfile.TemporaryDirectory(prefix="uketsuke-fuzz-")
os.environ.setdefault("XDG_CACHE_HOME", _HOME.name)

with atheris.instrument_imports(include=["kiosk"]):
    from bench.fuzz.targets import TARGETS, run


def main(name: str, inputs: str, corpus: str) -> None:
    target = TARGETS[name]
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (folder / f"seed-{number}").write_bytes(seed)
        run(name, seed)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    arguments = [
        *("fuzz", f"-atheris_runs={inputs}", f"-max_len={target.longest}"),
        *("-timeout=10", f"-artifact_prefix={folder.parent}/{name}-", corpus),
    ]
    atheris.Setup(arguments, lambda data: run(name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
