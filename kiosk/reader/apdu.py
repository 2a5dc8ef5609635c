# SPDX-License-Identifier: Apache-2.0
"""Commands and responses (ISO/IEC 7816-4), and the only form in which they may be logged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from kiosk.secret import Secret

INS_VERIFY = 0x20
INS_GET_CHALLENGE = 0x84
INS_SELECT = 0xA4
INS_READ_BINARY = 0xB0
INS_READ_RECORD = 0xB2
INS_GET_RESPONSE = 0xC0
INS_COMPUTE_SIGNATURE = 0x2A

_NAMES = {
    INS_VERIFY: "VERIFY",
    0x24: "CHANGE REFERENCE DATA",
    INS_COMPUTE_SIGNATURE: "COMPUTE DIGITAL SIGNATURE",
    0x2C: "RESET RETRY COUNTER",
    INS_GET_CHALLENGE: "GET CHALLENGE",
    INS_SELECT: "SELECT",
    INS_READ_BINARY: "READ BINARY",
    INS_READ_RECORD: "READ RECORD",
    INS_GET_RESPONSE: "GET RESPONSE",
}
_ABOUT_SECRETS = frozenset({INS_VERIFY, 0x24, 0x2C})

MAX_SHORT_DATA = 255
MAX_SHORT_LE = 256
MAX_EXTENDED = 65536


@dataclass(frozen=True, slots=True, repr=False)
class CommandApdu:
    """One command; `le` is the number of bytes asked for (256 and 65536 are coded as zeros), or None."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None
    extended: bool = False

    def __post_init__(self) -> None:
        limit = MAX_EXTENDED if self.extended else MAX_SHORT_LE
        if self.le is not None and not 1 <= self.le <= limit:
            raise ValueError
        if len(self.data) > (MAX_EXTENDED - 1 if self.extended else MAX_SHORT_DATA):
            raise ValueError

    @classmethod
    def select_application(cls, aid: bytes) -> Self:
        """SELECT a DF by its name, no answer data asked for."""
        return cls(0x00, INS_SELECT, 0x04, 0x0C, aid)

    @classmethod
    def select_file(cls, file_id: int) -> Self:
        """SELECT an EF under the current DF, no answer data asked for."""
        return cls(0x00, INS_SELECT, 0x02, 0x0C, file_id.to_bytes(2, "big"))

    @classmethod
    def read_binary(cls, offset: int, length: int, *, extended: bool = False) -> Self:
        """READ BINARY of the current EF from a 15-bit offset."""
        if not 0 <= offset <= 0x7FFF:
            raise ValueError
        return cls(0x00, INS_READ_BINARY, offset >> 8, offset & 0xFF, le=length, extended=extended)

    @classmethod
    def read_record(cls, number: int) -> Self:
        """READ RECORD of the current EF, the one with that number."""
        return cls(0x00, INS_READ_RECORD, number, 0x04, le=MAX_SHORT_LE)

    @classmethod
    def verify_query(cls) -> Self:
        """VERIFY without data: how many tries are left. Exactly four bytes; one more would be a try."""
        return cls(0x00, INS_VERIFY, 0x00, 0x80)

    @classmethod
    def compute_signature(cls, digest_info: bytes, *, own_key: bool = False) -> Self:
        """COMPUTE DIGITAL SIGNATURE with the current key EF, or with the application's own key."""
        p2 = 0x00 if own_key else 0x80
        return cls(0x80, INS_COMPUTE_SIGNATURE, 0x00, p2, digest_info, MAX_SHORT_LE)

    @classmethod
    def get_challenge(cls, length: int) -> Self:
        """GET CHALLENGE: random bytes of the card."""
        return cls(0x00, INS_GET_CHALLENGE, 0x00, 0x00, le=length)

    @classmethod
    def get_response(cls, length: int) -> Self:
        """GET RESPONSE: what a ``61xx`` answer left behind."""
        return cls(0x00, INS_GET_RESPONSE, 0x00, 0x00, le=length)

    @property
    def lc(self) -> int:
        """How many data bytes go out."""
        return len(self.data)

    def encode(self) -> bytearray:
        """The bytes on the wire. Whoever calls this for a `VerifyApdu` overwrites them: use `encoded`."""
        return self._encode(self.data)

    def _encode(self, data: bytes | memoryview) -> bytearray:
        length = len(data)
        # reserved whole at once: a growing bytearray could leave a copy of a PIN behind
        size = 4 + (0 if not length else length + (3 if self.extended else 1))
        if self.le is not None:
            size += 1 if not self.extended else (2 if length else 3)
        wire = bytearray(size)
        wire[0:4] = bytes((self.cla, self.ins, self.p1, self.p2))
        at = 4
        if length:
            head = b"\x00" + length.to_bytes(2, "big") if self.extended else bytes((length,))
            wire[at : at + len(head)] = head
            at += len(head)
            wire[at : at + length] = data
            at += length
        if self.le is not None:
            if not self.extended:
                tail = bytes((self.le & 0xFF,))
            else:
                tail = (b"" if length else b"\x00") + (self.le & 0xFFFF).to_bytes(2, "big")
            wire[at:] = tail
        return wire

    @property
    def name(self) -> str:
        """What ISO/IEC 7816-4 calls the instruction."""
        return _NAMES.get(self.ins, "command")

    def __repr__(self) -> str:
        return describe(self)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class VerifyApdu(CommandApdu):
    """VERIFY that carries a PIN or a printed code, which stays in its `Secret` until the moment of sending.

    The secret belongs to the caller, who clears it; equality and hash do not look at it.
    """

    secret: Secret = field(default_factory=Secret)

    @classmethod
    def of(cls, secret: Secret) -> Self:
        """VERIFY against the currently selected reference; 1 to 16 bytes, no padding."""
        if not 1 <= len(secret) <= 16:
            raise ValueError
        return cls(0x00, INS_VERIFY, 0x00, 0x80, secret=secret)

    @property
    def lc(self) -> int:
        """How many data bytes go out."""
        return len(self.secret)

    def encode(self) -> bytearray:
        """The bytes on the wire with the secret in them; overwrite them after use."""
        with self.secret.view() as view:
            return self._encode(view)

    def __repr__(self) -> str:
        return describe(self)


