# SPDX-License-Identifier: Apache-2.0
"""What is never sent: My Number, and anything that changes a card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.auth.dialogue import (
    CardFacts,
    PhotoOpened,
    open_photo,
    read_card,
    read_pin_tries,
    sign_with_visual_key,
    verify_pin_and_sign,
)
from kiosk.auth.evidence import Statement, VerificationMethod
from kiosk.reader.apdu import CommandApdu, ResponseApdu
from kiosk.reader.cards.applications import Application
from kiosk.reader.cards.common import CommonCard
from kiosk.reader.guard import ForbiddenCommandError
from kiosk.reader.info import card_info
from kiosk.reader.session import CardSession
from kiosk.secret import Secret
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.surface import SimulatedSurface
from tests.fakes.cards import card_of
from tests.fakes.clock import MORNING
from tests.fakes.recording import RecordingConnection, RecordingDriver
from tests.fakes.scripted_card import AnsweringCard
from tests.fakes.trust import demo_trust

OK = ResponseApdu(b"", 0x9000)


MY_NUMBER = [
    (bytes.fromhex("D3921000310001010408"), 0x0001),
    (bytes.fromhex("D3921000310001010408"), 0x0014),
    (bytes.fromhex("D3921000310001010402"), 0x0005),
    (bytes.fromhex("D3921000310001010402"), 0x0013),
]


@pytest.mark.parametrize(("aid", "file"), MY_NUMBER)
def test_my_number_is_not_selected_in_its_application(aid: bytes, file: int) -> None:
    card = AnsweringCard([], then=OK)
    session = CardSession(card)
    session.select_application(aid)
    with pytest.raises(ForbiddenCommandError):
        session.select_file(file)
    assert len(card.sent) == 1


@pytest.mark.parametrize(
    "command",
    [
        CommandApdu(0x00, 0x24, 0x01, 0x80, b"1234"),
        CommandApdu(0x00, 0x2C, 0x00, 0x80, b"1234"),
        CommandApdu(0x80, 0x8A, 0, 0),
        CommandApdu(0x80, 0x50, 0, 0),
        CommandApdu(0x80, 0xA2, 0x06, 0xC1),
        CommandApdu(0x00, 0xB0, 0x85, 0x00, le=256),  # the short file id of a My Number file
        CommandApdu(0x00, 0xB2, 0x01, 0x0C, le=256),
        CommandApdu(0x00, 0x20, 0x00, 0x91),
        CommandApdu(0x80, 0x2A, 0x00, 0x97, bytes(51), 256),
        CommandApdu(0x00, 0xA4, 0x00, 0x00),
        CommandApdu(0x00, 0xA4, 0x04, 0x0C, bytes.fromhex("D3921000310001010401")),
        CommandApdu(0x00, 0xA4, 0x04, 0x0C, Application.TEXT.aid[:9]),
    ],
)
def test_what_could_change_a_card_or_go_round_the_check_is_not_sent(command: CommandApdu) -> None:
    card = AnsweringCard([], then=OK)
    with pytest.raises(ForbiddenCommandError):
        CardSession(card).send(command)
    assert not card.sent


@given(
    st.lists(
        st.builds(
            CommandApdu,
            st.sampled_from([0x00, 0x80]),
            st.sampled_from([0xA4, 0xB0, 0xB2, 0x20, 0x2A]),
            st.sampled_from([0x00, 0x01, 0x02, 0x04, 0x81, 0x85]),
            st.sampled_from([0x00, 0x04, 0x0C, 0x80, 0x81]),
            st.sampled_from([app.aid for app in Application] + [bytes((0, i)) for i in range(0x16)]),
        ),
        max_size=20,
    )
)
def test_no_sequence_reaches_my_number(commands: list[CommandApdu]) -> None:
    card = AnsweringCard([], then=OK)
    session = CardSession(card)
    for command in commands:
        try:
            session.send(command)
        except ForbiddenCommandError:
            continue
    _assert_harmless(card.sent)


def _assert_harmless(sent: list[bytes]) -> None:
    """Follow what was selected, without the code under test."""
    application = b""
    for wire in sent:
        if wire[1] == 0xA4 and wire[2] == 0x04:
            application = wire[5:]
        elif wire[1] == 0xA4:
            assert (application, int.from_bytes(wire[5:7], "big")) not in MY_NUMBER
        elif wire[1] == 0xB0:
            assert not wire[2] & 0x80


def test_a_whole_reception_and_card_info_stay_away_from_it() -> None:
    driver = SimulatedDriver()
    driver.insert(card_of("hanako"))
    reader = driver.snapshot().readers[0].name
    statement = Statement("1310000001", "K1", "01J", bytes(32), VerificationMethod.FACE, MORNING)
    with RecordingConnection(driver.connect(reader)) as connection:
        session = CardSession(connection)
        card = read_card(session, demo_trust(), MORNING)
        assert isinstance(card, CardFacts)
        read_pin_tries(session)
        verify_pin_and_sign(session, card, Secret.of(b"2580"), statement)
        printed = SimulatedSurface(driver.card_in).read()
        assert printed is not None
        photo = open_photo(session, card, printed, demo_trust())
        assert isinstance(photo, PhotoOpened)
        sign_with_visual_key(session, card, statement, photo.evidence)
        common = CommonCard(session)
        assert common.select()
        assert common.read_record().serial.isdigit()
        _assert_harmless(connection.sent)
    recording = RecordingDriver(driver)
    assert card_info(recording, "*", lambda _: "valid").found
    _assert_harmless(recording.sent)
    assert not any(wire[1] == 0x20 and len(wire) > 4 for wire in recording.sent)
