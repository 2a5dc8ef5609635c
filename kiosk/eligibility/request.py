# SPDX-License-Identifier: Apache-2.0
"""The body of ``POST /v1/qualification-checks`` (docs/upstream-api.yaml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from kiosk.clock import tokyo_date
from kiosk.eligibility.codec_json import from_value
from kiosk.eligibility.codes import plain
from kiosk.eligibility.consents import DecidedConsent
from kiosk.eligibility.message import MessageUnreadable, to_node
from kiosk.eligibility.model import NumberRequest, RequestBody, RequestHeader, SearchInfo

_INSURER_PLACES = 8


class RecordedConsent(DecidedConsent, Protocol):
    """One decision with all that is recorded of it; a `ConsentRecord` is one."""

    @property
    def text_version(self) -> str:
        """The version of the text that was shown."""
        ...

    @property
    def language(self) -> str:
        """The language it was shown in."""
        ...

    @property
    def given(self) -> str:
        """How the decision was taken."""
        ...


def card_check_body(
    evidence: Mapping[str, object],
    consents: Iterable[RecordedConsent],
    limit_consent: int,
    occurred_at: datetime,
    institution_code: str,
) -> dict[str, object]:
    """A check by card, with `evidence` in its JSON form; asked about is the day of the act in Japan."""
    return {
        "kind": "card",
        "evidence": dict(evidence),
        "consents": [consent_value(consent) for consent in consents],
        "limit_consent": limit_consent,
        "occurred_at": occurred_at.isoformat(timespec="seconds"),
        "institution_code": institution_code,
        "qualification_confirmation_date": tokyo_date(occurred_at).strftime("%Y%m%d"),
    }


@dataclass(frozen=True, slots=True, repr=False)
class InsuranceNumbers:
    """Whom a check by number is about, as a paper certificate has it; from 75 on without a symbol."""

    insurer_number: str
    number: str
    birth_date: str
    symbol: str = ""
    branch: str = ""
    limit_consent: bool = False

    def search(self) -> SearchInfo:
        """The elements of the request; an insurer's number has eight places, and may begin with spaces."""
        return SearchInfo(
            insurer_number=plain(self.insurer_number).rjust(_INSURER_PLACES),
            symbol=self.symbol or None,
            number=self.number,
            branch=plain(self.branch).rjust(2, "0") if self.branch else None,
            birth_date=plain(self.birth_date),
            limit_consent="1" if self.limit_consent else "0",
        )


def number_check_body(
    numbers: InsuranceNumbers, occurred_at: datetime, institution_code: str
) -> dict[str, object]:
    """A check by number, without a card; asked about is the day of the act in Japan."""
    return {
        "kind": "number",
        "search": {node.name: node.text for node in to_node("search", numbers.search()).children},
        "occurred_at": occurred_at.isoformat(timespec="seconds"),
        "institution_code": institution_code,
        "qualification_confirmation_date": tokyo_date(occurred_at).strftime("%Y%m%d"),
    }


def number_request(body: Mapping[str, object], key: str) -> NumberRequest:
    """The XmlMsg request of such a body, under its key; raises `MessageUnreadable` for any other body."""
    if body.get("kind") != "number":
        raise MessageUnreadable("not a check by number")
    search = {"XmlMsg": {"MessageBody": {"QualificationConfirmSearchInfo": body.get("search")}}}
    found = from_value(NumberRequest, search).body.search
    if found.unknown or not (found.insurer_number and found.number and found.birth_date):
        raise MessageUnreadable("not the elements of a check by number")
    header = RequestHeader(
        confirmation_date=str(body.get("qualification_confirmation_date", "")),
        institution_code=str(body.get("institution_code", "")),
        file_id=key,
    )
    return NumberRequest(header=header, body=RequestBody(search=found))


def registration_body(
    evidence: Mapping[str, object],
    consents: Iterable[RecordedConsent],
    occurred_at: datetime,
    institution_code: str,
) -> dict[str, object]:
    """The body of ``POST /v1/usage-registrations``: the same evidence, and the consent it rests on."""
    return {
        "evidence": dict(evidence),
        "consents": [consent_value(consent) for consent in consents],
        "occurred_at": occurred_at.isoformat(timespec="seconds"),
        "institution_code": institution_code,
    }


def consent_value(consent: RecordedConsent) -> dict[str, str]:
    """One decision as it is sent; its time in UTC."""
    return {
        "item": str(consent.item),
        "decision": str(consent.decision),
        "text_version": consent.text_version,
        "language": consent.language,
        "decided_at": consent.decided_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "given": str(consent.given),
    }
