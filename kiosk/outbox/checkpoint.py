# SPDX-License-Identifier: Apache-2.0
"""Signed checkpoints of the audit chain: what others keep of it, so that a cut end is found."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

HEADER: Final = "Uketsuke-Audit-Checkpoint"
_CONTEXT: Final = b"uketsuke audit checkpoint\n"
_MOMENT: Final = "%Y%m%dT%H%M%SZ"
_FORM: Final = re.compile(r"v1\.(\d{1,18})\.([0-9a-f]{64})\.(\d{8}T\d{6}Z)\.([A-Za-z0-9_-]{86})")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain ended with entry `seq`, whose hash is `head`, at `at` (UTC): the kiosk's Ed25519 word."""

    seq: int
    head: bytes
    at: datetime
    signature: bytes

    @property
    def text(self) -> str:
        """The form in which it travels: ``v1.seq.head.time.signature``, without anything personal."""
        signature = base64.urlsafe_b64encode(self.signature).decode().rstrip("=")
        return f"{_claim(self.seq, self.head, self.at)}.{signature}"

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature holds."""
        try:
            key.verify(self.signature, _CONTEXT + _claim(self.seq, self.head, self.at).encode())
        except InvalidSignature:
            return False
        return True


def sign(seq: int, head: bytes, at: datetime, key: Ed25519PrivateKey) -> Checkpoint:
    """A checkpoint of the chain as it stands."""
    moment = at.astimezone(UTC).replace(microsecond=0)
    return Checkpoint(seq, head, moment, key.sign(_CONTEXT + _claim(seq, head, moment).encode()))


def parse(text: str) -> Checkpoint | None:
    """The checkpoint that somebody kept; None where the text is none. Its signature is not checked here."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    try:
        at = datetime.strptime(found[3], _MOMENT).replace(tzinfo=UTC)
        signature = base64.urlsafe_b64decode(found[4] + "==")
    except (ValueError, binascii.Error):
        return None
    return Checkpoint(int(found[1]), bytes.fromhex(found[2]), at, signature)


def _claim(seq: int, head: bytes, at: datetime) -> str:
    return f"v1.{seq}.{head.hex()}.{at.strftime(_MOMENT)}"
