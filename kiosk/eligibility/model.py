# SPDX-License-Identifier: Apache-2.0
"""The qualification check and its answer, with the element names of the XmlMsg messages.

Every value is the string that came: leading zeros and leading spaces carry meaning.
"""

# ruff: noqa: RUF009  # leaf, part, nested and listed are made of `dataclasses.field`

from __future__ import annotations

from dataclasses import dataclass

from kiosk.eligibility.message import Message, leaf, listed, nested, part


@dataclass(frozen=True, slots=True, repr=False)
class SearchInfo(Message):
    """Whom a check by number is about; echoed in its answer."""

    insurer_number: str | None = leaf("InsurerNumber")
    symbol: str | None = leaf("InsuredCardSymbol")
    number: str | None = leaf("InsuredIdentificationNumber")
    branch: str | None = leaf("InsuredBranchNumber")
    birth_date: str | None = leaf("Birthdate")
    limit_consent: str | None = leaf("LimitApplicationCertificateRelatedConsFlg")
    arbitrary_id: str | None = leaf("ArbitraryIdentifier")


@dataclass(frozen=True, slots=True, repr=False)
class RequestHeader(Message):
    """Head of a check by number."""

    confirmation_date: str | None = leaf("QualificationConfirmationDate")
    institution_code: str | None = leaf("MedicalInstitutionCode")
    file_id: str | None = leaf("ArbitraryFileIdentifier")


@dataclass(frozen=True, slots=True, repr=False)
class RequestBody(Message):
    """Body of a check by number."""

    search: SearchInfo = part("QualificationConfirmSearchInfo", SearchInfo)


@dataclass(frozen=True, slots=True, repr=False)
class NumberRequest(Message):
    """A check by number, ``OQSsiquc01req``."""

    header: RequestHeader = part("MessageHeader", RequestHeader)
    body: RequestBody = part("MessageBody", RequestBody)


@dataclass(frozen=True, slots=True, repr=False)
class AnswerHeader(Message):
    """Head of an answer; `file_id` is the check's idempotency key, which comes back unchanged."""

    process_time: str | None = leaf("ProcessExecutionTime")
    confirmation_date: str | None = leaf("QualificationConfirmationDate")
    institution_code: str | None = leaf("MedicalInstitutionCode")
    file_id: str | None = leaf("ArbitraryFileIdentifier")
    reference: str | None = leaf("ReferenceClassification")
    segment: str | None = leaf("SegmentOfResult")
    error_code: str | None = leaf("ErrorCode")
    error_message: str | None = leaf("ErrorMessage")
    character_code: str | None = leaf("CharacterCodeIdentifier")


@dataclass(frozen=True, slots=True, repr=False)
class LimitInfo(Message):
    """限度額: kind of certificate, 適用区分, and from when to when."""

    classification: str | None = leaf("LimitApplicationCertificateClassification")
    limit_class: str | None = leaf("LimitApplicationCertificateClassificationFlag")
    issued: str | None = leaf("LimitApplicationCertificateDate")
    valid_from: str | None = leaf("LimitApplicationCertificateValidStartDate")
    valid_to: str | None = leaf("LimitApplicationCertificateValidEndDate")
    long_term: str | None = leaf("LimitApplicationCertificateLongTermDate")


@dataclass(frozen=True, slots=True, repr=False)
class ElderlyInfo(Message):
    """高齢受給者証, for those of 70 to 74."""

    issued: str | None = leaf("ElderlyRecipientCertificateDate")
    valid_from: str | None = leaf("ElderlyRecipientValidStartDate")
    valid_to: str | None = leaf("ElderlyRecipientValidEndDate")
    ratio: str | None = leaf("ElderlyRecipientContributionRatio")


@dataclass(frozen=True, slots=True, repr=False)
class SpecificDisease(Message):
    """One 特定疾病療養受療証."""

    category: str | None = leaf("SpecificDiseasesDiseaseCategory")
    issued: str | None = leaf("SpecificDiseasesCertificateDate")
    valid_from: str | None = leaf("SpecificDiseasesValidStartDate")
    valid_to: str | None = leaf("SpecificDiseasesValidEndDate")
    self_pay: str | None = leaf("SpecificDiseasesSelfPay")


