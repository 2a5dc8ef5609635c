# SPDX-License-Identifier: Apache-2.0
"""What was verified since the application was selected, and what VERIFY does to the counters."""

from __future__ import annotations

import hmac

from kiosk.simulator.card.commands import Refusal, Sw
from kiosk.simulator.card.files import ReferenceFile
from kiosk.simulator.card.options import CardOptions
from kiosk.simulator.card.references import CounterStore, ReferenceName


class SecurityStatus:
    """The security status of one card.

    Lives on: whichever thread holds the card's lock.
    """

    def __init__(self, card: str, counters: CounterStore, options: CardOptions) -> None:
        self._card = card
        self._counters = counters
        self._options = options
        self._verified: set[ReferenceName] = set()

    def clear(self) -> None:
        """Forget every verification."""
        self._verified.clear()

    def require(self, *references: ReferenceName) -> None:
        """Refuse with 6982 unless one of these was verified; none at all means that nothing is needed."""
        if references and not self._verified.intersection(references):
            raise Refusal(Sw.NOT_ALLOWED)

    def tries(self, reference: ReferenceFile) -> int:
        """Tries left."""
        return self._counters.tries(self._card, reference.name, reference.fresh_tries)

    def set_tries(self, reference: ReferenceFile, tries: int) -> None:
        """Change the tries left."""
        self._counters.set_tries(self._card, reference.name, tries)

    def query(self, reference: ReferenceFile) -> int:
        """The answer to the empty VERIFY, which costs nothing."""
        tries = self.tries(reference)
        if not tries and self._options.blocked_query_refused:
            return Sw.BLOCKED
        if self._options.verified_query_succeeds and reference.name in self._verified:
            return Sw.OK
        return Sw.TRIES | tries

    def present(self, reference: ReferenceFile, value: bytes) -> int:
        """The answer to a VERIFY that carries something."""
        tries = self.tries(reference)
        if not tries:
            return Sw.BLOCKED
        # counted before it is compared: whoever cuts the power in between has lost the try
        self.set_tries(reference, tries - 1)
        if not hmac.compare_digest(value, reference.value):
            self._verified.discard(reference.name)
            return Sw.TRIES | (tries - 1)
        self.set_tries(reference, reference.max_tries)
        self._verified.add(reference.name)
        return Sw.OK
