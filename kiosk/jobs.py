# SPDX-License-Identifier: Apache-2.0
"""Work that may take long, done one piece after another off the main thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.errors import FailureCode, KioskError

_LOGGER = logging.getLogger("kiosk.jobs")

T = TypeVar("T")
Call: TypeAlias = Callable[[], None]


class Executor(Protocol):
    """Runs calls in the order they were submitted, never two at once."""

    def submit(self, call: Call) -> None:
        """Take a call for later; it does not raise."""
        ...

    def close(self, timeout_s: float) -> bool:
        """Forget what has not begun; whether the call under way ended in time."""
        ...


class ThreadExecutor:
    """One thread of its own.

    Lives on: its own thread, but for its methods, which any thread may call.
    """

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        # A daemon, so that a call that hangs in a driver cannot keep the process alive after `close` gave up.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, call: Call) -> None:
        """Take a call for later."""
        self._calls.put(call)

    def close(self, timeout_s: float) -> bool:
        """Forget what has not begun; whether the thread ended in time."""
        self._closed.set()
        self._calls.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (call := self._calls.get()) is not None and not self._closed.is_set():
            call()


class SerialJobRunner:
    """Runs jobs one at a time and hands their results to `deliver`.

    Lives on: the thread that made it; jobs run on the executor's thread, results where `deliver` takes them.
    """

    def __init__(self, executor: Executor, deliver: Callable[[Call], None]) -> None:
        self._executor = executor
        self._deliver = deliver
        self._closed = False

    def submit(self, work: Callable[[], T], on_done: Callable[[T | KioskError], None]) -> None:
        """Run `work` in its turn, then `on_done` with what it returned, or with the `KioskError` it raised.

        Any other exception is a fault of the program: it is logged and arrives as `SYS-003`. After `close`
        nothing runs and nobody is told.
        """
        if self._closed:
            return

        def run() -> None:
            outcome: T | KioskError
            try:
                outcome = work()
            except KioskError as error:
                outcome = error
            except Exception:  # the boundary: a fault must reach the flow instead of ending the thread
                _LOGGER.exception("A job ended by a fault of the program")
                outcome = KioskError(FailureCode.INTERNAL)
            self._deliver(lambda: self._finish(outcome, on_done))

        self._executor.submit(run)

    def close(self, timeout_s: float) -> bool:
        """Take no more jobs and deliver no more results; whether the job under way ended in time."""
        self._closed = True
        return self._executor.close(timeout_s)

    def _finish(self, outcome: T | KioskError, on_done: Callable[[T | KioskError], None]) -> None:
        if not self._closed:
            on_done(outcome)


class MainThreadSink(QObject):
    """Runs calls on the thread it was made on, in order, when that thread's event loop comes to them.

    Lives on: main thread; calling it is safe from any other.
    """

    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def __call__(self, call: Call) -> None:
        """Have `call` run on the main thread."""
        self._posted.emit(call)

    @Slot(object)
    def _run(self, call: Call) -> None:
        call()
