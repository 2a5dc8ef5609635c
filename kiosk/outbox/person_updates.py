# SPDX-License-Identifier: Apache-2.0
"""News of a person's four basic facts: whose certificate is watched, what is asked, what came back. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from kiosk.consent.items import ConsentRecord
from kiosk.eligibility.request import consent_value

_ISSUER = re.compile(r"[0-9a-f]{64}")
_SERIAL = re.compile(r"[0-9a-f]{1,40}")
_FACTS = ("name", "address", "birth_date", "sex")
_LONGEST = 400


class UpdateUnreadable(ValueError):  # noqa: N818  # a property of an answer, named as such
    """An answer that is none to this question; nothing of it is in the text."""


@dataclass(frozen=True, slots=True)
class CertificateName:
    """Which certificate: the SHA-256 of its issuer's key in hex, and its serial number."""

    issuer: str
    serial: int = field(repr=False)

    def value(self) -> dict[str, str]:
        """As it is sent and sealed."""
        return {"issuer": self.issuer, "serial": f"{self.serial:x}"}

    def key(self) -> bytes:
        """What its mark is made of."""
        return f"{self.issuer}:{self.serial:x}".encode()

    @classmethod
    def of(cls, value: object) -> CertificateName:
        """From what was sent or sealed."""
        if not isinstance(value, Mapping):
            raise UpdateUnreadable("no certificate")
        issuer, serial = value.get("issuer"), value.get("serial")
        if not isinstance(issuer, str) or not isinstance(serial, str):
            raise UpdateUnreadable("no certificate")
        if not _ISSUER.fullmatch(issuer) or not _SERIAL.fullmatch(serial):
            raise UpdateUnreadable("no certificate")
        return cls(issuer, int(serial, 16))


class UpdateState(StrEnum):
    """Where a subscription stands, as the desk sees it."""

    WATCHED = "watched"
    ASKED = "asked"
    CHANGED = "changed"  # news nobody at the desk has read yet
    ENDED = "ended"  # withdrawn, or gone on under the new certificate's own consent


@dataclass(frozen=True, slots=True)
class Subscription:
    """One consent to be kept up to date; without anything personal."""

    id: str
    number: str
    day: date
    agreed_at: datetime
    state: UpdateState
    changed_at: datetime | None = None
    taken_at: datetime | None = None
    taken_by: str | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A certificate that is watched."""

    id: str
    certificate: CertificateName


@dataclass(frozen=True, slots=True, repr=False)
class PersonChange:
    """The four basic facts as they are now, who says so, and as of when."""

    name: str
    address: str
    birth_date: str
    sex: str
    source: str
    as_of: str

    def sealed_text(self) -> bytes:
        """As it is kept until the desk has read it."""
        return json.dumps(
            {name: getattr(self, name) for name in (*_FACTS, "source", "as_of")}, ensure_ascii=False
        ).encode()

    @classmethod
    def of(cls, text: bytes) -> PersonChange:
        """From what was kept."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True, repr=False)
class UpdateAnswer:
    """What the provider says: the new facts where they changed, and which certificate came after."""

    change: PersonChange | None
    successor: CertificateName | None


class WithdrawResult(StrEnum):
    """What became of a wish to be watched no more."""

    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"
    ENDED = "ended"


def update_body(
    certificate: CertificateName, consent: ConsentRecord, occurred_at: datetime, institution_code: str
) -> bytes:
    """The body of ``POST /v1/person-updates``: no card lies there, so the consent is what it rests on."""
    value = {
        "certificate": certificate.value(),
        "consent": consent_value(consent),
        "occurred_at": occurred_at.isoformat(timespec="seconds"),
        "institution_code": institution_code,
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def read_update(body: bytes, answer: bytes) -> UpdateAnswer:
    """The answer to the question in `body`; raises `UpdateUnreadable` where it is none."""
    try:
        asked, told = json.loads(body), json.loads(answer)
    except (ValueError, RecursionError):
        raise UpdateUnreadable("no JSON") from None
    if not isinstance(told, Mapping) or not isinstance(asked, Mapping):
        raise UpdateUnreadable("no object")
    if CertificateName.of(told.get("certificate")) != CertificateName.of(asked.get("certificate")):
        raise UpdateUnreadable("the answer to another question")
    changed, successor = told.get("changed"), told.get("successor")
    if not isinstance(changed, bool):
        raise UpdateUnreadable("it does not say whether anything changed")
    return UpdateAnswer(
        change=_change(told) if changed else None,
        successor=None if successor is None else CertificateName.of(successor),
    )


def _change(told: Mapping[str, object]) -> PersonChange:
    person = told.get("person")
    if not isinstance(person, Mapping):
        raise UpdateUnreadable("changed, but not how")
    facts = {name: person.get(name) for name in _FACTS}
    facts |= {name: told.get(name) for name in ("source", "as_of")}
    texts = {
        name: text for name, text in facts.items() if isinstance(text, str) and 0 < len(text) <= _LONGEST
    }
    if texts.keys() != facts.keys():
        raise UpdateUnreadable("a fact is missing")
    return PersonChange(**texts)


def consent_of(record: Mapping[str, object]) -> ConsentRecord:
    """A stored decision as a record; its moment is kept in UTC."""
    values = dict(record)
    at = values["decided_at"]
    if isinstance(at, datetime):
        values["decided_at"] = at.astimezone(UTC)
    return ConsentRecord(**values)  # type: ignore[arg-type]  # columns of the table, named alike
