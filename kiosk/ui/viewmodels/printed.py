# SPDX-License-Identifier: Apache-2.0
"""The screens on which the card's printed numbers are typed, where no camera reads them."""

from __future__ import annotations

from kiosk.flow.session import PrintedField
from kiosk.flow.states import PrintedFieldsEntry
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.screen import Answers, Button, ButtonKind, Places, ScreenView

_STEP = 2
_PARTS = {
    PrintedField.BIRTH_DATE: ("year", "month", "day"),
    PrintedField.EXPIRY_YEAR: ("year",),
    PrintedField.SECURITY_CODE: ("",),
}


def entry(state: PrintedFieldsEntry, ctx: PresentContext) -> ScreenView:
    """One of the three, with a drawing of where it stands. What is typed is shown, but is not known here."""
    field = state.field
    name = f"printed-{field.value}"
    parts = _PARTS[field]
    return ScreenView(
        name,
        ctx.heading("printed"),
        name,
        step=_STEP,
        sentences=(ctx.sentence(name, "what"), ctx.sentence(name, "how")),
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
        foot=ctx.foot(state.session, back=True),
        places=tuple(
            Places(field.length // len(parts), ctx.sentence("printed", part) if part else "")
            for part in parts
        ),
        filled=state.digits,
    )
