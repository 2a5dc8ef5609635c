# SPDX-License-Identifier: Apache-2.0
"""What the kiosk never sends, whoever asks for it: the last gate before the driver.

The My Number itself is of no use for a reception, and reading it is restricted by law; administrative
commands could destroy a card. So both are refused by what goes over the wire, not by what callers mean to do.
"""

from __future__ import annotations

from kiosk.errors import FailureCode, KioskError
from kiosk.reader.apdu import (
    INS_COMPUTE_SIGNATURE,
    INS_GET_CHALLENGE,
    INS_GET_RESPONSE,
    INS_READ_BINARY,
    INS_READ_RECORD,
    INS_SELECT,
    INS_VERIFY,
    CommandApdu,
    VerifyApdu,
)
from kiosk.reader.cards.applications import Application
from kiosk.reader.status import Meaning, meaning

_COMMANDS = frozenset(
    {
        (0x00, INS_SELECT),
        (0x00, INS_READ_BINARY),
        (0x00, INS_READ_RECORD),
        (0x00, INS_VERIFY),
        (0x00, INS_GET_CHALLENGE),
        (0x00, INS_GET_RESPONSE),
        (0x80, INS_COMPUTE_SIGNATURE),
    }
)

NEVER_SELECTED = frozenset(
    {
        (Application.TEXT.aid, 0x0001),  # My Number
        (Application.TEXT.aid, 0x0014),  # 照合番号A, which is My Number
        (Application.VISUAL.aid, 0x0005),  # My Number as a picture
        (Application.VISUAL.aid, 0x0013),  # 照合番号A
    }
)


class ForbiddenCommandError(KioskError):
    """The kiosk was about to send something it never sends: a mistake of ours."""

    def __init__(self) -> None:
        super().__init__(FailureCode.INTERNAL, detail="a command that is never sent")


class CommandGuard:
    """Watches the commands of one powered card.

    A card that refuses an application stays in the one before, and of a lost answer nobody knows: so each
    application that may be the current one counts.
    Lives on: the reader thread.
    """

    def __init__(self) -> None:
        self._applications: frozenset[bytes] = frozenset()

    def check(self, command: CommandApdu) -> None:
        """Raise `ForbiddenCommandError` for anything but the few commands of a reception."""
        if (command.cla, command.ins) not in _COMMANDS:
            raise ForbiddenCommandError
        if command.ins == INS_SELECT:
            self._check_select(command)
        elif (command.ins == INS_READ_BINARY and command.p1 & 0x80) or (
            # a short file id in the parameters would reach a file past the check on SELECT
            (command.ins == INS_READ_RECORD and command.p2 != 0x04)
            or (command.ins == INS_VERIFY and not _is_plain_verify(command))
            or (command.ins == INS_COMPUTE_SIGNATURE and command.p2 not in {0x00, 0x80})
        ):
            raise ForbiddenCommandError

    def answered(self, command: CommandApdu, sw: int) -> None:
        """What the card said to it: an application that it took is the only one from now on."""
        if _selects_application(command) and meaning(sw) in {Meaning.OK, Meaning.MORE_DATA}:
            self._applications = frozenset({command.data})

    def _check_select(self, command: CommandApdu) -> None:
        if command.p2 != 0x0C:  # "next of that name" would select another one than the name says
            raise ForbiddenCommandError
        if command.p1 == 0x04 and command.data in {application.aid for application in Application}:
            self._applications |= {command.data}
        elif command.p1 == 0x02 and len(command.data) == 2:
            file = int.from_bytes(command.data, "big")
            if any((application, file) in NEVER_SELECTED for application in self._applications):
                raise ForbiddenCommandError
        else:
            raise ForbiddenCommandError


def _selects_application(command: CommandApdu) -> bool:
    return command.ins == INS_SELECT and command.p1 == 0x04


def _is_plain_verify(command: CommandApdu) -> bool:
    """The current reference: asked with four bytes, or given what a `Secret` holds, and nothing behind it."""
    if (command.p1, command.p2, command.le) != (0x00, 0x80, None) or command.extended:
        return False
    return isinstance(command, VerifyApdu) or not command.data
