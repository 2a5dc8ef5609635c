# SPDX-License-Identifier: Apache-2.0
"""Lists and answers about revocation as a test wants them, signed by the run's test authority."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.simulator.patients.people import patient
from tests.fakes.cards import authority
from tests.fakes.clock import MORNING

DAY = timedelta(days=1)


def certificate_of(key: str) -> x509.Certificate:
    """That patient's user-authentication certificate."""
    return x509.load_der_x509_certificate(authority().material(patient(key)).user_certificate)


def issuer() -> x509.Certificate:
    """Who issued it."""
    return authority().user_issuer().certificate


def revocation_list(
    serials: Sequence[int] = (),
    *,
    begins: datetime = MORNING,
    ends: datetime | None = MORNING + DAY,
    reason: x509.ReasonFlags | None = None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    key: RSAPrivateKey | None = None,
) -> x509.CertificateRevocationList:
    """A list of those serial numbers; without `key` the authority signs it."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer().subject)
        .last_update(begins)
        .next_update(ends or MORNING + DAY)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(begins - DAY)
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key or authority().user_issuer().key, SHA256())
