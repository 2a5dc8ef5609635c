# SPDX-License-Identifier: Apache-2.0
"""The one place that knows status words (ISO/IEC 7816-4, and what is seen on the card)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

OK = 0x9000


class Meaning(StrEnum):
    """What a status word says, as far as the kiosk acts on it."""

    OK = "ok"
    MORE_DATA = "more_data"  # 61xx
    WRONG_LE = "wrong_le"  # 6Cxx
    END_OF_FILE = "end_of_file"  # 6282
    PAST_END = "past_end"  # 6B00
    TRIES_LEFT = "tries_left"  # 63Cx, x > 0
    NOT_VERIFIED = "not_verified"  # 6300: the number of tries is not told
    BLOCKED = "blocked"  # 63C0, 6983, 6984
    ACCESS_DENIED = "access_denied"  # 6982
    NOT_FOUND = "not_found"  # 6A82
    WRONG_LENGTH = "wrong_length"  # 6700, 6A80: the value was not looked at
    NO_CURRENT_FILE = "no_current_file"  # 6986
    CARD_TROUBLE = "card_trouble"  # 6F00: seen on the first command after power
    OTHER = "other"


_EXACT = {
    OK: Meaning.OK,
    0x6282: Meaning.END_OF_FILE,
    0x6B00: Meaning.PAST_END,
    0x6300: Meaning.NOT_VERIFIED,
    0x63C0: Meaning.BLOCKED,
    0x6983: Meaning.BLOCKED,
    0x6984: Meaning.BLOCKED,
    0x6982: Meaning.ACCESS_DENIED,
    0x6A82: Meaning.NOT_FOUND,
    0x6700: Meaning.WRONG_LENGTH,
    0x6A80: Meaning.WRONG_LENGTH,
    0x6986: Meaning.NO_CURRENT_FILE,
    0x6F00: Meaning.CARD_TROUBLE,
}


def meaning(sw: int) -> Meaning:
    """What `sw` says."""
    exact = _EXACT.get(sw)
    if exact is not None:
        return exact
    if sw & 0xFFF0 == 0x63C0:
        return Meaning.TRIES_LEFT
    if sw & 0xFF00 == 0x6100:
        return Meaning.MORE_DATA
    if sw & 0xFF00 == 0x6C00:
        return Meaning.WRONG_LE
    return Meaning.OTHER


@dataclass(frozen=True, slots=True)
class TryCounter:
    """How many tries a reference has left; `left` is None where the card does not tell."""

    left: int | None
    verified: bool = False

    @property
    def blocked(self) -> bool:
        """No try is left."""
        return self.left == 0

    def allows(self, minimum: int) -> bool:
        """At least that many tries are known to be left; an untold number allows nothing."""
        return self.left is not None and self.left >= minimum


def tries_from_sw(sw: int) -> TryCounter | None:
    """The counter an answer to VERIFY tells of, or None where the answer is not about tries.

    ``6300`` is *not told*, never zero: reading its last digit as a number blocks good cards.
    """
    match meaning(sw):
        case Meaning.TRIES_LEFT:
            return TryCounter(sw & 0x000F)
        case Meaning.BLOCKED:
            return TryCounter(0)
        case Meaning.NOT_VERIFIED:
            return TryCounter(None)
        case Meaning.OK:
            return TryCounter(None, verified=True)
        case _:
            return None
