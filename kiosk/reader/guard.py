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
)
from kiosk.reader.cards.applications import Application

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

    Lives on: the reader thread.
    """

    def __init__(self) -> None:
        self._application = b""

    def check(self, command: CommandApdu) -> None:
        """Raise `ForbiddenCommandError` for anything but the few commands of a reception."""
        if (command.cla, command.ins) not in _COMMANDS:
            raise ForbiddenCommandError
        if command.ins == INS_SELECT:
            self._check_select(command)
        elif (command.ins == INS_READ_BINARY and command.p1 & 0x80) or (
            # a short file id in the parameters would reach a file past the check on SELECT
            (command.ins == INS_READ_RECORD and command.p2 != 0x04)
            or (command.ins == INS_VERIFY and command.p2 != 0x80)
            or (command.ins == INS_COMPUTE_SIGNATURE and command.p2 not in {0x00, 0x80})
        ):
            raise ForbiddenCommandError

    def _check_select(self, command: CommandApdu) -> None:
        if command.p1 == 0x04 and command.data in {application.aid for application in Application}:
            self._application = command.data
        elif command.p1 == 0x02 and len(command.data) == 2:
            if (self._application, int.from_bytes(command.data, "big")) in NEVER_SELECTED:
                raise ForbiddenCommandError
        else:
            raise ForbiddenCommandError
