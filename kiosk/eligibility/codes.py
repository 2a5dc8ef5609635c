# SPDX-License-Identifier: Apache-2.0
"""Codes of the answer that the kiosk acts on, and how a code is read: any other stays as it came."""

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
    """How the person was looked up: by card, or by the insurance's symbol and number."""

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


def plain(code: str | None) -> str:
    """A code without padding and in half-width digits; empty where there was none."""
    return unicodedata.normalize("NFKC", code or "").strip()
