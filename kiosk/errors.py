# SPDX-License-Identifier: Apache-2.0
"""Every way the kiosk can fail, by code, and the exceptions that carry one."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class FailureCode(StrEnum):
    """What went wrong, as patients, staff and technicians are told of it.

    Each code has a patient's sentence, a staff hint and a technician hint in ``assets/i18n`` and a row in
    ``docs/failure-codes.md``. The order within a family is the order of appearance, not of weight.
    """

    READER_SERVICE_DOWN = "RDR-001"
    NO_READER = "RDR-002"
    READER_LOST = "RDR-003"
    READER_BUSY = "RDR-004"

    CARD_UNREADABLE = "CRD-001"
    CARD_NOT_MY_NUMBER = "CRD-002"
    CARD_COMMUNICATION = "CRD-003"
    CARD_REMOVED = "CRD-004"
    CARD_SWAPPED = "CRD-005"
    PHONE_NOT_SUPPORTED = "CRD-006"

    CERTIFICATE_EXPIRED = "CRT-001"
    CERTIFICATE_UNTRUSTED = "CRT-002"
    CERTIFICATE_UNREADABLE = "CRT-003"
    SIGNATURE_INVALID = "CRT-004"
    CERTIFICATE_REVOKED = "CRT-005"

    PIN_LAST_TRY = "PIN-001"
    PIN_BLOCKED = "PIN-002"

    FACE_NOT_CONFIRMED = "FAC-001"
    FACE_PROCESS_FAILED = "FAC-002"
    PHOTO_NOT_OPENED = "FAC-003"
    PHOTO_FORGED = "FAC-004"
    LIVENESS_DOUBTFUL = "FAC-005"
    PHOTO_UNUSABLE = "FAC-006"
    SURFACE_UNREADABLE = "FAC-007"
    BIRTH_DATE_GREGORIAN = "FAC-008"

    CAMERA_MISSING = "CAM-001"
    CAMERA_BUSY = "CAM-002"
    CAMERA_NO_FRAMES = "CAM-003"
    CAMERA_SMALL = "CAM-004"
    CAMERA_SLOW = "CAM-005"
    CAMERA_UPSIDE_DOWN = "CAM-006"
    CAMERA_BLACK = "CAM-007"
    CAMERA_VIRTUAL = "CAM-008"

    STAFF_CHECK_DECLINED = "STF-001"
    STAFF_CHECK_UNANSWERED = "STF-002"
    STAFF_CODE_WRONG = "STF-003"
    STAFF_NONE = "STF-004"
    STAFF_UNKNOWN = "STF-005"

    UPSTREAM_UNREACHABLE = "UPS-001"
    UPSTREAM_NO_ANSWER = "UPS-002"
    UPSTREAM_REFUSED = "UPS-003"
    UPSTREAM_NOT_AUTHORISED = "UPS-004"
    UPSTREAM_ANSWER_WRONG = "UPS-005"
    UPSTREAM_NAME_UNKNOWN = "UPS-006"
    UPSTREAM_UNTRUSTED = "UPS-007"
    UPSTREAM_WRONG_NAME = "UPS-008"
    UPSTREAM_OUR_CERTIFICATE = "UPS-009"
    TERMINAL_FOLDER = "UPS-010"

    NOT_ELIGIBLE = "ELG-001"
    NEW_INSURER = "ELG-002"
    NO_RECORD = "ELG-003"
    SEVERAL_RECORDS = "ELG-004"
    NOT_REGISTERED = "ELG-005"
    CHECK_ABNORMAL = "ELG-006"
    CODE_UNKNOWN = "ELG-007"
    ANSWER_CONTRADICTS = "ELG-008"

    STORE_UNUSABLE = "OUT-001"
    STORE_WRITE_FAILED = "OUT-002"
    STORE_DISK_FULL = "OUT-003"
    STORE_KEY_UNUSABLE = "OUT-004"
    STORE_ITEM_DAMAGED = "OUT-005"
    STORE_DAMAGED = "OUT-006"
    STORE_TAKEN = "OUT-007"

    HANDOVER_FOLDER_MISSING = "HND-001"
    HANDOVER_WRITE_FAILED = "HND-002"
    HANDOVER_NOT_A_DEMO = "HND-003"
    ORCA_UNREACHABLE = "HND-004"
    ORCA_NOT_AUTHORISED = "HND-005"
    ORCA_REFUSED = "HND-006"
    ORCA_PATIENT_UNKNOWN = "HND-007"
    FHIR_UNREACHABLE = "HND-008"
    FHIR_NOT_AUTHORISED = "HND-009"
    FHIR_REFUSED = "HND-010"
    PRINTER_MISSING = "HND-011"
    PRINT_FAILED = "HND-012"
    REFERENCE_REFUSED = "HND-013"

    CONFIG_MISSING = "CFG-001"
    CONFIG_INVALID = "CFG-002"
    SCENARIO_UNKNOWN = "CFG-003"
    SCENARIO_INVALID = "CFG-004"
    PORT_TAKEN = "CFG-005"
    FOLDER_MISSING = "CFG-006"

    DISPLAY_MISSING = "SYS-001"
    DEPENDENCY_MISSING = "SYS-002"
    INTERNAL = "SYS-003"
    CLOCK_WRONG = "SYS-004"
    DEMO_NOT_RUNNING = "SYS-005"


class KioskError(Exception):
    """A failure with its code.

    `detail` is for technicians: it never holds personal data, digits or anything read off a card.
    """

    def __init__(self, code: FailureCode, *, detail: str = "") -> None:
        super().__init__(f"{code.value}: {detail}" if detail else code.value)
        self.code = code
        self.detail = detail


class ConfigurationError(KioskError):
    """The kiosk refuses to start as it is configured; exit status 2."""


class EnvironmentProblem(KioskError):  # noqa: N818  # the world's trouble, not the program's
    """Something outside the program is missing, broken or busy; exit status 3."""
