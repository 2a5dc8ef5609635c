# SPDX-License-Identifier: Apache-2.0
"""The screens on which the card's printed numbers are typed, where no camera reads them."""

from __future__ import annotations

from kiosk.flow.session import PrintedField
from kiosk.flow.states import PrintedFieldsEntry
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.screen import Answers, Button, ButtonKind, Places, ScreenView

_STEP = 2
# As on the card, in whatever language the rest of the screen is.
_UNITS = {
    PrintedField.BIRTH_DATE: ("年", "月", "日"),
    PrintedField.EXPIRY_YEAR: ("年",),
    PrintedField.SECURITY_CODE: ("",),
}


def entry(state: PrintedFieldsEntry, ctx: PresentContext) -> ScreenView:
    """One of the three, with a drawing of where it stands. What is typed is shown, but is not known here."""
    field = state.field
    name = f"printed-{field.value}"
    units = _UNITS[field]
    return ScreenView(
        name,
        ctx.heading(name),
        name,
        step=_STEP,
        sentences=(ctx.sentence("printed", "again" if state.again else "leave"), ctx.sentence(name)),
        answers=Answers.PAD,
        buttons=(
            *(
                Button(f"field.digit.{digit}", str(digit), "", ButtonKind.CHOICE)
                for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9)
            ),
            ctx.button("field.erase", "erase", ButtonKind.QUIET),
            Button("field.digit.0", "0", "", ButtonKind.CHOICE),
            ctx.button("field.submit", "forward", ButtonKind.MAIN),
        ),
        beside=(ctx.button("field.western", ""),) if field is PrintedField.BIRTH_DATE else (),
        foot=ctx.foot(state.session, back=True),
        places=tuple(Places(field.length // len(units), unit) for unit in units),
        filled=state.digits,
    )
