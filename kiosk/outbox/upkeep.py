# SPDX-License-Identifier: Apache-2.0
"""What the records need from time to time: checkpoints given away, old things forgotten, a new key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from kiosk.clock import Clock, tokyo_date
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.outbox.audit import AuditAct
from kiosk.outbox.checkpoint import Checkpoint
from kiosk.outbox.key_file import (
    KeyPlace,
    find_key,
    forget_drafts,
    forget_next,
    load_or_make_key,
    put_in_place,
    read_key,
    write_new_key,
)
from kiosk.outbox.repository import audit_rows, retention, rotation, single_values
from kiosk.outbox.repository.engine import Database
from kiosk.outbox.sealing import Keys

_DAYS_A_YEAR: Final = 366  # rather a day too long than one too short


@dataclass(frozen=True, slots=True)
class Retention:
    """How long is kept: what is personal of what is done, in days; decisions and audit entries, in years."""

    personal_days: int = 7
    records_years: int = 5


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was forgotten: items whose sealed values were emptied, whole receptions, audit entries."""

    items: int = 0
    receptions: int = 0
    audit_entries: int = 0

    @property
    def anything(self) -> bool:
        """Whether there was something to forget."""
        return bool(self.items or self.receptions or self.audit_entries)


class Upkeep:
    """The records' upkeep, beside the store that has them open.

    Lives on: any thread; every call is a transaction of its own. Database trouble is a `KioskError`.
    """

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def checkpoint(self) -> Checkpoint:
        """The audit chain as it stands, signed."""
        with self._database.reading() as connection:
            return audit_rows.checkpoint(connection, self._keys, self._clock.now())

    def public_key(self) -> bytes:
        """What checkpoints are checked with, by whoever keeps them: Ed25519, 32 bytes."""
        return self._keys.checkpoint_key().public_key().public_bytes_raw()

    def checkpoint_delivered(self, delivered: Checkpoint) -> None:
        """Somebody else has it: entries before it may be erased when their time has come."""
        with self._database.writing() as connection:
            audit_rows.remember_delivered(connection, delivered)

    def erase_old(self, keep: Retention, *, records: bool = True) -> Erased:
        """Forget what is past its time, and leave nothing of it in the file or its log.

        Without `records` only what is personal of what is done: nobody vouches for the clock, and what was
        decided and done cannot be asked for again.
        """
        now = self._clock.now()
        years = timedelta(days=keep.records_years * _DAYS_A_YEAR)
        with self._database.writing() as connection:
            erased = Erased(
                retention.erase_personal(connection, now - timedelta(days=keep.personal_days)),
                retention.erase_records(connection, tokyo_date(now - years)) if records else 0,
                audit_rows.erase(connection, self._keys, now - years) if records else 0,
            )
            if erased.anything:
                audit_rows.append(
                    connection,
                    self._keys,
                    AuditAct.OLD_RECORDS_ERASED,
                    at=now,
                    detail=f"{erased.items}:{erased.receptions}:{erased.audit_entries}",
                )
        if erased.anything:
            self._database.fold_log()
        return erased

    def change_key(self, place: KeyPlace, staff: str, *, to: Path | None = None) -> int:
        """Seal everything with a new key; how many values there were.

        The new key lies beside the old one until the records are sealed with it; whoever opens them after a
        crash takes the one that fits. Where the key is a credential the new one goes to the file `to`, and
        whoever looks after the service puts it in the credential's place. Open the store anew after that.
        """
        if place.credential != (to is not None):
            raise EnvironmentProblem(
                FailureCode.STORE_KEY_UNUSABLE, detail="a credential's new key, and no other, needs a file"
            )
        try:
            master = write_new_key(to or place.next_path)
        except FileExistsError:
            raise EnvironmentProblem(
                FailureCode.STORE_KEY_UNUSABLE, detail="there is a file in the new key's place already"
            ) from None
        new = Keys(master)
        now = self._clock.now()
        with self._database.writing(filed=True) as connection:
            count = rotation.change_key(connection, self._keys, new)
            audit_rows.append(
                connection, self._keys, AuditAct.KEY_CHANGED, at=now, who=staff, detail=f"{count}"
            )
        self._database.fold_log()
        if to is None:
            put_in_place(place)
        return count


def master_key(
    database: Database, path: Path, environment: Mapping[str, str], *, may_make: bool, may_change: bool
) -> bytes:
    """The key of these records. A change of the key that a crash cut short is brought to its end.

    `may_make` where there are no records yet; `may_change` for whoever owns them.
    """
    place = find_key(path, environment)
    if may_change and not place.credential:
        forget_drafts(place)
    master = load_or_make_key(place, may_make=may_make)
    if may_make or place.credential or not place.next_path.exists():
        return master
    with database.reading() as connection:
        fits = single_values.is_key_of(connection, master)
        following = read_key(KeyPlace(place.next_path))
        following_fits = single_values.is_key_of(connection, following)
    if following_fits and not fits:
        if may_change:
            put_in_place(place)
        return following
    if fits and may_change:
        forget_next(place)
    return master
