# SPDX-License-Identifier: Apache-2.0
"""The hand-overs that the settings switch on, put together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.clock import Clock
from kiosk.diagnostics.ports import Probe
from kiosk.diagnostics.probes import handover_probe
from kiosk.diagnostics.server_probes import server_probe
from kiosk.eligibility.codec_xml import Encoding
from kiosk.eligibility.message import Spelling
from kiosk.eligibility.model import Answer
from kiosk.handover.delivery import FaceFileDelivery, HandOvers
from kiosk.handover.face_file import check_folder, clear_leftovers
from kiosk.handover.fhir import CODES as FHIR
from kiosk.handover.fhir import Carrier, FhirDelivery, FhirFolder, FhirServer
from kiosk.handover.fhir_bundle import AuditTrail, Sender
from kiosk.handover.orca import CODES as ORCA
from kiosk.handover.orca import OrcaChoices, OrcaDelivery
from kiosk.handover.web import ActMoment, ServerAccess, ServerCodes, WebClient, check_address
from kiosk.ids import ulid_moment
from kiosk.outbox.model import OutboxKind
from kiosk.outbox.store import Store
from kiosk.outbox.tls import TlsFiles, tls_context
from kiosk.runtime.paper_desk import printer_probes
from kiosk.settings import Settings
from kiosk.settings_handover import ServerSection


def kinds_of(settings: Settings) -> list[OutboxKind]:
    """Which hand-overs follow from an answer."""
    section = settings.handover
    switched = {
        OutboxKind.HANDOVER_FACE_FILE: section.face_file.enabled,
        OutboxKind.HANDOVER_ORCA: section.orca.enabled,
        OutboxKind.HANDOVER_FHIR: section.fhir.enabled,
    }
    return [kind for kind, on in switched.items() if on]


def hand_overs_of(settings: Settings, clock: Clock, records: Callable[[], Store]) -> HandOvers:
    """The hand-overs that are switched on; `records` are opened later.

    Refuses a folder that is missing; and, with a simulated upstream, a folder that is not marked as a demo's
    and a server that is not on this machine.
    """
    simulated = settings.upstream.kind == "simulator"
    by_kind: dict[str, Callable[[Answer], None]] = {}
    face = settings.handover.face_file
    if face.enabled:
        folder = Path(face.folder)
        check_folder(folder, simulated=simulated)
        clear_leftovers(folder)
        by_kind[OutboxKind.HANDOVER_FACE_FILE] = FaceFileDelivery(
            folder, settings.kiosk.institution_code, Encoding(face.encoding), Spelling(face.spelling)
        ).deliver

    def when(key: str) -> datetime | None:
        # a key's own time stays ahead for as long as the clock once was, a record's is that of the act
        item = records().show(key)
        return ulid_moment(key) if item is None else item.occurred_at

    if settings.handover.orca.enabled:
        by_kind[OutboxKind.HANDOVER_ORCA] = orca_of(settings, clock, when).deliver
    if settings.handover.fhir.enabled:

        def audit() -> AuditTrail:
            upkeep = records().upkeep
            return AuditTrail(upkeep.checkpoint().text, upkeep.public_key())

        by_kind[OutboxKind.HANDOVER_FHIR] = FhirDelivery(
            _carrier(settings, clock, simulated=simulated),
            Sender(settings.kiosk.institution_code, settings.kiosk.id),
            audit,
            when,
            member=settings.handover.fhir.member_system,
        ).deliver
    return HandOvers(by_kind)


def probes_of(settings: Settings, clock: Clock) -> list[Probe]:
    """The diagnosis of what is switched on, beside that of the face file's folder."""
    section = settings.handover
    found: list[Probe] = []
    if section.orca.enabled:
        found.append(server_probe("orca", lambda: orca_of(settings, clock).check(), section.orca.timeout_s))
    if section.fhir.enabled and section.fhir.url:
        found.append(
            server_probe("fhir", lambda: fhir_server(settings, clock).check(), section.fhir.timeout_s)
        )
    elif section.fhir.enabled:
        found.append(handover_probe(Path(section.fhir.folder), "fhir"))
    return [*found, *printer_probes(settings)]


def fhir_server(settings: Settings, clock: Clock) -> FhirServer:
    """The FHIR server, as the settings name it."""
    section = settings.handover.fhir
    return FhirServer(_web("handover.fhir", section, FHIR, settings, clock))


def _carrier(settings: Settings, clock: Clock, *, simulated: bool) -> Carrier:
    section = settings.handover.fhir
    if section.url:
        return fhir_server(settings, clock)
    folder = Path(section.folder)
    check_folder(folder, simulated=simulated)
    clear_leftovers(folder)
    return FhirFolder(folder)


def orca_of(settings: Settings, clock: Clock, when: ActMoment = ulid_moment) -> OrcaDelivery:
    """ORCA, as the settings name it."""
    section = settings.handover.orca
    choices = OrcaChoices(
        section.department,
        section.physician,
        section.medical_information,
        register_by_name=section.without_number == "name",
    )
    return OrcaDelivery(_web("handover.orca", section, ORCA, settings, clock), choices, when=when)


def _web(
    name: str, section: ServerSection, codes: ServerCodes, settings: Settings, clock: Clock
) -> WebClient:
    simulated = settings.upstream.kind == "simulator"
    check_address(name, section.url, own_network=section.plain_http_allowed, simulated=simulated)
    files = TlsFiles(
        section.ca_file,
        section.client_certificate_file,
        section.client_key_file,
        section.client_key_password.get_secret_value(),
    )
    access = ServerAccess(
        section.url,
        section.user,
        section.password.get_secret_value(),
        tls_context(files, name),
        section.timeout_s,
    )
    return WebClient(access, codes, clock)
