# SPDX-License-Identifier: Apache-2.0
"""The face-result file that the reception computer takes: written whole or not at all."""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path

from kiosk.durable import sync_folder, write_synced
from kiosk.eligibility.codec_xml import Encoding, write
from kiosk.eligibility.message import Spelling
from kiosk.eligibility.model import Answer
from kiosk.errors import ConfigurationError, EnvironmentProblem, FailureCode, KioskError

DEMO_MARKER = "UKETSUKE-DEMO"
_PREFIX = "OQSsiquc01res_face_"
_PART_PREFIX = ".uketsuke-"  # outside the pattern, so that nobody takes half a file
_PART_SUFFIX = ".part"
_MODE = 0o640  # the receiver reads it as a member of the folder's group

_log = logging.getLogger("kiosk.handover")


def face_file_name(key: str, institution_code: str, process_time: str) -> str:
    """The name for one answer; the same check at the same process time always has the same.

    The twenty digits come from the check's idempotency key, so that a hand-over that is repeated after a
    crash replaces its own file and adds none.
    """
    if not re.fullmatch(r"[0-9]{10}", institution_code) or not re.fullmatch(r"[0-9]{14}", process_time):
        raise KioskError(FailureCode.UPSTREAM_ANSWER_WRONG, detail="answer without a usable code or time")
    digits = hashlib.sha256(f"uketsuke-face:{key}".encode()).hexdigest()[:20]
    return f"{_PREFIX}{institution_code}{digits}_{process_time}.xml"


def write_face_file(
    folder: Path,
    answer: Answer,
    institution_code: str,
    process_time: str,
    encoding: Encoding = Encoding.UTF_8,
    spelling: Spelling = Spelling.REAL,
) -> Path:
    """Write the answer into the folder and return where; a repeat ends with the same single file.

    Raises `EnvironmentProblem`: `HANDOVER_FOLDER_MISSING`, `HANDOVER_WRITE_FAILED`. After that nothing of it
    is in the folder under the final name.
    """
    key = answer.header.file_id
    if not key:
        raise KioskError(FailureCode.UPSTREAM_ANSWER_WRONG, detail="answer without its key")
    target = folder / face_file_name(key, institution_code, process_time)
    content = write(answer, encoding, spelling)
    _require_folder(folder)
    part = folder / f"{_PART_PREFIX}{target.stem[-35:]}{_PART_SUFFIX}"
    try:
        write_synced(part, content, _MODE)
        part.replace(target)
        sync_folder(folder)
    except OSError as error:
        _discard(part)
        if not folder.is_dir():
            raise _missing() from error
        raise EnvironmentProblem(
            FailureCode.HANDOVER_WRITE_FAILED, detail=f"hand-over folder: {error.strerror}"
        ) from error
    _log.info("face-result file handed over")
    return target


def check_folder(folder: Path, *, simulated: bool) -> None:
    """Refuse a folder that is missing, and one that a simulated upstream's answers must not get into.

    A face-result file looks like an official one, whoever answered: with a simulated upstream only a folder
    that is marked as a demo's is used.
    """
    _require_folder(folder)
    if simulated and not (folder / DEMO_MARKER).is_file():
        raise ConfigurationError(
            FailureCode.HANDOVER_NOT_A_DEMO, detail=f"the folder holds no file named {DEMO_MARKER}"
        )


def mark_as_demo(folder: Path) -> None:
    """Make the folder, and say in it that what lies there is simulated."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DEMO_MARKER).write_text(
            "SIMULATION. Nothing in this folder was answered by an official system.\n"
            "これは試験用のフォルダです。公的なシステムの回答ではありません。\n",
            encoding="utf-8",
        )
    except OSError as error:
        raise EnvironmentProblem(
            FailureCode.HANDOVER_FOLDER_MISSING, detail=f"demo folder: {error.strerror}"
        ) from error


def clear_leftovers(folder: Path) -> int:
    """Remove what a crash left half written; returns how many files. Call it before the first hand-over."""
    _require_folder(folder)
    leftovers = list(folder.glob(f"{_PART_PREFIX}*{_PART_SUFFIX}"))
    for leftover in leftovers:
        _discard(leftover)
    return len(leftovers)


def _require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise _missing()


def _missing() -> EnvironmentProblem:
    return EnvironmentProblem(FailureCode.HANDOVER_FOLDER_MISSING, detail="the hand-over folder is not there")


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("a half-written file stays in the hand-over folder: %s", error.strerror)
