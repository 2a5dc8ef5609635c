# SPDX-License-Identifier: Apache-2.0
"""Every condition that a reader should be tested against can be switched on (facts: card.md 9.3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.reader.errors import CardRemovedError
from kiosk.reader.session import CardSession
from kiosk.simulator.card.applications import AID_JPKI
from kiosk.simulator.card.options import CardOptions, TokenKind
from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.card.tlv import LengthForm
from kiosk.simulator.driver import SimulatedDriver
from tests.fakes.cards import Talk, card_of

PIN = ReferenceName.JPKI_USER_PIN
QUERY = "00200080"
AID_TEXT = bytes.fromhex("D3921000310001010408")


def on_jpki(options: CardOptions | None = None, file: int | None = None) -> Talk:
    talk = Talk(card_of("taro", options))
    talk.select(AID_JPKI, file)
    return talk


def stale_selection() -> None:
    talk = on_jpki(file=0x0018)
    assert talk.verify(b"1470") == 0x9000
    talk.card.reset()  # what another program leaves behind: selected, and verified
    assert talk.sw("00A4020C020017") == 0x9000
    assert talk.sw("802A008001AA00") == 0x9000


def blocked_and_told() -> None:
    talk = on_jpki(CardOptions(tries={PIN: 0}), 0x0018)
    assert talk.sw(QUERY) == 0x63C0


def blocked_and_refused() -> None:
    talk = on_jpki(CardOptions(tries={PIN: 0}, blocked_query_refused=True), 0x0018)
    assert talk.sw(QUERY) == talk.verify(b"1470") == 0x6984


def past_the_end() -> None:
    for empty, expected in ((False, 0x6B00), (True, 0x9000)):
        talk = on_jpki(CardOptions(empty_past_end=empty), 0x0006)
        assert talk.send("00B000A000") == (b"", expected)


def both_length_forms() -> None:
    starts = set()
    for form in (LengthForm.SHORT, LengthForm.LONG):
        card = card_of("taro", CardOptions(length_form=form))
        assert card.printed is not None
        talk = Talk(card)
        talk.select(AID_TEXT, 0x0015)
        printed = card.printed
        number = printed.era_birth + printed.expiry_year + printed.security_code
        assert talk.verify(number.encode()) == 0x9000
        starts.add(talk.read_file(0x0002)[:3])
    assert b"\xff\x20\x82" in starts
    assert len(starts) == 2


def no_signature_certificate() -> None:
    talk = on_jpki(CardOptions(signature_certificate=False))
    assert talk.sw("00A4020C020001") == 0x6A82
    assert talk.read_file(0x0008) == b"\x00\x8f\x00"


def a_phone() -> None:
    talk = on_jpki(CardOptions(token=TokenKind.ANDROID), 0x000A)
    assert talk.sw("00B0000000") == 0x6982
    talk.select(AID_JPKI, 0x0018)
    assert talk.verify(b"1470") == 0x9000
    assert talk.sw("00A4020C02000A") == talk.sw("00B0000000") == 0x9000


def removed_in_the_middle() -> None:
    driver = SimulatedDriver()
    driver.insert(card_of("taro"))
    driver.remove_after(1)
    with driver.connect(driver.snapshot().readers[0].name) as connection:
        session = CardSession(connection)
        assert session.select_application(AID_JPKI)
        with pytest.raises(CardRemovedError):
            session.select_file(0x000A)


def first_command_fails() -> None:
    talk = Talk(card_of("taro", CardOptions(first_command_fails=True)))
    select = f"00A4040C0A{AID_JPKI.hex()}"
    assert [talk.sw(select), talk.sw(select)] == [0x6F00, 0x9000]


@pytest.mark.parametrize(
    "condition",
    [
        stale_selection,
        blocked_and_told,
        blocked_and_refused,
        past_the_end,
        both_length_forms,
        no_signature_certificate,
        a_phone,
        removed_in_the_middle,
        first_command_fails,
    ],
)
def test_condition(condition: Callable[[], None]) -> None:
    condition()
