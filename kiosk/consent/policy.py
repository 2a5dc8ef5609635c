# SPDX-License-Identifier: Apache-2.0
"""Which consents a clinic asks for, and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.consent.items import ConsentItem


class LimitStep(StrEnum):
    """What happens about the limit: it is asked for, shown without asking, or left out."""

    ASK = "ask"
    INFORM = "inform"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """The items asked for on a screen of their own, in order; the leaflet's by default."""

    items: tuple[ConsentItem, ...] = (ConsentItem.TREATMENT_AND_MEDICINE, ConsentItem.CHECKUP)
    checkup_age: int = 40
    limit_step: LimitStep = LimitStep.ASK
    text_version: str = "2024-06"
