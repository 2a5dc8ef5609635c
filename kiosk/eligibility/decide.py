# SPDX-License-Identifier: Apache-2.0
"""What an answer means. Pure: the four-way rule, and everything else goes to people."""

from __future__ import annotations

from kiosk.eligibility.codes import ProcessingStatus, Segment, Validity, plain
from kiosk.eligibility.model import Answer
from kiosk.eligibility.other_messages import ReferenceAnswer
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode

_BY_VALIDITY: dict[str, Outcome] = {
    Validity.INVALID: Outcome(OutcomeKind.NOT_ELIGIBLE, FailureCode.NOT_ELIGIBLE),
    Validity.NEW_INSURER: Outcome(OutcomeKind.NOT_ELIGIBLE, FailureCode.NEW_INSURER),
    Validity.NO_RECORD: Outcome(OutcomeKind.ASK_STAFF, FailureCode.NO_RECORD),
    Validity.SEVERAL: Outcome(OutcomeKind.ASK_STAFF, FailureCode.SEVERAL_RECORDS),
    Validity.NOT_REGISTERED: Outcome(OutcomeKind.ASK_STAFF, FailureCode.NOT_REGISTERED),
}


def is_ours(answer: Answer | ReferenceAnswer, expected_institution: str, expected_id: str) -> bool:
    """Whether the answer is the one to our question: its id and our institution come back unchanged."""
    header = answer.header
    return header.file_id == expected_id and plain(header.institution_code) == expected_institution


def outcome_of(answer: Answer, expected_institution: str, expected_id: str) -> Outcome:
    """The outcome by the contract's table.

    *Eligible* needs all of: processed, without error, valid, exactly one person. An answer to another
    question decides nothing, whatever it says.
    """
    if not is_ours(answer, expected_institution, expected_id):
        return Outcome(OutcomeKind.ASK_STAFF, FailureCode.UPSTREAM_ANSWER_WRONG)
    segment = plain(answer.header.segment)
    if segment == Segment.IN_PROCESS:
        return Outcome(OutcomeKind.TO_BE_CONFIRMED, FailureCode.UPSTREAM_NO_ANSWER)
    if segment != Segment.OK:
        return _ask(segment == Segment.ABNORMAL)
    status = plain(answer.body.status)
    if status != ProcessingStatus.OK:
        return _ask(status == ProcessingStatus.ERROR)
    if len(answer.results) > 1:
        return Outcome(OutcomeKind.ASK_STAFF, FailureCode.SEVERAL_RECORDS)
    validity = plain(answer.body.validity)
    if validity == Validity.VALID:
        if answer.results:
            return Outcome(OutcomeKind.ELIGIBLE)
        return Outcome(OutcomeKind.ASK_STAFF, FailureCode.ANSWER_CONTRADICTS)
    return _BY_VALIDITY.get(validity, _ask(known=False))


def _ask(known: bool) -> Outcome:  # noqa: FBT001  # one private word, read beside its call
    code = FailureCode.CHECK_ABNORMAL if known else FailureCode.CODE_UNKNOWN
    return Outcome(OutcomeKind.ASK_STAFF, code)
