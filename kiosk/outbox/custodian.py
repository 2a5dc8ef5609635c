# SPDX-License-Identifier: Apache-2.0
"""What the sync thread does for the records: a checkpoint goes along, and old things are forgotten."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from kiosk.clock import Clock
from kiosk.errors import KioskError
from kiosk.outbox.checkpoint import Checkpoint
from kiosk.outbox.upkeep import Retention, Upkeep

_log = logging.getLogger("kiosk.outbox")

_FRESH_S: Final = 60.0  # a checkpoint a minute is as good as one a request, and costs nothing
_LOOK_EVERY_S: Final = 3600.0
_CLOCKS_MAY_DIFFER_S: Final = 86_400.0


class Custodian:
    """Looks after the records while they are sent from.

    Lives on: the sync thread. Trouble with the store is logged by its code and tried again later: nothing
    that waits to be sent waits for this.
    """

    def __init__(self, upkeep: Upkeep, clock: Clock, keep: Retention | None = None) -> None:
        self._upkeep = upkeep
        self._clock = clock
        self._keep = keep or Retention()
        self._checkpoint: Checkpoint | None = None
        self._made_at = 0.0
        self._delivered_seq = 0
        self._looked_at: float | None = None
        self._agreed: float | None = (
            None  # our clock ahead of the monotonic one, when upstream's agreed with it
        )

    def checkpoint(self) -> str:
        """The checkpoint to send along; empty where there is none to be had."""
        now = self._clock.monotonic()
        if self._checkpoint is None or now - self._made_at >= _FRESH_S:
            try:
                self._checkpoint = self._upkeep.checkpoint()
            except KioskError as error:
                _log.warning("no checkpoint of the audit trail: %s", error.code.value)
                return ""
            self._made_at = now
        return self._checkpoint.text

    def delivered(self) -> None:
        """Upstream has taken what was sent along."""
        newest = self._checkpoint
        if newest is None or newest.seq <= self._delivered_seq:
            return
        try:
            self._upkeep.checkpoint_delivered(newest)
        except KioskError as error:
            _log.warning("a delivered checkpoint was not noted: %s", error.code.value)
            return
        self._delivered_seq = newest.seq

    def heard(self, theirs: datetime | None) -> None:
        """What upstream's clock says, where it says anything: the only one that can vouch for ours."""
        if theirs is not None:
            apart = abs((theirs - self._clock.now()).total_seconds())
            self._agreed = self._offset() if apart <= _CLOCKS_MAY_DIFFER_S else None

    def look_after(self) -> None:
        """Forget what is past its time, when the hour has come.

        A clock that has lost its battery may be years ahead. So what is kept for years goes only while
        upstream's clock agreed with ours within a day, and ours was not set since.
        """
        now = self._clock.monotonic()
        if self._looked_at is not None and now - self._looked_at < _LOOK_EVERY_S:
            return
        self._looked_at = now
        try:
            erased = self._upkeep.erase_old(self._keep, records=self._clock_is_vouched_for())
        except KioskError as error:
            _log.warning("old records were not erased: %s", error.code.value)
            return
        if erased.anything:
            _log.info(
                "erased what was past its time: %d items, %d receptions, %d audit entries",
                erased.items,
                erased.receptions,
                erased.audit_entries,
            )

    def _clock_is_vouched_for(self) -> bool:
        return self._agreed is not None and abs(self._offset() - self._agreed) <= _CLOCKS_MAY_DIFFER_S

    def _offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
