# SPDX-License-Identifier: Apache-2.0
"""The folder exchange with a qualification terminal: a request in one folder, its answer in another.

The folders are shared with programs of others. Only files of our own names are read, written or removed.
"""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kiosk.clock import Clock
from kiosk.durable import sync_folder, write_synced
from kiosk.eligibility import codec_json
from kiosk.eligibility.codec_xml import SIZE_LIMIT, Encoding, parse, parse_answer, write
from kiosk.eligibility.decide import is_ours
from kiosk.eligibility.message import MessageUnreadable
from kiosk.eligibility.model import Answer, NumberRequest
from kiosk.eligibility.other_messages import ReferenceAnswer, ReferenceRequest
from kiosk.eligibility.reference import reference_request
from kiosk.eligibility.request import number_request
from kiosk.errors import FailureCode
from kiosk.outbox.model import OutboxKind, Parcel
from kiosk.outbox.retry import SendError
from kiosk.outbox.upstream import Health, Registration, Reply

_REQUEST = {
    OutboxKind.QUALIFICATION_CHECK: "OQSsiquc01req_",
    OutboxKind.REFERENCE_NUMBER: "OQSsiimm01req_",
}
_ANSWER = {
    OutboxKind.QUALIFICATION_CHECK: "OQSsiquc01res_",
    OutboxKind.REFERENCE_NUMBER: "OQSsiimm01res_",
}
_OURS = "uketsuke"  # the free part of the names begins so, for other programs ask through the same folders
_PART = ".uketsuke-{}.part"  # outside every pattern that is watched
_OWN_NAME = re.compile(
    rf"(?:{'|'.join([*_REQUEST.values(), *_ANSWER.values()])}){_OURS}[0-9A-HJKMNP-TV-Z]{{26}}\.xml"
    r"|\.uketsuke-[0-9A-Z]{26}\.part"
)

_ASKING = tuple(_REQUEST.values())

_log = logging.getLogger("kiosk.outbox")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class FolderLimits:
    """How files are waited for; all in seconds but `stable_polls`."""

    poll_s: float = 0.3
    stable_polls: int = 2  # so many looks in a row must find size, time and bytes unchanged
    wait_s: float = 3.0  # an answer that comes within this time is taken at once
    lost_after_s: float = 120.0  # a request that was taken, and not answered for so long, is put there again
    reach_s: float = 10.0  # a share that does not answer for so long counts as gone
    keep_s: float = 86_400.0  # own files older than this are remains


@dataclass(frozen=True, slots=True)
class FolderFigures:
    """How the folders stand, for a technician."""

    missing: tuple[str, ...] = ()
    not_writable: tuple[str, ...] = ()
    one_file_system: bool = True
    remains: int = 0
    waiting: int = 0  # requests that the terminal has not taken


