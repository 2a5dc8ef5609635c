# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: its surroundings, and what it may leave behind."""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

_PLAYED = {"tests/integration/test_nothing_leaks.py", "tests/scenarios/test_all_scenarios.py"}

# Set before anything imports Qt: no screen is needed, no test touches the real home of whoever runs it.
_HOME = Path(tempfile.mkdtemp(prefix="uketsuke-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
_FOLDERS = {
    "HOME": "home",
    "XDG_CACHE_HOME": "cache",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_RUNTIME_DIR": "run",
}
for _variable, _name in _FOLDERS.items():
    (_HOME / _name).mkdir(mode=0o700)
    os.environ[_variable] = str(_HOME / _name)
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QUICK_BACKEND"] = "software"
os.environ["QML_DISABLE_DISK_CACHE"] = "1"
os.environ["QT_LOGGING_RULES"] = "qt.qpa.fonts=false"  # the offscreen platform brings no font folder

# An example's time says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("kiosk", deadline=None)
hypothesis.settings.load_profile("kiosk")

_LEFTOVER_WAIT_S = 20.0  # only what does not end at all is waited for so long


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers this file acts upon; programs under test hear SIGINT, however the tests were begun."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "expect_log(*patterns): a warning of kiosk.* matching each pattern must be logged"
    )
    config.addinivalue_line(
        "markers", "allow_log(*patterns): warnings of kiosk.* matching these may be logged"
    )


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types of it
    """Gives each core a file at a time; files that look at one and the same run go together.

    (`xdist_group` would say it with a mark, but does nothing with the pytest in use.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "played" if file in _PLAYED else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _ByFile:
    """How tests are given to the cores."""
    return _ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no core waits for it in the end."""

    def turn(item: pytest.Item) -> int:
        if item.nodeid.split("::", 1)[0] in _PLAYED:
            return 0
        return 1 if item.get_closest_marker("integration") else 2

    items.sort(key=turn)


class _Collector(logging.Handler):
    """Keeps every record of `kiosk.*` from warning upwards, from whichever thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def _patterns(request: pytest.FixtureRequest, marker: str) -> list[str]:
    return [pattern for mark in request.node.iter_markers(marker) for pattern in mark.args]


@pytest.fixture(autouse=True)
def _warnings_fail(request: pytest.FixtureRequest) -> Iterator[None]:
    """A warning nobody expected fails the test; one that was expected and did not come, too."""
    logger = logging.getLogger("kiosk")
    collector = _Collector()
    logger.addHandler(collector)
    try:
        yield
    finally:
        logger.removeHandler(collector)
    expected = _patterns(request, "expect_log")
    known = expected + _patterns(request, "allow_log")
    unexpected = [line for line in collector.lines if not any(re.search(p, line) for p in known)]
    missing = [p for p in expected if not any(re.search(p, line) for line in collector.lines)]
    if unexpected:
        pytest.fail("unexpected in the log:\n" + "\n".join(unexpected), pytrace=False)
    if missing:
        pytest.fail("expected in the log and not there:\n" + "\n".join(missing), pytrace=False)


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Every thread and process a test started has ended with it."""
    before = set(threading.enumerate())
    children_before = {child.pid for child in multiprocessing.active_children()}
    yield
    deadline = time.monotonic() + _LEFTOVER_WAIT_S
    left = []
    for thread in set(threading.enumerate()) - before:
        if isinstance(thread, threading._DummyThread):
            continue  # a Qt thread that once ran Python; Qt ends it, Python forgets it never
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            left.append(f"thread {thread.name}")
    for child in multiprocessing.active_children():
        if child.pid in children_before:
            continue
        child.join(max(0.0, deadline - time.monotonic()))
        if child.is_alive():
            left.append(f"process {child.name}")
            child.terminate()
    if left:
        pytest.fail("left running: " + ", ".join(sorted(left)), pytrace=False)
