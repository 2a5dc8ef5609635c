# SPDX-License-Identifier: Apache-2.0
"""Checks by number: an act of the staff at the corner, kept and sent like a patient's, without a session."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from kiosk.clock import TOKYO, Clock
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Given
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.eligibility.request import InsuranceNumbers, number_check_body
from kiosk.errors import KioskError
from kiosk.ids import UlidFactory
from kiosk.jobs import SerialJobRunner
from kiosk.outbox.model import DraftItem, OutboxKind, Reception, ReceptionDraft
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import NOT_REACHED
from kiosk.outbox.worker import ItemResult, SyncWorker
from kiosk.runtime.card_effects import KioskIdentity
from kiosk.ui.viewmodels.staff_number import NumberProgress, TypedNumbers

VERIFICATION = "number"
_STAFF_TEXT = "staff"  # the question is the staff's own words; no text of ours is shown to the patient
_LOGGER = logging.getLogger("kiosk.outbox")

Tell = Callable[[NumberProgress], None]


class NumberChecks:
    """Commits a check by number and tells what came of it.

    Lives on: main thread; `hear` is called on the sync thread. The flow knows nothing of it: nobody's card
    lies there, and whoever stands at the kiosk next is received as always.
    """

    def __init__(
        self,
        store: Store,
        sync: SyncWorker,
        endpoint: str,
        identity: KioskIdentity,
        records: SerialJobRunner,
        clock: Clock,
        to_main_thread: Callable[[Callable[[], None]], None],
    ) -> None:
        """`endpoint` is the place the checks are meant for; empty where they are switched off."""
        self.endpoint = endpoint
        self.last: NumberProgress | None = None
        self.last_session = ""
        self._store = store
        self._sync = sync
        self._identity = identity
        self._records = records
        self._clock = clock
        self._to_main_thread = to_main_thread
        self._ids = UlidFactory()
        self._open: tuple[str, str, Tell] | None = None  # session, reception number, who is told

    def check(self, numbers: TypedNumbers, by: str, tell: Tell) -> None:
        """Keep it and send it; `tell` hears the reception number, and then the outcome."""
        occurred_at = self._clock.now().astimezone(TOKYO)
        session_id = self._ids.new(occurred_at)
        body = number_check_body(
            InsuranceNumbers(
                numbers.insurer,
                numbers.number,
                numbers.birth,
                numbers.symbol,
                numbers.branch,
                limit_consent=numbers.limit,
            ),
            occurred_at,
            self._identity.institution_code,
        )
        limit = ConsentRecord(
            ConsentItem.LIMIT,
            Decision.YES if numbers.limit else Decision.NO,
            _STAFF_TEXT,
            "ja",
            self._clock.now(),
            Given.STAFF_ORAL,
        )
        draft = ReceptionDraft(
            session_id=session_id,
            occurred_at=occurred_at,
            consents=(limit,),
            items=(DraftItem(OutboxKind.QUALIFICATION_CHECK, _json(body), self.endpoint),),
            person_key=b"",
            verification=VERIFICATION,
        )

        def keep() -> Reception:
            # first who does it: should the second fail, an act without effect is noted, never the reverse
            self._store.record_staff_act(by, "check_by_number", session_id)
            return self._store.commit(draft)

        def done(result: Reception | KioskError) -> None:
            if isinstance(result, KioskError):
                _LOGGER.error("a check by number could not be kept: %s", result.code.value)
                self._told(session_id, NumberProgress(failed=result.code), tell)
                return
            self._open = (session_id, result.number, tell)
            self._told(session_id, NumberProgress(reception=result.number), tell)
            self._sync.notify()

        self._records.submit(keep, done)

    def hear(self, result: ItemResult) -> None:
        """How an item went, on the sync thread."""
        if result.outcome is None:
            return
        outcome, session_id = result.outcome, result.session_id
        if result.final or result.code in NOT_REACHED:
            self._to_main_thread(lambda: self._answered(session_id, outcome))

    def forget(self) -> None:
        """What was told last is over."""
        self.last = None
        self.last_session = ""

    def _answered(self, session_id: str, outcome: Outcome) -> None:
        if self._open is None or self._open[0] != session_id:
            return
        _, number, tell = self._open
        if outcome.kind is not OutcomeKind.TO_BE_CONFIRMED:
            self._open = None
        self._told(session_id, NumberProgress(number, outcome), tell)

    def _told(self, session_id: str, progress: NumberProgress, tell: Tell) -> None:
        self.last, self.last_session = progress, session_id
        tell(progress)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
