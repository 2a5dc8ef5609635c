# SPDX-License-Identifier: Apache-2.0
"""Personal columns at rest: AES-256-GCM, each value bound to its row and column, and the key's file."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.errors import EnvironmentProblem, FailureCode

KEY_LENGTH = 32
_NONCE_LENGTH = 12
_KEY_ID_LENGTH = 4
_FORMAT = b"\x01"  # format, key id, nonce, ciphertext with its tag; the key id lets a rotation go row by row


class Keys:
    """The keys derived from the one in the key file, each for one purpose.

    Lives on: any thread; holds no state that changes.
    """

    def __init__(self, master: bytes) -> None:
        self._seal = AESGCM(_derive(master, b"seal"))
        self._audit = _derive(master, b"audit")
        self._visit = _derive(master, b"visit")
        self._key_id = hashlib.sha256(_derive(master, b"id")).digest()[:_KEY_ID_LENGTH]
        self.fingerprint = _derive(master, b"fingerprint")

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """`plain` closed for one `place` (``table.column:row``); it opens nowhere else."""
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        head = _FORMAT + self._key_id
        return head + nonce + self._seal.encrypt(nonce, plain, head + place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """What was sealed for `place`; `KioskError` when it was moved, changed or closed with another key."""
        head_length = len(_FORMAT) + _KEY_ID_LENGTH
        head, nonce = sealed[:head_length], sealed[head_length : head_length + _NONCE_LENGTH]
        if head != _FORMAT + self._key_id or len(nonce) != _NONCE_LENGTH:
            raise EnvironmentProblem(FailureCode.STORE_KEY_UNUSABLE, detail="sealed with another key")
        try:
            return self._seal.decrypt(nonce, sealed[head_length + _NONCE_LENGTH :], head + place.encode())
        except InvalidTag:
            raise EnvironmentProblem(
                FailureCode.STORE_KEY_UNUSABLE,
                detail=f"{place.split(':', maxsplit=1)[0]} was changed or moved",
            ) from None

    def audit_mac(self, data: bytes) -> bytes:
        """The keyed hash of the audit chain: without the key nobody can write a chain that fits."""
        return hmac.digest(self._audit, data, "sha256")

    def visit_mac(self, day: str, person_key: bytes) -> bytes:
        """The mark of one person on one day; two days' marks of a person have nothing in common."""
        return hmac.digest(hmac.digest(self._visit, day.encode(), "sha256"), person_key, "sha256")

    def __repr__(self) -> str:
        return "Keys(…)"


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=b"uketsuke-store-1 " + purpose).derive(
        master
    )


def load_or_make_key(path: Path, *, may_make: bool) -> bytes:
    """The 32 bytes of the key file, made with the first start.

    `may_make` is false where records exist already: a new key could never open them, and making one would
    hide that the old one is lost.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        if may_make:
            return _make_key(path)
        raise _unusable("the key file of the existing records is missing") from None
    except OSError as error:
        raise _unusable("the key file cannot be read", error) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _unusable("the key file is not a file")
        if stat.S_IMODE(status.st_mode) & 0o177:
            raise _unusable("the key file must be readable by its owner only (chmod 600)")
        if status.st_uid != os.geteuid():
            raise _unusable("the key file belongs to another user")
        key = os.read(descriptor, KEY_LENGTH + 1)
    finally:
        os.close(descriptor)
    if len(key) != KEY_LENGTH:
        raise _unusable("the key file does not hold 32 bytes")
    return key


def _make_key(path: Path) -> bytes:
    """Write a new key whole or not at all: a half-written one would lock the records for ever."""
    key = secrets.token_bytes(KEY_LENGTH)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(key)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)  # unlike a rename this fails when another process made a key meanwhile
        finally:
            draft.unlink()
        _sync_folder(path.parent)
    except FileExistsError:
        return load_or_make_key(path, may_make=False)
    except OSError as error:
        raise _unusable("the key file cannot be made", error) from None
    return key


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(detail: str, cause: OSError | None = None) -> EnvironmentProblem:
    if cause is not None:
        detail = f"{detail} ({type(cause).__name__})"
    return EnvironmentProblem(FailureCode.STORE_KEY_UNUSABLE, detail=detail)
