# SPDX-License-Identifier: Apache-2.0
"""The talk with one powered card: chained answers, whole files, and bounds on what a card may make us do."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from kiosk.reader.apdu import INS_VERIFY, MAX_SHORT_LE, CommandApdu, ResponseApdu, describe
from kiosk.reader.errors import (
    CardCommunicationError,
    CardResetError,
    CardStatusError,
    CardTooSlowError,
    MalformedDataError,
)
from kiosk.reader.guard import CommandGuard
from kiosk.reader.ports import CardConnection
from kiosk.reader.status import Meaning, meaning
from kiosk.reader.tlv import Head

_log = logging.getLogger("kiosk.reader")

MAX_FILE = 0x8000
"""A 15-bit offset reaches no farther, so nothing longer can be a file of the card."""

MAX_COMMANDS = 1000
"""For one job; the largest file in the smallest useful pieces takes a few hundred."""

JOB_LIMIT_S = 25.0
"""Less than the flow waits, so that what is said of the card comes first."""

LONG_READ = 2048
"""What one extended read asks for: a whole certificate, and no more than readers are likely to take."""

_MAX_HEAD = 8
_MAX_CHAINED_ANSWERS = 160  # 32 KiB in pieces of 256, and some
_MAX_READS_OF_A_FILE = 512  # a card that gives single bytes is not served to the end


class CardSession:
    """What card modules talk through, from the card's power-on to its power-off.

    `identity` is set once the card's certificate was read, and compared when a card comes back;
    `long_read_broke` once an extended read got no answer, so that the reader is not asked that again.
    Lives on: the reader thread.
    """

    def __init__(
        self,
        connection: CardConnection,
        *,
        extended_reads: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._extended = extended_reads
        self._monotonic = monotonic
        self._commands_left = math.inf
        self._end = math.inf
        self._first = True
        self._guard = CommandGuard()
        self.identity: bytes | None = None
        self.long_read_broke = False

    def begin_job(self, limit_s: float = JOB_LIMIT_S) -> None:
        """From now on `MAX_COMMANDS` more, and none that would begin after `limit_s`.

        A command that was sent is waited for: whoever broke it off would not know what the card did.
        """
        self._commands_left = MAX_COMMANDS
        self._end = self._monotonic() + limit_s

    @property
    def extended_reads(self) -> bool:
        """Reads of more than 256 bytes are still tried; a reader or card that cannot ends that."""
        return self._extended

    def send(self, command: CommandApdu) -> ResponseApdu:
        """Send one command and collect its whole answer; a VERIFY goes out once, whatever comes back.

        That holds for the query about tries too: with a length behind it, it would be another command.
        """
        response = self._transmit(command)
        if command.ins == INS_VERIFY:
            return response
        if meaning(response.sw) is Meaning.WRONG_LE:
            length = (response.sw & 0xFF) or MAX_SHORT_LE
            corrected = CommandApdu(
                command.cla, command.ins, command.p1, command.p2, command.data, length, extended=False
            )
            response = self._transmit(corrected)
        if meaning(response.sw) is Meaning.MORE_DATA:
            response = self._collect(response)
        return response

    def _collect(self, response: ResponseApdu) -> ResponseApdu:
        collected = bytearray(response.data)
        for _ in range(_MAX_CHAINED_ANSWERS):
            if meaning(response.sw) is not Meaning.MORE_DATA:
                return ResponseApdu(bytes(collected), response.sw)
            response = self._transmit(CommandApdu.get_response((response.sw & 0xFF) or MAX_SHORT_LE))
            collected += response.data
            if len(collected) > MAX_FILE:
                break
        raise CardCommunicationError(detail="an answer without end")

    def _transmit(self, command: CommandApdu) -> ResponseApdu:
        self._guard.check(command)
        if not self._commands_left or self._monotonic() > self._end:
            raise CardTooSlowError(detail="too many commands or too much time")
        self._commands_left -= 1
        self._first = False
        response = self._connection.transmit(command)
        self._guard.answered(command, response.sw)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s", describe(command, response))
        return response

    def select_application(self, aid: bytes) -> bool:
        """Select an application; False where the card does not have it. This drops every verification."""
        first = self._first
        response = self.send(CommandApdu.select_application(aid))
        if first and meaning(response.sw) is Meaning.CARD_TROUBLE:
            # seen on the first command after power, and only there
            response = self.send(CommandApdu.select_application(aid))
        return self._found(response, "SELECT")

    def select_file(self, file_id: int) -> bool:
        """Select a file of the current application; False where there is none."""
        return self._found(self.send(CommandApdu.select_file(file_id)), "SELECT")

    @staticmethod
    def _found(response: ResponseApdu, command: str) -> bool:
        match meaning(response.sw):
            case Meaning.OK:
                return True
            case Meaning.NOT_FOUND:
                return False
            case _:
                raise CardStatusError(response.sw, command=command)

    def read(self, length: int) -> bytes:
        """At most that many bytes from the start of the current file."""
        return self._read_up_to(b"", length)

    def read_object(self) -> bytes:
        """The one data object (or DER structure) that the current file holds, without what follows it."""
        start = self._read_chunk(0, LONG_READ)
        if len(start) < _MAX_HEAD:
            start = self._read_up_to(start, _MAX_HEAD)
        if not start:
            raise MalformedDataError(detail="empty file")
        total = Head.read(start).total
        if total > MAX_FILE:
            raise MalformedDataError(detail="larger than a file can be")
        content = self._read_up_to(start, total)
        if len(content) < total:
            raise MalformedDataError(detail="file shorter than it says")
        return content[:total]

    def _read_up_to(self, start: bytes, total: int) -> bytes:
        content = bytearray(start)
        for _ in range(_MAX_READS_OF_A_FILE):
            left = total - len(content)
            if left <= 0:
                break
            chunk = self._read_chunk(len(content), min(left, LONG_READ))
            if not chunk:
                break
            content += chunk
        return bytes(content[:total])

    def _read_chunk(self, offset: int, length: int) -> bytes:
        if offset >= MAX_FILE:
            return b""
        if length > MAX_SHORT_LE and self._extended:
            long_answer = self._read_extended(offset, length)
            if long_answer is not None:
                return long_answer
        response = self.send(CommandApdu.read_binary(offset, min(length, MAX_SHORT_LE)))
        return self._chunk(response)

    def _read_extended(self, offset: int, length: int) -> bytes | None:
        """The bytes, or None where this reader or card cannot; it is then not asked again."""
        try:
            response = self.send(CommandApdu.read_binary(offset, length, extended=True))
        except CardTooSlowError:
            raise
        except CardResetError:
            self.long_read_broke = True
            raise
        except CardCommunicationError:
            self.long_read_broke = True
            response = None
        if response is not None and meaning(response.sw) in {
            Meaning.OK,
            Meaning.END_OF_FILE,
            Meaning.PAST_END,
            Meaning.ACCESS_DENIED,
        }:
            return self._chunk(response)
        _log.info("extended reads are not possible here; reading in pieces of 256 bytes")
        self._extended = False
        return None

    @staticmethod
    def _chunk(response: ResponseApdu) -> bytes:
        match meaning(response.sw):
            case Meaning.OK | Meaning.END_OF_FILE:
                return response.data
            case Meaning.PAST_END:
                return b""
            case _:
                raise CardStatusError(response.sw, command="READ BINARY")

    def read_record(self, number: int) -> bytes:
        """One record of the current file."""
        response = self.send(CommandApdu.read_record(number))
        if meaning(response.sw) is not Meaning.OK:
            raise CardStatusError(response.sw, command="READ RECORD")
        return response.data

    def sign(self, digest_info: bytes, *, own_key: bool = False) -> bytes:
        """A signature of the current key, or of the application's own key."""
        response = self.send(CommandApdu.compute_signature(digest_info, own_key=own_key))
        if meaning(response.sw) is not Meaning.OK:
            raise CardStatusError(response.sw, command="COMPUTE DIGITAL SIGNATURE")
        return response.data
