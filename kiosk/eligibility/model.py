# SPDX-License-Identifier: Apache-2.0
"""The qualification check and its answer, with the element names of the XmlMsg messages.

Every value is the string that came: leading zeros and leading spaces carry meaning.
"""

# ruff: noqa: RUF009  # leaf, part, nested and listed are made of `dataclasses.field`

from __future__ import annotations

from dataclasses import dataclass

from kiosk.eligibility.codes import (
    CardClass,
    Changed,
    CharacterCode,
    ConsentFlag,
    DiseaseCategory,
    Family,
    LimitCertificate,
    LimitClass,
    LimitConsent,
    Preschool,
    PrescriptionForm,
    ProcessingStatus,
    ReasonOfLoss,
    Reference,
    Segment,
    SexCode,
    TicketType,
    TreatmentType,
    Validity,
)
from kiosk.eligibility.message import Message, leaf, listed, nested, part, repeated
from kiosk.eligibility.values import Form


@dataclass(frozen=True, slots=True, repr=False)
class SearchInfo(Message):
    """Whom a check by number is about; echoed in its answer."""

    insurer_number: str | None = leaf("InsurerNumber", writing=Form.NUMBER)
    symbol: str | None = leaf("InsuredCardSymbol")
    number: str | None = leaf("InsuredIdentificationNumber")
    branch: str | None = leaf("InsuredBranchNumber")
    birth_date: str | None = leaf("Birthdate", writing=Form.DAY)
    limit_consent: str | None = leaf("LimitApplicationCertificateRelatedConsFlg", writing=LimitConsent)
    arbitrary_id: str | None = leaf("ArbitraryIdentifier")


@dataclass(frozen=True, slots=True, repr=False)
class RequestHeader(Message):
    """Head of a check by number."""

    confirmation_date: str | None = leaf("QualificationConfirmationDate", writing=Form.DAY)
    institution_code: str | None = leaf("MedicalInstitutionCode", writing=Form.NUMBER)
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
    """Head of an answer; `file_id` is the check's idempotency key, which comes back unchanged.

    The counts and `reception_number` come with answers to bulk queries only.
    """

    process_time: str | None = leaf("ProcessExecutionTime", writing=Form.MOMENT)
    confirmation_date: str | None = leaf("QualificationConfirmationDate", writing=Form.DAY)
    institution_code: str | None = leaf("MedicalInstitutionCode", writing=Form.NUMBER)
    file_id: str | None = leaf("ArbitraryFileIdentifier")
    reference: str | None = leaf("ReferenceClassification", writing=Reference)
    segment: str | None = leaf("SegmentOfResult", writing=Segment)
    error_code: str | None = leaf("ErrorCode")
    error_message: str | None = leaf("ErrorMessage")
    character_code: str | None = leaf("CharacterCodeIdentifier", writing=CharacterCode)
    reception_number: str | None = leaf("ReceptionNumber")
    results_count: str | None = leaf("NumberOfProcessingResult", writing=Form.AMOUNT)
    normal_count: str | None = leaf("NumberOfNormalProcessing", writing=Form.AMOUNT)
    error_count: str | None = leaf("NumberOfError", writing=Form.AMOUNT)


@dataclass(frozen=True, slots=True, repr=False)
class LimitInfo(Message):
    """限度額: kind of certificate, 適用区分, and from when to when."""

    classification: str | None = leaf("LimitApplicationCertificateClassification", writing=LimitCertificate)
    limit_class: str | None = leaf("LimitApplicationCertificateClassificationFlag", writing=LimitClass)
    issued: str | None = leaf("LimitApplicationCertificateDate", writing=Form.DAY)
    valid_from: str | None = leaf("LimitApplicationCertificateValidStartDate", writing=Form.DAY)
    valid_to: str | None = leaf("LimitApplicationCertificateValidEndDate", writing=Form.DAY)
    long_term: str | None = leaf("LimitApplicationCertificateLongTermDate", writing=Form.DAY)


@dataclass(frozen=True, slots=True, repr=False)
class ElderlyInfo(Message):
    """高齢受給者証, for those of 70 to 74."""

    issued: str | None = leaf("ElderlyRecipientCertificateDate", writing=Form.DAY)
    valid_from: str | None = leaf("ElderlyRecipientValidStartDate", writing=Form.DAY)
    valid_to: str | None = leaf("ElderlyRecipientValidEndDate", writing=Form.DAY)
    ratio: str | None = leaf("ElderlyRecipientContributionRatio", writing=Form.AMOUNT)


