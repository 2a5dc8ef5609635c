# SPDX-License-Identifier: Apache-2.0
"""A simulated qualification terminal: takes requests by number from one folder, puts answers into another."""

from __future__ import annotations

import dataclasses
import logging
import threading
from enum import StrEnum
from pathlib import Path

from kiosk.clock import Clock
from kiosk.eligibility.codec_xml import Encoding, parse, write
from kiosk.eligibility.message import MessageUnreadable
from kiosk.eligibility.model import NumberRequest
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.upstream.answers import answer_by_number

REQUESTS = "req"
ANSWERS = "res"
_LOOK_S = 0.05
_HALF_S = 0.12  # between the halves of an answer: whoever reads too early gets only one
_OTHER_ID = "01AAAAAAAAAAAAAAAAAAAAAAAA"

_log = logging.getLogger("kiosk.simulator.terminal")


class TerminalFault(StrEnum):
    """What the terminal does wrong."""

    NONE = "none"
    SILENT = "silent"  # it is switched off: requests stay where they are
    SWALLOW = "swallow"  # it takes them and answers nothing
    WRONG_ID = "wrong_id"
    GARBAGE = "garbage"


class SimulatedTerminal:
    """Watches ``req`` and writes ``res`` below one folder, as the real one does between its two programs.

    Lives on: a thread of its own between `start` and `stop`; `fault` may be set from any thread.
    """

    def __init__(self, folder: Path, clock: Clock, encoding: Encoding = Encoding.CP932) -> None:
        self.requests = folder / REQUESTS
        self.answers = folder / ANSWERS
        self.fault = TerminalFault.NONE
        self.answered = 0
        self._clock = clock
        self._encoding = encoding
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Make the folders and watch; `EnvironmentProblem` where they cannot be made."""
        try:
            for folder in (self.requests, self.answers):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentProblem(
                FailureCode.FOLDER_MISSING, detail=f"the simulated terminal's folders: {error.strerror}"
            ) from error
        self._thread = threading.Thread(target=self._watch, name="terminal", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more, and wait for the end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(3.0)

    def step(self) -> None:
        """Answer what lies there."""
        if self.fault is TerminalFault.SILENT:
            return
        for file in sorted(self.requests.glob("OQSsiquc01req_*.xml")):
            content = file.read_bytes()
            file.unlink()
            if self.fault is not TerminalFault.SWALLOW:
                self._answer(self.answers / file.name.replace("01req_", "01res_", 1), content)

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_S):
            try:
                self.step()
            except OSError as error:
                _log.warning("the simulated terminal's folders: %s", type(error).__name__)

    def _answer(self, target: Path, content: bytes) -> None:
        try:
            request = parse(NumberRequest, content)
        except MessageUnreadable:
            return
        answer = answer_by_number(request, self._clock.now())
        if self.fault is TerminalFault.WRONG_ID:
            header = dataclasses.replace(answer.header, file_id=_OTHER_ID)
            answer = dataclasses.replace(answer, header=header)
        data = write(answer, self._encoding)
        if self.fault is TerminalFault.GARBAGE:
            data = data[: len(data) // 2]
        with target.open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            self._stopping.wait(_HALF_S)
            file.write(data[len(data) // 2 :])
        self.answered += 1
