# SPDX-License-Identifier: Apache-2.0
"""The two pads: that of the PIN, whose digits nobody sees, and that of what is printed on the card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kiosk.flow.events import Event, FieldDigitEntered, FieldDigitErased, PinDigitEntered, PinDigitErased
from kiosk.flow.session import PrintedField
from kiosk.flow.states import PinEntry, PrintedFieldsEntry, State

PIN_LENGTH: Final = 4


class Pads:
    """Leads each digit to where it belongs, and hands out the event that tells the flow how many there are.

    Lives on: the main thread.
    """

    def __init__(
        self,
        pin: Callable[[int], None],
        erase_pin: Callable[[], None],
        field: Callable[[int], None],
        erase_field: Callable[[], None],
        typed: Callable[[], str],
    ) -> None:
        """`typed` gives all digits of the printed fields so far, one field after the other."""
        self._pin = pin
        self._erase_pin = erase_pin
        self._field = field
        self._erase_field = erase_field
        self._typed = typed

    def take(self, state: State, number: int) -> Event | None:
        """One digit into its vault; None where there is no room for it."""
        if not 0 <= number <= 9 or missing(state) == 0:
            return None
        match state:
            case PinEntry(session=session):
                self._pin(number)
                return PinDigitEntered(session_no=session.number)
            case PrintedFieldsEntry(session=session, field=field):
                # A quick finger may be ahead of the flow: nothing may run over into the next field.
                if len(self._typed()) >= _start(field) + field.length:
                    return None
                self._field(number)
                return FieldDigitEntered(session_no=session.number)
            case _:
                return None

    def erase(self, state: State) -> Event | None:
        """The last digit out of its vault; None where there is none."""
        match state:
            case PinEntry(session=session, digits=digits) if digits:
                self._erase_pin()
                return PinDigitErased(session_no=session.number)
            case PrintedFieldsEntry(session=session, field=field) if len(self._typed()) > _start(field):
                self._erase_field()
                return FieldDigitErased(session_no=session.number)
            case _:
                return None

    def shown(self, state: State) -> str:
        """What is typed of the field on the screen; of a PIN nothing is ever shown."""
        if not isinstance(state, PrintedFieldsEntry) or not state.digits:
            return ""
        start = _start(state.field)
        return self._typed()[start : start + state.digits]


def _start(field: PrintedField) -> int:
    """How many digits the fields before this one have."""
    fields = list(PrintedField)
    return sum(each.length for each in fields[: fields.index(field)])


def missing(state: State) -> int:
    """How many digits the pad on the screen still wants."""
    match state:
        case PinEntry(digits=digits):
            return PIN_LENGTH - digits
        case PrintedFieldsEntry(field=field, digits=digits):
            return field.length - digits
        case _:
            return 0


def pad_of(state: State) -> str:
    """Which pad is on the screen, as its actions begin; empty where there is none."""
    match state:
        case PinEntry():
            return "pin"
        case PrintedFieldsEntry():
            return "field"
        case _:
            return ""
