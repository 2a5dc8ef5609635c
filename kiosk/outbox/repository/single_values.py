# SPDX-License-Identifier: Apache-2.0
"""Values of which there is one: the key's fingerprint and the head of the audit chain."""

from __future__ import annotations

import hmac

from sqlalchemy import Connection, insert, select

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.outbox.repository.prepared import Prepared, param
from kiosk.outbox.schema import MetaRow
from kiosk.outbox.sealing import Keys

_READ = Prepared(select(MetaRow.value).where(MetaRow.name == param("name")))
_FINGERPRINT = "key_fingerprint"


def read_value(connection: Connection, name: str) -> bytes | None:
    """The value of that name, if it was ever written."""
    value = _READ.value(connection, name=name)
    return value if isinstance(value, bytes) else None


def knows_key(connection: Connection) -> bool:
    """Whether a key was ever used with these records."""
    return read_value(connection, _FINGERPRINT) is not None


def claim_key(connection: Connection, keys: Keys) -> None:
    """Remember the key with its first use."""
    connection.execute(insert(MetaRow).values(name=_FINGERPRINT, value=keys.fingerprint))


def check_key(connection: Connection, keys: Keys) -> None:
    """Refuse a key that is not the one of these records."""
    found = read_value(connection, _FINGERPRINT)
    if found is None or not hmac.compare_digest(found, keys.fingerprint):
        raise EnvironmentProblem(
            FailureCode.STORE_KEY_UNUSABLE, detail="the key file is not the one of these records"
        )
