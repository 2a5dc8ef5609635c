# SPDX-License-Identifier: Apache-2.0
"""Jobs run one by one, and their results come back where they are wanted."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from kiosk.errors import FailureCode, KioskError
from kiosk.jobs import Call, MainThreadSink, SerialJobRunner, ThreadExecutor
from tests.fakes.executor import ManualExecutor


def _at_once(call: Call) -> None:
    call()


def test_jobs_run_in_order_and_results_come_back() -> None:
    executor, results = ManualExecutor(), list[object]()
    runner = SerialJobRunner(executor, _at_once)
    for number in range(3):
        runner.submit(partial(int, number), results.append)
    assert results == []
    executor.run_all()
    assert results == [0, 1, 2]


def test_kiosk_error_comes_back_as_a_value() -> None:
    executor, results = ManualExecutor(), list[object]()

    def fail() -> int:
        raise KioskError(FailureCode.CARD_REMOVED)

    SerialJobRunner(executor, _at_once).submit(fail, results.append)
    executor.run_all()
    (result,) = results
    assert isinstance(result, KioskError)
    assert result.code is FailureCode.CARD_REMOVED


@pytest.mark.expect_log("ERROR kiosk.jobs: A job ended by a fault")
def test_fault_comes_back_as_internal_and_the_next_job_still_runs() -> None:
    executor, results = ManualExecutor(), list[object]()
    runner = SerialJobRunner(executor, _at_once)
    runner.submit(lambda: 1 // 0, results.append)
    runner.submit(lambda: 2, results.append)
    executor.run_all()
    assert isinstance(results[0], KioskError)
    assert results[0].code is FailureCode.INTERNAL
    assert results[1] == 2


def test_nothing_is_delivered_after_closing() -> None:
    executor, results, posted = ManualExecutor(), list[object](), list[Call]()
    runner = SerialJobRunner(executor, posted.append)
    runner.submit(lambda: 1, results.append)
    executor.run_all()
    assert runner.close(1.0)
    for call in posted:
        call()
    runner.submit(lambda: 2, results.append)
    assert results == []
    assert not executor.waiting
    assert executor.is_closed


def test_thread_runs_one_job_at_a_time_off_the_calling_thread() -> None:
    executor = ThreadExecutor("jobs under test")
    done, threads, busy = threading.Event(), list[str](), threading.Lock()

    def work() -> None:
        assert busy.acquire(blocking=False)
        threads.append(threading.current_thread().name)
        busy.release()

    for _ in range(5):
        executor.submit(work)
    executor.submit(done.set)
    assert done.wait(5)
    assert executor.close(5)
    assert threads == ["jobs under test"] * 5


def test_closing_forgets_what_has_not_begun_and_gives_up_on_what_hangs() -> None:
    executor = ThreadExecutor("hanging")
    begun, release, ran = threading.Event(), threading.Event(), list[int]()

    def hang() -> None:
        begun.set()
        release.wait(5)

    executor.submit(hang)
    executor.submit(lambda: ran.append(1))
    assert begun.wait(5)
    assert executor.close(0.05) is False
    release.set()
    assert executor.close(5) is True
    assert ran == []


def test_results_arrive_on_the_main_thread(qtbot: QtBot) -> None:
    results: list[tuple[int, str]] = []
    runner = SerialJobRunner(ThreadExecutor("worker"), MainThreadSink())
    for number in range(3):
        runner.submit(
            partial(int, number),
            lambda value: results.append((int(str(value)), threading.current_thread().name)),
        )
    qtbot.waitUntil(lambda: len(results) == 3)
    assert results == [(number, "MainThread") for number in range(3)]
    assert runner.close(5)
