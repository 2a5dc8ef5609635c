# SPDX-License-Identifier: Apache-2.0
"""The talk with a card: chained answers, whole files, and cards that lie about them."""

from __future__ import annotations

from typing import Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.reader.apdu import CommandApdu, ResponseApdu, VerifyApdu
from kiosk.reader.cards.applications import Application
from kiosk.reader.errors import CardCommunicationError, CardError, CardStatusError, MalformedDataError
from kiosk.reader.session import MAX_FILE, CardSession
from kiosk.secret import Secret
from tests.fakes.scripted_card import AnsweringCard, ScriptedCard

SELECT_JPKI = "00A4040C0AD392F000260100000001"


class FileCard:
    """A card with one file, answering reads as the switches say."""

    def __init__(
        self,
        content: bytes,
        *,
        past_end: bytes = b"\x6b\x00",
        at_end: int = 0x9000,
        extended: bool | BaseException = True,
        at_most: int = 65536,
    ) -> None:
        self.content, self.past_end, self.at_end = content, past_end, at_end
        self.extended, self.at_most = extended, at_most
        self.reads = 0

    @property
    def atr(self) -> bytes:
        return b""

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        self.reads += 1
        if command.extended:
            if isinstance(self.extended, BaseException):
                raise self.extended
            if not self.extended:
                return ResponseApdu(b"", 0x6700)
        offset = command.p1 << 8 | command.p2
        if offset >= len(self.content):
            return ResponseApdu(self.past_end[:-2], int.from_bytes(self.past_end[-2:], "big"))
        part = self.content[offset : offset + min(command.le or 0, self.at_most)]
        ended = offset + len(part) >= len(self.content) and len(part) < (command.le or 0)
        return ResponseApdu(part, self.at_end if ended else 0x9000)

    def close(self) -> None:
        """Nothing to power off."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to power off."""


def _object(size: int, filler: int = 0) -> bytes:
    return b"\xff\x20\x82" + size.to_bytes(2, "big") + bytes(i % 251 for i in range(size)) + b"\xff" * filler


@pytest.mark.parametrize("size", [0, 3, 250, 251, 252, 1500, 30000])
@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize("filler", [0, 700])
def test_a_whole_object_without_what_follows(size: int, *, extended: bool, filler: int) -> None:
    content = _object(size, filler)
    session = CardSession(FileCard(content), extended_reads=extended)
    assert session.read_object() == _object(size)


@pytest.mark.parametrize("past_end", [b"\x6b\x00", b"\x90\x00"])
@pytest.mark.parametrize("at_end", [0x9000, 0x6282])
def test_ends_of_files_as_cards_tell_them(past_end: bytes, at_end: int) -> None:
    session = CardSession(FileCard(_object(300), past_end=past_end, at_end=at_end))
    assert session.read_object() == _object(300)
    with pytest.raises(MalformedDataError):
        CardSession(FileCard(_object(300)[:280], past_end=past_end, at_end=at_end)).read_object()


@pytest.mark.parametrize("refusal", [False, CardCommunicationError()])
def test_long_reads_fall_back_once_and_for_all(refusal: bool | BaseException) -> None:
    card = FileCard(_object(1500), extended=refusal)
    session = CardSession(card, extended_reads=True)
    assert session.read_object() == _object(1500)
    assert not session.extended_reads
    assert card.reads == 1 + 6
    session.read_object()
    assert card.reads == 1 + 6 + 6


def test_long_reads_are_fewer() -> None:
    card = FileCard(_object(1500))
    CardSession(card, extended_reads=True).read_object()
    assert card.reads == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"\xff\x20\x82\xff\xff" + bytes(300),
        b"\x30\x83\x01\x11\x70" + bytes(300),
        b"\xff\x20\x84",
    ],
)
def test_lies_about_lengths_are_our_own_error(content: bytes) -> None:
    with pytest.raises(MalformedDataError):
        CardSession(FileCard(content)).read_object()


def test_a_card_that_gives_single_bytes_is_not_served_to_the_end() -> None:
    card = FileCard(_object(30000), at_most=1)
    with pytest.raises(MalformedDataError):
        CardSession(card).read_object()
    assert card.reads < 1100


def test_no_access_is_told_by_its_status_word() -> None:
    with ScriptedCard([("00B0000000", "6982")]) as card, pytest.raises(CardStatusError) as raised:
        CardSession(card).read_object()
    assert raised.value.sw == 0x6982


def test_chained_and_corrected_answers() -> None:
    with ScriptedCard(
        [
            ("00B0000000", "6C05"),
            ("00B0000005", "41426102"),
            ("00C0000002", "43446101"),
            ("00C0000001", "459000"),
        ]
    ) as card:
        assert CardSession(card).send(CommandApdu.read_binary(0, 256)).data == b"ABCDE"


def test_an_answer_without_end_is_given_up() -> None:
    card = AnsweringCard([], then=ResponseApdu(bytes(256), 0x6100))
    with pytest.raises(CardCommunicationError):
        CardSession(card).send(CommandApdu.read_binary(0, 256))
    assert len(card.sent) * 256 <= MAX_FILE + 1024


@pytest.mark.parametrize("answer", ["6C04", "6104", "6F00", "6700"])
def test_a_verify_goes_out_once_whatever_comes_back(answer: str) -> None:
    with ScriptedCard([("002000800431323334", answer)]) as card:
        CardSession(card).send(VerifyApdu.of(Secret.of(b"1234")))


@pytest.mark.parametrize("answer", ["6C10", "6C00", "6104", "6F00"])
def test_the_query_about_tries_stays_at_four_bytes_whatever_comes_back(answer: str) -> None:
    with ScriptedCard([("00200080", answer)]) as card:
        assert CardSession(card).send(CommandApdu.verify_query()).sw == int(answer, 16)


def test_the_first_select_is_tried_again_once_after_6f00() -> None:
    with ScriptedCard([(SELECT_JPKI, "6F00"), (SELECT_JPKI, "9000")]) as card:
        assert CardSession(card).select_application(Application.JPKI.aid)
    with (
        ScriptedCard([(SELECT_JPKI, "6F00"), (SELECT_JPKI, "6F00")]) as card,
        pytest.raises(CardStatusError),
    ):
        CardSession(card).select_application(Application.JPKI.aid)


def test_a_later_select_is_not() -> None:
    with ScriptedCard([("00A4020C020018", "9000"), (SELECT_JPKI, "6F00")]) as card:
        session = CardSession(card)
        session.select_file(0x0018)
        with pytest.raises(CardStatusError):
            session.select_application(Application.JPKI.aid)


def test_an_application_that_is_not_there() -> None:
    with ScriptedCard([(SELECT_JPKI, "6A82")]) as card:
        assert not CardSession(card).select_application(Application.JPKI.aid)


_answers = st.builds(
    ResponseApdu,
    st.binary(max_size=300),
    st.sampled_from([0x9000, 0x6282, 0x6B00, 0x6104, 0x6100, 0x6C00, 0x6C10, 0x6A82, 0x6982, 0x6700, 0x6F00]),
)


@settings(max_examples=200)
@given(st.lists(_answers, max_size=12), _answers, st.booleans())
def test_no_card_raises_anything_but_our_own(
    answers: list[ResponseApdu], then: ResponseApdu, extended: bool
) -> None:
    session = CardSession(AnsweringCard(answers, then=then), extended_reads=extended)
    try:
        content = session.read_object()
    except CardError:
        return
    assert len(content) <= MAX_FILE
