# SPDX-License-Identifier: Apache-2.0
"""An orderly end when the system asks for one."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier

_ENDS = (signal.SIGINT, signal.SIGTERM)


class EndSignals(QObject):
    """Calls `on_end` on the event loop when SIGINT or SIGTERM comes.

    Python runs signal handlers between its own instructions, of which there are none while Qt waits; a byte
    on a socket wakes it. Lives on: main thread, between making it and `close`.
    """

    def __init__(self, on_end: Callable[[], None]) -> None:
        super().__init__()
        self._on_end = on_end
        self._wake, self._woken = socket.socketpair()
        for end in (self._wake, self._woken):
            end.setblocking(False)  # noqa: FBT003  # the socket's own method
        self._before = {number: signal.signal(number, self._note) for number in _ENDS}
        self._fd_before = signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._woken.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._arrived)

    def close(self) -> None:
        """Give the signals back as they were."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._wake.close()
        self._woken.close()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        """Nothing: the byte on the socket does it."""

    def _arrived(self) -> None:
        self._woken.recv(64)
        self._on_end()
