# SPDX-License-Identifier: Apache-2.0
"""Age as Japanese law counts it, and which questions it makes due. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kiosk.consent.items import ConsentItem, ConsentRecord, Decision, Given, Question
from kiosk.consent.policy import ConsentPolicy, LimitStep


def age_by_law(birth: date, on: date) -> int:
    """The age on that day (a Tokyo date): one turns N on the day *before* the birthday.

    So someone born on 29 February turns N on 28 February, in leap years and others alike, and someone born on
    1 March on the last day of February. Nobody is younger than 0.
    """
    tomorrow = on + timedelta(days=1)
    not_yet = (tomorrow.month, tomorrow.day) < (birth.month, birth.day)
    return max(0, tomorrow.year - birth.year - int(not_yet))


def due_questions(policy: ConsentPolicy, age: int | None, *, in_grace: bool = False) -> tuple[Question, ...]:
    """What is asked one by one, in the policy's order; the limit has a step of its own.

    Registering the card has a step of its own, too: it comes before it is known who is there.
    With an unknown age the checkup is asked in the leaflet's variant. With a certificate in its grace
    period no medical information can be handed over, so nothing is asked.
    """
    if in_grace:
        return ()
    return tuple(
        Question(item, age_unknown=item is ConsentItem.CHECKUP and age is None)
        for item in policy.items
        if not _too_young(policy, item, age) and item is not ConsentItem.USAGE_REGISTRATION
    )


def rule_records(
    policy: ConsentPolicy, age: int | None, *, language: str, at: datetime, in_grace: bool = False
) -> tuple[ConsentRecord, ...]:
    """The records for what nobody is asked: not due by age, or skipped by a rule."""
    records = [
        _record(
            policy,
            item,
            Decision.NOT_DUE if _too_young(policy, item, age) else Decision.SKIPPED_BY_RULE,
            language,
            at,
        )
        for item in policy.items
        if (in_grace or _too_young(policy, item, age)) and item is not ConsentItem.USAGE_REGISTRATION
    ]
    if policy.limit_step is LimitStep.INFORM:
        records.append(_record(policy, ConsentItem.LIMIT, Decision.SKIPPED_BY_RULE, language, at))
    return tuple(records)


def _too_young(policy: ConsentPolicy, item: ConsentItem, age: int | None) -> bool:
    return item is ConsentItem.CHECKUP and age is not None and age < policy.checkup_age


def _record(
    policy: ConsentPolicy, item: ConsentItem, decision: Decision, language: str, at: datetime
) -> ConsentRecord:
    return ConsentRecord(item, decision, policy.text_version, language, at, Given.SCREEN)


def limit_consent(policy: ConsentPolicy, records: tuple[ConsentRecord, ...]) -> int:
    """The request's flag: as answered, 1 by rule where the limit is only shown, 0 where it is left out."""
    if policy.limit_step is LimitStep.INFORM:
        return 1
    if policy.limit_step is LimitStep.OFF:
        return 0
    decisions = [record.decision for record in records if record.item is ConsentItem.LIMIT]
    return int(bool(decisions) and decisions[-1] is Decision.YES)
