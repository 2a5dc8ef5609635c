# SPDX-License-Identifier: Apache-2.0
"""Where log lines go and what they look like.

Loggers are named `kiosk.<area>`. No personal data is in a line because nobody writes it there; what this
module adds is that an exception shows its kind and place only, since its text may quote what it choked on.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, TextIO

from kiosk.clock import SystemClock

REPEAT_S: Final = 60.0  # the same line is written once in this time, and counted meanwhile
_REMEMBERED = 256  # lines; more than any honest minute holds

_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class LineFormatter(logging.Formatter):
    """One event, one line: time in UTC, level, area, message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line break at its end."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        area = record.name.removeprefix("kiosk.")
        line = f"{moment.replace('+00:00', 'Z')} {record.levelname:<7} {area}: {record.getMessage()}"
        if record.exc_info and record.exc_info[0] is not None:
            line += f" [{describe_exception(record.exc_info[0], record.exc_info[2])}]"
        return line.replace("\r", "\\r").replace("\n", "\\n")


def describe_exception(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Kind and place of an exception, innermost last; never its text."""
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)
    ]
    return " > ".join([*places[-6:], kind.__name__])


class QuietHandler(logging.StreamHandler[TextIO]):
    """Writes each line once a minute at most and says how often it came meanwhile.

    Lives on: any thread; `logging` holds the handler's lock around `emit`.
    """

    def __init__(self, stream: TextIO, monotonic: Callable[[], float]) -> None:
        super().__init__(stream)
        self._monotonic = monotonic
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}  # when last written, how often since

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, unless the same one was written a moment ago."""
        key = (record.name, record.levelno, record.getMessage())
        now = self._monotonic()
        written, repeats = self._seen.pop(key, (now - REPEAT_S, 0))
        if now - written < REPEAT_S:
            self._seen[key] = (written, repeats + 1)
            return
        self._seen[key] = (now, 0)
        while len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        if repeats:
            record = logging.makeLogRecord(
                {**record.__dict__, "msg": f"{key[2]} (and {repeats} times more before)", "args": None}
            )
        super().emit(record)


@contextmanager
def uncaught_told() -> Iterator[None]:
    """While it lasts, what nobody caught, in a slot of Qt or on a thread, is one line by kind and place.

    Python's own way is to print the text of the exception, which may quote anything.
    """
    log = logging.getLogger("kiosk")

    def in_a_slot(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
        log.error("nobody caught an exception [%s]", describe_exception(kind, trace))

    def on_a_thread(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_type is not SystemExit:
            in_a_slot(failed.exc_type, failed.exc_value or failed.exc_type(), failed.exc_traceback)

    before, threads_before = sys.excepthook, threading.excepthook
    sys.excepthook, threading.excepthook = in_a_slot, on_a_thread
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before, threads_before


def configure(
    level: str = "info",
    *,
    stream: TextIO | None = None,
    monotonic: Callable[[], float] | None = None,
) -> None:
    """Send log lines to `stream` (standard error): ours from `level` upwards, other people's from warning.

    Standard output stays with the commands. Calling it again replaces what was set up before.
    """
    handler = QuietHandler(stream or sys.stderr, monotonic or SystemClock().monotonic)
    handler.setFormatter(LineFormatter())
    root = logging.getLogger()
    for old in [known for known in root.handlers if isinstance(known, QuietHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("kiosk").setLevel(_LEVELS[level])
