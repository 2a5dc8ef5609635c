# SPDX-License-Identifier: Apache-2.0
"""What may come in over HTTP, as typed values (docs/upstream-api.yaml)."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, RootModel

from kiosk.auth.certificate.standing import Standing
from kiosk.auth.evidence import Assurance, Statement, VerificationMethod
from kiosk.consent.items import ConsentItem, Decision, Given

ULID = re.compile(r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("no base64") from None  # the value itself must not come back in an error


def _instant(value: object) -> object:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    raise ValueError("no time in UTC with whole seconds")


Bytes = Annotated[bytes, BeforeValidator(_decoded), Field(max_length=8192)]
Hash = Annotated[bytes, BeforeValidator(_decoded), Field(min_length=32, max_length=32)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
InstitutionCode = Annotated[str, Field(pattern=r"^[0-9]{10}$")]
ShortText = Annotated[str, Field(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class StatementIn(_Body):
    """What the card signed."""

    version: Literal["uketsuke-v1"]
    institution_code: InstitutionCode
    kiosk_id: Annotated[str, Field(min_length=1, max_length=64)]
    session: Annotated[str, Field(pattern=ULID.pattern)]
    nonce: Hash
    method: VerificationMethod
    time: Instant

    def statement(self) -> Statement:
        """The value whose digest is signed."""
        return Statement(
            self.institution_code, self.kiosk_id, self.session, self.nonce, self.method, self.time
        )


class VisualIn(_Body):
    """The visual application's chain, without the photo."""

    birth_date: Bytes
    sex: Bytes
    public_key: Bytes
    images_hash: Hash
    photo_hash: Hash
    signature: Bytes
    cv_certificate: Bytes


class EvidenceIn(_Body):
    """What the kiosk can show for its verification."""

    method: VerificationMethod
    assurance: Assurance
    certificate: Bytes
    statement: StatementIn
    signature: Bytes | None
    visual: VisualIn | None
    decided_by: ShortText
    reason: ShortText
    revocation: Standing = Standing.NOT_ASKED


class ConsentIn(_Body):
    """One decision."""

    item: ConsentItem
    decision: Decision
    text_version: ShortText
    language: ShortText
    decided_at: Instant
    given: Given


class ActIn(_Body):
    """What every request about a patient's act carries."""

    evidence: EvidenceIn
    consents: Annotated[tuple[ConsentIn, ...], Field(max_length=20)]
    occurred_at: AwareDatetime
    institution_code: InstitutionCode


class CardCheckIn(ActIn):
    """A qualification check by card."""

    kind: Literal["card"]
    limit_consent: Annotated[int, Field(ge=0, le=1)]
    qualification_confirmation_date: Annotated[str, Field(pattern=r"^[0-9]{8}$")]


class NumberSearchIn(_Body):
    """The elements of a request by number."""

    InsurerNumber: Annotated[str, Field(min_length=8, max_length=8)]
    InsuredCardSymbol: Annotated[str, Field(max_length=20)] | None = None
    InsuredIdentificationNumber: Annotated[str, Field(min_length=1, max_length=20)]
    InsuredBranchNumber: Annotated[str, Field(max_length=2)] | None = None
    Birthdate: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    LimitApplicationCertificateRelatedConsFlg: Literal["0", "1"]
    ArbitraryIdentifier: Annotated[str, Field(max_length=50)] | None = None


class NumberCheckIn(_Body):
    """A qualification check by number: nobody's card vouches for it, so there is no evidence."""

    kind: Literal["number"]
    search: NumberSearchIn
    occurred_at: AwareDatetime
    institution_code: InstitutionCode
    qualification_confirmation_date: Annotated[str, Field(pattern=r"^[0-9]{8}$")]


class CheckIn(RootModel[Annotated[CardCheckIn | NumberCheckIn, Field(discriminator="kind")]]):
    """A qualification check of either kind."""

    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)


class CertificateIn(_Body):
    """Which certificate: the SHA-256 of its issuer's key, and its serial number, both in hex."""

    issuer: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    serial: Annotated[str, Field(pattern=r"^[0-9a-f]{1,40}$")]


class UpdateIn(_Body):
    """What has become of whoever had a certificate: no card lies there, so a consent stands for it."""

    certificate: CertificateIn
    consent: ConsentIn
    occurred_at: AwareDatetime
    institution_code: InstitutionCode
