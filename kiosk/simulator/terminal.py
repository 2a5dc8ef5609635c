# SPDX-License-Identifier: Apache-2.0
"""A simulated qualification terminal: takes requests by number from one folder, puts answers into another."""

from __future__ import annotations

import dataclasses
import logging
import threading
from enum import StrEnum
from pathlib import Path

from kiosk.clock import TOKYO, Clock
from kiosk.eligibility.codec_xml import Encoding, parse, write
from kiosk.eligibility.codes import CharacterCode, ProcessingStatus, Segment, plain
from kiosk.eligibility.message import MessageUnreadable
from kiosk.eligibility.model import Answer, AnswerHeader, NumberRequest, Result
from kiosk.eligibility.other_messages import (
    ReferenceAnswer,
    ReferenceAnswerBody,
    ReferenceInfo,
    ReferenceRequest,
)
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.upstream.answers import answer_by_number

REQUESTS = "req"
ANSWERS = "res"
_TAKEN = ("OQSsiquc01req_", "OQSsiimm01req_")
_REGISTERED = "OQSsiimm01res_"
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
    REFUSES = "refuses"  # it registers no numbers


class SimulatedTerminal:
    """Watches ``req`` and writes ``res`` below one folder, as the real one does between its two programs.

    Lives on: a thread of its own between `start` and `stop`; `fault` may be set from any thread.
    """

    def __init__(self, folder: Path, clock: Clock, encoding: Encoding = Encoding.CP932) -> None:
        self.requests = folder / REQUESTS
        self.answers = folder / ANSWERS
        self.fault = TerminalFault.NONE
        self.answered = 0
        self.numbers: dict[tuple[str, ...], str] = {}  # whose clinic number was registered
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
        files = (file for name in _TAKEN for file in self.requests.glob(f"{name}*.xml"))
        for file in sorted(files):
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
            registering = target.name.startswith(_REGISTERED)
            data = write(self._registered(content) if registering else self._checked(content), self._encoding)
        except MessageUnreadable:
            return
        if self.fault is TerminalFault.GARBAGE:
            data = data[: len(data) // 2]
        with target.open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            self._stopping.wait(_HALF_S)
            file.write(data[len(data) // 2 :])
        self.answered += 1

    def _checked(self, content: bytes) -> Answer:
        request = parse(NumberRequest, content)
        answer = answer_by_number(request, self._clock.now())
        results = tuple(
            dataclasses.replace(one, reference_number=self.numbers.get(_person(one), one.reference_number))
            for one in answer.results
        )
        if results:
            answer = dataclasses.replace(answer, body=dataclasses.replace(answer.body, results=results))
        return dataclasses.replace(answer, header=self._signed(answer.header))

    def _registered(self, content: bytes) -> ReferenceAnswer:
        request = parse(ReferenceRequest, content)
        info = request.body.info
        refused = self.fault is TerminalFault.REFUSES
        if not refused and info.reference_number:
            self.numbers[_person(info)] = info.reference_number
        header = AnswerHeader(
            process_time=self._clock.now().astimezone(TOKYO).strftime("%Y%m%d%H%M%S"),
            institution_code=request.header.institution_code,
            file_id=request.header.file_id,
            segment=Segment.OK,
            character_code=(
                CharacterCode.SHIFT_JIS if self._encoding is Encoding.CP932 else CharacterCode.UTF_8
            ),
        )
        body = ReferenceAnswerBody(
            info=info,
            status=ProcessingStatus.ERROR if refused else ProcessingStatus.OK,
            result_code="SIMULATED" if refused else None,  # the real codes are not public
            result_message="模擬の端末が断りました" if refused else None,
        )
        return ReferenceAnswer(header=self._signed(header), body=body)

    def _signed(self, header: AnswerHeader) -> AnswerHeader:
        wrong = self.fault is TerminalFault.WRONG_ID
        return dataclasses.replace(header, file_id=_OTHER_ID) if wrong else header


def _person(one: Result | ReferenceInfo) -> tuple[str, ...]:
    return tuple(plain(text) for text in (one.insurer_number, one.number, one.branch))