@dataclass(frozen=True, slots=True, repr=False)
class SpecificDisease(Message):
    """One 特定疾病療養受療証."""

    category: str | None = leaf("SpecificDiseasesDiseaseCategory", writing=DiseaseCategory)
    issued: str | None = leaf("SpecificDiseasesCertificateDate", writing=Form.DAY)
    valid_from: str | None = leaf("SpecificDiseasesValidStartDate", writing=Form.DAY)
    valid_to: str | None = leaf("SpecificDiseasesValidEndDate", writing=Form.DAY)
    self_pay: str | None = leaf("SpecificDiseasesSelfPay", writing=Form.AMOUNT)


@dataclass(frozen=True, slots=True, repr=False)
class MedicalTicket(Message):
    """One 医療券 or 調剤券 of public assistance; `StatusOfInfecton` is how the real messages spell it."""

    kind: str | None = leaf("TicketType", writing=TicketType)
    valid_from: str | None = leaf("MedicalTicketValidDate", writing=Form.DAY)
    valid_to: str | None = leaf("MedicalTicketExpirationDate", writing=Form.DAY)
    issue_number: str | None = leaf("IssueNumber")
    month: str | None = leaf("MedicalTreatmentMonth", writing=Form.MONTH)
    institution_code: str | None = leaf("DesignatedMedicalInstitutionCode", writing=Form.NUMBER)
    institution_flag: str | None = leaf("DesignatedMedicalInstitutionFlag")
    institution_name: str | None = leaf("DesignatedMedicalInstitutionName")
    issuer_code: str | None = leaf("PrescriptionIssuerMedicalInstitutionCode", writing=Form.NUMBER)
    issuer_name: str | None = leaf("PrescriptionIssuerMedicalInstitutionName")
    injury_1: str | None = leaf("InjuryName1")
    injury_2: str | None = leaf("InjuryName2")
    injury_3: str | None = leaf("InjuryName3")
    treatment: str | None = leaf("MedicalTreatmentType", writing=TreatmentType)
    self_pay: str | None = leaf("SelfPayAmount", writing=Form.AMOUNT)
    district_contact: str | None = leaf("DistrictContactName")
    handling_contact: str | None = leaf("HandlingContactName")
    single_or_combined: str | None = leaf("SingleOrCombinedUse")
    social_insurance: str | None = leaf("StatusOfSocialInsurance")
    consistency: str | None = leaf("ConsistencyFlag")
    infection_status: str | None = leaf("StatusOfInfecton")
    elderly_care: str | None = leaf("StatusOfElderlyMedicalCare")
    prefectural_expenses: str | None = leaf("StatusOfPrefecturalExpenses")
    remarks_1: str | None = leaf("Remarks1")
    remarks_2: str | None = leaf("Remarks2")
    remarks_3: str | None = leaf("Remarks3")


@dataclass(frozen=True, slots=True, repr=False)
class PublicExpense(Message):
    """The tickets of public assistance."""

    tickets: tuple[MedicalTicket, ...] = repeated("MedicalTicketInfo", MedicalTicket)


