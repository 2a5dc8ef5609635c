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
from kiosk.handover.fhir_bundle import AuditTrail, Sender, bundle_of
from kiosk.handover.fhir_parts import MEMBER, Json
from kiosk.handover.web import ActMoment, ServerCodes, WebClient
from kiosk.ids import ulid_moment
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
        sender: Sender,
        audit: Callable[[], AuditTrail | None] = lambda: None,
        when: ActMoment = ulid_moment,
        *,
        member: str = MEMBER,
    ) -> None:
        """`member` is the system under which the receiver knows the insured person's number."""
        self._carry = carry
        self._sender = sender
        self._audit = audit
        self._when = when
        self._member = member

    def deliver(self, answer: Answer) -> None:
        """Hand over, or once more with no second effect; a `KioskError` where that did not work."""
        key = answer.header.file_id or ""
        at = self._when(key)
        if at is None:
            raise HandOverProblem(FailureCode.FHIR_REFUSED, detail="an answer without its key", final=True)
        bundle = bundle_of(answer, at, self._sender, self._audit(), member=self._member)
        content = json.dumps(bundle, ensure_ascii=False, indent=1).encode()
        self._carry(key, content)
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
        statuses = _statuses(_read(reply.body))
        asked = len(json.loads(content)["entry"])  # each entry has its own answer, in the same order
        if len(statuses) != asked or not all(status.startswith(_TAKEN) for status in statuses):
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
