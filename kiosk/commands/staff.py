# SPDX-License-Identifier: Apache-2.0
"""``kiosk staff``: who may sign in at the kiosk. Codes are read, never given as arguments, never shown."""

from __future__ import annotations

import hmac
import io
import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk import settings
from kiosk.clock import SystemClock
from kiosk.commands.console import EXIT_DONE, Console
from kiosk.desk.staff import CODE_MAX, CODE_MIN, Role, StaffRegister
from kiosk.errors import FailureCode, KioskError
from kiosk.secret import Secret
from kiosk.settings import Settings

_ROOM = 64
_LINE_END = 0x0A
_CARRIAGE_RETURN = 0x0D


def register_of(chosen: Settings) -> StaffRegister:
    """The persons of this kiosk."""
    return StaffRegister(chosen.paths.staff_file(), SystemClock())


def known_person(chosen: Settings, name: str) -> str:
    """The name, if somebody of that name is registered; `KioskError` otherwise."""
    members = register_of(chosen).list()
    if not members:
        raise KioskError(FailureCode.STAFF_NONE)
    if all(member.name != name for member in members):
        raise KioskError(FailureCode.STAFF_UNKNOWN, detail="there is no person of that name")
    return name


def add(console: Console, config: Path | None, name: str, role: str) -> int:
    """Add a person; the code is one line of standard input."""
    register = register_of(settings.load(config))
    with _code(console) as code:
        member = register.add(name, Role(role), code)
    console.answer(
        {"added": member.name, "role": member.role.value},
        [f"{member.name} may sign in now ({member.role.value})."],
    )
    return EXIT_DONE


def listing(console: Console, config: Path | None) -> int:
    """Everybody who may sign in."""
    members = register_of(settings.load(config)).list()
    document = {"staff": [{"name": member.name, "role": member.role.value} for member in members]}
    lines = [f"{member.role.value:<11}{member.name}" for member in members]
    console.answer(document, lines or ["Nobody is registered yet."])
    return EXIT_DONE


def remove(console: Console, config: Path | None, name: str) -> int:
    """Take a person's access away."""
    register_of(settings.load(config)).remove(name)
    console.answer({"removed": name}, [f"{name} may not sign in any more."])
    return EXIT_DONE


@contextmanager
def _code(console: Console) -> Iterator[Secret]:
    """The code as it was typed, twice at a terminal; overwritten at the end."""
    source = _descriptor()
    with Secret(_ROOM) as code:
        if not os.isatty(source):
            _read_line(source, code)
            yield code
            return
        with _without_echo(source), Secret(_ROOM) as again:
            console.note(f"Code ({CODE_MIN} to {CODE_MAX} digits; it is not shown):")
            _read_line(source, code)
            console.note("The same code again:")
            _read_line(source, again)
            same = _equal(code, again)
        if not same:
            raise KioskError(FailureCode.STAFF_CODE_WRONG, detail="the two codes differ")
        yield code


def _descriptor() -> int:
    try:
        return sys.stdin.fileno()
    except (AttributeError, io.UnsupportedOperation, ValueError):
        raise KioskError(
            FailureCode.STAFF_CODE_WRONG, detail="the code is read from standard input, which is closed"
        ) from None


def _read_line(source: int, code: Secret) -> None:
    """Byte by byte past Python's buffers, which nobody could overwrite."""
    while (byte := os.read(source, 1)) and byte[0] != _LINE_END:
        if byte[0] == _CARRIAGE_RETURN:
            continue
        try:
            code.append(byte[0])
        except OverflowError:
            raise KioskError(
                FailureCode.STAFF_CODE_WRONG, detail=f"a code has {CODE_MIN} to {CODE_MAX} digits"
            ) from None


def _equal(one: Secret, other: Secret) -> bool:
    with one.view() as first, other.view() as second:
        return hmac.compare_digest(first, second)


@contextmanager
def _without_echo(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    silent = termios.tcgetattr(terminal)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