class FolderUpstream:
    """Checks by number, and registrations of numbers, through the folders of a qualification terminal.

    Lives on: the sync thread; every look into a folder happens on a thread beside it, since a share that has
    gone may answer nothing for minutes, and other items must not wait for that.
    """

    def __init__(
        self,
        requests: Path,
        answers: Path,
        institution_code: str,
        clock: Clock,
        *,
        encoding: Encoding = Encoding.UTF_8,
        limits: FolderLimits | None = None,
    ) -> None:
        self._requests = requests
        self._answers = answers
        self._institution_code = institution_code
        self._clock = clock
        self._encoding = encoding
        self._limits = limits or FolderLimits()
        self._aside = _Aside()
        self._aside_for_figures = _Aside()  # a technician may look while the queue does
        self._stopping = threading.Event()
        self._asked_at: dict[str, float] = {}  # keys whose request lies or lay there, by our clock
        self._answered: set[Path] = set()  # answers that were read: the file goes with the next question
        self._swept = False
        self._gone = False

    def send_check(self, parcel: Parcel) -> Reply:
        """Put the request there and wait a little for its answer; 202 while there is none."""
        key = parcel.item.id
        kind = parcel.item.kind
        if kind not in _REQUEST:
            return Reply(422)
        try:
            content = write(_request(kind, json.loads(parcel.body), key), self._encoding)
        except (MessageUnreadable, ValueError, RecursionError, AttributeError):
            return Reply(422)  # a check by card cannot be asked this way
        limits = self._limits
        return self._reached(lambda: self._send(key, kind, content), limits.reach_s + limits.wait_s)

    def ask(self, key: str, kind: OutboxKind = OutboxKind.QUALIFICATION_CHECK) -> Reply:
        """Look for the answer; 404 where the request seems lost, so that it is put there again."""
        if kind not in _REQUEST:
            return Reply(422)
        return self._reached(lambda: self._ask(key, kind), self._limits.reach_s)

    def health(self) -> Health:
        """Whether both folders can be used."""
        begun = self._clock.monotonic()
        reply = self._reached(self._look, self._limits.reach_s)
        return Health(reply.result, self._clock.monotonic() - begun, code=reply.code)

    def registration(self, certificate_sha256: str) -> Registration:  # noqa: ARG002  # the port has it
        """Folders know of no cards."""
        return Registration.UNKNOWN

    def figures(self) -> FolderFigures:
        """How the folders stand; `OSError` where that cannot be seen in time."""
        return self._aside_for_figures.run(self._figures, self._limits.reach_s)

    def close(self) -> None:
        """Wait for nothing more, and take away what was read."""
        self._stopping.set()
        self._reached(lambda: Reply(200), self._limits.reach_s)

    # --- beside the sync thread ---------------------------------------------------------------------------

    def _reached(self, look: Callable[[], Reply], limit_s: float) -> Reply:
        """What a look at the folders gives; a code of its own where they cannot be reached."""

        def run() -> Reply:
            self._take_away()
            return look()

        try:
            reply = self._aside.run(run, limit_s)
        except OSError as error:
            if not self._gone:
                _log.warning("a folder of the terminal cannot be used: %s", type(error).__name__)
            self._gone = True
            return Reply(SendError.UNREACHABLE, code=FailureCode.TERMINAL_FOLDER)
        if self._gone:
            _log.info("the folders of the terminal can be used again")
        self._gone = False
        return reply

    def _look(self) -> Reply:
        """Whether both folders can be used."""
        figures = self._figures()
        if figures.missing or figures.not_writable:
            raise FileNotFoundError
        return Reply(200)

    def _send(self, key: str, kind: OutboxKind, content: bytes) -> Reply:
        """A repeat after a crash finds its own request or answer, and then writes nothing."""
        found = self._answer(key, kind)
        if found is not None:
            return found
        target = self._requests / _name(_REQUEST[kind], key)
        _require_folder(self._answers)
        if not target.exists():
            self._put(key, target, content)
        now = self._clock.monotonic()
        self._asked_at[key] = now
        end = now + self._limits.wait_s
        while not self._stopping.wait(self._limits.poll_s) and self._clock.monotonic() < end:
            found = self._answer(key, kind)
            if found is not None and found.result == 200:
                return found  # anything else may be an answer whose writer paused; it is looked at again
        return found or Reply(202)

    def _put(self, key: str, target: Path, content: bytes) -> None:
        part = self._requests / _PART.format(key)
        try:
            write_synced(part, content)
            part.replace(target)
            sync_folder(self._requests)
        except OSError:
            _discard(part)
            raise
        _log.info("a request was given to the terminal")

    def _ask(self, key: str, kind: OutboxKind) -> Reply:
        found = self._answer(key, kind)
        if found is not None:
            return found
        _require_folder(self._requests)
        now = self._clock.monotonic()
        since = self._asked_at.setdefault(key, now)
        lies_there = (self._requests / _name(_REQUEST[kind], key)).exists()
        return Reply(404 if not lies_there and now - since > self._limits.lost_after_s else 202)

    def _answer(self, key: str, kind: OutboxKind) -> Reply | None:
        """The answer to that key, once nobody writes it any more; None where there is none yet."""
        path = self._answers / _name(_ANSWER[kind], key)
        if path.with_suffix(".zip").exists():
            _log.info("the terminal seals its answers; how they are opened is not public")
            return Reply(SendError.ANSWER_WRONG)
        content = self._stable(path)
        if content is None:
            return None
        try:
            answer = _read(kind, content)
        except MessageUnreadable:
            return Reply(SendError.ANSWER_WRONG)
        if not is_ours(answer, self._institution_code, key):
            _log.info("the terminal's file holds the answer to another question")
            return Reply(SendError.ANSWER_WRONG)
        self._answered.add(path)
        self._asked_at.pop(key, None)
        return Reply(200, codec_json.write(answer))

    def _stable(self, path: Path) -> bytes | None:
        """The bytes of a file that is not being written; b"" for one that is nobody's answer."""
        before, same = _seen(path), 1
        while before is not None and same < self._limits.stable_polls:
            self._stopping.wait(self._limits.poll_s)
            now = _seen(path)
            same = same + 1 if now == before else 1
            before = now
            if self._stopping.is_set():
                return None
        return None if before is None else before[1]

    def _take_away(self) -> None:
        """Remove the answers that were read, and once what a crash left: nobody needs them there."""
        if not self._swept:
            oldest = self._clock.now().timestamp() - self._limits.keep_s
            for file in (*_own(self._requests), *_own(self._answers)):
                # a request stays: its item may still be waiting, and the terminal may still take it
                if not file.name.startswith(_ASKING) and _older(file, oldest):
                    _discard(file)
            self._swept = True
        for path in list(self._answered):
            _discard(path)
            self._answered.discard(path)

    def _figures(self) -> FolderFigures:
        folders = {"req": self._requests, "res": self._answers}
        missing = tuple(name for name, folder in folders.items() if not folder.is_dir())
        if missing:
            return FolderFigures(missing=missing)
        closed = tuple(name for name, folder in folders.items() if not _writable(folder))
        oldest = self._clock.now().timestamp() - self._limits.keep_s
        own = [*_own(self._requests), *_own(self._answers)]
        return FolderFigures(
            not_writable=closed,
            one_file_system=len({folder.stat().st_dev for folder in folders.values()}) == 1,
            remains=sum(_older(file, oldest) for file in own),
            waiting=sum(file.name.startswith(_ASKING) for file in own),
        )


