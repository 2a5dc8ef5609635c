# SPDX-License-Identifier: Apache-2.0
"""The sync thread: each kind of answer, each by itself, back online at once, and nothing lost on the way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.model import DraftItem, Finish, HandOverProblem, ItemState, OutboxKind, Parcel, RetryResult
from kiosk.outbox.retry import SendError
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import Reply
from kiosk.outbox.worker import ItemResult, SyncWorker
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.outbox import (
    GATEWAY,
    INSTITUTION,
    FakeHandOver,
    FakeUpstream,
    answer,
    draft,
    open_store,
)

ELIGIBLE = Outcome(OutcomeKind.ELIGIBLE)


class Bench:
    """A store, a worker without its thread, and both its other ends."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store = open_store(folder, self.clock)
        self.upstream = FakeUpstream()
        self.hand_over = FakeHandOver()
        self.results: list[ItemResult] = []
        self.worker = self.new_worker()

    def new_worker(self) -> SyncWorker:
        return SyncWorker(
            self.store,
            {GATEWAY: self.upstream},
            self.hand_over,
            AnswerReader(INSTITUTION),
            self.clock,
            on_result=self.results.append,
            rand=lambda: 0.5,
        )

    def commit(self, session_id: str) -> str:
        return self.store.commit(draft(session_id, self.clock.now(), body=session_id.encode())).check_id

    def state(self, item_id: str) -> ItemState:
        item = self.store.show(item_id)
        assert item is not None
        return item.state

    def code(self, item_id: str) -> FailureCode | None:
        item = self.store.show(item_id)
        assert item is not None
        return item.last_error

    def drain(self, *, seconds: float = 3600.0) -> None:
        """Rounds until nothing waits any more, or so much time has passed."""
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            pause = self.worker.step()
            if not self.store.stats().waiting:
                return
            self.clock.advance(max(pause, 0.001))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.store.close()


def test_check_is_sent_answered_and_handed_over(bench: Bench) -> None:
    key = bench.commit("S1")
    assert bench.worker.step() == 0  # the hand-over is due at once
    assert bench.worker.step() == 30
    assert bench.upstream.sent == [(key, b"S1")]
    assert bench.hand_over.delivered == [(OutboxKind.HANDOVER_FACE_FILE, f"{key}:face", answer(key))]
    assert bench.state(key) is bench.state(f"{key}:face") is ItemState.DONE
    assert bench.store.outcome_of("S1") == ELIGIBLE
    check, hand_over = bench.results
    assert (check.item_id, check.session_id, check.outcome, check.final) == (key, "S1", ELIGIBLE, True)
    assert (hand_over.kind, hand_over.outcome) == (OutboxKind.HANDOVER_FACE_FILE, None)
    bench.worker.step()
    assert len(bench.upstream.sent) == 1


@pytest.mark.expect_log("upstream cannot be reached")
def test_upstream_down_means_to_be_confirmed_and_sent_by_itself_later(bench: Bench) -> None:
    bench.upstream.on_send = lambda _: Reply(SendError.UNREACHABLE)
    key = bench.commit("S1")
    bench.worker.step()
    (first,) = bench.results
    assert first.outcome == Outcome(OutcomeKind.TO_BE_CONFIRMED, FailureCode.UPSTREAM_UNREACHABLE)
    assert not first.final
    assert bench.worker.status().offline
    assert bench.store.outcome_of("S1") is None
    bench.drain(seconds=1000)
    assert bench.state(key) is ItemState.PENDING
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    bench.clock.advance(15)
    bench.worker.step()
    assert bench.state(key) is ItemState.DONE
    assert set(bench.upstream.keys) == {key}
    assert not bench.worker.status().offline
    item = bench.store.show(key)
    assert item is not None
    assert not item.needs_staff


@pytest.mark.expect_log("upstream cannot be reached")
def test_back_online_everything_goes_at_once(bench: Bench) -> None:
    bench.upstream.on_send = lambda _: Reply(SendError.UNREACHABLE)
    keys = []
    for n in range(20):
        keys.append(bench.commit(f"S{n}"))
        bench.worker.step()
        bench.clock.advance(1)
    tries = len(bench.upstream.sent)
    bench.drain(seconds=300)
    assert len(bench.upstream.sent) - tries < 100  # one finds out for all
    bench.clock.advance(15)
    bench.worker.step()
    following = bench.store.next_due()
    assert following is not None
    assert (following - bench.clock.now()).total_seconds() > 5
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    new = bench.commit("new")
    started = bench.clock.monotonic()
    bench.drain()
    assert bench.clock.monotonic() - started < 0.5
    assert {bench.state(key) for key in [*keys, new]} == {ItemState.DONE}


