# SPDX-License-Identifier: Apache-2.0
"""The FHIR bundle on its way: into a folder, or to a server."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kiosk.durable import sync_folder, write_synced
from kiosk.eligibility.model import Answer
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.handover.fhir_bundle import AuditTrail, bundle_of
from kiosk.handover.fhir_parts import Json
from kiosk.handover.web import ServerCodes, WebClient
from kiosk.outbox.model import HandOverProblem

CODES: Final = ServerCodes(
    FailureCode.FHIR_UNREACHABLE, FailureCode.FHIR_NOT_AUTHORISED, FailureCode.FHIR_REFUSED
)
_JSON: Final = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
_TAKEN: Final = ("200", "201")

_log = logging.getLogger("kiosk.handover")

Carrier = Callable[[str, bytes], None]
"""Takes one bundle under the key of its check; the same key again changes nothing."""


class FhirDelivery:
    """Hands over each answer as a bundle. Lives on: the sync thread."""

    def __init__(
        self,
        carry: Carrier,
        institution_code: str,
        kiosk_id: str,
        audit: Callable[[], AuditTrail | None] = lambda: None,
    ) -> None:
        self._carry = carry
        self._institution_code = institution_code
        self._kiosk_id = kiosk_id
        self._audit = audit

    def deliver(self, answer: Answer) -> None:
        """Hand over, or once more with no second effect; a `KioskError` where that did not work."""
        bundle = bundle_of(answer, self._institution_code, self._kiosk_id, self._audit())
        content = json.dumps(bundle, ensure_ascii=False, indent=1).encode()
        self._carry(answer.header.file_id or "", content)
        _log.info("FHIR bundle handed over")


class FhirFolder:
    """One file a check, written whole or not at all. Lives on: the sync thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, key: str, content: bytes) -> None:
        """Write it; a repeat ends with the same single file."""
        target = self._folder / f"uketsuke-{key}.fhir.json"
        part = self._folder / f".uketsuke-{key}.part"
        try:
            write_synced(part, content)
            part.replace(target)
            sync_folder(self._folder)
        except OSError as error:
            there = self._folder.is_dir()
            code = FailureCode.HANDOVER_WRITE_FAILED if there else FailureCode.HANDOVER_FOLDER_MISSING
            raise EnvironmentProblem(code, detail=f"FHIR folder: {error.strerror}") from error


class FhirServer:
    """Posts a transaction. Lives on: the sync thread.

    Every entry is created on the condition that it is not there, so that a try whose answer was lost does no
    harm.
    """

    def __init__(self, web: WebClient) -> None:
        self._web = web

    def __call__(self, _key: str, content: bytes) -> None:
        """Post it; whatever is not taken as a whole is a `HandOverProblem`."""
        reply = self._web.ask("POST", "", content, _JSON)
        if reply.status >= 300:
            raise HandOverProblem(FailureCode.FHIR_REFUSED, status=reply.status, final=True)
        statuses = list(_statuses(_read(reply.body)))
        if not statuses or not all(status.startswith(_TAKEN) for status in statuses):
            raise HandOverProblem(FailureCode.FHIR_REFUSED, detail="not every part was taken", final=True)

    def check(self) -> None:
        """Whether the server answers and speaks FHIR R4, for a diagnosis."""
        reply = self._web.ask("GET", "metadata", headers=_JSON)
        version = str(_read(reply.body).get("fhirVersion", "")) if reply.status < 300 else ""
        if not version.startswith("4.0"):
            raise HandOverProblem(FailureCode.FHIR_REFUSED, detail="no FHIR R4 server", status=reply.status)


def _read(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise HandOverProblem(FailureCode.FHIR_REFUSED, detail="an answer that cannot be read")
    return value


def _statuses(bundle: Json) -> list[str]:
    entries = bundle.get("entry")
    if not isinstance(entries, list):
        return []
    responses = [entry.get("response") if isinstance(entry, dict) else None for entry in entries]
    return [str(one.get("status", "")) if isinstance(one, dict) else "" for one in responses]
