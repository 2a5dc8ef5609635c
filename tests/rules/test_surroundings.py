# SPDX-License-Identifier: Apache-2.0
"""The nets of tests/conftest.py catch what they are there to catch."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

_LOGGER = logging.getLogger("kiosk.example")


@pytest.mark.expect_log("WARNING kiosk.example: seen")
def test_expected_warning_passes() -> None:
    _LOGGER.warning("seen")


@pytest.mark.allow_log("never comes")
def test_allowed_warning_need_not_come() -> None:
    _LOGGER.info("nothing of note")


def test_homes_are_not_the_real_ones() -> None:
    for variable in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        assert "uketsuke-tests-" in os.environ[variable]
        assert Path(os.environ[variable]).is_dir()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("logging.getLogger('kiosk.x').warning('oh')", "unexpected in the log"),
        (
            "threading.Thread(target=threading.Event().wait, daemon=True, name='stray').start()",
            "thread stray",
        ),
    ],
)
def test_nets_catch_what_they_should(pytester: pytest.Pytester, body: str, complaint: str) -> None:
    conftest = Path(__file__).parents[1] / "conftest.py"
    pytester.makeconftest(conftest.read_text(encoding="utf-8").replace("_WAIT_S = 3.0", "_WAIT_S = 0.1"))
    pytester.makepyfile(f"import logging, threading\ndef test_it():\n    {body}\n")
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1, errors=1)
    assert complaint in result.stdout.str()


def test_expected_warning_that_does_not_come_is_a_failure(pytester: pytest.Pytester) -> None:
    conftest = Path(__file__).parents[1] / "conftest.py"
    pytester.makeconftest(conftest.read_text(encoding="utf-8"))
    pytester.makepyfile("import pytest\n@pytest.mark.expect_log('x')\ndef test_it():\n    pass\n")
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1, errors=1)
    assert "expected in the log and not there" in result.stdout.str()
