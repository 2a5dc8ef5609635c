# SPDX-License-Identifier: Apache-2.0
"""Age by law and what it makes due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.consent.age import age_by_law, due_questions, limit_consent, rule_records
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Question
from kiosk.consent.policy import ConsentPolicy, LimitStep

NOW = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
births = st.dates(date(1900, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (date(1986, 11, 24), date(2026, 11, 22), 39),
        (date(1986, 11, 24), date(2026, 11, 23), 40),  # the day before the birthday
        (date(1986, 11, 24), date(2026, 11, 24), 40),
        (date(1984, 2, 29), date(2024, 2, 27), 39),
        (date(1984, 2, 29), date(2024, 2, 28), 40),  # leap year: the day before the birthday
        (date(1984, 2, 29), date(2025, 2, 27), 40),
        (date(1984, 2, 29), date(2025, 2, 28), 41),  # no 29 February: the month's last day
        (date(1983, 3, 1), date(2023, 2, 27), 39),
        (date(1983, 3, 1), date(2023, 2, 28), 40),
        (date(1983, 3, 1), date(2024, 2, 28), 40),
        (date(1983, 3, 1), date(2024, 2, 29), 41),
        (date(1987, 1, 1), date(2026, 12, 30), 39),
        (date(1987, 1, 1), date(2026, 12, 31), 40),
    ],
)
def test_age_on_edges(birth: date, on: date, age: int) -> None:
    assert age_by_law(birth, on) == age


@given(births, st.integers(0, 50_000))
def test_age_never_falls_and_grows_by_one_at_most(birth: date, days: int) -> None:
    on = birth + timedelta(days=days)
    today, tomorrow = age_by_law(birth, on), age_by_law(birth, on + timedelta(days=1))
    assert 0 <= today <= tomorrow <= today + 1


@given(births.filter(lambda day: (day.month, day.day) != (2, 29)), st.integers(1, 110))
def test_one_turns_n_on_the_day_before(birth: date, years: int) -> None:
    birthday = birth.replace(year=birth.year + years)
    assert age_by_law(birth, birthday - timedelta(days=1)) == years
    assert age_by_law(birth, birthday - timedelta(days=2)) == years - 1


def test_the_checkup_question_follows_the_age() -> None:
    policy = ConsentPolicy()
    first = Question(ConsentItem.TREATMENT_AND_MEDICINE)
    assert due_questions(policy, 39) == (first,)
    assert due_questions(policy, 40) == (first, Question(ConsentItem.CHECKUP))
    assert due_questions(policy, None) == (first, Question(ConsentItem.CHECKUP, age_unknown=True))


policies = st.builds(
    ConsentPolicy,
    items=st.lists(
        st.sampled_from(
            [
                ConsentItem.TREATMENT_AND_MEDICINE,
                ConsentItem.CHECKUP,
                ConsentItem.SURGERY,
                ConsentItem.SPECIFIC_DISEASE,
            ]
        ),
        unique=True,
    ).map(tuple),
    checkup_age=st.integers(35, 45),
    limit_step=st.sampled_from(LimitStep),
)


@given(policies, st.none() | st.integers(0, 120), st.booleans())
def test_each_item_is_either_asked_or_recorded(
    policy: ConsentPolicy, age: int | None, in_grace: bool
) -> None:
    asked: list[ConsentItem] = [question.item for question in due_questions(policy, age, in_grace=in_grace)]
    records = rule_records(policy, age, language="ja", at=NOW, in_grace=in_grace)
    unasked = [record.item for record in records if record.item is not ConsentItem.LIMIT]
    assert sorted([*asked, *unasked]) == sorted(policy.items)
    assert all(record.decision in (Decision.NOT_DUE, Decision.SKIPPED_BY_RULE) for record in records)


def test_in_grace_nothing_is_asked_and_each_record_says_why() -> None:
    records = rule_records(ConsentPolicy(), 30, language="en", at=NOW, in_grace=True)
    assert [(record.item, record.decision) for record in records] == [
        (ConsentItem.TREATMENT_AND_MEDICINE, Decision.SKIPPED_BY_RULE),
        (ConsentItem.CHECKUP, Decision.NOT_DUE),
    ]


@pytest.mark.parametrize(
    ("step", "answer", "flag"),
    [
        (LimitStep.ASK, Decision.YES, 1),
        (LimitStep.ASK, Decision.NO, 0),
        (LimitStep.ASK, None, 0),
        (LimitStep.INFORM, None, 1),
        (LimitStep.OFF, None, 0),
    ],
)
def test_the_limit_flag(step: LimitStep, answer: Decision | None, flag: int) -> None:
    policy = ConsentPolicy(limit_step=step)
    records = rule_records(policy, 50, language="ja", at=NOW)
    if answer is not None:
        records += (ConsentRecord(ConsentItem.LIMIT, answer, "2024-06", "ja", NOW),)
    assert limit_consent(policy, records) == flag
    assert (ConsentItem.LIMIT in [record.item for record in records]) is (
        step is LimitStep.INFORM or answer is not None
    )
