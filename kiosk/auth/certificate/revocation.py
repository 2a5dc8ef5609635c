# SPDX-License-Identifier: Apache-2.0
"""Whether a certificate counts today: who signed it, its dates, and, where that is asked, its revocation.

| verdict | what the reception does |
|---|---|
| valid, expiring | goes on |
| grace | goes on for eligibility; no medical information is asked for |
| revoked, expired, untrusted, unreadable | is handed to staff, each with its failure code |

A revocation that could not be checked changes no verdict: the reception goes on,
`CertificateCheck.revocation` says why, and the evidence carries it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

from cryptography import x509

from kiosk.auth.certificate.chain import CertificateCheck, Verdict, check_certificate
from kiosk.auth.certificate.crl import CrlKeeper
from kiosk.auth.certificate.ocsp import DEFAULT_LIMIT_S, OcspClient
from kiosk.auth.certificate.standing import Obstacle, Standing, StandingAnswer
from kiosk.auth.certificate.trust import Trust
from kiosk.clock import Clock

RevocationMode = Literal["off", "crl", "ocsp"]


class Revocation(Protocol):
    """Where it can be asked whether a certificate was revoked."""

    def ask(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> StandingAnswer:
        """What is known; returns within the time limit, and never raises."""
        ...


class RevocationCheck:
    """The responder first where there is one, the kept list where it gave no answer that counts.

    Lives on: any thread; made once, and kept as long as the kiosk runs.
    """

    def __init__(self, ocsp: OcspClient | None, crl: CrlKeeper | None) -> None:
        self._ocsp = ocsp
        self.crl = crl

    def ask(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> StandingAnswer:
        """What is known; *revoked* of either counts."""
        answer = StandingAnswer.unknown(Obstacle.NO_SOURCE)
        if self._ocsp is not None:
            answer = self._ocsp.ask(certificate, issuer, now)
        if self.crl is not None and answer.standing is Standing.COULD_NOT_CHECK:
            kept = self.crl.ask(certificate, issuer, now)
            # of two that could not tell, the responder's reason says more
            if self._ocsp is None or kept.standing is not Standing.COULD_NOT_CHECK:
                answer = kept
        return answer


def revocation_check(  # the settings of one section
    mode: RevocationMode,
    trust: Trust,
    clock: Clock,
    folder: Path,
    *,
    crl_source: str = "",
    ocsp_url: str = "",
    max_crl_age_h: float = 48.0,
    ocsp_limit_s: float = DEFAULT_LIMIT_S,
) -> RevocationCheck | None:
    """What the settings ask for; None where revocation is not asked about."""
    if mode == "off":
        return None
    crl = (
        CrlKeeper(crl_source, folder, trust.authorities, clock, max_age=timedelta(hours=max_crl_age_h))
        if crl_source
        else None
    )
    return RevocationCheck(OcspClient(ocsp_url, limit_s=ocsp_limit_s) if mode == "ocsp" else None, crl)


def judge(certificate: bytes, trust: Trust, revocation: Revocation | None, now: datetime) -> CertificateCheck:
    """The one verdict on a card's certificate; without `revocation` that part is not asked."""
    check = check_certificate(certificate, trust, now)
    if revocation is None or not check.verdict.counts or check.certificate is None or check.issuer is None:
        return check
    answer = revocation.ask(check.certificate, check.issuer, now)
    if answer.standing is Standing.REVOKED:
        return replace(check, verdict=Verdict.REVOKED, revocation=answer)
    if answer.standing is Standing.GOOD and check.verdict is Verdict.GRACE:
        # lists and responders may forget what is past its end, so their silence about it says nothing
        answer = StandingAnswer.unknown(Obstacle.ENDED, answer.source)
    return replace(check, revocation=answer)
