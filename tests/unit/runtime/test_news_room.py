# SPDX-License-Identifier: Apache-2.0
"""The staff corner's news against real records: read once by a named person, ended by today's number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.clock import tokyo_date
from kiosk.consent.items import Decision
from kiosk.errors import FailureCode
from kiosk.jobs import SerialJobRunner
from kiosk.outbox.person_updates import UpdateState
from kiosk.outbox.store import Store
from kiosk.runtime.news_room import NewsRoom
from kiosk.ui.viewmodels.staff_news import NewsFacts, NewsItem, Stopped
from tests.fakes.clock import FakeClock
from tests.fakes.executor import AtOnce
from tests.fakes.outbox import open_store
from tests.unit.outbox.test_person_updates import PERSON, ask, finish, told, visit, watched


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()


@pytest.fixture
def room(store: Store) -> NewsRoom:
    return NewsRoom(store, SerialJobRunner(AtOnce(), lambda call: call()))


def unread(room: NewsRoom) -> tuple[NewsItem, ...]:
    heard: list[tuple[NewsItem, ...] | FailureCode] = []
    room.unread(heard.append)
    (found,) = heard
    assert isinstance(found, tuple)
    return found


def read(room: NewsRoom, item: str) -> NewsFacts | FailureCode | None:
    heard: list[NewsFacts | FailureCode | None] = []
    room.read(item, "受付 花", heard.append)
    (found,) = heard
    return found


def stop(room: NewsRoom, number: str) -> Stopped | FailureCode:
    heard: list[Stopped | FailureCode] = []
    room.stop(number, "受付 花", heard.append)
    (found,) = heard
    return found


def test_news_is_named_by_its_reception_and_read_once(store: Store, clock: FakeClock, room: NewsRoom) -> None:
    number = visit(store, clock, Decision.YES)
    assert unread(room) == ()
    one, item, body = ask(store)
    finish(store, item, told(body))
    assert unread(room) == (NewsItem(one, number, tokyo_date(clock.now())),)
    facts = read(room, one)
    assert isinstance(facts, NewsFacts)
    assert (facts.name, facts.address, facts.birth, facts.sex) == tuple(PERSON.values())
    assert (facts.source, facts.as_of) == ("provider", "2026-06-01T00:00:00Z")
    assert PERSON["name"] not in repr(facts)
    assert read(room, one) is None
    assert unread(room) == ()
    assert store.updates.list()[0].taken_by == "受付 花"
    assert store.verify_audit().ok


def test_a_wish_ends_it_for_todays_number_only(store: Store, clock: FakeClock, room: NewsRoom) -> None:
    number = visit(store, clock, Decision.YES)
    assert stop(room, "A-099") is Stopped.UNKNOWN
    assert watched(store)
    assert stop(room, number) is Stopped.WITHDRAWN
    assert watched(store) == []
    assert stop(room, number) is Stopped.ENDED
    assert [one.state for one in store.updates.list()] == [UpdateState.ENDED]
    visit(store, clock, Decision.YES, session="S2")
    clock.advance(24 * 3600)
    assert stop(room, "A-002") is Stopped.UNKNOWN  # that was yesterday
    assert store.verify_audit().ok


def test_records_that_cannot_be_used_are_told(store: Store, clock: FakeClock, room: NewsRoom) -> None:
    visit(store, clock, Decision.YES)
    one, item, body = ask(store)
    finish(store, item, told(body))
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE person_updates SET change_sealed = zeroblob(60)")
    assert read(room, one) is FailureCode.STORE_KEY_UNUSABLE
    with store.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE person_updates")
    heard: list[object] = []
    room.unread(heard.append)
    room.stop("A-001", "受付 花", heard.append)
    assert heard == [FailureCode.STORE_UNUSABLE] * 2
