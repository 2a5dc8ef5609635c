# SPDX-License-Identifier: Apache-2.0
"""The codes of the messages, by their official lists, and how a code is read: any other stays as it came."""

from __future__ import annotations

import unicodedata
from enum import StrEnum


class Segment(StrEnum):
    """OQSCD003, how the processing ended."""

    OK = "1"
    IN_PROCESS = "2"
    ABNORMAL = "9"


class ProcessingStatus(StrEnum):
    """OQSCD004."""

    OK = "1"
    ERROR = "2"


class Validity(StrEnum):
    """OQSCD006."""

    VALID = "1"
    INVALID = "2"
    NEW_INSURER = "3"
    NO_RECORD = "4"
    SEVERAL = "5"
    NOT_REGISTERED = "6"


class Reference(StrEnum):
    """OQSCD002, how the person was looked up: by card, or by the insurance's symbol and number."""

    CARD = "1"
    NUMBER = "2"


class CharacterCode(StrEnum):
    """OQSCD005; the samples have 0 and 1, one second-hand table has 1 and 2."""

    UTF_8 = "0"
    SHIFT_JIS = "1"


class ConsentFlag(StrEnum):
    """OQSCD016; of the limit's flag (OQSCD001) only the first two exist."""

    NONE = "0"
    AGREED = "1"
    EXPIRED = "2"
    HARD_TO_OBTAIN = "3"


class LimitConsent(StrEnum):
    """OQSCD001."""

    NOT_AGREED = "0"
    AGREED = "1"


class SexCode(StrEnum):
    """OQSCD007."""

    MALE = "1"
    FEMALE = "2"
    NOT_SET = "3"


class ReasonOfLoss(StrEnum):
    """OQSCD008."""

    DEATH = "01"
    PUBLIC_ASSISTANCE = "02"
    OTHER_INSURANCE = "03"
    OTHER = "99"


class Family(StrEnum):
    """OQSCD009."""

    INSURED = "1"
    DEPENDANT = "2"


class CardClass(StrEnum):
    """OQSCD010."""

    GENERAL = "01"
    RETIRED = "02"
    SHORT_TERM = "03"
    SHORT_TERM_RETIRED = "04"
    SPECIAL_EXPENSE = "05"
    SPECIAL_RETIRED = "06"
    SELF_DEFENCE_FORCES = "07"
    PUBLIC_ASSISTANCE = "A1"


class LimitCertificate(StrEnum):
    """OQSCD011, kind of certificate."""

    LIMIT = "01"
    LIMIT_AND_MEALS = "02"
    MEALS = "03"


class LimitClass(StrEnum):
    """OQSCD012, 適用区分; from 2027 there will be more."""

    A01 = "A01"
    A02 = "A02"
    A03 = "A03"
    A04 = "A04"
    A05 = "A05"
    A06 = "A06"
    B01 = "B01"
    B02 = "B02"
    B03 = "B03"
    B04 = "B04"
    B05 = "B05"
    B06 = "B06"
    B07 = "B07"
    B08 = "B08"
    B09 = "B09"
    B10 = "B10"


class DiseaseCategory(StrEnum):
    """OQSCD013."""

    DIALYSIS = "1"
    HAEMOPHILIA = "2"
    HIV_FROM_BLOOD_PRODUCTS = "3"


class Changed(StrEnum):
    """OQSCD014, whether the limit certificate has changed."""

    NO = "0"
    YES = "1"


class Preschool(StrEnum):
    """OQSCD015."""

    YES = "1"


class PrescriptionForm(StrEnum):
    """OQSCD017."""

    ELECTRONIC = "1"
    PAPER = "2"


class TicketType(StrEnum):
    """OQSCD018."""

    MEDICAL = "01"
    DISPENSING = "02"


class TreatmentType(StrEnum):
    """Kind of treatment on a ticket of public assistance."""

    INPATIENT = "01"
    OUTPATIENT = "02"
    DENTAL = "03"
    PHARMACY = "04"
    VISITING_NURSE = "05"


class CareKind(StrEnum):
    """OQSCD028."""

    OUTPATIENT = "1"
    VISIT = "2"
    ONLINE = "3"
    EMERGENCY = "4"


class ConsentEnd(StrEnum):
    """OQSCD031, why a consent ended; what the numbers stand for is not public."""

    CODE_0 = "0"
    CODE_1 = "1"
    CODE_2 = "2"
    CODE_3 = "3"


class DocumentForm(StrEnum):
    """OQSCD034."""

    PDF = "1"
    PNG = "2"


class ConsentKind(StrEnum):
    """OQSCD036."""

    SPECIFIC_DISEASE = "TSR"
    CHECKUP = "TKK"
    MEDICINE = "YZK"
    TREATMENT = "SRJ"
    SURGERY = "SHJ"


class PrescriptionState(StrEnum):
    """OQSCD038; what the numbers stand for is not public."""

    CODE_0 = "0"
    CODE_1 = "1"
    CODE_2 = "2"
    CODE_3 = "3"


class Factor(StrEnum):
    """OQSCD041, authentication factor."""

    KNOWLEDGE = "1"
    BIOMETRIC = "2"
    PHYSICAL = "3"


class LinkedSystem(StrEnum):
    """OQSCD044."""

    MEDICAL_SUBSIDY = "01"
    MATERNAL_AND_CHILD_HEALTH = "02"
    VACCINATION = "04"
    LONG_TERM_CARE = "08"


class FileCategory(StrEnum):
    """Form of a file with medicine or checkup data."""

    PDF = "1"
    XML = "2"


def plain(code: str | None) -> str:
    """A code without padding and in half-width digits; empty where there was none."""
    return unicodedata.normalize("NFKC", code or "").strip()
