# SPDX-License-Identifier: Apache-2.0
"""Minds how long a job with the card takes: whoever lies in wait for a slow card is told to keep still."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_log = logging.getLogger("kiosk.reader")


def log_mistake(error: Exception) -> None:
    """Where it happened, and no more: its text may hold what was read off the card."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("%s in %s:%s", type(error).__name__, place.name, place.lineno)


class JobMinder:
    """Calls `tell` once for each job that goes on for longer than `slow_after_s`.

    The thread that runs the job may sit in the driver until the card answers, so it cannot tell by itself. A
    job that ends in the same moment may still be told of.
    Lives on: a thread of its own between `start` and `stop`; `minding` on the thread that runs the jobs.
    """

    def __init__(self, slow_after_s: float, tell: Callable[[], None]) -> None:
        self._slow_after_s = slow_after_s
        self._tell = tell
        self._changed = threading.Condition()
        self._since: float | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="card-minder", daemon=True)

    def start(self) -> None:
        """Begin to mind."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Mind no more; False where the thread did not end in time."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @contextmanager
    def minding(self) -> Iterator[None]:
        """The block is one job."""
        self._set(time.monotonic())
        try:
            yield
        finally:
            self._set(None)

    def _set(self, since: float | None) -> None:
        with self._changed:
            self._since = since
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                if self._since is None:
                    self._changed.wait()
                    continue
                left = self._since + self._slow_after_s - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                self._since = None  # told once
            _log.info("a job with the card takes long")
            try:
                self._tell()
            except Exception as error:  # whoever is told must not end the thread
                log_mistake(error)
