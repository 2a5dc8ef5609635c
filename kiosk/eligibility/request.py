# SPDX-License-Identifier: Apache-2.0
"""The body of ``POST /v1/qualification-checks`` (docs/upstream-api.yaml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from kiosk.clock import tokyo_date
from kiosk.eligibility.consents import DecidedConsent


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
