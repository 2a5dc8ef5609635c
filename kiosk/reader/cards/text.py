# SPDX-License-Identifier: Apache-2.0
"""券面事項入力補助AP: the holder's attributes as text. A reception asks it for its counter only.

It has a PIN and a counter of its own, and digits typed once go to one reference: the JPKI one.
"""

from __future__ import annotations

from enum import IntEnum

from kiosk.reader.cards.applications import Application
from kiosk.reader.references import Reference
from kiosk.reader.session import CardSession
from kiosk.reader.status import TryCounter


class TextFile(IntEnum):
    """The files used here."""

    PIN = 0x0011


class TextCard:
    """The verbs of the application.

    Lives on: the reader thread.
    """

    def __init__(self, session: CardSession) -> None:
        self._session = session

    def select(self) -> bool:
        """Turn to this application; False where there is none, as on a phone."""
        return self._session.select_application(Application.TEXT.aid)

    def pin_tries(self) -> TryCounter:
        """The counter of this application's PIN."""
        return Reference(self._session, TextFile.PIN, length=4).tries()
