# SPDX-License-Identifier: Apache-2.0
"""What the simulated card answers to selecting and reading."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.simulator.card.applications import AID_CARD_MANAGER, AID_COMMON, AID_JPKI
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.factory import build_card
from kiosk.simulator.card.foreign import ForeignCard
from kiosk.simulator.card.options import ATR_CONTACT, ATR_CONTACTLESS, ATR_OTHER_CARD, CardOptions
from kiosk.simulator.card.text import AID_TEXT
from kiosk.simulator.card.visual import AID_VISUAL
from kiosk.simulator.patients.people import patient
from tests.fakes.cards import Talk, authority, card_of, grey_photo


@cache
def one_card() -> VirtualCard:
    """A card for many examples, which are all about reading."""
    return card_of()


@pytest.mark.parametrize("atr", [ATR_CONTACTLESS, ATR_CONTACT, ATR_OTHER_CARD])
def test_the_check_byte_of_each_answer_to_reset_holds(atr: bytes) -> None:
    rest = 0
    for byte in atr[1:]:
        rest ^= byte
    assert rest == 0


def test_no_command_is_answered_without_power() -> None:
    card = card_of()
    assert card.transmit(bytes.fromhex("00A40000")).hex() == "6f00"
    card.power_on()
    card.power_off()
    assert card.transmit(bytes.fromhex("00A40000")).hex() == "6f00"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00A40000", 0x6A86),  # straight after power-on
        ("00A4000C023F00", 0x6A82),
        ("00A4040C0AD392F0002601000000FF", 0x6A82),
        ("00A4040C0E315041592E5359532E4444463031", 0x6A82),
        ("00A404000BA00000030800001000010000", 0x6A82),
        ("00A40400", 0x6A82),
        ("00A4044C0AD392F000260100000001", 0x6A86),
        ("00A4020402000A", 0x6A86),
        ("00A4010C020006", 0x6A86),
        ("00A4020C020006", 0x6A82),  # the card manager has no such file
        ("00A4020C0100", 0x6700),
        ("00B0000000", 0x6986),
        ("00CADF3005", 0x6D00),
        ("00CB3FFF035C017E08", 0x6D00),
        ("00C0000000", 0x6D00),
        ("00200080053132333435363700", 0x6700),
        ("002401800431323334", 0x6D00),
        ("8006000000", 0x6D00),
        ("01A40000", 0x6881),
        ("0CA40000", 0x6882),
        ("A0A40000023F00", 0x6E00),
        ("FFCA000000", 0x6881),
        ("00A4", 0x6700),
        ("00840000080102", 0x6700),
    ],
)
def test_what_a_card_refuses_straight_after_power_on(command: str, status: int) -> None:
    assert Talk(card_of()).sw(command) == status


def test_select_master_file_misleads_once_an_application_is_selected() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI)
    assert talk.sw("00A40000") == 0x9000
    assert talk.sw("00A4020C020006") == 0x9000


def test_names_match_from_the_front_and_next_gives_the_next() -> None:
    talk = Talk(card_of())
    assert talk.send("00A4040005D392100031") == (b"\x6f\x0c\x84\x0a" + AID_TEXT, 0x9000)
    assert talk.send("00A4040205D392100031") == (b"\x6f\x0c\x84\x0a" + AID_VISUAL, 0x9000)
    assert talk.sw("00A4040E05D392100031") == 0x9000
    assert talk.send("00A4040205D392100031") == (b"\x6f\x0c\x84\x0a" + AID_COMMON, 0x9000)
    assert talk.sw("00A4040E05D392100031") == 0x6A82
    assert talk.sw("00A4020C020001") == 0x9000  # still there


def test_the_card_manager_tells_number_and_contact_atr() -> None:
    talk = Talk(card_of())
    number, sw = talk.send("00CA004500")
    assert (len(number), sw) == (15, 0x9000)
    assert talk.send("00CA5F5100") == (ATR_CONTACT[1:], 0x9000)
    talk.select(AID_JPKI)
    assert talk.sw("00CA004500") == 0x6D00
    talk.select(AID_CARD_MANAGER)
    assert talk.sw("00CA004500") == 0x9000


def test_a_failed_select_leaves_everything_as_it_was() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI, 0x0018)
    assert talk.verify(b"2580") == 0x9000
    assert talk.sw("00A4040C05A000000003") == 0x6A82
    assert talk.sw("802A009702010200") == 0x9000


def test_reading_needs_a_transparent_file_that_is_open() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI)
    assert talk.sw("00B0000004") == 0x6986
    for file, status in ((0x0018, 0x6981), (0x0017, 0x6981), (0x0016, 0x6981), (0x0009, 0x6982)):
        assert talk.sw(f"00A4020C02{file:04X}") == 0x9000
        assert talk.sw("00B0000004") == status
    talk.select(AID_COMMON, 0x0001)
    assert talk.sw("00B0000004") == 0x6981


def test_reading_by_short_identifier_selects() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI)
    assert talk.send("00B086000F") == (b"JPKIAPICCTOKEN2", 0x9000)
    assert talk.send("00B0000204") == (b"KIAP", 0x9000)
    assert talk.send("00B0860404") == (b"APIC", 0x9000)
    assert talk.sw("00B09C0004") == 0x6A82


@settings(deadline=None)  # the first example makes keys
@given(offset=st.integers(0, 0x7FFF), count=st.integers(1, 256))
def test_a_read_gives_what_is_left_and_refuses_from_the_end_on(offset: int, count: int) -> None:
    talk = Talk(one_card())
    whole = talk.read(AID_JPKI, 0x000B)
    data, sw = talk.send(f"00B0{offset:04X}{count & 0xFF:02X}")
    if offset >= len(whole):
        assert (data, sw) == (b"", 0x6B00)
    else:
        assert (data, sw) == (whole[offset : offset + count], 0x9000)


def test_a_read_with_extended_length_gives_the_whole_file() -> None:
    talk = Talk(card_of())
    whole = talk.read(AID_JPKI, 0x000B)
    assert talk.send("00B00000000000") == (whole, 0x9000)
    assert talk.send("00B0000000012C") == (whole[:300], 0x9000)
    old = Talk(card_of(options=CardOptions(extended_length=False)))
    old.select(AID_JPKI, 0x000B)
    assert old.sw("00B00000000000") == 0x6700


def test_the_first_offset_past_the_end_is_refused() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI, 0x0008)
    assert talk.send("00B0000200") == (b"\x00", 0x9000)
    assert talk.send("00B0000300") == (b"", 0x6B00)
    assert talk.send("00B0880300") == (b"", 0x6B00)


def test_cards_differ_at_the_end_of_a_file() -> None:
    empty = Talk(card_of(options=CardOptions(empty_past_end=True)))
    empty.select(AID_JPKI, 0x0008)
    assert empty.send("00B0000300") == (b"", 0x9000)
    warning = Talk(card_of(options=CardOptions(end_of_file_warning=True)))
    warning.select(AID_JPKI, 0x0008)
    assert warning.send("00B0000000") == (b"\x8f\x8f\x00", 0x6282)
    assert warning.send("00B0000003") == (b"\x8f\x8f\x00", 0x9000)


def test_the_first_command_may_fail_once_after_each_power_on() -> None:
    card = card_of(options=CardOptions(first_command_fails=True))
    for _ in range(2):
        talk = Talk(card)
        assert talk.sw("00A4040C0AD392F000260100000001") == 0x6F00
        assert talk.sw("00A4040C0AD392F000260100000001") == 0x9000
        card.power_off()


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00B2000400", 0x6A83),
        ("00B2010500", 0x6A81),
        ("00B2010600", 0x6A86),
        ("00B2020400", 0x6A83),
        ("00B20104", 0x6700),
        ("00B2011400", 0x6981),  # a key reference has no records
        ("00B201EC00", 0x6A82),
        ("00B2010400", 0x9000),
    ],
)
def test_records_are_read_by_number(command: str, status: int) -> None:
    talk = Talk(card_of())
    talk.select(AID_COMMON, 0x0001)
    assert talk.sw(command) == status


def test_a_record_needs_a_current_file() -> None:
    talk = Talk(card_of())
    talk.select(AID_COMMON)
    assert talk.sw("00B2010400") == 0x6986


def test_challenges_are_random_and_short() -> None:
    talk = Talk(card_of())
    first, sw = talk.send("0084000008")
    assert (len(first), sw) == (8, 0x9000)
    assert talk.send("0084000008")[0] != first
    assert len(talk.send("0084000000")[0]) == 256
    assert talk.sw("00840000000008") == 0x6985
    assert talk.sw("0084010008") == 0x6A86


@settings(deadline=None)  # the first example makes keys
@given(command=st.binary(max_size=40))
def test_any_bytes_get_a_status_word(command: bytes) -> None:
    talk = Talk(one_card())
    talk.select(AID_JPKI, 0x000A)
    answer = talk.card.transmit(command)
    assert len(answer) >= 2
    assert answer[-2] & 0xF0 in {0x60, 0x90}


def test_another_card_knows_nothing() -> None:
    card = build_card(patient("licence"), authority(), grey_photo())
    assert isinstance(card, ForeignCard)
    assert card.power_on() == card.reset() == ATR_OTHER_CARD
    assert card.transmit(bytes.fromhex("00A4040C0AD392F000260100000001")).hex() == "6a82"
    assert card.transmit(bytes.fromhex("0084000008")).hex() == "6d00"
    assert card.transmit(b"\x00").hex() == "6700"
    assert card.printed is None
    card.power_off()


def test_nothing_of_the_holder_is_in_a_repr() -> None:
    card = card_of("kenichi")
    text = repr(card) + repr(card.printed)
    for secret in ("9512", "4410", "髙槗", "441102"):
        assert secret not in text
