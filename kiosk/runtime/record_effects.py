# SPDX-License-Identifier: Apache-2.0
"""The effects that keep and send: the commit, the registration look-up, the audit trail."""

from __future__ import annotations

import json
import logging

from kiosk.clock import TOKYO, Clock
from kiosk.consent.age import limit_consent
from kiosk.consent.items import ConsentItem, Decision
from kiosk.eligibility.request import card_check_body, registration_body
from kiosk.errors import FailureCode, KioskError
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import Session, SessionEnd
from kiosk.jobs import SerialJobRunner
from kiosk.outbox.model import DraftItem, OutboxKind, Reception, ReceptionDraft
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import NOT_REACHED, Registration, UpstreamClient
from kiosk.outbox.worker import ItemResult, SyncWorker
from kiosk.runtime.card_effects import KioskIdentity
from kiosk.runtime.person_updates import certificate_name
from kiosk.runtime.ports import Post
from kiosk.runtime.vault import SessionVault
from kiosk.runtime.wire import evidence_value

_LOGGER = logging.getLogger("kiosk.outbox")


class RecordEffects:
    """Commits receptions and notes how sessions ended.

    Lives on: main thread; the store is written by `records`, upstream is asked by `enquiries`, each on a
    thread of its own, so that a slow network keeps no commit waiting.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # the parts it plays between
        self,
        store: Store,
        sync: SyncWorker,
        upstream: UpstreamClient,
        endpoint: str,
        identity: KioskIdentity,
        policy: FlowPolicy,
        vault: SessionVault,
        records: SerialJobRunner,
        enquiries: SerialJobRunner,
        clock: Clock,
        post: Post,
    ) -> None:
        self._store = store
        self._sync = sync
        self._upstream = upstream
        self._endpoint = endpoint
        self._identity = identity
        self._policy = policy
        self._vault = vault
        self._records = records
        self._enquiries = enquiries
        self._clock = clock
        self._post = post
        self._waiting_session = ("", 0)

    def perform(self, effect: ef.Effect) -> bool:
        """Begin to keep or to ask."""
        match effect:
            case ef.CommitReception(session_no=number, session=session):
                self._commit(number, session)
            case ef.LookUpRegistration(session_no=number):
                self._look_up(number)
            case ef.RecordSessionEnd(session_id=session_id, end=end):
                self._record_end(session_id, end)
            case _:
                return False
        return True

    # --- commit ----------------------------------------------------------------------------------------

    def _commit(self, number: int, session: Session) -> None:
        draft = self._draft(session)
        if draft is None:
            self._post(ev.CommitFailed(session_no=number, code=FailureCode.INTERNAL))
            return
        self._waiting_session = (session.id, number)

        def done(result: Reception | KioskError) -> None:
            if isinstance(result, KioskError):
                _LOGGER.error("a reception could not be kept: %s", result.code.value)
                self._post(ev.CommitFailed(session_no=number, code=result.code))
                return
            self._post(ev.ReceptionCommitted(session_no=number, number=result.number))
            self._sync.notify()

        self._records.submit(lambda: self._store.commit(draft), done)

    def _draft(self, session: Session) -> ReceptionDraft | None:
        evidence, card = self._vault.evidence, self._vault.card
        if evidence is None or card is None or session.verified is None:
            return None
        occurred_at = self._clock.now().astimezone(TOKYO)
        value = evidence_value(evidence)
        items = []
        registering = [record for record in session.records if record.item is ConsentItem.USAGE_REGISTRATION]
        if any(record.decision is Decision.YES for record in registering):
            registration = registration_body(value, registering, occurred_at, self._identity.institution_code)
            items.append(DraftItem(OutboxKind.USAGE_REGISTRATION, _json(registration), self._endpoint))
        asked = [record for record in session.records if record.item is not ConsentItem.LIMIT]
        check = card_check_body(
            value,
            asked,
            limit_consent(self._policy.consent, session.records),
            occurred_at,
            self._identity.institution_code,
        )
        items.append(
            DraftItem(
                OutboxKind.QUALIFICATION_CHECK,
                _json(check),
                self._endpoint,
                depends_on=0 if items else None,
            )
        )
        return ReceptionDraft(
            session_id=session.id,
            occurred_at=occurred_at,
            consents=session.records,
            items=tuple(items),
            person_key=bytes.fromhex(card.fingerprint),
            verification=session.verified.method.value,
            # kept only where the patient was asked, and agreed; the records know it again by a mark
            certificate=certificate_name(card.check) if _asked_about_updates(session) else None,
        )

    def hear(self, result: ItemResult) -> None:
        """How an item went, on the sync thread; a check of an earlier session is no longer on the screen."""
        session_id, number = self._waiting_session
        # Short of a final answer the patient waits a little longer, unless there is nobody to wait for.
        worth_telling = result.final or result.code in NOT_REACHED
        if result.session_id == session_id and result.outcome is not None and worth_telling:
            self._post(ev.QualificationAnswered(session_no=number, outcome=result.outcome))

    # --- asking and noting -----------------------------------------------------------------------------

    def _look_up(self, number: int) -> None:
        card = self._vault.card
        if card is None:
            self._post(ev.RegistrationKnown(session_no=number, registered=True))
            return
        fingerprint = card.fingerprint

        def done(result: Registration | KioskError) -> None:
            unregistered = result is Registration.NOT_REGISTERED
            self._post(ev.RegistrationKnown(session_no=number, registered=not unregistered))

        self._enquiries.submit(lambda: self._upstream.registration(fingerprint), done)

    def _record_end(self, session_id: str, end: SessionEnd) -> None:
        code = end.code.value if end.code else None
        reason = end.reason.value if end.reason else ""

        def done(result: KioskError | None) -> None:
            if isinstance(result, KioskError):
                _LOGGER.error("the end of a session could not be noted: %s", result.code.value)

        self._records.submit(lambda: self._store.end_session(session_id, end.kind.value, reason, code), done)


def _asked_about_updates(session: Session) -> bool:
    return any(record.item is ConsentItem.PERSON_UPDATE for record in session.records)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
