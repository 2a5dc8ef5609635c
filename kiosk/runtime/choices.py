# SPDX-License-Identifier: Apache-2.0
"""The clinic's settings in the flow's own terms."""

from __future__ import annotations

from dataclasses import replace

from kiosk.auth.face.session import LONGEST_TRY
from kiosk.consent.items import ConsentItem
from kiosk.consent.policy import ConsentPolicy, LimitStep
from kiosk.flow.policy import FlowPolicy
from kiosk.outbox.upkeep import Retention
from kiosk.settings import Settings


def flow_policy(settings: Settings) -> FlowPolicy:
    """The clinic's choices in the flow's own terms."""
    flow = settings.flow
    return FlowPolicy(
        consent=ConsentPolicy(
            items=tuple(ConsentItem(item) for item in settings.consent.items),
            checkup_age=settings.consent.checkup_age,
            limit_step=LimitStep(flow.limit_step),
            text_version=settings.consent.text_version,
        ),
        language=settings.kiosk.language,
        face_available=settings.camera.driver != "off",
        staff_check_available=flow.staff_check,
        allow_last_pin_attempt=settings.pin.allow_last_attempt,
        face_tries=settings.face.tries,
        surface_camera=settings.surface.driver != "off",
        offer_registration=flow.offer_registration,
        idle_s=flow.idle_s,
        warning_s=flow.warning_s,
        unhurried_factor=flow.unhurried_factor,
        answer_wait_s=flow.answer_wait_s,
        result_s=flow.result_s,
        reminder_s=flow.reminder_s,
        confirmed_s=flow.confirmed_s,
        staff_wait_s=flow.staff_wait_s,
        handed_s=flow.handed_s,
        card_s=flow.card_s,
        photo_s=flow.photo_s,
        # more than the photo and a try itself may take, which ends by its own word
        face_s=settings.face.try_s * LONGEST_TRY + 15.0,
        registration_s=flow.registration_s,
        commit_s=flow.commit_s,
        clearing_s=flow.clearing_s,
    )


def hurried(policy: FlowPolicy) -> FlowPolicy:
    """The same choices for a rehearsal without anybody who has to read: shorter waits, nothing else."""
    return replace(
        policy,
        result_s=0.6,
        reminder_s=2.0,
        confirmed_s=0.4,
        handed_s=5.0,
    )


def retention_of(settings: Settings) -> Retention:
    """How long the clinic keeps what."""
    chosen = settings.retention
    return Retention(personal_days=chosen.personal_days, records_years=chosen.records_years)
