# SPDX-License-Identifier: Apache-2.0
"""What each answer means for an item, and how long the next try waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import FailureCode
from kiosk.outbox import retry as retry_module
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
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999", None),
        ("0 JAN 0:0 3000000000", None),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(text, NOW) == seconds


_DATES = st.from_regex(
    r"\A(Mon, )?\d{1,3} (Jan|Dec|Foo) \d{1,12} \d{1,3}:\d{1,3}(:\d{1,12})? ([+-]\d{1,25}|GMT|X)\Z"
)


@given(st.text(max_size=60) | _DATES)
def test_no_header_is_more_than_unusable(text: str) -> None:
    seconds = retry_after_seconds(text, NOW)
    assert seconds is None or seconds >= 0
    assert NOW < next_attempt(1, seconds, NOW, 0.0, LIMITS) <= NOW + timedelta(seconds=LIMITS.longest_wish_s)


# --- the rule is pure, and its bounds hold for any numbers -------------------------------------------------

_LIMITS = st.builds(
    BackOff,
    base_s=st.floats(0.01, 60),
    cap_s=st.floats(60, 3600),
    longest_wish_s=st.floats(1, 7200),
)
_RAND = st.floats(0, 1, exclude_max=True)


@given(_LIMITS, st.integers(0, 10**6), _RAND)
def test_a_wait_lies_between_half_a_step_and_the_whole(limits: BackOff, attempts: int, rand: float) -> None:
    wait = (next_attempt(attempts, None, NOW, rand, limits) - NOW).total_seconds()
    step = min(limits.cap_s, limits.base_s * 2.0 ** min(max(attempts - 1, 0), 64))
    assert step / 2 - 1e-6 <= wait <= step + 1e-6


@given(_LIMITS, st.integers(0, 40), _RAND)
def test_another_try_never_shortens_the_wait(limits: BackOff, attempts: int, rand: float) -> None:
    first, second = (next_attempt(tries, None, NOW, rand, limits) for tries in (attempts, attempts + 1))
    assert first <= second


@given(_LIMITS, st.integers(0, 40), st.floats(0, 1e9), _RAND)
def test_upstreams_wish_is_a_floor_and_the_spread_is_at_most_a_step(
    limits: BackOff, attempts: int, wish: float, rand: float
) -> None:
    alone = next_attempt(attempts, None, NOW, rand, limits)
    wished = next_attempt(attempts, wish, NOW, rand, limits)
    heard = min(wish, limits.longest_wish_s)
    assert wished >= alone
    wait = (wished - NOW).total_seconds()
    assert heard - 1e-6 <= wait <= max((alone - NOW).total_seconds(), heard + limits.base_s) + 1e-6


@given(st.integers(-10, 1000) | st.sampled_from(SendError), st.booleans(), st.integers(0, 40), _RAND)
def test_the_rule_is_pure(result: int | SendError, asking: bool, attempts: int, rand: float) -> None:
    assert classify(result, asking=asking) == classify(result, asking=asking)
    moments = {next_attempt(attempts, 7.0, NOW, rand, LIMITS) for _ in range(3)}
    assert len(moments) == 1
    later = next_attempt(attempts, 7.0, NOW + timedelta(days=400), rand, LIMITS)
    assert later - timedelta(days=400) == moments.pop()  # only `now` moves it
    names = retry_module.__dict__.keys()
    assert not names & {"time", "random", "secrets", "socket", "httpx", "Clock"}
