# SPDX-License-Identifier: Apache-2.0
"""An answer as staff read it: codes as they came, the limit and the share; no name, number or address.

Only what a newer upstream added is shown whole, for nobody here knows what it is.
"""

from __future__ import annotations

from datetime import date

from kiosk.eligibility.limit.caps import Limit, limit_on
from kiosk.eligibility.limit.share import Share, day, share_of
from kiosk.eligibility.limit.tables import LimitTables
from kiosk.eligibility.message import strange
from kiosk.eligibility.model import Answer, Result, SpecificDisease


def codes_of(answer: Answer) -> dict[str, str]:
    """The codes that decide, and what upstream says in words; what did not come is left out."""
    header, body = answer.header, answer.body
    codes = {
        "SegmentOfResult": header.segment,
        "ErrorCode": header.error_code,
        "ErrorMessage": header.error_message,
        "ReferenceClassification": header.reference,
        "ProcessingResultStatus": body.status,
        "ProcessingResultCode": body.result_code,
        "ProcessingResultMessage": body.result_message,
        "QualificationValidity": body.validity,
        "PrescriptionIssueSelect": body.prescription,
    }
    return {name: code for name, code in codes.items() if code is not None}


def asked_day(answer: Answer, today: date) -> date:
    """The day the answer is about."""
    return day(answer.header.confirmation_date) or today


def person(result: Result, on: date, tables: LimitTables) -> dict[str, object]:
    """What one person of an answer pays, as far as it is known."""
    codes = {
        "InsuredCardClassification": result.card_class,
        "PersonalFamilyClassification": result.family,
        "ReasonOfLoss": result.reason_of_loss,
        "DisqualificationDate": result.disqualified_on,
    }
    return {
        "codes": {name: code for name, code in codes.items() if code is not None},
        "limit": _limit(limit_on(result.limit, on, tables)),
        "share": _share(share_of(result, on)),
        "specific_diseases": [_disease(entry) for entry in result.diseases or ()],
    }


def not_understood(answer: Answer) -> list[str]:
    """Elements, codes and dates that this program has no meaning for, wherever they stand, as they came."""
    return [str(one) for one in strange(answer)]


def _limit(limit: Limit | None) -> dict[str, object] | None:
    if limit is None:
        return None
    caps = limit.caps
    month = caps.month if caps else None
    return {
        "class": limit.code,
        "label": limit.label or None,
        "in_force": limit.in_force,
        "as_returned": limit.as_returned,
        "month": month.base if month else None,
        "one_per_cent_above": month.above if month else None,
        "repeated": caps.repeated if caps else None,
        "outpatient": caps.outpatient if caps else None,
        "outpatient_year": caps.outpatient_year if caps else None,
        "year": caps.year if caps else None,
        "source": limit.source or None,
    }


def _share(share: Share) -> dict[str, object]:
    return {
        "per_cent": share.per_cent,
        "possible": list(share.possible),
        "source": share.source.value,
        "raw": share.raw or None,
    }


def _disease(entry: SpecificDisease) -> dict[str, object]:
    return {
        "category": entry.category,
        "cap": entry.self_pay,
        "from": entry.valid_from,
        "until": entry.valid_to,
    }
