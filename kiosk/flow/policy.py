# SPDX-License-Identifier: Apache-2.0
"""The clinic's choices that the flow obeys; all times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.consent.policy import ConsentPolicy


@dataclass(frozen=True, slots=True)
class FlowPolicy:
    """What may differ from clinic to clinic without changing the flow."""

    consent: ConsentPolicy = field(default_factory=ConsentPolicy)
    language: str = "ja"
    face_available: bool = True
    staff_check_available: bool = True
    allow_last_pin_attempt: bool = False
    face_tries: int = 3
    surface_camera: bool = True
    photo_openings: int = 3
    offer_registration: bool = True
    idle_s: float = 60.0
    warning_s: float = 20.0
    unhurried_factor: float = 3.0
    answer_wait_s: float = 10.0
    result_s: float = 8.0
    reminder_s: float = 5.0
    confirmed_s: float = 1.2
    staff_wait_s: float = 180.0
    handed_s: float = 20.0
    card_s: float = 30.0
    photo_s: float = 30.0
    face_s: float = 25.0
    registration_s: float = 2.0
    commit_s: float = 5.0
    clearing_s: float = 5.0
    diagnosis_s: float = 600.0
