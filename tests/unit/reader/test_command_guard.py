# SPDX-License-Identifier: Apache-2.0
"""What is never sent: My Number, and anything that changes a card."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.auth.dialogue import (
    CardFacts,
    PhoneFound,
    PhotoOpened,
    open_photo,
    read_card,
    read_pin_tries,
    sign_with_visual_key,
    verify_phone_pin_and_sign,
    verify_pin_and_sign,
)
from kiosk.auth.evidence import Statement, VerificationMethod
from kiosk.reader.apdu import CommandApdu, ResponseApdu
from kiosk.reader.cards.applications import Application
from kiosk.reader.cards.common import CommonCard, CommonFile
from kiosk.reader.cards.jpki import JpkiCard, JpkiFile
from kiosk.reader.cards.text import TextCard, TextFile
from kiosk.reader.cards.visual import VisualCard, VisualFile
from kiosk.reader.errors import CardError, CardResetError, CardStatusError
from kiosk.reader.guard import ForbiddenCommandError
from kiosk.reader.info import card_info
from kiosk.reader.session import CardSession
from kiosk.reader.status import TryCounter
from kiosk.secret import Secret
from kiosk.simulator.card.references import CounterStore
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


# What secrets may be presented to: the PIN of JPKI, that of the text application, and 照合番号B.
REFERENCES = {
    (Application.JPKI.aid, 0x0018),
    (Application.TEXT.aid, 0x0011),
    (Application.VISUAL.aid, 0x0012),
}


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
        CommandApdu(0x00, 0x20, 0x01, 0x80),
        CommandApdu(0x00, 0x20, 0x00, 0x80, b"1234"),  # digits that are in no `Secret`
        CommandApdu(0x00, 0x20, 0x00, 0x80, le=16),  # a query of five bytes is none
        CommandApdu(0x00, 0xA4, 0x04, 0x02, Application.TEXT.aid),  # the next of that name
        CommandApdu(0x00, 0xA4, 0x02, 0x02, b"\x00\x02"),
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


@pytest.mark.parametrize(("aid", "file"), MY_NUMBER)
@pytest.mark.parametrize("answer", [ResponseApdu(b"", 0x6A82), ResponseApdu(b"", 0x6F00), CardResetError()])
def test_an_application_that_was_not_taken_leaves_the_one_before(
    aid: bytes, file: int, answer: ResponseApdu | CardResetError
) -> None:
    """The files of the other one are harmless, but it is not the other one that the card is in."""
    card = AnsweringCard([OK, answer], then=OK)
    session = CardSession(card)
    session.select_application(aid)
    with contextlib.suppress(CardError):
        session.select_application(Application.COMMON.aid)
    with pytest.raises(ForbiddenCommandError):
        session.select_file(file)
    assert len(card.sent) == 2
    assert session.select_application(Application.COMMON.aid)
    assert session.select_file(CommonFile.RECORDS)


_sws = st.sampled_from([0x9000, 0x9000, 0x6A82, 0x6F00])


@given(st.lists(st.tuples(st.sampled_from(list(Application)) | st.integers(0, 0x16), _sws), max_size=20))
def test_no_sequence_of_selections_reaches_it_whatever_the_card_refuses(
    steps: list[tuple[Application | int, int]],
) -> None:
    card = AnsweringCard([], then=OK)
    session = CardSession(card)
    current = b""
    for wanted, sw in steps:
        card.then = ResponseApdu(b"", sw if isinstance(wanted, Application) else 0x9000)
        sent = len(card.sent)
        with contextlib.suppress(CardError, ForbiddenCommandError):
            if isinstance(wanted, int):
                session.select_file(wanted)
            else:
                session.select_application(wanted.aid)
        if len(card.sent) == sent:
            continue
        if isinstance(wanted, int):
            assert (current, wanted) not in MY_NUMBER
        elif card.then.sw == 0x9000:
            current = wanted.aid


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


def _verbs(session: CardSession) -> dict[str, Callable[[], object]]:
    """Everything that our code can do to a card, by name."""
    jpki, text, visual, common = (
        JpkiCard(session),
        TextCard(session),
        VisualCard(session),
        CommonCard(session),
    )
    statement = Statement("1310000001", "K1", "01J", bytes(32), VerificationMethod.PIN, MORNING)

    def reception() -> None:
        found = read_card(session, demo_trust(), MORNING)
        if isinstance(found, PhoneFound):
            verify_phone_pin_and_sign(session, found, Secret.of(b"1470"), statement, demo_trust(), MORNING)
        elif isinstance(found, CardFacts):
            verify_pin_and_sign(session, found, Secret.of(b"1470"), statement)

    handed: dict[str, Callable[[Any], object]] = {
        "verify_pin": lambda card: card.verify_pin(Secret.of(b"1470")),
        "present_lookup_b": lambda card: card.present_lookup_b(Secret.of(b"10070520311111")),
        "sign": lambda card: card.sign(bytes(51)),
        "sign_with_own_key": lambda card: card.sign_with_own_key(bytes(51)),
    }
    verbs: dict[str, Callable[[], object]] = {"reception": reception}
    for card in (jpki, text, visual, common):
        for name in dir(card):
            if not name.startswith("_"):
                verb = partial(handed[name], card) if name in handed else getattr(card, name)
                verbs[f"{type(card).__name__}.{name}"] = partial(_selected, card.select, verb)
    return verbs


def _selected(select: Callable[[], bool], verb: Callable[[], object]) -> None:
    if select():
        verb()


VERBS = sorted(_verbs(CardSession(AnsweringCard([], then=OK))))


def test_every_verb_of_every_application_is_tried() -> None:
    assert {"TextCard.read_attributes", "TextCard.verify_pin", "JpkiCard.identify"} <= set(VERBS)
    assert len(VERBS) > 20
    ours = {*map(int, JpkiFile), *map(int, TextFile), *map(int, VisualFile), *map(int, CommonFile)}
    assert not {file for _, file in MY_NUMBER if file != 0x0001} & ours
    assert 0x0001 not in {*TextFile, *VisualFile}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(VERBS), min_size=1, max_size=12), st.booleans())
def test_no_sequence_of_our_own_verbs_reaches_it(names: list[str], phone: bool) -> None:
    driver = SimulatedDriver()
    driver.insert(card_of("taro-phone" if phone else "taro", counters=CounterStore()))
    with RecordingConnection(driver.connect("Simulated Reader 00")) as connection:
        verbs = _verbs(CardSession(connection))
        for name in names:
            with contextlib.suppress(CardError):
                verbs[name]()
        assert _assert_harmless(connection.sent) <= REFERENCES


def test_the_text_applications_digits_go_to_its_own_reference_only() -> None:
    driver = SimulatedDriver()
    driver.insert(card_of("taro", counters=CounterStore()))
    with RecordingConnection(driver.connect("Simulated Reader 00")) as connection:
        session = CardSession(connection)
        text = TextCard(session)
        assert text.select()
        assert text.verify_pin(Secret.of(b"0000")).tries == TryCounter(2)
        with pytest.raises(CardStatusError):
            text.read_attributes()
        assert JpkiCard(session).select()
        assert JpkiCard(session).pin_tries() == TryCounter(3)
        assert _assert_harmless(connection.sent) == {(Application.TEXT.aid, 0x0011)}


def _assert_harmless(sent: list[bytes]) -> set[tuple[bytes, int]]:
    """Follow what was selected, without the code under test; which references were given a secret."""
    application, file = b"", 0
    presented: set[tuple[bytes, int]] = set()
    for wire in sent:
        if wire[1] == 0x20 and len(wire) > 4:
            presented.add((application, file))
        if wire[1] == 0xA4 and wire[2] == 0x04:
            application, file = wire[5:], 0
        elif wire[1] == 0xA4:
            file = int.from_bytes(wire[5:7], "big")
            assert (application, file) not in MY_NUMBER
        elif wire[1] == 0xB0:
            assert not wire[2] & 0x80
    return presented


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
