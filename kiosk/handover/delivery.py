# SPDX-License-Identifier: Apache-2.0
"""Which hand-over takes which item of the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from kiosk.eligibility.codec_json import parse_answer
from kiosk.eligibility.codec_xml import Encoding
from kiosk.eligibility.message import MessageUnreadable, Spelling
from kiosk.eligibility.model import Answer
from kiosk.errors import FailureCode, KioskError
from kiosk.handover.face_file import write_face_file


class FaceFileDelivery:
    """Writes each answer as a face-result file into the reception computer's folder.

    Lives on: the sync thread.
    """

    def __init__(
        self,
        folder: Path,
        institution_code: str,
        encoding: Encoding,
        spelling: Spelling = Spelling.REAL,
    ) -> None:
        self._folder = folder
        self._institution_code = institution_code
        self._encoding = encoding
        self._spelling = spelling

    def deliver(self, message: Answer) -> None:
        """Write the file, or the same file once more; `KioskError` where that did not work."""
        process_time = message.header.process_time or ""
        # real face-result files carry no echo of the question, which only a check by number has
        message = replace(message, body=replace(message.body, search=None))
        write_face_file(
            self._folder, message, self._institution_code, process_time, self._encoding, self._spelling
        )


class HandOvers:
    """The hand-overs that are switched on, by the kind of their items.

    Lives on: the sync thread.
    """

    def __init__(self, by_kind: Mapping[str, Callable[[Answer], None]]) -> None:
        self._by_kind = dict(by_kind)

    def deliver(self, kind: str, _key: str, answer: bytes) -> None:
        """Hand over; an item whose hand-over is switched off by now waits for it to be switched on again."""
        delivery = self._by_kind.get(kind)
        if delivery is None:
            raise KioskError(FailureCode.CONFIG_INVALID, detail=f"{kind} is switched off")
        try:
            message = parse_answer(answer)
        except MessageUnreadable as error:
            raise KioskError(FailureCode.UPSTREAM_ANSWER_WRONG, detail=error.detail) from None
        delivery(message)
