# SPDX-License-Identifier: Apache-2.0
"""Who the gateway must be, who the kiosk is to it, and what an end of that trust is called."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509

from kiosk.errors import ConfigurationError, FailureCode

EXPIRING = timedelta(days=30)
_WRONG_NAME = frozenset({62, 64})  # OpenSSL: the name, or the address, is not the certificate's
_REFUSED = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")  # in the name of an alert that the gateway sends


class Standing(StrEnum):
    """How a certificate stands, in words."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The files of the settings; an empty `ca` means the authorities of the system."""

    ca: str = ""
    certificate: str = ""
    key: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return "TlsFiles(…)"


def tls_context(files: TlsFiles, section: str = "upstream") -> ssl.SSLContext | None:
    """The context for these files, None where there are none; `ConfigurationError` for one that is unusable.

    With a CA file only what it holds is believed. The name of the gateway is checked in any case.
    """
    if not (files.ca or files.certificate):
        return None
    try:
        context = ssl.create_default_context(cafile=files.ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if files.certificate:
            # never asks: without a callback OpenSSL would wait at the terminal for a password
            context.load_cert_chain(files.certificate, files.key or None, lambda: files.password)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID, detail=f"[{section}] a certificate or key file cannot be used."
        ) from error
    return context


def standing_of(file: Path, now: datetime) -> Standing:
    """How the first certificate of a PEM file stands; its dates themselves are nobody's business."""
    try:
        certificate = x509.load_pem_x509_certificates(file.read_bytes())[0]
    except (OSError, ValueError, IndexError):
        return Standing.UNREADABLE
    if now < certificate.not_valid_before_utc:
        return Standing.NOT_YET
    left = certificate.not_valid_after_utc - now
    if left < timedelta():
        return Standing.EXPIRED
    return Standing.EXPIRING if left < EXPIRING else Standing.VALID


def refined(error: BaseException) -> FailureCode | None:
    """The code of a failed connection, where what failed tells more than that nobody was reached."""
    cause: BaseException | None = error
    for _ in range(10):  # each layer below wraps the error of the next
        match cause:
            case None:
                return None
            case socket.gaierror():
                return FailureCode.UPSTREAM_NAME_UNKNOWN
            case ssl.SSLCertVerificationError():
                wrong = cause.verify_code in _WRONG_NAME
                return FailureCode.UPSTREAM_WRONG_NAME if wrong else FailureCode.UPSTREAM_UNTRUSTED
            case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
                return None  # the line broke, which says nothing of trust
            case ssl.SSLError():
                alert = (cause.reason or "").upper()
                ours = "ALERT" in alert and any(word in alert for word in _REFUSED)
                return FailureCode.UPSTREAM_OUR_CERTIFICATE if ours else FailureCode.UPSTREAM_UNTRUSTED
        cause = cause.__cause__ or cause.__context__
    return None
