# SPDX-License-Identifier: Apache-2.0
"""The pieces FHIR resources are made of, as plain JSON values."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import date, datetime
from typing import Final, TypeAlias

from kiosk.eligibility import values
from kiosk.eligibility.codes import plain

Json: TypeAlias = dict[str, object]

# Each address stands in docs/handover.md with where it was read; a test holds a bundle against that list.
JP_CORE: Final = "http://jpfhir.jp/fhir/core/StructureDefinition/"  # JP Core: JP_Patient, JP_Coverage
JP_EXTENSION: Final = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/"  # JP Core: JP_Coverage
NAME_WRITING: Final = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"  # HL7
CONSENT_SCOPE: Final = "http://terminology.hl7.org/CodeSystem/consentscope"  # HL7
PARTICIPANT: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"  # HL7

PATIENT_NUMBER: Final = "urn:oid:1.2.392.100495.20.3.51.1"  # JP_Patient; and the institution's ten digits
INSTITUTION: Final = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no"  # JP_Organization
INSURER: Final = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber"  # JP_Organization
RELATIONSHIP: Final = "urn:oid:1.2.392.100495.20.2.62"  # JP_Coverage: relationship
# JP_Coverage; two versions of it name the same number differently, so it is a setting
MEMBER: Final = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"
# names of our own: official URIs for these are not public
KEY: Final = "urn:uketsuke:check"
OQS_CODE: Final = "urn:uketsuke:oqs:"

_SPACE = uuid.UUID("6d2c1a3e-6f0b-5a55-9c1e-0d3a8b0e7a11")


def deterministic_id(key: str, what: str) -> str:
    """The same id for the same part of the same check, whenever it is made."""
    return str(uuid.uuid5(_SPACE, f"{key}:{what}"))


def filled(**values_by_name: object) -> Json:
    """The values that say something; FHIR knows no empty ones. A trailing underscore is for Python's sake."""
    return {
        name.rstrip("_"): value for name, value in values_by_name.items() if value not in (None, "", [], {})
    }


def resource(kind: str, part_id: str, key: str, *, profile: str = "", **values_by_name: object) -> Json:
    """A resource with its id, and the check's key as a tag by which it is found again."""
    meta = filled(profile=[profile] if profile else None, tag=[filled(system=KEY, code=key)])
    return {"resourceType": kind, "id": part_id, "meta": meta, **filled(**values_by_name)}


def identifier(system: str, value: str) -> Json:
    """A number and what kind of number it is."""
    return {"system": system, "value": value}


def coded(system: str, code: str, display: str = "", text: str = "") -> Json:
    """A concept of one code."""
    return filled(coding=[filled(system=system, code=code, display=display)], text=text)


def reference(part_id: str) -> Json:
    """A reference to another entry of the bundle."""
    return {"reference": f"urn:uuid:{part_id}"}


def organisation(system: str, number: str, name: str = "") -> Json:
    """A reference to an organisation by its number; who holds it is the receiver's to know."""
    who = identifier(system, number) if number else None
    return filled(type="Organization", identifier=who, display=name or (None if number else "unknown"))


def extension(url: str, value: str, *, kind: str = "valueString") -> Json:
    """One extension."""
    return {"url": url, kind: value}


def instant(moment: datetime) -> str:
    """A moment with its offset, to the second."""
    return moment.isoformat(timespec="seconds")


def day_of(raw: str | None) -> str | None:
    """``yyyyMMdd`` as FHIR has days; None for what is none."""
    day = values.day(raw)
    return day.isoformat() if isinstance(day, date) else None


def moment_of(raw: str | None) -> str | None:
    """``yyyyMMddHHmmss`` as FHIR has moments; None for what is none."""
    moment = values.moment(raw)
    return instant(moment) if isinstance(moment, datetime) else None


def member_number(insurer: str | None, symbol: str | None, number: str | None, branch: str | None) -> str:
    """``insurer8:symbol:number:branch``, empty where a part is not as that number wants it."""
    payer, branch_digits = plain(insurer), plain(branch)
    texts = [_wide(symbol), _wide(number)]
    if not (payer.isascii() and payer.isdigit() and len(payer) <= 8) or any(":" in text for text in texts):
        return ""
    if branch_digits and not (
        branch_digits.isascii() and branch_digits.isdigit() and len(branch_digits) <= 2
    ):
        return ""
    return f"{payer.zfill(8)}:{texts[0]}:{texts[1]}:{branch_digits.zfill(2) if branch_digits else ''}"


def _wide(text: str | None) -> str:
    """In full-width signs and without spaces, as symbols and numbers are written there."""
    half = "".join(unicodedata.normalize("NFKC", text or "").split())
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" and sign != ":" else sign for sign in half)
