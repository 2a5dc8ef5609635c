# SPDX-License-Identifier: Apache-2.0
"""Hands over what is printed on the simulated card, where a real kiosk has a camera over the reader."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.reader.surface.ports import PrintedFields, SurfaceHint
from kiosk.simulator.card.foreign import MuteCard, SimulatedCard


class SimulatedSurface:
    """A `SurfaceReader` that sees the card which `card_lying` tells of.

    Lives on: any thread.
    """

    def __init__(self, card_lying: Callable[[], SimulatedCard | MuteCard | None]) -> None:
        self._card_lying = card_lying
        self._hint: SurfaceHint | None = None
        self.dirty = False

    @property
    def hint(self) -> SurfaceHint | None:
        """Why the last `read` gave nothing."""
        return self._hint

    def read(self) -> PrintedFields | None:
        """The fields of the card that lies there; None where there is none, or another kind of card."""
        if self.dirty:
            self._hint = SurfaceHint.DIRTY
            return None
        self._hint = SurfaceHint.NO_CARD
        card = self._card_lying()
        printed = None if card is None or isinstance(card, MuteCard) else card.printed
        if printed is None:
            return None
        self._hint = None
        return PrintedFields.of(
            printed.era_birth.encode("ascii"),
            printed.expiry_year.encode("ascii"),
            printed.security_code.encode("ascii"),
        )
