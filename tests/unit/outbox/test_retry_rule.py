# SPDX-License-Identifier: Apache-2.0
"""What each answer means for an item, and how long the next try waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import FailureCode
from kiosk.outbox.retry import (
    Action,
    BackOff,
    SendError,
    Verdict,
    classify,
    next_attempt,
    retry_after_seconds,
)

NOW = datetime(2026, 6, 1, 0, 12, tzinfo=UTC)
LIMITS = BackOff()


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (200, Verdict(Action.DONE)),
        (202, Verdict(Action.ACCEPTED)),
        (208, Verdict(Action.ACCEPTED)),
        (409, Verdict(Action.ACCEPTED)),
        (400, Verdict(Action.REFUSED, FailureCode.UPSTREAM_REFUSED)),
        (404, Verdict(Action.REFUSED, FailureCode.UPSTREAM_REFUSED)),
        (422, Verdict(Action.REFUSED, FailureCode.UPSTREAM_REFUSED)),
        (401, Verdict(Action.STOP, FailureCode.UPSTREAM_NOT_AUTHORISED)),
        (403, Verdict(Action.STOP, FailureCode.UPSTREAM_NOT_AUTHORISED)),
        (408, Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER)),
        (425, Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER)),
        (429, Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER)),
        (500, Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER)),
        (503, Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER)),
        (599, Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER)),
        (SendError.UNREACHABLE, Verdict(Action.AGAIN, FailureCode.UPSTREAM_UNREACHABLE)),
        (SendError.NO_ANSWER, Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER)),
        (SendError.ANSWER_WRONG, Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)),
        # nobody thought of these: the item stays
        (201, Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)),
        (301, Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)),
        (410, Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)),
        (600, Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)),
    ],
)
def test_classify_follows_the_table(result: int | SendError, verdict: Verdict) -> None:
    assert classify(result) == verdict


def test_forgotten_item_is_sent_anew_under_its_key() -> None:
    assert classify(404, asking=True) == Verdict(Action.SEND_ANEW, FailureCode.UPSTREAM_NO_ANSWER)
    assert classify(422, asking=True).action is Action.REFUSED


@given(st.integers(-10, 1000), st.booleans())
def test_only_the_named_statuses_end_an_item(status: int, asking: bool) -> None:
    ends = {Action.DONE: {200}, Action.REFUSED: {400, 404, 422}}
    action = classify(status, asking=asking).action
    assert status in ends.get(action, {status})


@pytest.mark.parametrize(
    ("attempts", "rand", "seconds"),
    [
        (0, 0.0, 0.25),
        (1, 0.0, 0.25),
        (1, 1.0, 0.5),
        (2, 1.0, 1.0),
        (5, 1.0, 8.0),
        (11, 1.0, 300.0),
        (9**9, 0.0, 150.0),
    ],
)
def test_waits_double_up_to_the_cap(attempts: int, rand: float, seconds: float) -> None:
    assert next_attempt(attempts, None, NOW, rand, LIMITS) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("wish", "seconds"), [(30.0, 30.25), (0.0, 0.375), (-5.0, 0.375), (1e12, 3600.25), (0.1, 0.375)]
)
def test_upstreams_wish_is_heard_within_reason(wish: float, seconds: float) -> None:
    assert next_attempt(1, wish, NOW, 0.5, LIMITS) == NOW + timedelta(seconds=seconds)


@given(st.integers(0, 10**6), st.none() | st.floats(-1e9, 1e9), st.floats(0, 1, exclude_max=True))
def test_next_attempt_is_always_ahead_and_bounded(attempts: int, wish: float | None, rand: float) -> None:
    moment = next_attempt(attempts, wish, NOW, rand, LIMITS)
    assert NOW < moment <= NOW + timedelta(seconds=LIMITS.longest_wish_s + LIMITS.base_s)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("１２", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("9" * 400, 999_999_999.0),
        ("Mon, 01 Jun 2026 00:13:00 GMT", 60.0),
        ("Mon, 01 Jun 2026 00:13:00 -0000", 60.0),
        ("Mon, 01 Jun 2020 00:13:00 GMT", 0.0),
        ("Mon, 99 Jun 2026 00:13:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(text, NOW) == seconds
