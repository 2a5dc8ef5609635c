# SPDX-License-Identifier: Apache-2.0
"""The sync thread: carries the queue on, one item at a time, by itself."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from kiosk.clock import Clock
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode, KioskError
from kiosk.outbox.answers import read_reference, read_registration
from kiosk.outbox.custodian import Custodian
from kiosk.outbox.model import (
    HAND_OVER_SUFFIX,
    Finish,
    HandOverProblem,
    ItemState,
    OutboxItem,
    OutboxKind,
    Parcel,
)
from kiosk.outbox.person_updates import UpdateUnreadable, read_update
from kiosk.outbox.retry import Action, BackOff, SendError, Verdict, classify, next_attempt
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import NOT_REACHED, Reply, UpstreamClient

_log = logging.getLogger("kiosk.outbox")

_BATCH = 8  # small, so that a new patient's item never waits behind a long list
_LONGEST_SLEEP_S = 30.0  # a clock that was set, or a command beside the kiosk, is noticed within this time
_TROUBLE_PAUSE_S = 5.0
_CLOCK_STEP_S = 5.0
_STAFF_NOTICE_AFTER = 5
_OF_THE_NETWORK = NOT_REACHED | {FailureCode.UPSTREAM_NO_ANSWER}
_SPREAD = secrets.SystemRandom()


class HandOver(Protocol):
    """What gives an answer to the reception computer."""

    def deliver(self, kind: OutboxKind, key: str, answer: bytes, /) -> None:
        """Deliver once more or for the first time, with one effect; `KioskError` when it did not work."""
        ...


class AnswerOutcome(Protocol):
    """What reads the outcome out of an answer."""

    def outcome(self, key: str, answer: bytes, /) -> Outcome:
        """The outcome; `KioskError` when it is not an answer to that key."""
        ...


@dataclass(frozen=True, slots=True)
class ItemResult:
    """How one try went. For checks `outcome` is set: *to be confirmed* until it is final."""

    item_id: str
    kind: OutboxKind
    session_id: str
    state: ItemState
    code: FailureCode | None
    outcome: Outcome | None

    @property
    def final(self) -> bool:
        """True when no further try will change it by itself."""
        return self.state in (ItemState.DONE, ItemState.REFUSED)


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """What the screens and diagnostics say about the sync thread."""

    running: bool
    offline: bool
    halted: FailureCode | None
    store_trouble: FailureCode | None


class SyncWorker:
    """Sends what is due, asks after what was accepted, hands over what was answered.

    Lives on: the sync thread, once started; `notify`, `try_now`, `status`, `stop` and `join` may be called
    from any thread. `on_result` is called on the sync thread. `step` is one round, for whoever has no thread.
    """

    def __init__(  # noqa: PLR0913  # the parts it plays between, and how
        self,
        store: Store,
        upstreams: Mapping[str, UpstreamClient],
        hand_over: HandOver,
        answers: AnswerOutcome,
        clock: Clock,
        *,
        back_off: BackOff | None = None,
        on_result: Callable[[ItemResult], None] | None = None,
        rand: Callable[[], float] = _SPREAD.random,
        custodian: Custodian | None = None,
    ) -> None:
        self._store = store
        self._upstreams = dict(upstreams)
        self._hand_over = hand_over
        self._answers = answers
        self._clock = clock
        self._back_off = back_off or BackOff()
        self._on_result = on_result
        self._rand = rand
        self._custodian = custodian or Custodian(store.upkeep, clock)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._forced = threading.Event()
        self._thread: threading.Thread | None = None
        # after a start nothing is known of the net, so the first answer releases what waited for it
        self._unproved = set(self._upstreams)
        self._offline: set[str] = set()
        self._lost: set[str] = set()  # endpoints that could not be reached in this round
        self._halted: dict[str, str] = {}  # endpoint → the item it was refused with
        self._stale = False
        self._trouble: FailureCode | None = None
        self._clock_offset = self._offset()

    # from any thread

    def start(self) -> None:
        """Take up what a crash left behind, then begin; `KioskError` when the store cannot be used."""
        self._store.recover()
        self._store.bring_forward(self._clock.now() + timedelta(seconds=self._back_off.cap_s))
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """Something new is in the queue."""
        self._wake.set()

    def try_now(self) -> None:
        """A person wants everything tried now, also what was stopped."""
        self._forced.set()
        self._wake.set()

    def stop(self) -> None:
        """Begin no further item; one that is out is finished, or comes back with the next start."""
        self._stopping.set()
        self._wake.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False when a request is still out."""
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def status(self) -> SyncStatus:
        """How it stands."""
        return SyncStatus(
            running=self._thread is not None and self._thread.is_alive(),
            offline=bool(self._offline),
            halted=FailureCode.UPSTREAM_NOT_AUTHORISED if self._halted else None,
            store_trouble=self._trouble,
        )

    # on the sync thread

    def step(self) -> float:
        """Try everything that is due, each by itself; the seconds until there may be something again."""
        self._trouble = None
        self._lost.clear()
        try:
            self._put_right()
            due = self._store.due(self._clock.now(), _BATCH, without=self._halted)
        except KioskError as error:
            return self._store_failed(error)
        taken: Parcel | None = None
        for position, item in enumerate(due):
            if self._stopping.is_set():
                break
            if not self._held(item):
                taken = self._try(item, taken, due[position + 1 :])
        if taken is not None:
            self._stale = True
        return self._pause()

    def _held(self, item: OutboxItem) -> bool:
        """Whether this round showed that the item need not be tried now."""
        return item.endpoint in self._halted or (item.attempts > 0 and item.endpoint in self._lost)

    def _pause(self) -> float:
        if self._trouble is not None:
            return _TROUBLE_PAUSE_S
        try:
            following = self._store.next_due(without=self._halted)
        except KioskError as error:
            return self._store_failed(error)
        if following is None:
            return _LONGEST_SLEEP_S
        return min(max((following - self._clock.now()).total_seconds(), 0.0), _LONGEST_SLEEP_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                pause = self.step()
            except Exception as error:  # the thread must outlive any mistake in a round
                _log.error("a round of the queue failed: %s", type(error).__name__)  # not its text
                pause = _TROUBLE_PAUSE_S
            if not self._stopping.is_set():
                self._wake.wait(pause)

    def _put_right(self) -> None:
        """What has to be seen to before a round: leftovers, a changed clock, people's wishes."""
        if self._stale:
            self._store.recover()
            self._stale = False
        self._custodian.look_after()
        offset = self._offset()
        if abs(offset - self._clock_offset) > _CLOCK_STEP_S:
            # moments written under the old time would hold items back for as long as the step was wide
            self._store.bring_forward(self._clock.now())
            self._clock_offset = offset
        if self._forced.is_set():
            self._forced.clear()
            self._halted.clear()
            self._store.bring_forward(self._clock.now())
        for endpoint, item_id in list(self._halted.items()):
            item = self._store.show(item_id)
            if item is None or item.last_error is not FailureCode.UPSTREAM_NOT_AUTHORISED:
                del self._halted[endpoint]  # staff asked for another try, or settled it

    def _try(self, item: OutboxItem, taken: Parcel | None, rest: Sequence[OutboxItem]) -> Parcel | None:
        """One item, in a guard of its own: whatever is wrong with it holds up no other.

        `taken` may be this very item, taken out already; what comes back is one of `rest` that was.
        """
        try:
            if item.kind is OutboxKind.UNREADABLE:
                self._set_aside(item, FailureCode.STORE_ITEM_DAMAGED)
                return None
            if not self._can_go(item):
                self._set_aside(item, FailureCode.CONFIG_INVALID)
                return None
            is_taken = taken is not None and taken.item.id == item.id
            parcel = taken if is_taken else self._store.mark_in_flight(item.id)
            if parcel is None:
                return None
            if item.kind in HAND_OVER_SUFFIX:
                finish = self._deliver(parcel)
            else:
                finish = self._send(parcel, self._upstreams[item.endpoint])
            finished, following = self._store.finish_and_take(item.id, finish, self._next_of(rest))
        except KioskError as error:
            self._stale = True
            if error.code.value.startswith("OUT-") and error.code is not FailureCode.STORE_KEY_UNUSABLE:
                self._store_failed(error)
            else:
                self._set_aside(item, error.code)
            return None
        except Exception as error:  # a mistake in ours: the item stays, and people are told
            _log.error("an item could not be tried: %s", type(error).__name__)  # not its text
            self._stale = True
            self._set_aside(item, FailureCode.INTERNAL)
            return None
        if finished is not None:
            self._report(finished, finish)
        return following

    def _next_of(self, rest: Sequence[OutboxItem]) -> str | None:
        """Which item is tried next: it is taken out together with the end of the one before, in one sync."""
        if self._stopping.is_set():
            return None
        return next((item.id for item in rest if not self._held(item) and self._can_go(item)), None)

    def _can_go(self, item: OutboxItem) -> bool:
        return item.kind in HAND_OVER_SUFFIX or (
            item.kind is not OutboxKind.UNREADABLE and item.endpoint in self._upstreams
        )

    def _send(self, parcel: Parcel, upstream: UpstreamClient) -> Finish:
        item = parcel.item
        asking = item.state is ItemState.ACCEPTED
        if asking:
            reply = upstream.ask(item.id, item.kind)
        else:
            reply = upstream.send_check(replace(parcel, checkpoint=self._custodian.checkpoint()))
            if reply.took_checkpoint:
                self._custodian.delivered()
        self._custodian.heard(reply.date)
        verdict = classify(reply.result, asking=asking)
        if reply.code is not None:
            verdict = replace(verdict, code=reply.code)
        outcome: Outcome | None = None
        if verdict.action is Action.DONE and item.kind is OutboxKind.QUALIFICATION_CHECK:
            verdict, outcome = self._read(item.id, reply.body)
        elif verdict.action is Action.DONE and item.kind is OutboxKind.PERSON_UPDATE:
            verdict = _read_update(parcel.body, reply.body)
        elif verdict.action is Action.DONE and item.kind is OutboxKind.USAGE_REGISTRATION:
            verdict = read_registration(parcel.body, reply.body)
        elif verdict.action is Action.DONE and item.kind is OutboxKind.REFERENCE_NUMBER:
            verdict = read_reference(parcel.body, reply.body)
        again = self._next(item, reply)
        self._note_link(item.endpoint, reply, again)
        if verdict.action is Action.STOP:
            self._halted[item.endpoint] = item.id
            _log.warning("upstream does not know this kiosk: nothing more is sent there")
        return _written(item, verdict, reply, outcome, again)

    def _read(self, key: str, body: bytes) -> tuple[Verdict, Outcome | None]:
        """What a 200 really says: an answer, not yet an answer, or none to this question."""
        try:
            outcome = self._answers.outcome(key, body)
        except KioskError as error:
            return Verdict(Action.AGAIN, error.code), None
        if outcome.kind is OutcomeKind.TO_BE_CONFIRMED:
            return Verdict(Action.ACCEPTED, outcome.code), None
        return Verdict(Action.DONE), outcome

    def _note_link(self, endpoint: str, reply: Reply, again: datetime) -> None:
        """Remember whether the endpoint can be reached; with its return everything goes out at once."""
        if reply.result is SendError.UNREACHABLE:
            if endpoint not in self._offline:
                _log.warning("upstream cannot be reached; the queue waits")
            self._offline.add(endpoint)
            self._lost.add(endpoint)
            self._unproved.add(endpoint)
            self._store.hold_back(endpoint, again, reply.code or FailureCode.UPSTREAM_UNREACHABLE)
        elif reply.result is SendError.NO_ANSWER:
            self._unproved.add(endpoint)
        elif isinstance(reply.result, int) and reply.result < 500 and endpoint in self._unproved:
            if endpoint in self._offline:
                _log.info("upstream can be reached again")
            self._offline.discard(endpoint)
            self._unproved.discard(endpoint)
            self._store.release_waits(_OF_THE_NETWORK)

    def _deliver(self, parcel: Parcel) -> Finish:
        item = parcel.item
        try:
            self._hand_over.deliver(item.kind, item.id, parcel.body)
        except KioskError as error:
            again = self._next(item)
            told = error if isinstance(error, HandOverProblem) else HandOverProblem(error.code)
            if told.server_gone:
                # what waits for the same server waits together: a hanging one must not be asked item by item
                self._lost.add(item.endpoint)
                self._store.hold_back(item.endpoint, again, told.code)
            return _not_handed_over(item, told, again)
        return Finish(ItemState.DONE)

    def _report(self, item: OutboxItem, finish: Finish) -> None:
        if self._on_result is None:
            return
        outcome = finish.outcome
        if outcome is None and item.kind is OutboxKind.QUALIFICATION_CHECK:
            outcome = Outcome(OutcomeKind.TO_BE_CONFIRMED, finish.code or FailureCode.UPSTREAM_NO_ANSWER)
        try:
            self._on_result(ItemResult(item.id, item.kind, item.session_id, item.state, finish.code, outcome))
        except Exception as error:  # whoever listens must not stop the queue
            _log.error("a listener of the queue failed: %s", type(error).__name__)  # not its text

    def _set_aside(self, item: OutboxItem, code: FailureCode) -> None:
        until = self._clock.now() + timedelta(seconds=self._back_off.cap_s)
        try:
            self._store.set_aside(item.id, code, until)
        except KioskError as error:
            self._store_failed(error)

    def _store_failed(self, error: KioskError) -> float:
        self._trouble = error.code
        _log.warning("the queue cannot be written or read: %s", error.code.value)
        return _TROUBLE_PAUSE_S

    def _next(self, item: OutboxItem, reply: Reply | None = None) -> datetime:
        limits, wish = self._back_off, None
        if reply is not None:
            wish = reply.retry_after_s
            if reply.result is SendError.UNREACHABLE:
                limits = replace(limits, cap_s=min(limits.cap_s, limits.unreachable_cap_s))
        return next_attempt(item.attempts, wish, self._clock.now(), self._rand(), limits)

    def _offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()


def _read_update(body: bytes, answer: bytes) -> Verdict:
    try:
        read_update(body, answer)
    except UpdateUnreadable:
        return Verdict(Action.AGAIN, FailureCode.UPSTREAM_ANSWER_WRONG)
    return Verdict(Action.DONE)


def _not_handed_over(item: OutboxItem, problem: HandOverProblem, again: datetime) -> Finish:
    """A hand-over that failed, as it is to be written down."""
    if problem.final:
        return Finish(ItemState.REFUSED, problem.status, problem.code, needs_staff=True)
    tired = item.attempts >= _STAFF_NOTICE_AFTER
    return Finish(ItemState.PENDING, problem.status, problem.code, needs_staff=tired, next_attempt_at=again)


def _written(
    item: OutboxItem, verdict: Verdict, reply: Reply, outcome: Outcome | None, again: datetime
) -> Finish:
    """The verdict on a try as it is to be written down."""
    status = reply.result if isinstance(reply.result, int) else None
    match verdict.action:
        case Action.DONE:
            return Finish(ItemState.DONE, status, answer=reply.body, outcome=outcome)
        case Action.ACCEPTED:
            return Finish(ItemState.ACCEPTED, status, verdict.code, next_attempt_at=again)
        case Action.REFUSED:
            is_check = item.kind is OutboxKind.QUALIFICATION_CHECK
            refused = Outcome(OutcomeKind.ASK_STAFF, verdict.code) if is_check else None
            told = reply.body or None  # a refusal in words is kept: the desk reads it as it came
            return Finish(
                ItemState.REFUSED, status, verdict.code, needs_staff=True, answer=told, outcome=refused
            )
        case Action.AGAIN | Action.SEND_ANEW | Action.STOP:
            accepted = item.state is ItemState.ACCEPTED and verdict.action is not Action.SEND_ANEW
            tired = item.attempts >= _STAFF_NOTICE_AFTER and reply.result is not SendError.UNREACHABLE
            return Finish(
                ItemState.ACCEPTED if accepted else ItemState.PENDING,
                status,
                verdict.code,
                needs_staff=tired or verdict.action is Action.STOP,
                next_attempt_at=again,
            )