def test_new_patient_goes_before_a_long_list(bench: Bench) -> None:
    bench.upstream.on_send = lambda _: Reply(503)
    for n in range(20):
        bench.commit(f"S{n}")
    while any(item.attempts == 0 for item in bench.store.due(bench.clock.now(), 100)):
        bench.worker.step()
    bench.clock.advance(600)
    bench.upstream.sent.clear()
    new = bench.commit("new")
    bench.worker.step()
    assert bench.upstream.keys[0] == new


@pytest.mark.parametrize("status", [202, 208, 409])
def test_accepted_is_asked_after_and_not_sent_again(bench: Bench, status: int) -> None:
    bench.upstream.on_send = lambda _: Reply(status)
    bench.upstream.on_ask = lambda _: Reply(202)
    key = bench.commit("S1")
    bench.drain(seconds=5)
    assert bench.state(key) is ItemState.ACCEPTED
    bench.upstream.on_ask = lambda key: Reply(200, answer(key))
    bench.drain()
    assert bench.state(key) is ItemState.DONE
    assert bench.upstream.keys == [key]
    assert set(bench.upstream.asked) == {key}


def test_answer_still_in_process_is_asked_after(bench: Bench) -> None:
    bench.upstream.on_send = lambda key: Reply(200, answer(key, segment="2"))
    key = bench.commit("S1")
    bench.worker.step()
    assert bench.state(key) is ItemState.ACCEPTED
    assert bench.store.outcome_of("S1") is None
    bench.drain()
    assert bench.state(key) is ItemState.DONE


def test_forgotten_by_upstream_is_sent_anew_under_its_key(bench: Bench) -> None:
    bench.upstream.on_send = lambda _: Reply(202)
    bench.upstream.on_ask = lambda _: Reply(404)
    key = bench.commit("S1")
    bench.worker.step()
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    bench.drain()
    assert bench.upstream.keys == [key, key]
    assert bench.state(key) is ItemState.DONE


@pytest.mark.parametrize("status", [400, 404, 422])
def test_refused_stays_for_staff(bench: Bench, status: int) -> None:
    bench.upstream.on_send = lambda _: Reply(status)
    key = bench.commit("S1")
    bench.drain(seconds=10)
    assert bench.state(key) is ItemState.REFUSED
    assert bench.store.stats().needs_staff == 1
    refused = Outcome(OutcomeKind.ASK_STAFF, FailureCode.UPSTREAM_REFUSED)
    assert bench.results[-1].outcome == bench.store.outcome_of("S1") == refused
    assert bench.results[-1].final
    assert bench.upstream.keys == [key]


@pytest.mark.expect_log("upstream does not know this kiosk")
@pytest.mark.parametrize("status", [401, 403])
def test_unknown_kiosk_stops_sending_but_not_handing_over(bench: Bench, status: int) -> None:
    first = bench.commit("S1")
    bench.hand_over.failure = KioskError(FailureCode.HANDOVER_FOLDER_MISSING)
    bench.worker.step()
    bench.worker.step()
    bench.upstream.on_send = lambda _: Reply(status)
    key = bench.commit("S2")
    bench.worker.step()
    assert bench.worker.status().halted is FailureCode.UPSTREAM_NOT_AUTHORISED
    bench.commit("S3")
    bench.hand_over.failure = None
    bench.drain(seconds=2000)
    assert bench.upstream.keys == [first, key]
    assert bench.state(f"{first}:face") is ItemState.DONE
    item = bench.store.show(key)
    assert item is not None
    assert (item.state, item.needs_staff) == (ItemState.PENDING, True)

    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    assert bench.store.retry(key, "Sato") is RetryResult.QUEUED
    bench.drain()
    assert bench.worker.status().halted is None
    assert bench.store.stats().waiting == 0


