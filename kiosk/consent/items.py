# SPDX-License-Identifier: Apache-2.0
"""The kinds of information a patient decides about, and the record of one decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConsentItem(StrEnum):
    """One kind of information (contract: Consent). Official record codes stand behind each."""

    TREATMENT_AND_MEDICINE = "treatment_and_medicine"  # YZK and SRJ, asked as one question
    CHECKUP = "checkup"  # TKK
    SURGERY = "surgery"  # SHJ
    SPECIFIC_DISEASE = "specific_disease"  # TSR
    LIMIT = "limit"
    USAGE_REGISTRATION = "usage_registration"
    PERSON_UPDATE = "person_update"


class Decision(StrEnum):
    """What was decided, and where nobody was asked, why."""

    YES = "yes"
    NO = "no"
    NOT_DUE = "not_due"
    SKIPPED_BY_RULE = "skipped_by_rule"


class Given(StrEnum):
    """How the decision was taken."""

    SCREEN = "screen"
    VOICE = "voice"
    ALL_AT_ONCE = "all_at_once"
    STAFF_ORAL = "staff_oral"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One decision: about what, in which words, in which language, when (UTC) and how."""

    item: ConsentItem
    decision: Decision
    text_version: str
    language: str
    decided_at: datetime
    given: Given = Given.SCREEN


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask: the item, and whether the variant for an unknown age is shown.

    The leaflet's variant puts "not yet 40" beside "do not agree", where the birth date is not known.
    """

    item: ConsentItem
    age_unknown: bool = False
