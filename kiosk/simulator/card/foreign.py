# SPDX-License-Identifier: Apache-2.0
"""Cards that are laid on the reader by mistake, and what every card on a simulated reader can do."""

from __future__ import annotations

from typing import Protocol

from kiosk.simulator.card.commands import Refusal, Sw, parse
from kiosk.simulator.card.options import ATR_OTHER_CARD
from kiosk.simulator.card.printed import PrintedFields


class SimulatedCard(Protocol):
    """A card with a chip that answers."""

    @property
    def key(self) -> str:
        """Whose card it is, by the patient's key."""
        ...

    @property
    def printed(self) -> PrintedFields | None:
        """What a My Number Card has printed on its face."""
        ...

    def power_on(self) -> bytes:
        """Give it power; the answer to reset."""
        ...

    def power_off(self) -> None:
        """Take its power."""
        ...

    def reset(self) -> bytes:
        """A warm reset; the answer to reset."""
        ...

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        """The answer to one command: data and status word."""
        ...


class ForeignCard:
    """Some other card: it answers, and knows nothing of what it is asked.

    Lives on: any thread.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    @property
    def key(self) -> str:
        """Whose card it is, by the patient's key."""
        return self._key

    @property
    def printed(self) -> PrintedFields | None:
        """Nothing of use on its face."""
        return None

    def power_on(self) -> bytes:
        """The answer to reset of an unknown maker."""
        return ATR_OTHER_CARD

    def power_off(self) -> None:
        """Nothing to forget."""

    def reset(self) -> bytes:
        """The same answer to reset."""
        return ATR_OTHER_CARD

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        """Every SELECT finds nothing; every other command is unknown."""
        try:
            found = Sw.NOT_FOUND if parse(bytes(apdu)).ins == 0xA4 else Sw.WRONG_INS
        except Refusal as refusal:
            return refusal.sw.to_bytes(2, "big")
        return found.to_bytes(2, "big")


class MuteCard:
    """Something without a chip, or a card the wrong way round: it lies there and does not answer."""
