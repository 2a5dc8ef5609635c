# SPDX-License-Identifier: Apache-2.0
"""Whom the kiosk believes: authorities of certificates and issuers of CV certificates, as configured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.x509.oid import NameOID

from kiosk.auth.certificate.cv import KEY_ID_LENGTH
from kiosk.auth.certificate.rsa import RsaKey
from kiosk.errors import ConfigurationError, FailureCode, KioskError

TEST_ORGANISATIONS = frozenset({"UKETSUKE-TEST", "JPKI-TEST"})
_TEST_KEY_IDS = (b"6000", b"9000")  # issuers of test cards, and of the simulator's


def is_test_name(name: x509.Name) -> bool:
    """The name belongs to a test hierarchy."""
    return any(
        attribute.value in TEST_ORGANISATIONS
        for attribute in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    )


@dataclass(frozen=True, slots=True)
class Trust:
    """The anchors in force. Made by `of` or `load`, which refuse test hierarchies unless this is a demo."""

    authorities: tuple[x509.Certificate, ...] = field(repr=False)
    cv_issuers: Mapping[bytes, RsaKey] = field(repr=False)
    allow_test: bool = False

    @classmethod
    def of(
        cls,
        authorities: Sequence[x509.Certificate],
        cv_issuers: Mapping[bytes, RsaKey],
        *,
        allow_test: bool,
    ) -> Self:
        """Believe these; raises `ConfigurationError` for a test hierarchy outside a demo."""
        if not allow_test and (
            any(is_test_name(authority.subject) for authority in authorities)
            or any(key_id.startswith(_TEST_KEY_IDS) for key_id in cv_issuers)
        ):
            raise ConfigurationError(
                FailureCode.CONFIG_INVALID, detail="a test hierarchy as trust anchor outside a demo"
            )
        return cls(tuple(authorities), dict(cv_issuers), allow_test)

    @classmethod
    def load(cls, authority_files: Sequence[Path], cv_issuer_file: Path | None, *, allow_test: bool) -> Self:
        """Read PEM files of authorities and one JSON file of CV issuers.

        The latter maps key ids in hex to ``{"modulus": hex, "exponent": hex}``.
        """
        try:
            authorities = [
                authority
                for file in authority_files
                for authority in x509.load_pem_x509_certificates(file.read_bytes())
            ]
            issuers = _cv_issuers(cv_issuer_file.read_bytes()) if cv_issuer_file is not None else {}
        except OSError as error:
            raise ConfigurationError(
                FailureCode.CONFIG_MISSING, detail="a trust anchor file cannot be read"
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError, KioskError) as error:
            raise ConfigurationError(
                FailureCode.CONFIG_INVALID, detail="a trust anchor file holds something else"
            ) from error
        return cls.of(authorities, issuers, allow_test=allow_test)


def _cv_issuers(content: bytes) -> dict[bytes, RsaKey]:
    issuers = {}
    for text, numbers in json.loads(content).items():
        key_id = bytes.fromhex(text)
        if len(key_id) != KEY_ID_LENGTH:
            raise ValueError
        issuers[key_id] = RsaKey(int(numbers["modulus"], 16), int(numbers["exponent"], 16))
    return issuers
