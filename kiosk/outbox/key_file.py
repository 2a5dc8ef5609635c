# SPDX-License-Identifier: Apache-2.0
"""Where the key of the records lies: a credential of the service manager, or a file for its owner only."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import EnvironmentProblem, FailureCode

KEY_LENGTH: Final = 32
CREDENTIAL_NAME: Final = "uketsuke-records-key"
_CREDENTIALS_FOLDER: Final = "CREDENTIALS_DIRECTORY"
_DRAFT: Final = re.compile(r"(?:\.next)?\.[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where the key is read from. A `credential` is given by systemd, and cannot be written by the kiosk."""

    path: Path
    credential: bool = False

    @property
    def next_path(self) -> Path:
        """Where a new key lies until the records are sealed with it."""
        return self.path.with_name(f"{self.path.name}.next")


def find_key(path: Path, environment: Mapping[str, str]) -> KeyPlace:
    """The credential where systemd hands one over (LoadCredential=), else the key file."""
    folder = environment.get(_CREDENTIALS_FOLDER, "")
    credential = Path(folder) / CREDENTIAL_NAME
    if folder and credential.exists():
        return KeyPlace(credential, credential=True)
    return KeyPlace(path)


def load_or_make_key(place: KeyPlace, *, may_make: bool) -> bytes:
    """The 32 bytes of the key, made with the first start where it is a file.

    `may_make` is false where records exist already: a new key could never open them, and making one would
    hide that the old one is lost.
    """
    try:
        return read_key(place)
    except FileNotFoundError:
        if may_make and not place.credential:
            return _make_once(place.path)
        raise _unusable("the key file of the existing records is missing") from None


def read_key(place: KeyPlace) -> bytes:
    """The key; `FileNotFoundError` where there is none."""
    try:
        descriptor = os.open(place.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unusable("the key file cannot be read", error) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _unusable("the key file is not a file")
        # a credential belongs to systemd, which alone decides who may read it
        if not place.credential and stat.S_IMODE(status.st_mode) & 0o177:
            raise _unusable("the key file must be readable by its owner only (chmod 600)")
        if not place.credential and status.st_uid != os.geteuid():
            raise _unusable("the key file belongs to another user")
        key = os.read(descriptor, KEY_LENGTH + 1)
    finally:
        os.close(descriptor)
    if len(key) != KEY_LENGTH:
        raise _unusable("the key file does not hold 32 bytes")
    return key


def write_new_key(path: Path) -> bytes:
    """A new key in a file that was not there before, whole or not at all, and on the disk."""
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
        raise
    except OSError as error:
        raise _unusable("the key file cannot be made", error) from None
    return key


def put_in_place(place: KeyPlace) -> None:
    """Let the next key be the key."""
    try:
        place.next_path.rename(place.path)
        _sync_folder(place.path.parent)
    except OSError as error:
        raise _unusable("the new key cannot be put in the old one's place", error) from None


def forget_next(place: KeyPlace) -> None:
    """Remove a next key that no record was sealed with."""
    try:
        place.next_path.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable("a left-over key file cannot be removed", error) from None


def forget_drafts(place: KeyPlace) -> None:
    """Remove what a crash left of the writing of a key: it may be the very key that is in force."""
    for draft in place.path.parent.glob(f".{place.path.name}*"):
        if _DRAFT.fullmatch(draft.name.removeprefix(f".{place.path.name}")):
            try:
                draft.unlink(missing_ok=True)
            except OSError as error:
                raise _unusable("a left-over key file cannot be removed", error) from None


def _make_once(path: Path) -> bytes:
    try:
        return write_new_key(path)
    except FileExistsError:
        return read_key(KeyPlace(path))


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
