# SPDX-License-Identifier: Apache-2.0
"""Log lines: one form, to standard error, and no line without end."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest

from kiosk import logs

_LOGGER = logging.getLogger("kiosk.reader")


class _Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def _restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("kiosk")
    before = (root.level, ours.level, list(root.handlers))
    yield
    root.setLevel(before[0])
    ours.setLevel(before[1])
    root.handlers[:] = before[2]


@pytest.fixture
def stream(_restored: None) -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def time(stream: io.StringIO) -> _Time:
    time = _Time()
    logs.configure("info", stream=stream, monotonic=time)
    return time


@pytest.mark.usefixtures("time")
def test_line_has_time_level_area_and_message(stream: io.StringIO) -> None:
    _LOGGER.info("The reader is %s", "back")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO    reader: The reader is back\n", stream.getvalue()
    )


@pytest.mark.usefixtures("time")
def test_level_and_other_peoples_chatter(stream: io.StringIO) -> None:
    _LOGGER.debug("too fine")
    logging.getLogger("httpx").info("somebody else's chatter")
    assert stream.getvalue() == ""


@pytest.mark.usefixtures("time")
@pytest.mark.allow_log("broken")
def test_exception_shows_its_place_and_never_its_text(stream: io.StringIO) -> None:
    try:
        int("MARKER")
    except ValueError:
        _LOGGER.exception("broken")
    assert "MARKER" not in stream.getvalue()
    assert re.search(r"reader: broken \[test_logs\.py:\d+ test_\w+ > ValueError\]\n$", stream.getvalue())


@pytest.mark.usefixtures("time")
def test_message_cannot_forge_a_line(stream: io.StringIO) -> None:
    _LOGGER.info("one\nERROR two")
    assert stream.getvalue().count("\n") == 1


def test_same_line_is_written_once_a_minute_and_counted(stream: io.StringIO, time: _Time) -> None:
    for second in range(100):
        time.now = float(second)
        _LOGGER.info("No reader")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[1].endswith("No reader (and 59 times more before)")


def test_different_lines_are_all_written_and_memory_is_bounded(stream: io.StringIO, time: _Time) -> None:
    for number in range(2000):
        _LOGGER.info("Number %d", number)
    assert len(stream.getvalue().splitlines()) == 2000
    (handler,) = [h for h in logging.getLogger().handlers if isinstance(h, logs.QuietHandler)]
    assert len(handler._seen) <= 256


@pytest.mark.usefixtures("_restored")
def test_standard_output_stays_clean_and_a_second_call_replaces_the_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    logs.configure("debug")
    _LOGGER.debug("seen once")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("seen once") == 1
