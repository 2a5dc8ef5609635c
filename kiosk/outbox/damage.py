# SPDX-License-Identifier: Apache-2.0
"""Records that are damaged: how it is noticed, and how they are kept aside instead of being written over."""

from __future__ import annotations

import contextlib
import struct
from datetime import datetime
from pathlib import Path

from kiosk.durable import sync_folder, write_synced
from kiosk.errors import EnvironmentProblem, FailureCode

_LOG_SUFFIX = "-wal"
_MAGIC = (0x377F0682, 0x377F0683)
_HEADER, _FRAME_HEADER = 32, 24


def kept_aside(folder: Path) -> list[Path]:
    """What was kept aside and not taken away since: for as long as it lies there, people are told."""
    return sorted(folder.glob("*.damaged-*"))


def keep_aside(database: Path, now: datetime) -> Path:
    """Give the file and its log another name, where nothing writes to them; SQLite's tools find both."""
    aside = _free_name(database, now)
    try:
        for suffix in (
            _LOG_SUFFIX,
            "-shm",
            "",
        ):  # the file itself last: until then the next start tries again
            with contextlib.suppress(FileNotFoundError):
                Path(f"{database}{suffix}").rename(f"{aside}{suffix}")
        sync_folder(database.parent)
    except OSError as error:
        raise EnvironmentProblem(
            FailureCode.STORE_DAMAGED, detail=f"and cannot be kept aside ({type(error).__name__})"
        ) from None
    return aside


def keep_log_aside(database: Path, log: bytes, now: datetime) -> Path:
    """Write a copy of a log of which SQLite could only use the beginning."""
    aside = Path(f"{_free_name(database, now)}{_LOG_SUFFIX}")
    try:
        write_synced(aside, log, 0o600)
        sync_folder(database.parent)
    except OSError as error:
        raise EnvironmentProblem(
            FailureCode.STORE_DAMAGED, detail=f"and cannot be kept aside ({type(error).__name__})"
        ) from None
    return aside


def read_log(database: Path) -> bytes:
    """The log as a process before this one left it; empty after an orderly end."""
    try:
        return Path(f"{database}{_LOG_SUFFIX}").read_bytes()
    except OSError:
        return b""


def log_was_cut(log: bytes, usable: int) -> bool:
    """Whether frames were lost that had been synced; `usable` is how many of them SQLite could use.

    Each commit is synced before the next one begins, so what a power cut leaves half-written is one
    transaction, the last. Where the usable part ends and more than one transaction of the same generation
    follows, something else has been at the file. Damage to the very last one looks like a power cut, and
    nobody can tell them apart.
    """
    if not log.strip(b"\0"):
        return False
    magic, _, page = struct.unpack_from(">3I", log.ljust(_HEADER, b"\0"))
    if magic not in _MAGIC or not 512 <= page <= 65536:
        return True
    generation = log[16:24]
    ended = False
    for start in range(
        _HEADER + usable * (_FRAME_HEADER + page), len(log) - _FRAME_HEADER, _FRAME_HEADER + page
    ):
        if log[start + 8 : start + 16] != generation:
            continue
        if ended:
            return True
        ended = log[start + 4 : start + 8] != bytes(4)  # a commit's last frame tells the size of the database
    return False


def _free_name(database: Path, now: datetime) -> Path:
    base = f"{database.name}.damaged-{now:%Y%m%dT%H%M%SZ}"
    taken = {path.name for path in database.parent.glob(f"{base}*")}
    number = 0
    while any(name.startswith(f"{base}.{number}") for name in taken):
        number += 1
    return database.with_name(f"{base}.{number}")