class _Aside:
    """Runs one thing at a time on a thread that may be left behind.

    Lives on: whoever asks; the thread it starts ends with what it does, however late.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def run(self, what: Callable[[], _T], limit_s: float) -> _T:
        """Its result or its `OSError`; `TimeoutError` when it takes longer, or the last still hangs."""
        if self._thread is not None and self._thread.is_alive():
            raise TimeoutError
        box: list[_T] = []
        trouble: list[OSError] = []

        def work() -> None:
            try:
                box.append(what())
            except OSError as error:
                trouble.append(error)

        self._thread = threading.Thread(target=work, name="terminal-folder", daemon=True)
        self._thread.start()
        self._thread.join(limit_s)
        if trouble:
            raise trouble[0]
        if not box:
            raise TimeoutError
        return box[0]


def _name(prefix: str, key: str) -> str:
    return f"{prefix}{_OURS}{key}.xml"


def _request(kind: OutboxKind, body: Mapping[str, object], key: str) -> NumberRequest | ReferenceRequest:
    return (reference_request if kind is OutboxKind.REFERENCE_NUMBER else number_request)(body, key)


def _read(kind: OutboxKind, content: bytes) -> Answer | ReferenceAnswer:
    if kind is OutboxKind.REFERENCE_NUMBER:
        return parse(ReferenceAnswer, content)
    return parse_answer(content)


def _seen(path: Path) -> tuple[tuple[int, int, int], bytes] | None:
    """What a file is and holds; a link, a pipe or a folder of that name is nothing, and too much is empty."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        _require_folder(path.parent)
        return None
    except OSError:
        _require_folder(path.parent)
        if path.is_symlink():
            return None
        raise
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as file:
        content = b"" if status.st_size > SIZE_LIMIT else file.read(SIZE_LIMIT + 1)
    return (status.st_ino, status.st_size, status.st_mtime_ns), content if len(content) <= SIZE_LIMIT else b""


def _require_folder(folder: Path) -> None:
    """A share that has gone looks like an empty one, so the folder itself is asked for."""
    if not folder.is_dir():
        raise FileNotFoundError


def _writable(folder: Path) -> bool:
    """Whether a file can be written and renamed there; a share may say one thing and do another."""
    trial = folder / f".uketsuke-check-{os.getpid()}"
    try:
        trial.write_bytes(b"")
        trial.replace(trial.with_suffix(".renamed"))
        trial.with_suffix(".renamed").unlink()
    except OSError:
        return False
    return True


def _own(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if _OWN_NAME.fullmatch(file.name)]


def _older(file: Path, moment: float) -> bool:
    try:
        return file.stat().st_mtime < moment
    except OSError:
        return False


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("a file of ours stays in the terminal's folder: %s", type(error).__name__)
