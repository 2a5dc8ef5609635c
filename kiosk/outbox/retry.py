# SPDX-License-Identifier: Apache-2.0
"""What an answer means for the item, and when to try again: pure rules, no clock and no net."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from kiosk.errors import FailureCode


class SendError(StrEnum):
    """Why there is no status to judge by, or why the one that came is worth nothing."""

    UNREACHABLE = "unreachable"  # nothing left the kiosk: name, connection, TLS
    NO_ANSWER = "no_answer"  # something left; whether upstream has it is unknown, so: the same key again
    ANSWER_WRONG = "answer_wrong"  # too big, broken, or not the answer to this question


class Action(StrEnum):
    """What to do with the item."""

    DONE = "done"
    ACCEPTED = "accepted"
    AGAIN = "again"
    SEND_ANEW = "send_anew"
    REFUSED = "refused"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The action, and the failure code that goes with it."""

    action: Action
    code: FailureCode | None = None


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait: doubling from `base_s` to `cap_s`; upstream's own wish up to `longest_wish_s`.

    While upstream cannot be reached a try costs it nothing, so the cap is lower: back online quickly.
    """

    base_s: float = 0.5
    cap_s: float = 300.0
    unreachable_cap_s: float = 15.0
    longest_wish_s: float = 3600.0


_ERROR_VERDICTS = {
    SendError.UNREACHABLE: Verdict(Action.AGAIN, FailureCode.UPSTREAM_UNREACHABLE),
    SendError.NO_ANSWER: Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER),
    SendError.ANSWER_WRONG: Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG),
}


def classify(result: int | SendError, *, asking: bool = False) -> Verdict:
    """The rule for one answer; `asking` when it answers a question after an accepted item.

    A status nobody thought of never ends an item: it stays and is tried again.
    """
    if isinstance(result, SendError):
        return _ERROR_VERDICTS[result]
    match result:
        case 200:
            return Verdict(Action.DONE)
        case 202 | 208 | 409:
            return Verdict(Action.ACCEPTED)
        case 404 if asking:
            # upstream took it once and has forgotten it; the key makes sending it again harmless
            return Verdict(Action.SEND_ANEW, FailureCode.UPSTREAM_NO_ANSWER)
        case 400 | 404 | 422:
            return Verdict(Action.REFUSED, FailureCode.UPSTREAM_REFUSED)
        case 401 | 403:
            return Verdict(Action.STOP, FailureCode.UPSTREAM_NOT_AUTHORISED)
        case 408 | 425 | 429:
            return Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER)
        case status if 500 <= status <= 599:
            return Verdict(Action.AGAIN, FailureCode.UPSTREAM_NO_ANSWER)
        case _:
            return Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)


def next_attempt(
    attempts: int, retry_after_s: float | None, now: datetime, rand: float, limits: BackOff
) -> datetime:
    """When to try again after `attempts` tries; `rand` in [0, 1) spreads kiosks that failed together.

    The wait lies between half and the whole of the doubled step. What upstream asked for is kept to, and the
    spread then comes on top of it.
    """
    step = min(limits.cap_s, limits.base_s * 2.0 ** min(max(attempts - 1, 0), 64))
    wait = step * (0.5 + rand / 2)
    if retry_after_s is not None:
        wish = min(max(retry_after_s, 0.0), limits.longest_wish_s)
        wait = max(wait, wish + limits.base_s * rand)
    return now + timedelta(seconds=wait)


def retry_after_seconds(text: str | None, now: datetime) -> float | None:
    """A ``Retry-After`` header in seconds from `now` (RFC 9110 10.2.3); None where it says nothing usable."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    moment = header_date(text)
    return None if moment is None else max((moment - now).total_seconds(), 0.0)


def header_date(text: str | None) -> datetime | None:
    """A date as headers have it (RFC 9110 5.6.7); None where it is missing or unreadable."""
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):  # a year or an offset beyond what any machine counts
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
