# SPDX-License-Identifier: Apache-2.0
"""The platform provider: what has become of a person whose certificate ended, with their consent."""

from __future__ import annotations

from datetime import UTC, datetime

from kiosk.consent.items import ConsentItem, Decision
from kiosk.simulator.patients.people import Patient
from kiosk.simulator.upstream.registry import renewed_serial
from kiosk.simulator.upstream.wire import CertificateIn, ConsentIn

_SOURCE = "公的個人認証サービス（模擬）"


def agreed(consent: ConsentIn) -> bool:
    """Whether the consent is one to this."""
    return consent.item is ConsentItem.PERSON_UPDATE and consent.decision is Decision.YES


def update_for(
    patient: Patient | None, asked: CertificateIn, now: datetime, *, moved: bool
) -> dict[str, object]:
    """The four basic facts and the certificate that came after, where the person has moved."""
    told: dict[str, object] = {
        "certificate": {"issuer": asked.issuer, "serial": asked.serial},
        "changed": False,
        "person": None,
        "successor": None,
        "source": _SOURCE,
        "as_of": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    if patient is None or not moved:
        return told
    renewed = renewed_serial(patient.key)
    if int(asked.serial, 16) == renewed:
        return told  # this is the certificate that came after: nothing has changed since
    person = {
        "name": patient.name,
        "address": patient.moves_to or patient.address,
        "birth_date": f"{patient.birth:%Y%m%d}",
        "sex": patient.sex.value,
    }
    successor = {"issuer": asked.issuer, "serial": f"{renewed:x}"}
    return told | {"changed": True, "person": person, "successor": successor}
