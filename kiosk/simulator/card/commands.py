# SPDX-License-Identifier: Apache-2.0
"""Takes a command apart as the card does; on purpose not with the kiosk's own code, so that errors show."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Sw(IntEnum):
    """The status words that the simulated card answers with."""

    OK = 0x9000
    END_OF_FILE = 0x6282
    TRIES = 0x63C0
    WRONG_LENGTH = 0x6700
    CHANNEL = 0x6881
    SECURE_MESSAGING = 0x6882
    NOT_THIS_FILE_KIND = 0x6981
    NOT_ALLOWED = 0x6982
    BLOCKED = 0x6984
    CONDITIONS = 0x6985
    NO_CURRENT_FILE = 0x6986
    FUNCTION = 0x6A81
    NOT_FOUND = 0x6A82
    NO_RECORD = 0x6A83
    WRONG_P1P2 = 0x6A86
    WRONG_OFFSET = 0x6B00
    WRONG_INS = 0x6D00
    WRONG_CLA = 0x6E00
    TROUBLE = 0x6F00


class Refusal(Exception):  # noqa: N818  # a status word on its way out, not an error of the program
    """The card answers with this status word and no data."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


@dataclass(frozen=True, slots=True)
class Command:
    """A command taken apart; `le` is None where no answer is expected."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None
    extended: bool = False

    @property
    def p1p2(self) -> int:
        """Both parameters as one number."""
        return self.p1 << 8 | self.p2


def parse(raw: bytes, *, extended_length: bool = True) -> Command:
    """Take the seven forms of ISO 7816-4 apart; refuses with 6700 what has none of them."""
    if len(raw) < 4:
        raise Refusal(Sw.WRONG_LENGTH)
    cla, ins, p1, p2 = raw[:4]
    body = raw[4:]
    if not body:
        return Command(cla, ins, p1, p2)
    if len(body) == 1:
        return Command(cla, ins, p1, p2, le=body[0] or 256)
    if body[0]:
        return _short(raw[:4], body)
    if not extended_length:
        raise Refusal(Sw.WRONG_LENGTH)
    return _extended(raw[:4], body)


def _short(header: bytes, body: bytes) -> Command:
    cla, ins, p1, p2 = header
    count, rest = body[0], body[1:]
    if len(rest) == count:
        return Command(cla, ins, p1, p2, data=rest)
    if len(rest) == count + 1:
        return Command(cla, ins, p1, p2, data=rest[:count], le=rest[count] or 256)
    raise Refusal(Sw.WRONG_LENGTH)


def _extended(header: bytes, body: bytes) -> Command:
    cla, ins, p1, p2 = header
    if len(body) < 3:
        raise Refusal(Sw.WRONG_LENGTH)
    count, rest = int.from_bytes(body[1:3], "big"), body[3:]
    if not rest:
        return Command(cla, ins, p1, p2, le=count or 65536, extended=True)
    if not count:
        raise Refusal(Sw.WRONG_LENGTH)
    if len(rest) == count:
        return Command(cla, ins, p1, p2, data=rest, extended=True)
    if len(rest) == count + 2:
        expected = int.from_bytes(rest[count:], "big") or 65536
        return Command(cla, ins, p1, p2, data=rest[:count], le=expected, extended=True)
    raise Refusal(Sw.WRONG_LENGTH)