@pytest.mark.expect_log("upstream does not know this kiosk")
def test_try_now_ends_a_stop_and_every_wait(bench: Bench) -> None:
    bench.upstream.on_send = lambda _: Reply(401)
    key = bench.commit("S1")
    bench.worker.step()
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    bench.worker.try_now()
    bench.worker.step()
    assert bench.state(key) is ItemState.DONE


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503, 302, 418])
def test_passing_trouble_and_unknown_statuses_keep_the_item(bench: Bench, status: int) -> None:
    bench.upstream.on_send = lambda _: Reply(status)
    key = bench.commit("S1")
    bench.drain(seconds=4000)
    item = bench.store.show(key)
    assert item is not None
    assert (item.state, item.last_status, item.needs_staff) == (ItemState.PENDING, status, True)
    assert 10 < item.attempts < 40
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    bench.drain()
    item = bench.store.show(key)
    assert item is not None
    assert (item.state, item.needs_staff) == (ItemState.DONE, False)


def test_retry_after_is_kept_to(bench: Bench) -> None:
    bench.upstream.on_send = lambda _: Reply(429, retry_after_s=120)
    bench.commit("S1")
    bench.worker.step()
    bench.clock.advance(119)
    bench.worker.step()
    assert len(bench.upstream.sent) == 1
    bench.clock.advance(2)
    bench.worker.step()
    assert len(bench.upstream.sent) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"{",
        b"[]",
        b'{"XmlMsg": {}}',
        answer("01J00000000000000000000000"),
        answer("KEY", institution="9999999999"),
    ],
)
def test_answer_to_another_question_is_none(bench: Bench, wrong: bytes) -> None:
    bench.upstream.on_send = lambda key: Reply(200, wrong.replace(b"KEY", key.encode()))
    key = bench.commit("S1")
    bench.worker.step()
    assert bench.state(key) is ItemState.PENDING
    assert bench.code(key) is FailureCode.UPSTREAM_ANSWER_WRONG
    assert bench.store.outcome_of("S1") is None
    assert bench.hand_over.delivered == []
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    bench.drain()
    assert bench.state(key) is ItemState.DONE


def test_processed_but_unanswered_gets_the_stored_answer(bench: Bench) -> None:
    bench.upstream.on_send = lambda _: Reply(SendError.NO_ANSWER)
    key = bench.commit("S1")
    bench.worker.step()
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    bench.drain()
    assert bench.upstream.keys == [key, key]
    assert bench.state(key) is ItemState.DONE


