# SPDX-License-Identifier: Apache-2.0
"""What the presenting functions may know besides the state."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.consent.texts import ConsentTexts
from kiosk.errors import FailureCode
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import Session
from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.screen import Button, ButtonKind


@dataclass(frozen=True, slots=True)
class PresentContext:
    """The words of the language in force, and the clinic's choices."""

    words: Catalogue
    consent_texts: ConsentTexts
    policy: FlowPolicy
    slip: str = (
        ""  # how far the paper slip is: "slip" offered, "slip_printing", "slip_failed"; "" where none is
    )

    @property
    def language(self) -> str:
        """The language in force."""
        return self.words.language

    def heading(self, screen: str) -> str:
        """The heading of a screen."""
        return self.words.get(f"screen.{screen}.heading")

    def sentence(self, screen: str, name: str = "sentence", **values: object) -> str:
        """A sentence of a screen."""
        return self.words.get(f"screen.{screen}.{name}", **values)

    def while_card_works(self, screen: str, session: Session) -> tuple[str, ...]:
        """What is said while the card is at work, and what besides when it takes its time."""
        slow = (self.words.get("card.slow"),) if session.card_is_slow else ()
        return (self.sentence(screen), *slow)

    def button(
        self,
        action: str,
        icon: str,
        kind: ButtonKind = ButtonKind.CHOICE,
        *,
        label: str = "",
        picture: str = "",
    ) -> Button:
        """A button with the words of its action, or of another entry of the catalogue."""
        key = f"button.{label or action}"
        detail = self.words.texts.get(f"{key}_detail", "")
        return Button(action, self.words.get(key), icon, kind, detail, picture)

    def foot(self, session: Session, *, back: bool = False, restart: bool = True) -> tuple[Button, ...]:
        """The foot of a screen of a session: the desk can be called from every one of them."""
        called = session.desk_called
        return (
            *((Button("foot.back", self.words.get("foot.back"), "back", ButtonKind.QUIET),) if back else ()),
            *(
                (Button("foot.restart", self.words.get("foot.restart"), "restart", ButtonKind.QUIET),)
                if restart
                else ()
            ),
            Button(
                "foot.call",
                self.words.get("foot.called" if called else "foot.call"),
                "check" if called else "bell",
                ButtonKind.QUIET,
            ),
        )

    def failure(self, code: FailureCode, otherwise: str) -> str:
        """The patient's sentence for a code, or another where none is written yet."""
        known = self.words.failures.get(code.value)
        return known.patient if known else otherwise
