# SPDX-License-Identifier: Apache-2.0
"""What one session knows that must be gone when it ends."""

from __future__ import annotations

from datetime import date

from kiosk.auth.dialogue import CardFacts, PhoneFound
from kiosk.auth.evidence import Evidence, VisualEvidence
from kiosk.reader.surface.parse import may_be_printed
from kiosk.reader.surface.ports import PrintedFields
from kiosk.secret import Secret

PIN_LENGTH = 4
FIELDS_LENGTH = 14


class SessionVault:
    """Digits, printed fields, photo, certificate and evidence of the session that goes on.

    Lives on: main thread. A new session begins with `open`, which wipes what may be left.
    """

    def __init__(self) -> None:
        self.session_no = 0
        self.session_id = ""
        self.pin = Secret(PIN_LENGTH)
        self.fields = Secret(FIELDS_LENGTH)
        self.photo: bytearray | None = None
        self.card: CardFacts | None = None
        self.phone: PhoneFound | None = None
        self.visual: VisualEvidence | None = None
        self.age: int | None = None
        self.evidence: Evidence | None = None

    def open(self, session_no: int, session_id: str) -> None:
        """Begin with nothing."""
        self.clear()
        self.session_no = session_no
        self.session_id = session_id

    def take_pin(self) -> Secret:
        """The digits, for one use: the vault is empty afterwards."""
        taken, self.pin = self.pin, Secret(PIN_LENGTH)
        return taken

    def add_pin_digit(self, digit: int) -> None:
        """Put one digit of 0 to 9 behind the others; two fingers at once may bring one too many."""
        if len(self.pin) < PIN_LENGTH:
            self.pin.append(ord("0") + digit)

    def erase_pin_digit(self) -> None:
        """Take the last digit back."""
        self.pin.erase_last()

    def add_field_digit(self, digit: int) -> None:
        """One digit more of what is printed on the card."""
        if len(self.fields) < FIELDS_LENGTH:
            self.fields.append(ord("0") + digit)

    def erase_field_digit(self) -> None:
        """Take the last digit back."""
        self.fields.erase_last()

    def typed_fields(self) -> str:
        """The printed fields as far as they are typed, for the screen on which they are typed."""
        view = self.fields.view()
        text = bytes(view).decode("ascii")
        view.release()
        return text

    def take_fields(self, today: date) -> PrintedFields | None:
        """The typed fields, for one use; None where they are no such fields, or stand on no card of today."""
        view = self.fields.view()
        digits = bytearray(view)
        view.release()
        self.fields.clear()
        birth, year = bytes(digits[:6]), bytes(digits[6:10])
        try:
            if len(digits) != FIELDS_LENGTH or not may_be_printed(birth, year, today):
                return None
            return PrintedFields.of(birth, year, bytes(digits[10:]))
        finally:
            digits[:] = bytes(len(digits))

    def hold_photo(self, photo: bytes) -> None:
        """Keep the card's photo, in memory that can be overwritten."""
        self.drop_photo()
        self.photo = bytearray(photo)

    def drop_photo(self) -> None:
        """Overwrite the photo."""
        if self.photo is not None:
            self.photo[:] = bytes(len(self.photo))
            self.photo = None

    def clear(self) -> None:
        """Overwrite what can be, drop the rest; a late result of the session finds the vault shut."""
        self.session_no = 0
        self.session_id = ""
        self.pin.clear()
        self.fields.clear()
        self.drop_photo()
        self.card = None
        self.phone = None
        self.visual = None
        self.age = None
        self.evidence = None

    def is_empty(self) -> bool:
        """Whether nothing of a session is left."""
        return not (len(self.pin) or len(self.fields)) and not any(
            held is not None
            for held in (self.photo, self.card, self.phone, self.visual, self.age, self.evidence)
        )
