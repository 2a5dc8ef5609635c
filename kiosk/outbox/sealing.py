# SPDX-License-Identifier: Apache-2.0
"""Personal columns at rest: AES-256-GCM, each value bound to its row and column."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.errors import EnvironmentProblem, FailureCode

KEY_LENGTH = 32
_NONCE_LENGTH = 12
_KEY_ID_LENGTH = 4
_FORMAT = b"\x01"  # format, key id, nonce, ciphertext with its tag
_HEAD_LENGTH = len(_FORMAT) + _KEY_ID_LENGTH
_KEPT_PLACE = "meta.value:kept_keys"


@dataclass(frozen=True, slots=True)
class KeptKeys:
    """What outlives a change of the key: the audit chain's own, and what opens notes that the chain binds.

    Nothing here leads back to the key that was in force then.
    """

    audit: bytes = field(repr=False)
    seals: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)

    def to_bytes(self) -> bytes:
        """The audit key, then each seal key behind its id."""
        return self.audit + b"".join(key_id + key for key_id, key in self.seals)

    @classmethod
    def from_bytes(cls, plain: bytes) -> KeptKeys:
        """The reverse; `EnvironmentProblem` where the lengths do not fit."""
        step = _KEY_ID_LENGTH + KEY_LENGTH
        rest = plain[KEY_LENGTH:]
        if len(plain) < KEY_LENGTH or len(rest) % step:
            raise EnvironmentProblem(FailureCode.STORE_KEY_UNUSABLE, detail="the kept keys are damaged")
        pieces = (rest[start : start + step] for start in range(0, len(rest), step))
        return cls(
            plain[:KEY_LENGTH],
            tuple((piece[:_KEY_ID_LENGTH], piece[_KEY_ID_LENGTH:]) for piece in pieces),
        )


class Keys:
    """The keys derived from the one in the key file, each for one purpose.

    Lives on: any thread; holds no state that changes.
    """

    def __init__(self, master: bytes, kept: bytes | None = None) -> None:
        """`kept` is what `rotated` left, sealed with this key; None before the first change of the key."""
        own = _derive(master, b"seal")
        self._id = hashlib.sha256(_derive(master, b"id")).digest()[:_KEY_ID_LENGTH]
        self._seals = {self._id: AESGCM(own)}
        self._own = own
        self._visit = _derive(master, b"visit")
        self.fingerprint = _derive(master, b"fingerprint")
        self._kept = KeptKeys(_derive(master, b"audit"))
        if kept is not None:
            self._kept = KeptKeys.from_bytes(self.open(kept, place=_KEPT_PLACE))
            self._seals |= {key_id: AESGCM(key) for key_id, key in self._kept.seals if key_id != self._id}
        self._audit = self._kept.audit
        # the head that one entry leaves is checked by the next, and a day has many visits
        self._mac = lru_cache(maxsize=16)(_mac)

    def kept_for(self, successor: Keys) -> bytes:
        """What must be kept of these keys when `successor` takes over, sealed with its key."""
        kept = KeptKeys(self._audit, (*self._kept.seals, (self._id, self._own)))
        return successor.seal(kept.to_bytes(), place=_KEPT_PLACE)

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """`plain` closed for one `place` (``table.column:row``); it opens nowhere else."""
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        head = _FORMAT + self._id
        return head + nonce + self._seals[self._id].encrypt(nonce, plain, head + place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """What was sealed for `place`; `KioskError` when it was moved, changed or closed with another key."""
        head, nonce = sealed[:_HEAD_LENGTH], sealed[_HEAD_LENGTH : _HEAD_LENGTH + _NONCE_LENGTH]
        seal = self._seals.get(head[len(_FORMAT) :])
        if seal is None or not head.startswith(_FORMAT) or len(nonce) != _NONCE_LENGTH:
            raise EnvironmentProblem(FailureCode.STORE_KEY_UNUSABLE, detail="sealed with another key")
        try:
            return seal.decrypt(nonce, sealed[_HEAD_LENGTH + _NONCE_LENGTH :], head + place.encode())
        except InvalidTag:
            raise EnvironmentProblem(
                FailureCode.STORE_KEY_UNUSABLE,
                detail=f"{place.split(':', maxsplit=1)[0]} was changed or moved",
            ) from None

    def may_open(self, sealed: bytes) -> bool:
        """Whether one of these keys is the one that it was sealed with, as it says itself."""
        return sealed[len(_FORMAT) : _HEAD_LENGTH] in self._seals

    def sealed_by_this(self, sealed: bytes) -> bool:
        """Whether a value was sealed with the key in force, and not with one before it."""
        return sealed[:_HEAD_LENGTH] == _FORMAT + self._id

    def audit_mac(self, data: bytes) -> bytes:
        """The keyed hash of the audit chain: without the key nobody can write a chain that fits."""
        return self._mac(self._audit, data)

    def checkpoint_key(self) -> Ed25519PrivateKey:
        """What signs checkpoints of the audit chain; it stays the same when the records' key changes."""
        return Ed25519PrivateKey.from_private_bytes(_derive(self._audit, b"checkpoint"))

    def visit_mac(self, day: str, person_key: bytes) -> bytes:
        """The mark of one person on one day; two days' marks of a person have nothing in common."""
        return _mac(self._mac(self._visit, day.encode()), person_key)

    def __repr__(self) -> str:
        return "Keys(…)"


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=b"uketsuke-store-1 " + purpose).derive(
        master
    )
