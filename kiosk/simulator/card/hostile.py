# SPDX-License-Identifier: Apache-2.0
"""Cards that answer what no good card answers: made wrongly, worn out, or built to do harm."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from enum import StrEnum

from kiosk.simulator.card.commands import Command, Refusal, Sw, parse
from kiosk.simulator.card.foreign import SimulatedCard
from kiosk.simulator.card.printed import PrintedFields

_SIGNATURE_LENGTH = 256
_OK = Sw.OK.to_bytes(2, "big")
_LONGEST_ANSWER = 65533  # with its status word, what the virtual reader can carry
_WAIT_S = 1.2  # waiting-time extensions that a card may ask for, over and over
_LONG_WAIT_S = 30.0


class Mischief(StrEnum):
    """What a hostile card does."""

    ENDLESS_MORE = "endless_more"  # 61xx: there is always more
    ENDLESS_WRONG_LE = "endless_wrong_le"  # 6Cxx: the length asked for is never right
    SINGLE_BYTES = "single_bytes"  # every read gives one byte
    LYING_LENGTHS = "lying_lengths"  # files say that they are longer than they are
    ENDLESS_LENGTHS = "endless_lengths"  # files say that they are longer than any file can be
    LARGE_FILES = "large_files"  # every file is 32 KiB long
    CUT_FILES = "cut_files"  # every file ends in the middle of its objects
    EMPTY_FILES = "empty_files"
    FOUR_BYTES = "four_bytes"  # every file ends behind its first four bytes
    LARGE_CERTIFICATE = "large_certificate"  # a file that says it has 70,000 bytes
    HUGE_ANSWERS = "huge_answers"  # 64 KiB whatever was asked for
    SAYS_YES = "says_yes"  # every VERIFY is right, every signature is made up
    COUNTS_UP = "counts_up"  # a counter that always has fifteen tries left
    RANDOM_BYTES = "random_bytes"
    NO_ANSWER = "no_answer"  # not even a status word
    STATUS_WORDS = "status_words"  # any status word, with or without data
    SLOW = "slow"  # honest, seconds late
    VERY_SLOW = "very_slow"  # honest, tens of seconds late


class HostileCard:
    """An honest card with somebody in between, who leaves the first `honest_for` answers as they are.

    `presented` counts the VERIFYs that carried something. `wait` is called with the seconds that an answer
    takes; by default they really pass.
    Lives on: the reader thread or a vpcd link's.
    """

    def __init__(
        self,
        inner: SimulatedCard,
        mischief: Mischief,
        *,
        honest_for: int = 0,
        seed: int = 0,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._inner = inner
        self._mischief = mischief
        self._honest_for = honest_for
        self._random = random.Random(seed)
        self._wait = wait or threading.Event().wait
        self.commands = 0
        self.presented = 0

    @property
    def key(self) -> str:
        """Whose card it pretends to be."""
        return self._inner.key

    @property
    def printed(self) -> PrintedFields | None:
        """What it has printed on its face."""
        return self._inner.printed

    def power_on(self) -> bytes:
        """Give it power."""
        return self._inner.power_on()

    def power_off(self) -> None:
        """Take its power."""
        self._inner.power_off()

    def reset(self) -> bytes:
        """A warm reset."""
        return self._inner.reset()

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        """The answer to one command."""
        self.commands += 1
        honest = self._inner.transmit(apdu)
        try:
            command = parse(bytes(apdu))
        except Refusal:
            return honest
        if command.ins == 0x20 and command.data:
            self.presented += 1
        return honest if self.commands <= self._honest_for else self._twist(command, honest)

    def _twist(self, command: Command, honest: bytes) -> bytes:  # one line a mischief
        reading = command.ins == 0xB0
        match self._mischief:
            case Mischief.ENDLESS_MORE:
                return self._random.randbytes(256) + b"\x61\x00"
            case Mischief.ENDLESS_WRONG_LE:
                return bytes((0x6C, self._random.randrange(256)))
            case Mischief.HUGE_ANSWERS:
                return bytes(_LONGEST_ANSWER) + _OK
            case Mischief.RANDOM_BYTES:
                return self._random.randbytes(self._random.choice((2, 3, 34, 258)))
            case Mischief.NO_ANSWER:
                return b"\x90"[: self._random.randrange(2)]
            case Mischief.STATUS_WORDS:
                data = self._random.choice((b"", honest[:-2]))
                return data + bytes((self._random.randrange(0x60, 0xA0), self._random.randrange(256)))
            case Mischief.SAYS_YES:
                return self._yes(command, honest)
            case Mischief.COUNTS_UP if command.ins == 0x20:
                return (Sw.TRIES | 15).to_bytes(2, "big")
            case Mischief.SLOW | Mischief.VERY_SLOW as slow:
                self._wait(_WAIT_S if slow is Mischief.SLOW else _LONG_WAIT_S)
                return honest
            case _ if reading:
                return self._file_answer(command, honest)
            case _:
                return honest

    def _yes(self, command: Command, honest: bytes) -> bytes:
        if command.ins == 0x20:
            return _OK if command.data else (Sw.TRIES | 3).to_bytes(2, "big")
        if command.ins == 0x2A:
            return self._random.randbytes(_SIGNATURE_LENGTH) + _OK
        return honest

    def _file_answer(self, command: Command, honest: bytes) -> bytes:
        """READ BINARY of files that are not what they say."""
        offset, length = command.p1p2, command.le or 0
        match self._mischief:
            case Mischief.SINGLE_BYTES:
                return honest[:1] + _OK if len(honest) > 2 else honest
            case Mischief.LYING_LENGTHS:
                file = b"\x30\x82\x10\x00" + bytes(1000)
            case Mischief.ENDLESS_LENGTHS:
                file = b"\x30\x83\xff\xff\xff" + bytes(1000)
            case Mischief.LARGE_FILES:
                file = b"\x30\x82\x7f\xfc" + bytes(0x7FFC)
            case Mischief.CUT_FILES:
                file = honest[:-2][: max(1, len(honest) // 2)] if offset == 0 else b""
            case Mischief.EMPTY_FILES:
                file = b""
            case Mischief.FOUR_BYTES:
                file = b"\x30\x82\x05\xf0"
            case Mischief.LARGE_CERTIFICATE:
                file = b"\x30\x83\x01\x11\x6b" + bytes(0x7FFB)  # 70,000 in all, of which 15 bits reach 32 KiB
            case _:
                return honest
        part = file[offset : offset + length]
        return part + _OK if part else Sw.WRONG_OFFSET.to_bytes(2, "big")