@pytest.mark.expect_log("could not be tried: RuntimeError")
def test_one_bad_item_holds_up_no_other(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    keys = [bench.commit(f"S{n}") for n in range(3)]

    def trip(key: str) -> Reply:
        if key == keys[0]:
            raise RuntimeError("marker-in-an-exception")
        return Reply(200, answer(key))

    bench.upstream.on_send = trip
    bench.drain(seconds=60)
    assert [bench.state(key) for key in keys] == [ItemState.PENDING, ItemState.DONE, ItemState.DONE]
    item = bench.store.show(keys[0])
    assert item is not None
    assert (item.last_error, item.needs_staff) == (FailureCode.INTERNAL, True)
    assert "marker-in-an-exception" not in caplog.text
    assert "RuntimeError" in caplog.text
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    bench.drain()
    assert bench.state(keys[0]) is ItemState.DONE


def test_item_that_cannot_be_opened_waits_for_staff(bench: Bench) -> None:
    broken, whole = bench.commit("S1"), bench.commit("S2")
    with bench.store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET payload_sealed = zeroblob(64) WHERE id = ?", (broken,))
    bench.drain(seconds=60)
    assert bench.state(whole) is ItemState.DONE
    assert bench.state(broken) is ItemState.PENDING
    assert bench.code(broken) is FailureCode.STORE_KEY_UNUSABLE


def test_damaged_item_holds_up_no_other_and_goes_nowhere(bench: Bench) -> None:
    broken, whole = bench.commit("S1"), bench.commit("S2")
    with bench.store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET kind = 'telegram' WHERE id = ?", (broken,))
    bench.drain(seconds=60)
    assert bench.state(whole) is ItemState.DONE
    assert bench.upstream.keys == [whole]
    assert bench.state(broken) is ItemState.PENDING
    assert bench.code(broken) is FailureCode.STORE_ITEM_DAMAGED
    assert bench.store.stats().needs_staff == 1


def test_item_goes_nowhere_but_where_it_was_meant_to(bench: Bench) -> None:
    items = (DraftItem(OutboxKind.QUALIFICATION_CHECK, b"x", "simulator"),)
    key = bench.store.commit(draft("S1", MORNING, items=items)).check_id
    bench.drain(seconds=60)
    assert bench.upstream.sent == []
    assert bench.code(key) is FailureCode.CONFIG_INVALID
    assert bench.store.stats().needs_staff == 1


def test_registration_goes_first_and_the_check_after_it(bench: Bench) -> None:
    items = (
        DraftItem(OutboxKind.USAGE_REGISTRATION, b"r", GATEWAY),
        DraftItem(OutboxKind.QUALIFICATION_CHECK, b"c", GATEWAY, depends_on=0),
    )
    bench.store.commit(draft("S1", MORNING, items=items))
    bench.drain()
    assert [body for _, body in bench.upstream.sent] == [b"r", b"c"]
    assert bench.store.outcome_of("S1") == ELIGIBLE


def test_failing_hand_over_is_repeated_and_shown(bench: Bench) -> None:
    key = bench.commit("S1")
    bench.hand_over.failure = KioskError(FailureCode.HANDOVER_FOLDER_MISSING)
    bench.drain(seconds=600)
    item = bench.store.show(f"{key}:face")
    assert item is not None
    assert (item.state, item.last_error, item.needs_staff) == (
        ItemState.PENDING,
        FailureCode.HANDOVER_FOLDER_MISSING,
        True,
    )
    bench.hand_over.failure = None
    bench.drain()
    assert [key for _, key, _ in bench.hand_over.delivered] == [f"{key}:face"]


@pytest.mark.expect_log("a listener of the queue failed: RuntimeError")
def test_failing_listener_does_not_stop_the_queue(bench: Bench) -> None:
    def listen(_: ItemResult) -> None:
        raise RuntimeError

    worker = SyncWorker(
        bench.store,
        {GATEWAY: bench.upstream},
        bench.hand_over,
        AnswerReader(INSTITUTION),
        bench.clock,
        on_result=listen,
    )
    key = bench.commit("S1")
    worker.step()
    worker.step()
    assert bench.state(key) is bench.state(f"{key}:face") is ItemState.DONE


@pytest.mark.parametrize("days", [-400, 400])
def test_clock_that_is_set_holds_nothing_up(bench: Bench, days: int) -> None:
    bench.upstream.on_send = lambda _: Reply(503, retry_after_s=60)
    key = bench.commit("S1")
    bench.worker.step()
    bench.clock.jump(bench.clock.now() + timedelta(days=days))
    fresh = bench.commit("S2")
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    bench.worker.step()
    assert bench.state(key) is bench.state(fresh) is ItemState.DONE


@pytest.mark.expect_log("cannot be written or read: OUT-003")
def test_answer_that_could_not_be_written_is_fetched_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = bench.commit("S1")

    def full(_item_id: str, _result: Finish, _following: str | None) -> None:
        raise EnvironmentProblem(FailureCode.STORE_DISK_FULL)

    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "finish_and_take", full)
        assert bench.worker.step() > 0
        assert bench.worker.status().store_trouble is FailureCode.STORE_DISK_FULL
    assert bench.state(key) is ItemState.IN_FLIGHT
    bench.drain()
    assert bench.upstream.keys == [key, key]
    assert bench.state(key) is ItemState.DONE
    assert bench.worker.status().store_trouble is None


@pytest.mark.expect_log("cannot be written or read: OUT-001")
def test_unreadable_store_is_said_and_tried_again_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise EnvironmentProblem(FailureCode.STORE_UNUSABLE)

    for method in ("due", "next_due"):
        with monkeypatch.context() as patch:
            patch.setattr(bench.store, method, broken)
            assert bench.worker.step() == 5
            assert bench.worker.status().store_trouble is FailureCode.STORE_UNUSABLE


def test_sending_the_queue_three_times_has_one_effect_a_key(bench: Bench) -> None:
    keys = [bench.commit(f"S{n}") for n in range(5)]
    bench.upstream.on_send = lambda _: Reply(SendError.NO_ANSWER)
    for _ in range(2):
        for key in keys:
            bench.store.mark_in_flight(key)
        bench.store.recover()
    bench.upstream.on_send = lambda key: Reply(200, answer(key))
    bench.drain()
    assert sorted(set(bench.upstream.keys)) == keys
    assert len(bench.hand_over.delivered) == 5


