# SPDX-License-Identifier: Apache-2.0
"""Values of which there is one: the key's fingerprint and the head of the audit chain."""

from __future__ import annotations

import hmac

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.outbox.repository.prepared import Prepared, param
from kiosk.outbox.schema import MetaRow
from kiosk.outbox.sealing import Keys

_READ = Prepared(select(MetaRow.value).where(MetaRow.name == param("name")))
_FINGERPRINT = "key_fingerprint"
_KEPT_KEYS = "kept_keys"


def read_value(connection: Connection, name: str) -> bytes | None:
    """The value of that name, if it was ever written."""
    value = _READ.value(connection, name=name)
    return value if isinstance(value, bytes) else None


def write_value(connection: Connection, name: str, value: bytes) -> None:
    """Set the value of that name, whether it was there or not."""
    statement = upsert(MetaRow).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(set_={"value": value}))


def knows_key(connection: Connection) -> bool:
    """Whether a key was ever used with these records."""
    return read_value(connection, _FINGERPRINT) is not None


def claim_key(connection: Connection, keys: Keys) -> None:
    """Remember the key with its first use."""
    connection.execute(insert(MetaRow).values(name=_FINGERPRINT, value=keys.fingerprint))


def is_key_of(connection: Connection, master: bytes) -> bool:
    """Whether a key is the one of these records."""
    found = read_value(connection, _FINGERPRINT)
    return found is not None and hmac.compare_digest(found, Keys(master).fingerprint)


def keys_of(connection: Connection, master: bytes) -> Keys:
    """The keys of these records, with what was kept of those before; a key of others is refused."""
    if not is_key_of(connection, master):
        raise EnvironmentProblem(
            FailureCode.STORE_KEY_UNUSABLE, detail="the key file is not the one of these records"
        )
    return Keys(master, read_value(connection, _KEPT_KEYS))


def change_key(connection: Connection, old: Keys, new: Keys) -> None:
    """From now on these are the new key's records."""
    write_value(connection, _KEPT_KEYS, old.kept_for(new))
    write_value(connection, _FINGERPRINT, new.fingerprint)
