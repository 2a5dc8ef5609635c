# SPDX-License-Identifier: Apache-2.0
"""The one place that knows PC/SC result codes, and which error of ours each becomes."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from kiosk.errors import EnvironmentProblem
from kiosk.reader.errors import (
    CardCommunicationError,
    CardRemovedError,
    CardResetError,
    CardUnreadableError,
    NoReaderError,
    ReaderBusyError,
    ReaderLostError,
    ReaderServiceDownError,
    UnsupportedCardError,
)


class Scard(IntEnum):
    """Result codes that something is done about."""

    OK = 0x00000000
    CANCELLED = 0x80100002
    INVALID_HANDLE = 0x80100003
    UNKNOWN_READER = 0x80100009
    TIMEOUT = 0x8010000A
    SHARING_VIOLATION = 0x8010000B
    NO_SMARTCARD = 0x8010000C
    PROTO_MISMATCH = 0x8010000F
    COMM_ERROR = 0x80100013
    NOT_TRANSACTED = 0x80100016
    READER_UNAVAILABLE = 0x80100017
    NO_SERVICE = 0x8010001D
    SERVICE_STOPPED = 0x8010001E
    NO_READERS = 0x8010002E
    UNSUPPORTED_CARD = 0x80100065
    UNRESPONSIVE_CARD = 0x80100066
    UNPOWERED_CARD = 0x80100067
    RESET_CARD = 0x80100068
    REMOVED_CARD = 0x80100069


SERVICE_GONE = frozenset({Scard.NO_SERVICE, Scard.SERVICE_STOPPED, Scard.COMM_ERROR, Scard.INVALID_HANDLE})
"""After these a context is of no use any more."""

_ERRORS: dict[int, Callable[..., EnvironmentProblem]] = {
    Scard.NO_SERVICE: ReaderServiceDownError,
    Scard.SERVICE_STOPPED: ReaderServiceDownError,
    Scard.COMM_ERROR: ReaderServiceDownError,
    Scard.INVALID_HANDLE: ReaderServiceDownError,
    Scard.NO_READERS: NoReaderError,
    Scard.UNKNOWN_READER: ReaderLostError,
    Scard.READER_UNAVAILABLE: ReaderLostError,
    Scard.NO_SMARTCARD: CardRemovedError,
    Scard.REMOVED_CARD: CardRemovedError,
    Scard.UNRESPONSIVE_CARD: CardUnreadableError,
    Scard.UNPOWERED_CARD: CardUnreadableError,
    Scard.RESET_CARD: CardResetError,
    Scard.SHARING_VIOLATION: ReaderBusyError,
    Scard.PROTO_MISMATCH: UnsupportedCardError,
    Scard.UNSUPPORTED_CARD: UnsupportedCardError,
}


def plain(result: int) -> int:
    """A result code as the header files write it; some builds hand it over as a negative number."""
    return result & 0xFFFFFFFF


def error_for(result: int, call: str) -> EnvironmentProblem:
    """The error that a failed PC/SC call becomes; an unknown code is trouble of the talk with the card."""
    code = plain(result)
    if code == Scard.PROTO_MISMATCH and call == "transmit":
        # the protocol was agreed upon when the connection was made: the card was powered anew below it since
        return CardResetError(detail=f"{call} {code:08X}")
    return _ERRORS.get(code, CardCommunicationError)(detail=f"{call} {code:08X}")
