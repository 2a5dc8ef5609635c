# SPDX-License-Identifier: Apache-2.0
"""The settings of what the reception computer, other servers and the printer get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from kiosk.settings_base import Section, WebAddress


class FaceFileSection(Section):
    """The face-result file for the reception computer."""

    enabled: bool = False
    folder: str = ""
    encoding: Literal["utf-8", "cp932"] = "utf-8"
    spelling: Literal["real", "twin", "both"] = "real"


class ServerSection(Section):
    """A server of the clinic, and how the kiosk signs in there."""

    enabled: bool = False
    url: WebAddress = ""
    plain_http_allowed: bool = False
    user: Annotated[str, Field(max_length=64)] = ""
    password: SecretStr = SecretStr("")
    ca_file: str = ""
    client_certificate_file: str = ""
    client_key_file: str = ""
    client_key_password: SecretStr = SecretStr("")
    timeout_s: Annotated[float, Field(ge=1, le=30)] = 10.0


_ORCA_CODE = r"^[0-9A-Za-z]{0,5}$"


class OrcaSection(ServerSection):
    """The reception list of ORCA."""

    department: Annotated[str, Field(pattern=_ORCA_CODE, description="a code of at most five signs")] = ""
    physician: Annotated[str, Field(pattern=_ORCA_CODE, description="a code of at most five signs")] = ""
    medical_information: Annotated[
        str, Field(pattern=_ORCA_CODE, description="a code of at most five signs")
    ] = ""
    without_number: Literal["staff", "name"] = "staff"


class FhirSection(ServerSection):
    """The FHIR bundle, to a server or into a folder."""

    folder: str = ""
    member_system: Annotated[
        str, Field(pattern=r"^(?:(?:https?://|urn:)\S{1,190})?$", description="an address or a urn")
    ] = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"


class ReferenceNumberSection(Section):
    """Registration of the clinic's own patient numbers through the qualification terminal's folders."""

    enabled: bool = False


class HandoverSection(Section):
    """What the reception computer gets."""

    face_file: FaceFileSection = FaceFileSection()
    orca: OrcaSection = OrcaSection()
    fhir: FhirSection = FhirSection()
    reference_number: ReferenceNumberSection = ReferenceNumberSection()

    def contradictions(self) -> Iterator[str]:
        """What each key allows by itself, but not together."""
        if self.face_file.enabled and not self.face_file.folder:
            yield "[handover.face_file] enabled needs a folder."
        orca, fhir = self.orca, self.fhir
        if orca.enabled and not (orca.url and orca.department and orca.physician):
            yield "[handover.orca] enabled needs url, department and physician."
        if fhir.enabled and bool(fhir.url) == bool(fhir.folder):
            yield "[handover.fhir] enabled needs either a url or a folder."
        for name, server in (("orca", orca), ("fhir", fhir)):
            if bool(server.client_certificate_file) != bool(server.client_key_file):
                yield f"[handover.{name}] client_certificate_file and client_key_file go together."


class PrintingSection(Section):
    """Paper: slips for patients, declarations at the desk."""

    slip: bool = False
    declaration: bool = False
    printer: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_.@-]{0,127}$", description="a name of a printer, as lpstat -p has it"),
    ] = ""
    folder: str = ""
