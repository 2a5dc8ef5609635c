# SPDX-License-Identifier: Apache-2.0
"""The records of whose certificate is watched, as the runtime, the desk and commands use them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kiosk.clock import TOKYO, Clock
from kiosk.outbox.model import DraftItem, OutboxKind, ReceptionDraft
from kiosk.outbox.person_updates import (
    PersonChange,
    Subscribed,
    Subscription,
    WithdrawResult,
    update_body,
)
from kiosk.outbox.repository import items, person_updates
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.sealing import Keys


class PersonUpdates:
    """Consents to be kept up to date: watched, asked about, read once, withdrawn.

    Lives on: any thread; every call is a transaction of its own.
    """

    def __init__(
        self, database: Database, keys: Keys, clock: Clock, new_id: Callable[[datetime], str]
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._new_id = new_id

    def subscribed(self) -> list[Subscribed]:
        """Every certificate that is watched and not being asked about."""
        with self._database.reading() as connection:
            return person_updates.subscribed(connection, self._keys, self._clock.now())

    def ask(self, subscription_id: str, endpoint: str, institution_code: str) -> str | None:
        """Put the question to the provider into the queue; None where the consent has ended meanwhile."""
        now = self._clock.now()
        item_id = self._new_id(now)
        with self._database.writing() as connection:
            certificate = person_updates.certificate(connection, self._keys, subscription_id)
            if certificate is None:
                return None
            session_id, record = person_updates.consent(connection, subscription_id)
            occurred_at = now.astimezone(TOKYO)
            body = update_body(certificate, record, occurred_at, institution_code)
            item = DraftItem(OutboxKind.PERSON_UPDATE, body, endpoint)
            draft = ReceptionDraft(session_id, occurred_at, (), (item,), b"", "")
            items.add_draft(connection, self._keys, draft, [item_id], now=now)
            person_updates.asked(connection, subscription_id, item_id, now)
        return item_id

    def list(self, *, news_only: bool = False) -> list[Subscription]:
        """Subscriptions without anything personal; `news_only` leaves those the desk has to read."""
        with self._database.reading() as connection:
            return person_updates.listing(connection, news_only=news_only)

    def find(self, reference: str) -> str | None:
        """The id behind a reception number of today; any other reference is taken for an id."""
        if "-" not in reference:
            return reference
        # the patient may have been received this very moment
        with self._database.reading(filed=True) as connection:
            return person_updates.of_number(connection, reference, self._clock.now().astimezone(TOKYO))

    def take(self, subscription_id: str, who: str) -> PersonChange | None:
        """The news, for the one time that the desk reads it; who did is written down, what is erased."""
        now = self._clock.now()
        with self._database.writing() as connection:
            change = person_updates.take(connection, self._keys, subscription_id, who, now)
            if change is not None:
                person_updates.note_act(connection, self._keys, subscription_id, "update_read", who, now)
        return change

    def withdraw(self, subscription_id: str, who: str) -> WithdrawResult:
        """End it at once: nothing more is asked, what was on its way is void, the serial number is erased."""
        now = self._clock.now()
        with self._database.writing() as connection:
            result = person_updates.withdraw(connection, subscription_id, now=now)
            if result is WithdrawResult.WITHDRAWN:
                person_updates.note_act(connection, self._keys, subscription_id, "update_withdrawn", who, now)
        return result
