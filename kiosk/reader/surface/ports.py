# SPDX-License-Identifier: Apache-2.0
"""What reads the printed face of a card, and what it finds there."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, Self

from kiosk.secret import Secret

_BIRTH = 6  # YYMMDD, the year counted in its Japanese era
_YEAR = 4
_CODE = 4


class PrintedFields:
    """The three printed fields, held together as the fourteen digits that the card compares (照合番号B).

    Whoever asked for them clears them. A card with a Gregorian birth date has none: how its number is formed
    is not public, and is not guessed.
    """

    __slots__ = ("_number",)

    def __init__(self, number: Secret) -> None:
        self._number = number

    @classmethod
    def of(cls, birth_era_yymmdd: bytes, expiry_year: bytes, security_code: bytes) -> Self | None:
        """Put the fields together, or None where they are no such fields."""
        fields = (birth_era_yymmdd, expiry_year, security_code)
        if [len(field) for field in fields] != [_BIRTH, _YEAR, _CODE] or not all(map(bytes.isdigit, fields)):
            return None
        month, day = int(birth_era_yymmdd[2:4]), int(birth_era_yymmdd[4:])
        if not (birth_era_yymmdd[:2] != b"00" and 1 <= month <= 12 and 1 <= day <= 31):
            return None
        number = Secret(_BIRTH + _YEAR + _CODE)
        for field in fields:
            for byte in field:
                number.append(byte)
        return cls(number)

    @property
    def number_b(self) -> Secret:
        """The fourteen digits, in place."""
        return self._number

    def clear(self) -> None:
        """Overwrite the digits."""
        self._number.clear()

    def __repr__(self) -> str:
        return "PrintedFields(…)"


class SurfaceHint(StrEnum):
    """Why the printed face was not read, which says what to do about it."""

    NO_CARD = "no_card"  # lay the card on the reader, face up
    TILTED = "tilted"  # lay it flat, all of it inside the mark, and take the hand away
    GLARE = "glare"  # light shines on it: turn the card, or shade it
    BLURRED = "blurred"  # hold it still; technicians: focus the camera
    DIRTY = "dirty"  # wipe the card
    DISAGREE = "disagree"  # lay it down anew: what was read was not sure
    GREGORIAN = "gregorian"  # its number's form is not public: PIN, or staff
    NO_PICTURE = "no_picture"  # the camera over the reader gives nothing


class SurfaceReader(Protocol):
    """Reads the printed face of the card that lies on the reader: a camera over it, typing, or the simulator.

    Lives on: any thread but the main one, since it may take its time.
    """

    def read(self) -> PrintedFields | None:
        """The fields, or None where they cannot be read surely."""
        ...

    @property
    def hint(self) -> SurfaceHint | None:
        """Why the last `read` gave nothing; None after one that gave something, and before the first."""
        ...
