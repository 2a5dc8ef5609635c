# SPDX-License-Identifier: Apache-2.0
"""``kiosk queue reference``: who may, what is refused, and that it counts once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk import settings
from kiosk.app import open_store
from kiosk.clock import SystemClock
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.ids import UlidFactory
from kiosk.outbox.model import Finish, ItemState, OutboxKind
from kiosk.outbox.store import Store
from kiosk.runtime.upstreams import folder_exchange, gateway, places
from tests.fakes.commands import Command
from tests.fakes.outbox import answer, draft

ON = """
[terminal]
way = "folder"
request_folder = "/nowhere/req"
answer_folder = "/nowhere/res"
[handover.reference_number]
enabled = true
"""
REFUSED = {
    "XmlMsg": {
        "MessageHeader": {"SegmentOfResult": "1"},
        "MessageBody": {"ProcessingResultStatus": "2", "ProcessingResultCode": "X9"},
    }
}


@pytest.fixture
def owner(folders: Path) -> Iterator[Store]:
    store = open_store(settings.load(), SystemClock())
    yield store
    store.close()


def answered(store: Store) -> str:
    now = SystemClock().now()
    item = store.commit(draft(UlidFactory().new(now), now)).check_id
    content = json.loads(answer(item, institution=""))
    person = content["XmlMsg"]["MessageBody"]["ResultList"][0]["ResultOfQualificationConfirmation"]
    person |= {"InsurerNumber": "138999", "InsuredIdentificationNumber": "000123"}
    store.mark_in_flight(item)
    store.finish(item, Finish(ItemState.DONE, 200, answer=json.dumps(content).encode()))
    return item


def test_the_desk_registers_a_number_once(
    kiosk: Command, owner: Store, settings_file: Callable[[str], Path]
) -> None:
    assert kiosk("staff", "add", "Sato", "--role", "reception", stdin="739154\n").status == 0
    check = answered(owner)
    words = ("queue", "reference", check, "--number", "00011", "--json", "--config", settings_file(ON))
    assert kiosk(*words, "--staff", "Suzuki").err.endswith("[STF-005]\n")
    first = kiosk(*words, "--staff", "Sato")
    assert (first.status, first.document["result"]) == (0, "queued")
    again = kiosk(*words, "--staff", "Sato")
    assert (again.status, again.document["result"]) == (0, "asked_already")
    assert again.document["item"] == first.document["item"]
    (item,) = [one for one in owner.list() if one.kind is OutboxKind.REFERENCE_NUMBER]
    assert (item.id, item.endpoint, item.depends_on) == (first.document["item"], "reference_number", check)
    unknown = kiosk("queue", "reference", "X", "--number", "1", "--staff", "Sato", *words[-2:])
    assert unknown.status == 1
    # what the terminal said to it is read as that of a check is
    owner.mark_in_flight(item.id)
    told = json.dumps(REFUSED).encode()
    owner.finish(item.id, Finish(ItemState.REFUSED, 200, FailureCode.REFERENCE_REFUSED, answer=told))
    read = kiosk("queue", "answer", item.id, "--staff", "Sato", "--json").document
    assert (read["status"], read["result_code"]) == ("2", "X9")
    assert owner.verify_audit().ok


def test_switched_off_or_no_number_is_said(
    kiosk: Command, owner: Store, settings_file: Callable[[str], Path]
) -> None:
    assert kiosk("staff", "add", "Sato", "--role", "reception", stdin="739154\n").status == 0
    words = ("queue", "reference", answered(owner), "--staff", "Sato", "--number")
    assert kiosk(*words, "1").err.endswith("[CFG-002]\n")
    assert kiosk(*words, "患者", "--config", settings_file(ON)).err.endswith("[CFG-002]\n")
    assert len(owner.list()) == 1


def test_it_needs_the_folders(settings_file: Callable[[str], Path]) -> None:
    file = settings_file("[handover.reference_number]\nenabled = true\n")
    with pytest.raises(ConfigurationError) as raised:
        settings.load(file)
    assert "reference_number" in raised.value.detail


def test_made_up_patients_get_to_no_real_terminal(
    tmp_path: Path, settings_file: Callable[[str], Path]
) -> None:
    (tmp_path / "req").mkdir()
    text = ON.replace("/nowhere", str(tmp_path)) + '[upstream]\nkind = "simulator"\n'
    chosen, clock = settings.load(settings_file(text)), SystemClock()
    terminal, upstream = folder_exchange(chosen, clock), gateway(chosen, clock, "http://127.0.0.1:9")
    with pytest.raises(ConfigurationError) as raised:
        places(chosen, upstream, terminal)
    assert raised.value.code is FailureCode.HANDOVER_NOT_A_DEMO
    (tmp_path / "req" / "UKETSUKE-DEMO").write_text("x")
    assert set(places(chosen, upstream, terminal)) == {"upstream", "terminal", "reference_number"}
    upstream.close()
