# SPDX-License-Identifier: Apache-2.0
"""News of a person: begun with a yes, asked once, read once, followed to the new card, ended by a no."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import TOKYO
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision
from kiosk.errors import FailureCode
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.key_file import KeyPlace
from kiosk.outbox.model import Finish, ItemState, OutboxKind
from kiosk.outbox.person_updates import (
    CertificateName,
    UpdateState,
    UpdateUnreadable,
    WithdrawResult,
    read_update,
)
from kiosk.outbox.store import DATABASE_NAME, Store
from kiosk.outbox.upkeep import Retention
from kiosk.outbox.upstream import Reply
from kiosk.outbox.worker import SyncWorker
from tests.fakes.clock import FakeClock
from tests.fakes.outbox import GATEWAY, INSTITUTION, FakeHandOver, FakeUpstream, draft, open_store

ISSUER = "ab" * 32
OLD, NEW = CertificateName(ISSUER, 0xC0FFEE1), CertificateName(ISSUER, 0xBEEF02)
PERSON = {"name": "移川　香苗", "address": "幻想市一丁目", "birth_date": "19831203", "sex": "2"}
WEEK = 7 * 24 * 3600


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()


def visit(
    store: Store,
    clock: FakeClock,
    decision: Decision | None,
    name: CertificateName = OLD,
    *,
    session: str = "S1",
) -> str:
    """A reception with that answer to the question; its number."""
    records = (
        ()
        if decision is None
        else (ConsentRecord(ConsentItem.PERSON_UPDATE, decision, "2024-06", "ja", clock.now()),)
    )
    made = replace(draft(session, clock.now(), items=()), consents=records, certificate=name)
    return store.commit(made).number


def watched(store: Store) -> list[CertificateName]:
    return [one.certificate for one in store.updates.subscribed()]


def told(
    body: bytes, *, changed: bool = True, successor: CertificateName | None = NEW, **other: object
) -> bytes:
    asked = json.loads(body)["certificate"]
    value: dict[str, Any] = {
        "certificate": asked,
        "changed": changed,
        "person": PERSON if changed else None,
        "successor": successor.value() if successor else None,
        "source": "provider",
        "as_of": "2026-06-01T00:00:00Z",
    }
    return json.dumps(value | other).encode()


def ask(store: Store) -> tuple[str, str, bytes]:
    """Ask about the one that is watched: its id, the item, and what is sent."""
    (one,) = store.updates.subscribed()
    item = store.updates.ask(one.id, GATEWAY, INSTITUTION)
    assert item is not None
    parcel = store.mark_in_flight(item)
    assert parcel is not None
    return one.id, item, parcel.body


def finish(store: Store, item: str, answer: bytes) -> object:
    return store.finish(item, Finish(ItemState.DONE, 200, answer=answer))


def columns(tmp_path: Path) -> dict[str, object]:
    with closing(sqlite3.connect(tmp_path / "records" / DATABASE_NAME)) as connection:
        connection.row_factory = sqlite3.Row
        (row,) = connection.execute("SELECT * FROM person_updates").fetchall()
        return dict(row)


# --- beginning ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", [None, Decision.NO, Decision.SKIPPED_BY_RULE])
def test_without_a_yes_nothing_of_the_certificate_is_kept(
    store: Store, clock: FakeClock, decision: Decision | None
) -> None:
    visit(store, clock, decision)
    assert store.updates.list() == []


def test_a_yes_keeps_the_serial_sealed(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    number = visit(store, clock, Decision.YES)
    assert watched(store) == [OLD]
    (one,) = store.updates.list()
    assert (one.number, one.state) == (number, UpdateState.WATCHED)
    for file in (tmp_path / "records").iterdir():
        content = file.read_bytes()
        for trace in (b"c0ffee1", b"C0FFEE1", (0xC0FFEE1).to_bytes(4, "big"), str(0xC0FFEE1).encode()):
            assert trace not in content, file.name


def test_the_same_card_is_one_subscription_however_often_it_agrees(store: Store, clock: FakeClock) -> None:
    visit(store, clock, Decision.YES)
    clock.advance(3600)
    later = visit(store, clock, Decision.YES, session="S2")
    (one,) = store.updates.list()
    assert (one.number, one.agreed_at) == (later, clock.now())
    # in its grace the card is not asked, and stays as it is
    visit(store, clock, Decision.SKIPPED_BY_RULE, session="S3")
    assert watched(store) == [OLD]
    visit(store, clock, Decision.YES, NEW, session="S4")
    assert watched(store) == [OLD, NEW]


# --- asking and reading -------------------------------------------------------------------------------------


def test_the_question_rests_on_the_consent(store: Store, clock: FakeClock) -> None:
    visit(store, clock, Decision.YES)
    clock.advance(WEEK)
    _, item, body = ask(store)
    value = json.loads(body)
    assert value["certificate"] == OLD.value()
    assert value["consent"]["item"] == "person_update"
    assert value["consent"]["decision"] == "yes"
    assert value["institution_code"] == INSTITUTION
    assert value["occurred_at"] == clock.now().astimezone(TOKYO).isoformat(timespec="seconds")
    shown = store.show(item)
    assert shown is not None
    assert (shown.kind, shown.endpoint) == (OutboxKind.PERSON_UPDATE, GATEWAY)
    # while it is asked about, and for a week after an answer without a new card, it is not asked again
    assert watched(store) == []
    assert store.updates.list()[0].state is UpdateState.ASKED
    finish(store, item, told(body, changed=False, successor=None))
    assert watched(store) == []
    clock.advance(WEEK)
    assert watched(store) == [OLD]


def test_the_desk_reads_the_news_once_and_the_new_card_is_watched(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    visit(store, clock, Decision.YES)
    one, item, body = ask(store)
    finish(store, item, told(body))
    assert [news.state for news in store.updates.list(news_only=True)] == [UpdateState.CHANGED]
    assert store.answer(item) is None  # it stands in one place
    assert b"\xe5\xb9\xbb\xe6\x83\xb3\xe5\xb8\x82" not in (tmp_path / "records" / DATABASE_NAME).read_bytes()
    change = store.updates.take(one, "Sato")
    assert change is not None
    assert (change.name, change.address, change.birth_date, change.sex) == tuple(PERSON.values())
    assert (change.source, change.as_of) == ("provider", "2026-06-01T00:00:00Z")
    assert PERSON["name"] not in repr(change)
    assert store.updates.take(one, "Sato") is None
    assert store.updates.list(news_only=True) == []
    assert columns(tmp_path)["change_sealed"] is None
    assert watched(store) == [NEW]  # old to new
    assert store.updates.list()[0].taken_by == "Sato"
    assert store.verify_audit().ok


def test_a_renewal_alone_is_no_news(store: Store, clock: FakeClock) -> None:
    visit(store, clock, Decision.YES)
    _, item, body = ask(store)
    finish(store, item, told(body, changed=False))
    assert store.updates.list(news_only=True) == []
    assert watched(store) == [NEW]


def test_who_agreed_with_the_new_card_already_is_watched_once(store: Store, clock: FakeClock) -> None:
    visit(store, clock, Decision.YES)
    one, item, body = ask(store)
    visit(store, clock, Decision.YES, NEW, session="S2")
    finish(store, item, told(body))
    assert watched(store) == [NEW]
    (news,) = store.updates.list(news_only=True)
    assert news.id != one  # the consent that goes on has them
    assert store.updates.take(one, "Sato") is None
    assert store.updates.take(news.id, "Sato") is not None


def test_unread_news_go_with_the_consent_that_goes_on_and_end_with_it(store: Store, clock: FakeClock) -> None:
    visit(store, clock, Decision.YES)
    one, item, body = ask(store)
    finish(store, item, told(body, successor=None))
    clock.advance(WEEK)
    one, item, body = ask(store)
    number = visit(store, clock, Decision.YES, NEW, session="S2")
    finish(store, item, told(body, changed=False))
    (news,) = store.updates.list(news_only=True)
    assert (news.number, news.state) == (number, UpdateState.CHANGED)
    found = store.updates.find(number)
    assert found == news.id != one
    assert store.updates.withdraw(found, "Sato") is WithdrawResult.WITHDRAWN
    assert store.updates.list(news_only=True) == []
    assert store.updates.take(one, "Sato") is store.updates.take(found, "Sato") is None


# --- ending -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_card", [True, False])
@pytest.mark.parametrize("in_flight", [True, False])
def test_a_withdrawn_consent_ends_it_at_once(
    store: Store, clock: FakeClock, tmp_path: Path, *, by_card: bool, in_flight: bool
) -> None:
    number = visit(store, clock, Decision.YES)
    (one,) = store.updates.subscribed()
    item = store.updates.ask(one.id, GATEWAY, INSTITUTION)
    assert item is not None
    body = None
    if in_flight:
        parcel = store.mark_in_flight(item)
        assert parcel is not None
        body = parcel.body
    if by_card:
        visit(store, clock, Decision.NO, session="S2")
        store.stats()  # whoever looks first files it
    else:
        found = store.updates.find(number)
        assert found == one.id
        assert store.updates.withdraw(found, "Sato") is WithdrawResult.WITHDRAWN
        assert store.updates.withdraw(found, "Sato") is WithdrawResult.ENDED
    row = columns(tmp_path)
    assert row["mark"] is row["certificate_sealed"] is row["change_sealed"] is None
    # the question is void: nothing is sent any more, and an answer on its way is dropped
    assert store.mark_in_flight(item) is None
    assert store.stats().waiting == 0
    if body is not None:
        assert finish(store, item, told(body)) is None
    assert store.updates.list(news_only=True) == []
    assert store.updates.list()[0].state is UpdateState.ENDED
    assert watched(store) == []
    assert store.updates.ask(one.id, GATEWAY, INSTITUTION) is None
    assert store.verify_audit().ok


def test_withdrawing_erases_news_that_nobody_has_read(store: Store, clock: FakeClock) -> None:
    visit(store, clock, Decision.YES)
    one, item, body = ask(store)
    finish(store, item, told(body))
    assert store.updates.withdraw(one, "Sato") is WithdrawResult.WITHDRAWN
    assert store.updates.take(one, "Sato") is None


def test_nobody_knows_a_strange_id_or_number(store: Store, clock: FakeClock) -> None:
    assert store.updates.withdraw("01UNKNOWN", "Sato") is WithdrawResult.UNKNOWN
    assert store.updates.find("A-999") is None
    number = visit(store, clock, Decision.YES)
    clock.advance(24 * 3600)
    assert store.updates.find(number) is None  # a number of another day


# --- answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 5000,
        {"certificate": NEW.value()},
        {"certificate": {"issuer": ISSUER, "serial": "xyz"}},
        {"changed": "yes"},
        {"person": None},
        {"person": PERSON | {"name": ""}},
        {"person": PERSON | {"sex": 2}},
        {"person": PERSON | {"address": "x" * 401}},
        {"source": None},
        {"successor": "gone"},
    ],
)
def test_an_answer_that_is_none_is_asked_for_again(
    store: Store, clock: FakeClock, wrong: bytes | dict[str, object]
) -> None:
    visit(store, clock, Decision.YES)
    (one,) = store.updates.subscribed()
    item = store.updates.ask(one.id, GATEWAY, INSTITUTION)
    assert item is not None
    upstream = FakeUpstream()

    def reply(_key: str) -> Reply:
        body = upstream.sent[-1][1]
        content = wrong if isinstance(wrong, bytes) else json.dumps(json.loads(told(body)) | wrong).encode()
        with pytest.raises(UpdateUnreadable):
            read_update(body, content)
        return Reply(200, content)

    upstream.on_send = reply
    worker = SyncWorker(store, {GATEWAY: upstream}, FakeHandOver(), AnswerReader(INSTITUTION), clock)
    worker.step()
    shown = store.show(item)
    assert shown is not None
    assert (shown.state, shown.last_error) == (ItemState.PENDING, FailureCode.UPSTREAM_ANSWER_WRONG)
    upstream.on_send = lambda _key: Reply(200, told(upstream.sent[-1][1]))
    clock.advance(600)
    worker.step()
    assert store.updates.take(one.id, "Sato") is not None
    assert len({key for key, _ in upstream.sent}) == 1


# --- the records' upkeep ------------------------------------------------------------------------------------


def test_a_new_key_finds_the_same_card_again(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    visit(store, clock, Decision.YES)
    one, item, body = ask(store)
    finish(store, item, told(body))
    store.upkeep.change_key(KeyPlace(tmp_path / "keys" / "store.key"), "Sato")
    store.close()
    again = open_store(tmp_path, clock)
    assert watched(again) == [NEW]
    visit(again, clock, Decision.NO, NEW, session="S2")
    assert watched(again) == []
    assert again.updates.take(one, "Sato") is None
    again.close()


def test_years_later_a_standing_consent_is_kept_and_an_ended_one_is_not(
    store: Store, clock: FakeClock
) -> None:
    visit(store, clock, Decision.YES)
    visit(store, clock, Decision.YES, NEW, session="S2")
    (old, _) = store.updates.subscribed()
    clock.advance(6 * 366 * 24 * 3600)
    store.upkeep.erase_old(Retention())
    assert watched(store) == [OLD, NEW]
    assert store.updates.withdraw(old.id, "Sato") is WithdrawResult.WITHDRAWN
    store.upkeep.erase_old(Retention())
    assert watched(store) == [NEW]
    assert [one.state for one in store.updates.list()] == [UpdateState.WATCHED]
