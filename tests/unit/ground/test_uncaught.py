# SPDX-License-Identifier: Apache-2.0
"""What nobody caught is told by kind and place, never by its text."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QTimer

from kiosk import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logs.QuietHandler(written, lambda: 0.0)
    handler.setFormatter(logs.LineFormatter())
    logging.getLogger("kiosk").addHandler(handler)
    yield written
    logging.getLogger("kiosk").removeHandler(handler)


def choke() -> None:
    raise ValueError("見本　太郎")


def check(text: str) -> None:
    assert text.count("\n") == 1
    assert "nobody caught an exception [" in text
    assert "choke > ValueError]" in text
    assert "見本" not in text


@pytest.mark.expect_log("nobody caught an exception")
@pytest.mark.qt_no_exception_capture
def test_in_a_slot(qapp: QCoreApplication, stream: io.StringIO) -> None:
    with logs.uncaught_told():
        QTimer.singleShot(0, choke)
        QTimer.singleShot(1, qapp.quit)
        qapp.exec()
    check(stream.getvalue())


@pytest.mark.expect_log("nobody caught an exception")
def test_on_a_thread(stream: io.StringIO) -> None:
    with logs.uncaught_told():
        thread = threading.Thread(target=choke)
        thread.start()
        thread.join()
    check(stream.getvalue())


def test_it_is_given_back() -> None:
    before = sys.excepthook, threading.excepthook
    with logs.uncaught_told():
        assert (sys.excepthook, threading.excepthook) != before
    assert (sys.excepthook, threading.excepthook) == before
