# SPDX-License-Identifier: Apache-2.0
"""The request's body, and the consents in the answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Given
from kiosk.eligibility.consents import apply_consents
from kiosk.eligibility.model import Answer, AnswerBody, LimitInfo, Result
from kiosk.eligibility.request import card_check_body

NIGHT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # already the 24th in Tokyo


def record(item: ConsentItem, decision: Decision) -> ConsentRecord:
    return ConsentRecord(item, decision, "2024-06", "ja", NIGHT, Given.SCREEN)


def test_the_body_has_the_agreed_shape() -> None:
    occurred = datetime(2026, 11, 23, 12, 10, 6, 999, tzinfo=timezone(timedelta(hours=9)))
    body = card_check_body(
        {"method": "pin"}, [record(ConsentItem.CHECKUP, Decision.NOT_DUE)], 1, occurred, "1319999999"
    )
    assert body == {
        "kind": "card",
        "evidence": {"method": "pin"},
        "consents": [
            {
                "item": "checkup",
                "decision": "not_due",
                "text_version": "2024-06",
                "language": "ja",
                "decided_at": "2026-11-23T15:30:00Z",
                "given": "screen",
            }
        ],
        "limit_consent": 1,
        "occurred_at": "2026-11-23T12:10:06+09:00",
        "institution_code": "1319999999",
        "qualification_confirmation_date": "20261123",
    }


def test_the_date_asked_about_is_the_day_in_japan() -> None:
    assert card_check_body({}, [], 0, NIGHT, "1")["qualification_confirmation_date"] == "20261124"


def answer() -> Answer:
    return Answer(body=AnswerBody(results=(Result(limit=LimitInfo(limit_class="A03"), name="x"),)))


def test_consents_become_flags_times_and_ends() -> None:
    records = [
        record(ConsentItem.TREATMENT_AND_MEDICINE, Decision.YES),
        record(ConsentItem.CHECKUP, Decision.NOT_DUE),
        record(ConsentItem.SURGERY, Decision.NO),
    ]
    (result,) = apply_consents(answer(), records, limit_consent=0, occurred_at=NIGHT).results
    assert result.medicine_consent == result.treatment_consent == "1"
    assert result.medicine_consent_time == result.treatment_consent_time == "20261124003000"
    assert result.medicine_available == result.treatment_available == "20261125003000"
    assert (result.checkup_consent, result.checkup_consent_time, result.checkup_available) == (
        "0",
        None,
        None,
    )
    assert result.surgery_consent == result.disease_consent == result.limit_consent == "0"
    assert result.limit is None
    assert result.name == "x"


@pytest.mark.parametrize("records", [[], [record(ConsentItem.LIMIT, Decision.YES)]])
def test_the_limit_follows_the_requests_flag(records: list[ConsentRecord]) -> None:
    later = NIGHT + timedelta(minutes=1)
    (result,) = apply_consents(answer(), records, limit_consent=1, occurred_at=later).results
    assert result.limit_consent == "1"
    assert result.limit_consent_time == ("20261124003000" if records else "20261124003100")
    assert result.limit is not None


def test_a_yes_without_the_flag_hands_nothing_over() -> None:
    records = [record(ConsentItem.LIMIT, Decision.YES)]
    (result,) = apply_consents(answer(), records, limit_consent=0, occurred_at=NIGHT).results
    assert (result.limit_consent, result.limit) == ("0", None)
