# SPDX-License-Identifier: Apache-2.0
"""Staff as persons: who may do what, each with a code of their own."""

from __future__ import annotations

import json
import os
import secrets
import stat
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from kiosk.clock import Clock
from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.secret import Secret

CODE_MIN = 6
CODE_MAX = 12
_NAME_MAX = 40
_FREE_TRIES = 3
_FIRST_DELAY_S = 5.0
_LONGEST_DELAY_S = 300.0
_FORMAT = 1
_SIZE_LIMIT = 256 * 1024

# every person's hash is tried at each sign-in, and a staff reset may take two seconds at most: OWASP's
# smallest recommended cost instead of the library's, about 20 ms a person
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Role(StrEnum):
    """What a person may do at the kiosk."""

    RECEPTION = "reception"
    TECHNICIAN = "technician"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One person who may sign in."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class _Entry:
    member: StaffMember
    code_hash: str = field(repr=False)


class StaffRegister:
    """The persons and their codes, in one private file.

    Lives on: any thread, but a check takes as long as hashing the code for every person (tens of milliseconds
    each), so the screen asks from a worker. The slow-down after wrong codes is counted in memory.
    """

    def __init__(self, path: Path, clock: Clock, *, hasher: PasswordHasher | None = None) -> None:
        self._path = path
        self._clock = clock
        self._hasher = hasher or _HASHER
        self._lock = threading.Lock()
        self._wrong = 0
        self._not_before = 0.0

    def add(self, name: str, role: Role, code: Secret) -> StaffMember:
        """Add a person with a code; `KioskError` when the name is taken or code or name will not do."""
        if not name.strip() or name != name.strip() or len(name) > _NAME_MAX or not name.isprintable():
            raise KioskError(
                FailureCode.STAFF_UNKNOWN, detail=f"a name has 1 to {_NAME_MAX} printable characters"
            )
        _check_code(code)
        with self._lock:
            entries = self._read()
            if any(entry.member.name == name for entry in entries):
                raise KioskError(FailureCode.STAFF_UNKNOWN, detail="there is a person of that name already")
            if self._find(entries, code) is not None:
                # a code names its person, so two persons cannot share one
                raise KioskError(FailureCode.STAFF_CODE_WRONG, detail="choose another code")
            member = StaffMember(name, role)
            self._write([*entries, _Entry(member, self._hash(code))])
        return member

    def list(self) -> list[StaffMember]:
        """Everybody who may sign in."""
        with self._lock:
            return [entry.member for entry in self._read()]

    def remove(self, name: str) -> None:
        """Take a person's access away; `KioskError` when there is none of that name."""
        with self._lock:
            entries = self._read()
            left = [entry for entry in entries if entry.member.name != name]
            if len(left) == len(entries):
                raise KioskError(FailureCode.STAFF_UNKNOWN, detail="there is no person of that name")
            self._write(left)

    def check(self, code: Secret) -> StaffMember | None:
        """Whose code it is; None when nobody's, or while `wait_s` says to wait.

        `KioskError` with `STAFF_NONE` when nobody is registered. Every person's hash is tried, so that the
        time taken does not tell where in the list a code stands.
        """
        with self._lock:
            entries = self._read()
            if not entries:
                raise KioskError(FailureCode.STAFF_NONE)
            if self._clock.monotonic() < self._not_before:
                return None
            found = self._find(entries, code)
            if found is None:
                self._wrong += 1
                over = self._wrong - _FREE_TRIES
                if over >= 0:
                    delay = min(_FIRST_DELAY_S * 2.0 ** min(over, 30), _LONGEST_DELAY_S)
                    self._not_before = self._clock.monotonic() + delay
                return None
            self._wrong = 0
            return found

    def wait_s(self) -> float:
        """How long no code is taken because of wrong ones before; 0 when one may be tried."""
        with self._lock:
            return max(self._not_before - self._clock.monotonic(), 0.0)

    def _find(self, entries: Sequence[_Entry], code: Secret) -> StaffMember | None:
        found: StaffMember | None = None
        view = code.view()
        digits = bytes(view)  # the hash library takes nothing that could be overwritten
        view.release()
        for entry in entries:
            try:
                if self._hasher.verify(entry.code_hash, digits):
                    found = entry.member
            except VerifyMismatchError:
                continue
            except (VerificationError, InvalidHashError):
                raise _unusable("a hash in it is broken") from None
        return found

    def _hash(self, code: Secret) -> str:
        view = code.view()
        try:
            return self._hasher.hash(bytes(view))
        finally:
            view.release()

    def _read(self) -> Sequence[_Entry]:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unusable("it cannot be read", error) from None
        with os.fdopen(descriptor, "rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o177:
                raise _unusable("it must be readable and writable by its owner only (chmod 600)")
            data = file.read(_SIZE_LIMIT)
        try:
            return _parse(json.loads(data))
        except (ValueError, KeyError, TypeError):
            raise _unusable("it is damaged") from None

    def _write(self, entries: Sequence[_Entry]) -> None:
        """The whole file anew under another name, synced, then put in place: never half a register."""
        value = {
            "format": _FORMAT,
            "staff": [
                {"name": entry.member.name, "role": entry.member.role.value, "code": entry.code_hash}
                for entry in entries
            ],
        }
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(6)}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump(value, file, ensure_ascii=False, indent=1)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(self._path)
            except OSError:
                draft.unlink(missing_ok=True)
                raise
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise _unusable("it cannot be written", error) from None


def _parse(value: object) -> Sequence[_Entry]:
    if not isinstance(value, dict) or value["format"] != _FORMAT:
        raise ValueError("not a register of this form")
    entries = []
    for person in value["staff"]:
        name, role, code = person["name"], person["role"], person["code"]
        if not isinstance(name, str) or not isinstance(code, str):
            raise TypeError
        entries.append(_Entry(StaffMember(name, Role(role)), code))
    return entries


def _check_code(code: Secret) -> None:
    """Digits only, long enough, and not the first thing somebody at the screen would try."""
    view = code.view()
    try:
        if not CODE_MIN <= len(view) <= CODE_MAX:
            problem = f"a code has {CODE_MIN} to {CODE_MAX} digits"
        elif any(not 0x30 <= byte <= 0x39 for byte in view):
            problem = "a code is made of digits"
        elif len({(following - byte) % 10 for byte, following in pairwise(view)}) == 1:
            problem = "a code is no run of digits and no repetition"  # 000000, 123456, 987654, 246802
        else:
            return
    finally:
        view.release()
    raise KioskError(FailureCode.STAFF_CODE_WRONG, detail=problem)


def _unusable(detail: str, cause: OSError | None = None) -> EnvironmentProblem:
    reason = f" ({type(cause).__name__})" if cause is not None else ""
    return EnvironmentProblem(FailureCode.STORE_UNUSABLE, detail=f"the staff register: {detail}{reason}")
