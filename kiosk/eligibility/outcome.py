# SPDX-License-Identifier: Apache-2.0
"""How a qualification check ended, as far as the patient's screen is concerned."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.errors import FailureCode


class OutcomeKind(StrEnum):
    """The ends a committed reception can have (contract: Codes to outcomes)."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    ASK_STAFF = "ask_staff"
    TO_BE_CONFIRMED = "to_be_confirmed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The kind, and for everything but *eligible* the failure code that says why."""

    kind: OutcomeKind
    code: FailureCode | None = None
    raw: str = field(default="", compare=False)  # codes that nobody here knows, as they came, for staff