@dataclass(frozen=True, slots=True, repr=False)
class ResponseApdu:
    """What came back; its data is never printed."""

    data: bytes
    sw: int

    @classmethod
    def parse(cls, raw: bytes) -> Self | None:
        """Split the status word off; None where there are not even two bytes."""
        if len(raw) < 2:
            return None
        return cls(raw[:-2], int.from_bytes(raw[-2:], "big"))

    def __repr__(self) -> str:
        return f"<{len(self.data)} bytes, {self.sw:04X}>"


@contextmanager
def encoded(command: CommandApdu) -> Iterator[bytearray]:
    """The bytes on the wire for the time of the block, then zeros."""
    wire = command.encode()
    try:
        yield wire
    finally:
        wipe(wire)


def wipe(buffer: bytearray | list[int]) -> None:
    """Overwrite in place."""
    for index in range(len(buffer)):
        buffer[index] = 0


def describe(command: CommandApdu, response: ResponseApdu | None = None) -> str:
    """The only form in which a command may be logged: never data, for VERIFY not even its parameters."""
    if command.ins in _ABOUT_SECRETS:
        kind = "with data" if command.lc else "query"
        text = f"{command.name} ({kind}) {command.cla:02X} {command.ins:02X}"
    else:
        text = f"{command.name} {command.cla:02X} {command.ins:02X} {command.p1:02X} {command.p2:02X}"
        if command.lc:
            text += f" Lc={command.lc}"
        if command.le is not None:
            text += f" Le={command.le}"
    if response is not None:
        text += f" → {len(response.data)} bytes, {response.sw:04X}"
    return text
