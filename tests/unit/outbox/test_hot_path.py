# SPDX-License-Identifier: Apache-2.0
"""What makes a commit quick keeps its promises: numbers, marks and counts that are read off an index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from kiosk.errors import FailureCode
from kiosk.outbox.model import Finish, ItemState, SettleResult
from kiosk.outbox.repository.prepared import driver
from kiosk.outbox.schema import ReceptionRow, VisitRow
from kiosk.outbox.store import Store
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.outbox import answer, draft, open_store


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()


def test_numbers_go_on_after_the_thousandth(store: Store, tmp_path: Path, clock: FakeClock) -> None:
    store.commit(draft("S", MORNING))
    with store.database.writing() as connection:
        connection.execute(update(ReceptionRow).values(ordinal=998))
    store.close()
    store = open_store(tmp_path, clock)
    assert [store.commit(draft(f"S{n}", MORNING)).number for n in range(3)] == ["A-999", "A-1000", "A-1001"]
    store.close()


def test_marks_of_other_days_go_with_the_first_reception_of_a_new_one(store: Store, clock: FakeClock) -> None:
    def days() -> list[date]:
        with store.database.reading() as connection:
            return list(connection.scalars(select(VisitRow.day).order_by(VisitRow.day)))

    for person in (b"one", b"two"):
        store.commit(draft(person.decode(), MORNING, person_key=person))
    assert days() == [date(2026, 6, 1)] * 2
    clock.advance(86_400)
    store.commit(draft("without a mark", clock.now()))
    assert days() == []
    store.commit(draft("again", clock.now(), person_key=b"one"))
    assert days() == [date(2026, 6, 2)]


def test_commit_looks_through_no_table(store: Store) -> None:
    """A commit late in the day, and after years, costs what the first one does; so does its filing.

    Only what waits to be filed is gone through, and that is nothing as a rule.
    """
    mark = b"m"
    ran: list[str] = []
    with store.database.writing() as connection:
        driver(connection).set_trace_callback(ran.append)
    for person in ("S1", "S2"):
        ran.clear()
        store.commit(draft(person, MORNING, person_key=mark))
        store.stats()  # files it
    with store.database.writing() as connection:
        raw = driver(connection)
        raw.set_trace_callback(None)
        statements = [one for one in ran if one.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]
        plans = [row[3] for one in statements for row in raw.execute(f"EXPLAIN QUERY PLAN {one}")]
    assert any(one.startswith("INSERT INTO receptions") for one in statements)
    assert [one.split(" (")[0] for one in statements[:1]] == ["INSERT INTO intake"]
    assert any("SEARCH visits" in plan or "SEARCH meta" in plan for plan in plans)
    assert {plan for plan in plans if plan.startswith("SCAN")} == {"SCAN intake"}


def test_queue_in_numbers_is_what_lies_there(store: Store, clock: FakeClock) -> None:
    """Each state is counted in an index of its own; together they miss nothing and count nothing twice."""
    ids = [store.commit(draft(f"S{n}", MORNING)).check_id for n in range(7)]
    later = clock.now() + timedelta(minutes=1)
    ends = (
        Finish(ItemState.PENDING, 503, needs_staff=True, next_attempt_at=later),
        Finish(ItemState.ACCEPTED, 202, next_attempt_at=later),
        Finish(ItemState.DONE, 200, answer=answer(ids[2])),
        Finish(ItemState.REFUSED, 422, FailureCode.UPSTREAM_REFUSED, needs_staff=True),
    )
    for item_id, end in zip(ids, ends, strict=False):
        assert store.mark_in_flight(item_id) is not None
        assert store.finish(item_id, end) is not None
    assert store.mark_in_flight(ids[4]) is not None
    assert store.settle(ids[5], reason="by telephone", staff="Sato") is SettleResult.SETTLED
    items = store.list()
    counted = store.stats()
    assert {state: getattr(counted, state.value) for state in ItemState} == {
        state: sum(item.state is state for item in items) for state in ItemState
    }
    assert counted.needs_staff == sum(item.needs_staff for item in items) == 2
    assert [item.id for item in store.list(needs_staff=True)] == [ids[0], ids[3]]
