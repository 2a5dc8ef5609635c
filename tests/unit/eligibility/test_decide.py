# SPDX-License-Identifier: Apache-2.0
"""Answers to outcomes, by the contract's table."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.eligibility.decide import outcome_of
from kiosk.eligibility.model import Answer, AnswerBody, AnswerHeader, Result
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode

OURS = "1319999999"
KEY = "01KAQ0000000000000000000AA"
ELIGIBLE = Answer(
    header=AnswerHeader(institution_code=OURS, file_id=KEY, segment="1"),
    body=AnswerBody(status="1", validity="1", results=(Result(name="x"),)),
)


def with_header(**changes: object) -> Answer:
    return dataclasses.replace(
        ELIGIBLE, header=dataclasses.replace(ELIGIBLE.header, **cast("dict[str, Any]", changes))
    )


def with_body(**changes: object) -> Answer:
    return dataclasses.replace(
        ELIGIBLE, body=dataclasses.replace(ELIGIBLE.body, **cast("dict[str, Any]", changes))
    )


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (ELIGIBLE, OutcomeKind.ELIGIBLE, None),
        (with_body(validity=" １"), OutcomeKind.ELIGIBLE, None),
        (with_header(segment="2"), OutcomeKind.TO_BE_CONFIRMED, FailureCode.UPSTREAM_NO_ANSWER),
        (with_header(segment="9"), OutcomeKind.ASK_STAFF, FailureCode.CHECK_ABNORMAL),
        (with_header(segment="5"), OutcomeKind.ASK_STAFF, FailureCode.CODE_UNKNOWN),
        (with_header(segment=None), OutcomeKind.ASK_STAFF, FailureCode.CODE_UNKNOWN),
        (with_body(status="2"), OutcomeKind.ASK_STAFF, FailureCode.CHECK_ABNORMAL),
        (with_body(status="8"), OutcomeKind.ASK_STAFF, FailureCode.CODE_UNKNOWN),
        (with_body(validity="2"), OutcomeKind.NOT_ELIGIBLE, FailureCode.NOT_ELIGIBLE),
        (with_body(validity="3"), OutcomeKind.NOT_ELIGIBLE, FailureCode.NEW_INSURER),
        (with_body(validity="4", results=None), OutcomeKind.ASK_STAFF, FailureCode.NO_RECORD),
        (with_body(validity="5"), OutcomeKind.ASK_STAFF, FailureCode.SEVERAL_RECORDS),
        (with_body(validity="6"), OutcomeKind.ASK_STAFF, FailureCode.NOT_REGISTERED),
        (with_body(validity="7"), OutcomeKind.ASK_STAFF, FailureCode.CODE_UNKNOWN),
        (with_body(validity=None), OutcomeKind.ASK_STAFF, FailureCode.CODE_UNKNOWN),
        (with_body(results=(Result(), Result())), OutcomeKind.ASK_STAFF, FailureCode.SEVERAL_RECORDS),
        (with_body(results=()), OutcomeKind.ASK_STAFF, FailureCode.ANSWER_CONTRADICTS),
        (with_header(file_id="other"), OutcomeKind.ASK_STAFF, FailureCode.UPSTREAM_ANSWER_WRONG),
        (with_header(file_id=None), OutcomeKind.ASK_STAFF, FailureCode.UPSTREAM_ANSWER_WRONG),
        (
            with_header(institution_code="1310000000"),
            OutcomeKind.ASK_STAFF,
            FailureCode.UPSTREAM_ANSWER_WRONG,
        ),
    ],
)
def test_the_table(answer: Answer, kind: OutcomeKind, code: FailureCode | None) -> None:
    assert outcome_of(answer, OURS, KEY) == Outcome(kind, code)


codes = st.none() | st.sampled_from(["", "0", "1", "2", "3", "4", "5", "6", "9", "A", "01"])


@given(codes, codes, codes, st.integers(0, 3), st.booleans())
def test_only_the_four_way_rule_makes_eligible(
    segment: str | None, status: str | None, validity: str | None, people: int, ours: bool
) -> None:
    answer = Answer(
        header=AnswerHeader(institution_code=OURS, file_id=KEY if ours else "x", segment=segment),
        body=AnswerBody(status=status, validity=validity, results=(Result(),) * people),
    )
    outcome = outcome_of(answer, OURS, KEY)
    rule = ours and (segment, status, validity, people) == ("1", "1", "1", 1)
    assert (outcome.kind is OutcomeKind.ELIGIBLE) is rule
    assert (outcome.code is None) is rule