def test_the_thread_wakes_at_once_and_ends_when_told(tmp_path: Path) -> None:
    clock = SystemClock()
    store = open_store(tmp_path, clock)
    left = store.commit(draft("before", clock.now())).check_id
    store.mark_in_flight(left)  # as a crash leaves it
    upstream = FakeUpstream()
    finals: list[str] = []
    enough = threading.Event()

    def listen(result: ItemResult) -> None:
        if result.kind is OutboxKind.QUALIFICATION_CHECK:
            finals.append(result.item_id)
            if len(finals) == 2:
                enough.set()

    worker = SyncWorker(
        store, {GATEWAY: upstream}, FakeHandOver(), AnswerReader(INSTITUTION), clock, on_result=listen
    )
    assert worker.join(0)
    worker.start()
    assert worker.status().running
    new = store.commit(draft("new", clock.now())).check_id
    worker.notify()
    assert enough.wait(10)
    assert set(finals) == {left, new}
    worker.stop()
    assert worker.join(10)
    assert not worker.status().running
    store.close()


@pytest.mark.expect_log("a round of the queue failed: ZeroDivisionError")
def test_the_thread_outlives_a_mistake_in_a_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = SystemClock()
    store = open_store(tmp_path, clock)
    failed = threading.Event()
    done = threading.Event()
    whole = Store.due

    def due(*arguments: object, **options: object) -> object:
        if not failed.is_set():
            failed.set()
            raise ZeroDivisionError("marker-in-an-exception")
        return whole(*arguments, **options)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(Store, "due", due)
    worker = SyncWorker(
        store,
        {GATEWAY: FakeUpstream()},
        FakeHandOver(),
        AnswerReader(INSTITUTION),
        clock,
        on_result=lambda _: done.set(),
    )
    store.commit(draft("S1", clock.now()))
    with caplog.at_level(logging.ERROR):
        worker.start()
        assert failed.wait(10)
        while not done.wait(0.05):
            worker.notify()
    worker.stop()
    assert worker.join(10)
    assert "marker-in-an-exception" not in caplog.text
    store.close()


def test_next_item_is_taken_out_with_the_end_of_the_one_before(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sync an item: each in a transaction of its own took two."""
    keys = [bench.commit(f"S{n}") for n in range(4)]
    taken: list[str] = []
    whole = bench.store.mark_in_flight

    def mark(item_id: str) -> Parcel | None:
        taken.append(item_id)
        return whole(item_id)

    monkeypatch.setattr(bench.store, "mark_in_flight", mark)
    bench.worker.step()
    assert bench.upstream.keys == keys
    assert taken == keys[:1]


def test_item_taken_out_and_not_tried_goes_with_the_next_round(bench: Bench) -> None:
    keys = [bench.commit(f"S{n}") for n in range(3)]
    bench.worker._on_result = lambda _: bench.worker.stop()  # while the next one is already taken out
    bench.worker.step()
    assert bench.upstream.keys == keys[:1]
    assert bench.state(keys[1]) is ItemState.IN_FLIGHT
    bench.worker = bench.new_worker()
    bench.store.recover()
    bench.drain()
    assert sorted(bench.upstream.keys) == keys
    assert {bench.state(key) for key in keys} == {ItemState.DONE}


def test_a_hand_over_that_only_a_person_can_mend_is_refused_and_can_be_sent_again(bench: Bench) -> None:
    key = bench.commit("session-1")
    bench.hand_over.failure = HandOverProblem(FailureCode.ORCA_REFUSED, status=14, final=True)
    bench.drain()
    item = bench.store.show(f"{key}:face")
    assert item is not None
    assert (item.state, item.needs_staff, item.last_status) == (ItemState.REFUSED, True, 14)
    assert item.last_error is FailureCode.ORCA_REFUSED
    bench.hand_over.failure = None
    assert bench.store.retry(item.id, "desk") is RetryResult.QUEUED
    bench.drain()
    assert bench.state(item.id) is ItemState.DONE


def test_what_waits_for_a_server_that_is_gone_waits_together(bench: Bench) -> None:
    keys = [bench.commit(f"session-{number}") for number in range(4)]
    bench.hand_over.failure = HandOverProblem(FailureCode.ORCA_UNREACHABLE, server_gone=True)
    bench.drain(seconds=2.0)
    bench.clock.advance(600)
    tries = bench.hand_over.tries
    bench.worker.step()
    assert bench.hand_over.tries == tries + 1, "one is tried, and speaks for all"
    assert {bench.code(f"{key}:face") for key in keys} == {FailureCode.ORCA_UNREACHABLE}
    bench.hand_over.failure = None
    bench.drain()
    assert len(bench.hand_over.delivered) == 4
