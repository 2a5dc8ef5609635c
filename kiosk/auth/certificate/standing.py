# SPDX-License-Identifier: Apache-2.0
"""What is known about a certificate's revocation, by whom, and if nothing, why. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

CLOCKS_MAY_DIFFER = timedelta(minutes=5)


class Standing(StrEnum):
    """Whether a certificate was revoked.

    *Could not check* is neither good nor revoked: the reception goes on, and the evidence says so. None of
    them stands for *insured* or *not insured*.
    """

    NOT_ASKED = "not_asked"
    GOOD = "good"
    REVOKED = "revoked"
    COULD_NOT_CHECK = "could_not_check"


class Source(StrEnum):
    """Who said so."""

    CRL = "crl"
    OCSP = "ocsp"


class Obstacle(StrEnum):
    """Why there is no answer that counts."""

    NO_SOURCE = "no_source"  # nobody is named who could be asked, or nothing was downloaded yet
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    MALFORMED = "malformed"
    WRONG_SIGNER = "wrong_signer"
    WRONG_NONCE = "wrong_nonce"
    OTHER_CERTIFICATE = "other_certificate"
    OUT_OF_TIME = "out_of_time"  # past its own time, not begun yet, or older than what is held
    NOT_KNOWN_THERE = "not_known_there"
    NOT_COVERED = "not_covered"
    ENDED = "ended"  # of a certificate past its end only *revoked* can be learnt: lists forget such ones
    NOT_KEPT = "not_kept"  # the folder for it cannot be written


@dataclass(frozen=True, slots=True)
class StandingAnswer:
    """The standing, who told it, as of when, and what stood in the way."""

    standing: Standing = Standing.NOT_ASKED
    source: Source | None = None
    obstacle: Obstacle | None = None
    as_of: datetime | None = None

    @classmethod
    def unknown(cls, obstacle: Obstacle, source: Source | None = None) -> Self:
        """Could not check, and why."""
        return cls(Standing.COULD_NOT_CHECK, source, obstacle)


NOT_ASKED = StandingAnswer()
