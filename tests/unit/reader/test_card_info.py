# SPDX-License-Identifier: Apache-2.0
"""What a technician is shown of cards."""

from __future__ import annotations

import json

import pytest

from kiosk.auth.dialogue import CardTrouble, read_card
from kiosk.errors import FailureCode
from kiosk.reader.apdu import CommandApdu, ResponseApdu
from kiosk.reader.info import card_info
from kiosk.reader.ports import CardConnection
from kiosk.reader.session import CardSession
from kiosk.simulator.card.foreign import ForeignCard, MuteCard
from kiosk.simulator.card.options import CardOptions, TokenKind
from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.driver import SimulatedDriver
from tests.fakes.cards import card_of
from tests.fakes.clock import MORNING
from tests.fakes.recording import RecordingConnection, RecordingDriver
from tests.fakes.trust import demo_trust


def test_a_card_and_three_other_readers() -> None:
    driver = SimulatedDriver(["A", "B", "C", "D"])
    driver.insert(card_of("taro", CardOptions(tries={ReferenceName.JPKI_USER_PIN: 1})), 0)
    driver.insert(ForeignCard("licence"), 1)
    driver.insert(MuteCard(), 2)
    recording = RecordingDriver(driver)
    info = card_info(recording, "*", lambda _: "valid")
    assert info.found
    document = json.loads(json.dumps(info.document()))
    assert document["readers"][0] == {
        "name": "A",
        "card": "present",
        "token": "card",
        "applications": ["jpki", "visual", "text", "common"],
        "certificate": "valid",
        "tries": {"user_pin": 1, "lookup_b": 10, "text_pin": 3},
        "problem": None,
    }
    assert [reader["problem"] for reader in document["readers"]] == [None, "CRD-002", "CRD-001", None]
    assert not any(wire[1] == 0x20 and len(wire) > 4 for wire in recording.sent)
    driver.connect("A").close()  # nothing is held on to


def test_only_the_reader_asked_for() -> None:
    driver = SimulatedDriver(["A", "B"])
    driver.insert(card_of("taro"), 0)
    info = card_info(driver, "B", lambda _: "valid")
    assert [reader.name for reader in info.readers] == ["B"]
    assert not info.found
    assert card_info(driver, "C", lambda _: "valid").problem is FailureCode.NO_READER


@pytest.mark.parametrize("token", [TokenKind.ANDROID, TokenKind.IPHONE])
def test_a_phone_has_one_application(token: TokenKind) -> None:
    driver = SimulatedDriver()
    driver.insert(card_of("taro", CardOptions(token=token)))
    (reader,) = card_info(driver, "*", lambda _: "valid").readers
    assert reader.token == token.name.lower()
    assert reader.applications == ("jpki",)


class Refusing(RecordingConnection):
    """A card of another kind, with its own word for an application that it does not have."""

    def __init__(self, inner: CardConnection, sw: int) -> None:
        super().__init__(inner)
        self._sw = sw

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        return ResponseApdu(b"", self._sw)


@pytest.mark.parametrize(
    ("sw", "code"),
    [
        *((sw, FailureCode.CARD_NOT_MY_NUMBER) for sw in (0x6A81, 0x6A82, 0x6A86, 0x6D00, 0x6E00, 0x6999)),
        (0x6F00, FailureCode.CARD_COMMUNICATION),
    ],
)
def test_other_cards_refuse_in_words_of_their_own(
    sw: int, code: FailureCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = SimulatedDriver()
    driver.insert(ForeignCard("licence"))
    connect = driver.connect
    monkeypatch.setattr(driver, "connect", lambda reader: Refusing(connect(reader), sw))
    assert card_info(driver, "*", lambda _: "valid").readers[0].problem is code
    with driver.connect(driver.snapshot().readers[0].name) as connection:
        assert read_card(CardSession(connection), demo_trust(), MORNING) == CardTrouble(code)


class Quiet(RecordingConnection):
    """Says nothing about tries, and all the rest."""

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        return ResponseApdu(b"", 0x6D00) if command.ins == 0x20 else super().transmit(command)


def test_a_card_that_keeps_its_counters_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = SimulatedDriver()
    driver.insert(card_of("taro"))
    connect = driver.connect
    monkeypatch.setattr(driver, "connect", lambda reader: Quiet(connect(reader)))
    info = card_info(driver, "*", lambda _: "valid")
    assert info.found
    assert dict(info.readers[0].tries) == {"user_pin": None, "lookup_b": None, "text_pin": None}
    assert "common" in info.readers[0].applications


def test_no_service() -> None:
    driver = SimulatedDriver()
    driver.stop_service()
    info = card_info(driver, "*", lambda _: "valid")
    assert info.document() == {"readers": [], "problem": "RDR-001", "found": False}


def test_a_card_pulled_while_it_is_looked_at() -> None:
    driver = SimulatedDriver()
    driver.insert(card_of("taro"))
    driver.remove_after(5)
    (reader,) = card_info(driver, "*", lambda _: "valid").readers
    assert reader.problem is FailureCode.CARD_REMOVED
