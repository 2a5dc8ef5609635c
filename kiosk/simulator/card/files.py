# SPDX-License-Identifier: Apache-2.0
"""What a card's applications consist of: transparent files, records, references and keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from kiosk.simulator.card.references import ReferenceName

FREE: frozenset[ReferenceName] = frozenset()


@dataclass(frozen=True, slots=True)
class TransparentFile:
    """Bytes to be read once one of `opened_by` was verified; `sealed` opens for nobody known."""

    content: bytes = field(repr=False)
    opened_by: frozenset[ReferenceName] = FREE
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class RecordFile:
    """Records counted from one, free to read."""

    records: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A secret that VERIFY compares with; `fresh_tries` are left on a card that was never used."""

    name: ReferenceName
    value: bytes = field(repr=False)
    max_tries: int
    fresh_tries: int


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A private key that never leaves the card; the call makes it where it is needed only seldom."""

    key: Callable[[], RSAPrivateKey] = field(repr=False)
    needs: ReferenceName | None = None
    signs: bool = True  # answers COMPUTE DIGITAL SIGNATURE
    authenticates: bool = False  # answers INTERNAL AUTHENTICATE


@dataclass(frozen=True, slots=True)
class OpaqueFile:
    """Something that can be selected; what it is for is not public or not simulated."""


CardFile = TransparentFile | RecordFile | ReferenceFile | KeyFile | OpaqueFile


@dataclass(frozen=True, slots=True)
class Application:
    """One application (DF) of the card."""

    aid: bytes
    files: Mapping[int, CardFile] = field(default_factory=dict, repr=False)
    default_key: int | None = None
    data_objects: Mapping[int, bytes] = field(default_factory=dict, repr=False)