@dataclass(frozen=True, slots=True, repr=False)
class Result(Message):
    """One person's insurance, and the consents that hold for it.

    Some programs write the consents under other names (facts: oqs.md 2.4); both are read, the real files' are
    written.
    """

    card_class: str | None = leaf("InsuredCardClassification", writing=CardClass)
    insurer_number: str | None = leaf("InsurerNumber", writing=Form.NUMBER)
    symbol: str | None = leaf("InsuredCardSymbol")
    number: str | None = leaf("InsuredIdentificationNumber")
    branch: str | None = leaf("InsuredBranchNumber")
    family: str | None = leaf("PersonalFamilyClassification", writing=Family)
    insured_name: str | None = leaf("InsuredName")
    name: str | None = leaf("Name")
    other_name: str | None = leaf("NameOfOther")
    name_kana: str | None = leaf("NameKana")
    other_name_kana: str | None = leaf("NameOfOtherKana")
    sex: str | None = leaf("Sex1", writing=SexCode)
    sex_noted: str | None = leaf("Sex2", writing=SexCode)
    birth_date: str | None = leaf("Birthdate", writing=Form.DAY)
    address: str | None = leaf("Address")
    post_number: str | None = leaf("PostNumber")
    qualified_on: str | None = leaf("QualificationDate", writing=Form.DAY)
    disqualified_on: str | None = leaf("DisqualificationDate", writing=Form.DAY)
    issued: str | None = leaf("InsuredCertificateIssuanceDate", writing=Form.DAY)
    valid_from: str | None = leaf("InsuredCardValidDate", writing=Form.DAY)
    valid_to: str | None = leaf("InsuredCardExpirationDate", writing=Form.DAY)
    partial_ratio: str | None = leaf("InsuredPartialContributionRatio", writing=Form.AMOUNT)
    preschool: str | None = leaf("PreschoolClassification", writing=Preschool)
    reason_of_loss: str | None = leaf("ReasonOfLoss", writing=ReasonOfLoss)
    insurer_name: str | None = leaf("InsurerName")
    elderly: ElderlyInfo | None = nested("ElderlyRecipientCertificateInfo", ElderlyInfo)
    limit_consent: str | None = leaf("LimitApplicationCertificateRelatedConsFlg", writing=LimitConsent)
    limit_consent_time: str | None = leaf("LimitApplicationCertificateRelatedConsTime", writing=Form.MOMENT)
    limit: LimitInfo | None = nested("LimitApplicationCertificateRelatedInfo", LimitInfo)
    limit_changed: str | None = leaf("LimitApplicationCertificateChanged", writing=Changed)
    disease_consent: str | None = leaf("SpecificDiseasesCertificateRelatedConsFlg", writing=ConsentFlag)
    disease_consent_time: str | None = leaf("SpecificDiseasesCertificateRelatedConsTime", writing=Form.MOMENT)
    diseases: tuple[SpecificDisease, ...] | None = listed(
        "SpecificDiseasesCertificateList", "SpecificDiseasesCertificateInfo", SpecificDisease
    )
    public_expense: PublicExpense | None = nested("PublicExpenseResultList", PublicExpense)
    ticket_count: str | None = leaf("NumberOfMedicalTickets", writing=Form.AMOUNT)
    checkup_consent: str | None = leaf("SpecificHealthCheckupsInfoConsFlg", writing=ConsentFlag)
    checkup_consent_time: str | None = leaf("SpecificHealthCheckupsInfoConsTime", writing=Form.MOMENT)
    checkup_available: str | None = leaf(
        "SpecificHealthCheckupsInfoAvailableTime",
        "SpecificHealthCheckupsInfoAcquisitionTime",
        writing=Form.MOMENT,
    )
    medicine_consent: str | None = leaf(
        "PharmacistsInfoConsFlg", "PharmaceuticalInfoConsFlg", writing=ConsentFlag
    )
    medicine_consent_time: str | None = leaf(
        "PharmacistsInfoConsTime", "PharmaceuticalInfoConsTime", writing=Form.MOMENT
    )
    medicine_available: str | None = leaf(
        "PharmacistsInfoAvailableTime",
        "PharmacistsInfoAcquisitionTime",
        "PharmaceuticalInfoAvailableTime",
        "PharmaceuticalInfoAcquisitionTime",
        writing=Form.MOMENT,
    )
    treatment_consent: str | None = leaf("DiagnosisInfoConsFlg", writing=ConsentFlag)
    treatment_consent_time: str | None = leaf("DiagnosisInfoConsTime", writing=Form.MOMENT)
    treatment_available: str | None = leaf(
        "DiagnosisInfoAvailableTime", "DiagnosisInfoAcquisitionTime", writing=Form.MOMENT
    )
    surgery_consent: str | None = leaf("OperationInfoConsFlg", writing=ConsentFlag)
    surgery_consent_time: str | None = leaf("OperationInfoConsTime", writing=Form.MOMENT)
    surgery_available: str | None = leaf(
        "OperationInfoAvailableTime", "OperationInfoAcquisitionTime", writing=Form.MOMENT
    )
    arbitrary_id: str | None = leaf("ArbitraryIdentifier")
    reference_number: str | None = leaf("ReferenceNumber")


@dataclass(frozen=True, slots=True, repr=False)
class AnswerBody(Message):
    """Body of an answer."""

    search: SearchInfo | None = nested("QualificationConfirmSearchInfo", SearchInfo)
    prescription: str | None = leaf("PrescriptionIssueSelect", writing=PrescriptionForm)
    status: str | None = leaf("ProcessingResultStatus", writing=ProcessingStatus)
    result_code: str | None = leaf("ProcessingResultCode")
    result_message: str | None = leaf("ProcessingResultMessage")
    validity: str | None = leaf("QualificationValidity", writing=Validity)
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
