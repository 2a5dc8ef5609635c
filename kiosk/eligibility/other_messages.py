# SPDX-License-Identifier: Apache-2.0
"""The other messages of the qualification terminal: bulk queries, 照会番号, and asking for records.

Only what programs that speak with the real system show of them (facts: oqs.md 1.5, 2.1, 2.3).
"""

# ruff: noqa: RUF009  # leaf, part, nested, listed and repeated are made of `dataclasses.field`

from __future__ import annotations

from dataclasses import dataclass

from kiosk.eligibility.codes import CareKind, FileCategory, ProcessingStatus, Validity
from kiosk.eligibility.message import Message, leaf, listed, nested, part, repeated
from kiosk.eligibility.model import AnswerHeader, RequestHeader, Result
from kiosk.eligibility.values import Form


@dataclass(frozen=True, slots=True, repr=False)
class ReferenceInfo(Message):
    """Which clinic number belongs to which insured person."""

    reference_number: str | None = leaf("ReferenceNumber")
    insurer_number: str | None = leaf("InsurerNumber", writing=Form.NUMBER)
    symbol: str | None = leaf("InsuredCardSymbol")
    number: str | None = leaf("InsuredIdentificationNumber")
    branch: str | None = leaf("InsuredBranchNumber")


@dataclass(frozen=True, slots=True, repr=False)
class ReferenceBody(Message):
    """Body of a registration of one 照会番号."""

    info: ReferenceInfo = part("ReferenceNumberRegistrationInfo", ReferenceInfo)


@dataclass(frozen=True, slots=True, repr=False)
class ReferenceRequest(Message):
    """The clinic's own patient number is registered, ``OQSsiimm01req``."""

    header: RequestHeader = part("MessageHeader", RequestHeader)
    body: ReferenceBody = part("MessageBody", ReferenceBody)


@dataclass(frozen=True, slots=True, repr=False)
class ReferenceAnswerBody(Message):
    """Body of the answer to it; the real system repeats what was registered."""

    info: ReferenceInfo | None = nested("ReferenceNumberRegistrationInfo", ReferenceInfo)
    status: str | None = leaf("ProcessingResultStatus", writing=ProcessingStatus)
    result_code: str | None = leaf("ProcessingResultCode")
    result_message: str | None = leaf("ProcessingResultMessage")


@dataclass(frozen=True, slots=True, repr=False)
class ReferenceAnswer(Message):
    """Whether the number was registered, ``OQSsiimm01res``."""

    header: AnswerHeader = part("MessageHeader", AnswerHeader)
    body: ReferenceAnswerBody = part("MessageBody", ReferenceAnswerBody)


@dataclass(frozen=True, slots=True, repr=False)
class BulkSearch(Message):
    """Whom a bulk query is about: a month of treatment, or days of consent, or days of examination."""

    month: str | None = leaf("MedicalTreatmentMonth", writing=Form.MONTH)
    consent_from: str | None = leaf("ConsentDateFrom", writing=Form.DAY)
    consent_to: str | None = leaf("ConsentDateTo", writing=Form.DAY)
    examination_from: str | None = leaf("ExaminationDateFrom", writing=Form.DAY)
    examination_to: str | None = leaf("ExaminationDateTo", writing=Form.DAY)
    treatment: str | None = leaf("MedicalTreatmentFlag", writing=CareKind)


@dataclass(frozen=True, slots=True, repr=False)
class BulkBody(Message):
    """Body of a bulk query; of its download only the reception number."""

    searches: tuple[BulkSearch, ...] = repeated("QualificationConfirmSearchInfo", BulkSearch)
    reception_number: str | None = leaf("ReceptionNumber")


@dataclass(frozen=True, slots=True, repr=False)
class BulkRequest(Message):
    """A bulk query or its download, ``OQSmu…01req`` and ``OQSmu…02req``."""

    header: RequestHeader = part("MessageHeader", RequestHeader)
    body: BulkBody = part("MessageBody", BulkBody)


@dataclass(frozen=True, slots=True, repr=False)
class BulkUnit(Message):
    """One person's answer among many."""

    status: str | None = leaf("ProcessingResultStatus", writing=ProcessingStatus)
    result_code: str | None = leaf("ProcessingResultCode")
    result_message: str | None = leaf("ProcessingResultMessage")
    validity: str | None = leaf("QualificationValidity", writing=Validity)
    reference_number: str | None = leaf("ReferenceNumber")
    results: tuple[Result, ...] | None = listed("ResultList", "ResultOfQualificationConfirmation", Result)


@dataclass(frozen=True, slots=True, repr=False)
class BulkAnswerBody(Message):
    """Body of the answer to a download."""

    reception_number: str | None = leaf("ReceptionNumber")
    units: tuple[BulkUnit, ...] = repeated("BulkConfirmUnit", BulkUnit)


@dataclass(frozen=True, slots=True, repr=False)
class BulkAnswer(Message):
    """The answer to a bulk query or its download."""

    header: AnswerHeader = part("MessageHeader", AnswerHeader)
    body: BulkAnswerBody = part("MessageBody", BulkAnswerBody)


@dataclass(frozen=True, slots=True, repr=False)
class RecordsHeader(Message):
    """Whose medicine or checkups are asked for; spelt otherwise than in the eligibility request."""

    institution_code: str | None = leaf("MedicalInstitutionCode", writing=Form.NUMBER)
    insurer_number: str | None = leaf("InsurerNumber", writing=Form.NUMBER)
    symbol: str | None = leaf("InsuranceCardSymbol")
    number: str | None = leaf("InsuredPersonIdentificationNumber")
    branch: str | None = leaf("BranchNumber")
    file_id: str | None = leaf("ArbitraryFileIdentifier")


@dataclass(frozen=True, slots=True, repr=False)
class RecordsBody(Message):
    """From when to when, and in which form."""

    start: str | None = leaf("StartDate", writing=Form.MONTH)
    end: str | None = leaf("EndDate", writing=Form.MONTH)
    file_category: str | None = leaf("FileCategory", writing=FileCategory)
    classification: str | None = leaf("PrDiInfClassification")
    treatment: str | None = leaf("MedicalTreatmentFlag", writing=CareKind)


@dataclass(frozen=True, slots=True, repr=False)
class RecordsRequest(Message):
    """Medicine and treatment or checkups are asked for, ``YZKsiquc01req`` and ``TKKsiquc01req``."""

    header: RecordsHeader = part("MessageHeader", RecordsHeader)
    body: RecordsBody = part("MessageBody", RecordsBody)


@dataclass(frozen=True, slots=True, repr=False)
class RecordsAnswerBody(Message):
    """Whether there is anything; the contents themselves stay as they came."""

    result_code: str | None = leaf("ResultCode")
    message: str | None = leaf("MessageContents")


@dataclass(frozen=True, slots=True, repr=False)
class RecordsAnswer(Message):
    """The answer to it; contents are among `unknown` and are handed on untouched."""

    header: AnswerHeader = part("MessageHeader", AnswerHeader)
    body: RecordsAnswerBody = part("MessageBody", RecordsAnswerBody)