@dataclass(frozen=True, slots=True, repr=False)
class Result(Message):
    """One person's insurance, and the consents that hold for it.

    Some programs write the consents under other names (facts: oqs.md 2.4); both are read, the real files' are
    written.
    """

    card_class: str | None = leaf("InsuredCardClassification")
    insurer_number: str | None = leaf("InsurerNumber")
    symbol: str | None = leaf("InsuredCardSymbol")
    number: str | None = leaf("InsuredIdentificationNumber")
    branch: str | None = leaf("InsuredBranchNumber")
    family: str | None = leaf("PersonalFamilyClassification")
    insured_name: str | None = leaf("InsuredName")
    name: str | None = leaf("Name")
    other_name: str | None = leaf("NameOfOther")
    name_kana: str | None = leaf("NameKana")
    other_name_kana: str | None = leaf("NameOfOtherKana")
    sex: str | None = leaf("Sex1")
    sex_noted: str | None = leaf("Sex2")
    birth_date: str | None = leaf("Birthdate")
    address: str | None = leaf("Address")
    post_number: str | None = leaf("PostNumber")
    qualified_on: str | None = leaf("QualificationDate")
    disqualified_on: str | None = leaf("DisqualificationDate")
    issued: str | None = leaf("InsuredCertificateIssuanceDate")
    valid_from: str | None = leaf("InsuredCardValidDate")
    valid_to: str | None = leaf("InsuredCardExpirationDate")
    partial_ratio: str | None = leaf("InsuredPartialContributionRatio")
    preschool: str | None = leaf("PreschoolClassification")
    reason_of_loss: str | None = leaf("ReasonOfLoss")
    insurer_name: str | None = leaf("InsurerName")
    elderly: ElderlyInfo | None = nested("ElderlyRecipientCertificateInfo", ElderlyInfo)
    limit_consent: str | None = leaf("LimitApplicationCertificateRelatedConsFlg")
    limit_consent_time: str | None = leaf("LimitApplicationCertificateRelatedConsTime")
    limit: LimitInfo | None = nested("LimitApplicationCertificateRelatedInfo", LimitInfo)
    limit_changed: str | None = leaf("LimitApplicationCertificateChanged")
    disease_consent: str | None = leaf("SpecificDiseasesCertificateRelatedConsFlg")
    disease_consent_time: str | None = leaf("SpecificDiseasesCertificateRelatedConsTime")
    diseases: tuple[SpecificDisease, ...] | None = listed(
        "SpecificDiseasesCertificateList", "SpecificDiseasesCertificateInfo", SpecificDisease
    )
    checkup_consent: str | None = leaf("SpecificHealthCheckupsInfoConsFlg")
    checkup_consent_time: str | None = leaf("SpecificHealthCheckupsInfoConsTime")
    checkup_available: str | None = leaf(
        "SpecificHealthCheckupsInfoAvailableTime", "SpecificHealthCheckupsInfoAcquisitionTime"
    )
    medicine_consent: str | None = leaf("PharmacistsInfoConsFlg", "PharmaceuticalInfoConsFlg")
    medicine_consent_time: str | None = leaf("PharmacistsInfoConsTime", "PharmaceuticalInfoConsTime")
    medicine_available: str | None = leaf(
        "PharmacistsInfoAvailableTime",
        "PharmacistsInfoAcquisitionTime",
        "PharmaceuticalInfoAvailableTime",
        "PharmaceuticalInfoAcquisitionTime",
    )
    treatment_consent: str | None = leaf("DiagnosisInfoConsFlg")
    treatment_consent_time: str | None = leaf("DiagnosisInfoConsTime")
    treatment_available: str | None = leaf("DiagnosisInfoAvailableTime", "DiagnosisInfoAcquisitionTime")
    surgery_consent: str | None = leaf("OperationInfoConsFlg")
    surgery_consent_time: str | None = leaf("OperationInfoConsTime")
    surgery_available: str | None = leaf("OperationInfoAvailableTime", "OperationInfoAcquisitionTime")
    arbitrary_id: str | None = leaf("ArbitraryIdentifier")
    reference_number: str | None = leaf("ReferenceNumber")


@dataclass(frozen=True, slots=True, repr=False)
class AnswerBody(Message):
    """Body of an answer."""

    search: SearchInfo | None = nested("QualificationConfirmSearchInfo", SearchInfo)
    prescription: str | None = leaf("PrescriptionIssueSelect")
    status: str | None = leaf("ProcessingResultStatus")
    result_code: str | None = leaf("ProcessingResultCode")
    result_message: str | None = leaf("ProcessingResultMessage")
    validity: str | None = leaf("QualificationValidity")
    confirmation_key: str | None = leaf("QualificationConfirmationKey")
    results: tuple[Result, ...] | None = listed("ResultList", "ResultOfQualificationConfirmation", Result)


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Message):
    """An answer to a check, ``OQSsiquc01res``; also what a face-result file holds."""

    header: AnswerHeader = part("MessageHeader", AnswerHeader)
    body: AnswerBody = part("MessageBody", AnswerBody)

    @property
    def results(self) -> tuple[Result, ...]:
        """The persons found; none where there is no list."""
        return self.body.results or ()
