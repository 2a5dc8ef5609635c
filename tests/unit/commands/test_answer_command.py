# SPDX-License-Identifier: Apache-2.0
"""``kiosk queue answer``: the desk reads codes, limit and share; nobody's name comes with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import settings
from kiosk.app import open_store
from kiosk.clock import SystemClock
from kiosk.commands.answer import limit_words, share_words
from kiosk.ids import UlidFactory
from kiosk.outbox.model import Finish, ItemState
from kiosk.outbox.store import Store
from tests.fakes.commands import Command
from tests.fakes.outbox import answer, draft


@pytest.fixture
def owner(folders: Path) -> Iterator[Store]:
    store = open_store(settings.load(), SystemClock())
    yield store
    store.close()


def answered(store: Store, **result: object) -> str:
    now = SystemClock().now()
    item = store.commit(draft(UlidFactory().new(now), now)).check_id
    content = json.loads(answer(item, institution=""))
    content["XmlMsg"]["MessageHeader"]["QualificationConfirmationDate"] = "20260601"
    content["XmlMsg"]["MessageBody"]["Novelty"] = "x"
    person = content["XmlMsg"]["MessageBody"]["ResultList"][0]["ResultOfQualificationConfirmation"]
    person |= {"Birthdate": "19760327", "InsuredCardClassification": "01", **result}
    store.mark_in_flight(item)
    store.finish(item, Finish(ItemState.DONE, 200, answer=json.dumps(content).encode()))
    return item


def test_the_desk_reads_codes_limit_and_share(kiosk: Command, owner: Store) -> None:
    assert kiosk("staff", "add", "Sato", "--role", "reception", stdin="739154\n").status == 0
    limit = {"LimitApplicationCertificateClassificationFlag": "A03"}
    item = answered(owner, LimitApplicationCertificateRelatedInfo=limit)
    said = kiosk("queue", "answer", item, "--staff", "Sato")
    assert said.status == 0
    assert "80,100 yen + 1 % of the cost above 267,000 yen a month, 44,400 yen from the 4th month" in said.out
    assert "30 % (age)" in said.out
    assert "架空" not in said.out
    document = kiosk("queue", "answer", item, "--staff", "Sato", "--json").document
    assert document["outcome"] == "eligible"
    assert document["not_understood"] == ["Novelty=x"]
    assert document["codes"] == {
        "SegmentOfResult": "1",
        "ProcessingResultStatus": "1",
        "QualificationValidity": "1",
    }
    assert "架空" not in json.dumps(document, ensure_ascii=False)
    assert owner.verify_audit().ok
    # the reception, and twice that Sato read the answer
    assert owner.verify_audit().entries == 3


def test_what_a_newer_upstream_added_is_shown_as_it_came(kiosk: Command, owner: Store) -> None:
    assert kiosk("staff", "add", "Sato", "--role", "reception", stdin="739154\n").status == 0
    limit = {"LimitApplicationCertificateClassificationFlag": "C07", "NewBand": {"Step": "4"}}
    item = answered(owner, LimitApplicationCertificateRelatedInfo=limit, Sex1="8")
    said = kiosk("queue", "answer", item, "--staff", "Sato")
    assert "C07 (unknown code), as returned" in said.out
    for told in ("Novelty=x", "NewBand=Step=4", "Sex1=8"):
        assert told in said.out


def test_a_class_without_a_figure_is_shown_as_returned(kiosk: Command, owner: Store) -> None:
    """No source gives a cap for A06 オ(境), so no yen may stand beside it."""
    assert kiosk("staff", "add", "Sato", "--role", "reception", stdin="739154\n").status == 0
    item = answered(
        owner, LimitApplicationCertificateRelatedInfo={"LimitApplicationCertificateClassificationFlag": "A06"}
    )
    said = kiosk("queue", "answer", item, "--staff", "Sato")
    assert "A06 オ(境), as returned; no caps known for that day" in said.out
    assert "yen" not in said.out
    document: Any = kiosk("queue", "answer", item, "--staff", "Sato", "--json").document
    (limit,) = (person["limit"] for person in document["people"])
    assert limit["as_returned"]
    amounts = ("month", "one_per_cent_above", "repeated", "outpatient", "outpatient_year", "year", "source")
    assert {limit[name] for name in amounts} == {None}


def test_who_reads_must_be_known_and_there_must_be_an_answer(kiosk: Command, owner: Store) -> None:
    item = answered(owner)
    assert kiosk("queue", "answer", item, "--staff", "Nobody").status != 0
    assert kiosk("staff", "add", "Sato", "--role", "reception", stdin="739154\n").status == 0
    assert kiosk("queue", "answer", "01UNKNOWN", "--staff", "Sato").status == 1
    now = SystemClock().now()
    waiting = owner.commit(draft(UlidFactory().new(now), now)).check_id
    assert kiosk("queue", "answer", waiting, "--staff", "Sato").status == 1


def test_codes_that_nobody_knows_are_shown_as_they_came() -> None:
    empty = dict.fromkeys(
        ("label", "month", "one_per_cent_above", "repeated", "outpatient", "outpatient_year", "year")
    )
    raw = {**empty, "class": "C07", "in_force": True, "as_returned": True}
    assert limit_words(raw) == "C07 (unknown code), as returned; no caps known for that day"
    partly = {**empty, "class": "A03", "label": "ウ", "in_force": False, "as_returned": False}
    partly |= {"month": 85_800, "one_per_cent_above": 0, "year": 530_000}
    told = "A03 ウ, NOT IN FORCE on that day, 85,800 yen + 1 % of the cost a month, 530,000 yen a year"
    assert limit_words(partly) == told
    assert share_words({"raw": "045", "source": "late_elderly_record", "possible": []}).startswith(
        "045 (unknown"
    )
    assert share_words({"raw": None, "source": "medical_aid", "possible": []}) == "- (medical_aid)"
    assert share_words({"raw": None, "source": "age", "possible": [20, 30]}) == "20 or 30 % (age)"
