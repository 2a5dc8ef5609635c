# SPDX-License-Identifier: Apache-2.0
"""Secrets, counters and signatures of the simulated card."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.simulator.card.applications import AID_COMMON, AID_JPKI
from kiosk.simulator.card.options import CardOptions, TokenKind
from kiosk.simulator.card.references import CounterStore, ReferenceName
from kiosk.simulator.card.text import AID_TEXT
from kiosk.simulator.card.visual import AID_VISUAL
from kiosk.simulator.patients.people import patient
from tests.fakes.cards import Talk, authority, card_of

DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
USER_PIN = ReferenceName.JPKI_USER_PIN


def user_key(key: str = "hanako") -> RSAPublicKey:
    certificate = x509.load_der_x509_certificate(Talk(card_of(key)).read(AID_JPKI, 0x000A))
    public = certificate.public_key()
    assert isinstance(public, RSAPublicKey)
    return public


def test_the_empty_verify_tells_the_tries_and_costs_none() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI, 0x0018)
    assert [talk.sw("00200080") for _ in range(5)] == [0x63C3] * 5
    assert talk.sw("0020009B") == 0x63C5
    assert talk.sw("0020008000") == 0x6700
    assert talk.sw("00200080") == 0x63C5  # the short name has selected the password


def test_wrong_values_count_down_and_block() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI, 0x0018)
    assert [talk.verify(b"0000") for _ in range(4)] == [0x63C2, 0x63C1, 0x63C0, 0x6984]
    assert talk.verify(b"2580") == 0x6984
    assert talk.sw("00200080") == 0x63C0


def test_the_right_value_restores_the_counter() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI, 0x0018)
    talk.verify(b"0000")
    talk.verify(b"25800")
    assert talk.sw("00200080") == 0x63C1
    assert talk.verify(b"2580") == 0x9000
    assert talk.sw("00200080") == 0x63C3


def test_verify_needs_a_reference_and_possible_lengths() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI)
    assert talk.sw("00200080") == 0x6986
    assert talk.sw("00200018") == 0x6A86
    assert talk.sw("00200180") == 0x6A86
    assert talk.sw("0020009C") == 0x6A82
    assert talk.sw("0020008A") == 0x6981
    assert talk.verify(b"1" * 17, 0x98) == 0x6700
    assert talk.sw("00200098") == 0x63C3


def test_cards_may_answer_the_empty_verify_in_other_words() -> None:
    talk = Talk(card_of(options=CardOptions(verified_query_succeeds=True)))
    talk.select(AID_JPKI, 0x0018)
    assert talk.sw("00200080") == 0x63C3
    talk.verify(b"2580")
    assert talk.sw("00200080") == 0x9000
    blocked = Talk(card_of(options=CardOptions(blocked_query_refused=True, tries={USER_PIN: 0})))
    blocked.select(AID_JPKI, 0x0018)
    assert blocked.sw("00200080") == 0x6984


@pytest.mark.parametrize(
    ("key", "auth", "sign", "text"),
    [
        ("hanako", 0x63C3, 0x63C5, 0x63C3),
        ("goro", 0x63C1, 0x63C5, 0x63C3),
        ("yuki", 0x63C0, 0x63C5, 0x63C0),
        ("masao", 0x63C0, 0x63C0, 0x63C0),
    ],
)
def test_quirks_show_in_the_tries_left(key: str, auth: int, sign: int, text: int) -> None:
    talk = Talk(card_of(key))
    talk.select(AID_JPKI)
    assert talk.sw("00200098") == auth
    assert talk.sw("0020009B") == sign
    talk.select(AID_TEXT)
    assert talk.sw("00200091") == text
    assert talk.sw("00200092") == 0x63C0
    talk.select(AID_VISUAL)
    assert talk.sw("00200092") == 0x63CA


def test_each_reference_counts_for_itself() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI)
    talk.verify(b"0000", 0x98)
    talk.select(AID_TEXT)
    assert talk.sw("00200091") == 0x63C3


def test_a_verification_ends_with_power_or_selection_but_outlives_a_warm_reset() -> None:
    card = card_of()
    talk = Talk(card)
    signing = "802A009702010200"
    talk.select(AID_JPKI)
    assert talk.sw(signing) == 0x6982
    talk.verify(b"2580", 0x98)
    assert talk.sw(signing) == 0x9000
    card.reset()
    assert talk.sw(signing) == 0x9000
    talk.select(AID_JPKI)
    assert talk.sw(signing) == 0x6982
    talk.verify(b"2580", 0x98)
    card.power_off()
    card.power_on()
    talk.select(AID_JPKI)
    assert talk.sw(signing) == 0x6982


def test_a_stricter_card_forgets_on_a_warm_reset() -> None:
    card = card_of(options=CardOptions(warm_reset_clears=True))
    talk = Talk(card)
    talk.select(AID_JPKI)
    talk.verify(b"2580", 0x98)
    card.reset()
    talk.select(AID_JPKI)
    assert talk.sw("802A009702010200") == 0x6982


def test_a_wrong_value_ends_a_verification() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI)
    talk.verify(b"2580", 0x98)
    talk.verify(b"0000", 0x98)
    assert talk.sw("802A009702010200") == 0x6982


def test_counters_outlive_power_and_process(tmp_path: Path) -> None:
    card = card_of(counters=CounterStore(tmp_path))
    talk = Talk(card)
    talk.select(AID_JPKI)
    talk.verify(b"0000", 0x98)
    card.power_off()
    again = card_of(counters=CounterStore(tmp_path))
    assert again.tries(USER_PIN) == 2
    again.set_tries(USER_PIN, 1)
    assert card_of(counters=CounterStore(tmp_path)).tries(USER_PIN) == 1
    assert card_of("taro", counters=CounterStore(tmp_path)).tries(USER_PIN) == 3
    CounterStore(tmp_path).forget("hanako")
    assert card_of(counters=CounterStore(tmp_path)).tries(USER_PIN) == 3


@pytest.mark.parametrize("content", ["", "[]", '{"jpki_user_pin": "x"}', "\xff"])
def test_a_damaged_counter_file_makes_a_fresh_card(tmp_path: Path, content: str) -> None:
    (tmp_path / "tries-hanako.json").write_text(content, encoding="latin-1")
    assert card_of(counters=CounterStore(tmp_path)).tries(USER_PIN) == 3


def test_tries_are_told_as_they_are_spent() -> None:
    counters, told = CounterStore(), list[tuple[str, ReferenceName, int]]()
    counters.listen(lambda card, reference, left: told.append((card, reference, left)))
    card = card_of(counters=counters)
    talk = Talk(card)
    talk.select(AID_JPKI)
    talk.verify(b"0000", 0x98)
    talk.verify(b"2580", 0x98)
    card.set_tries(USER_PIN, 1)
    assert told == [("hanako", USER_PIN, left) for left in (2, 1, 3, 1)]  # spent before it is looked at


def test_tries_can_be_set_from_outside() -> None:
    card = card_of()
    card.set_tries(USER_PIN, 0)
    talk = Talk(card)
    talk.select(AID_JPKI)
    assert talk.verify(b"2580", 0x98) == 0x6984
    phone = card_of(options=CardOptions(token=TokenKind.ANDROID))
    with pytest.raises(KeyError):
        phone.set_tries(ReferenceName.TEXT_PIN, 1)


@settings(max_examples=50, deadline=None)  # the first example makes keys
@given(steps=st.lists(st.sampled_from(["right", "wrong", "query", "power", "select"]), max_size=25))
def test_no_order_of_events_gives_more_tries_than_the_counter(steps: list[str]) -> None:
    card = card_of()
    talk = Talk(card)
    talk.select(AID_JPKI)
    left, verified = 3, False
    for step in steps:
        match step:
            case "right" if left:
                assert talk.verify(b"2580", 0x98) == 0x9000
                left, verified = 3, True
            case "wrong" if left:
                left, verified = left - 1, False
                assert talk.verify(b"1111", 0x98) == 0x63C0 + left
            case "right" | "wrong":
                assert talk.verify(b"2580" if step == "right" else b"1111", 0x98) == 0x6984
            case "query":
                assert talk.sw("00200098") == 0x63C0 + left
            case _:
                if step == "power":
                    card.power_off()
                    card.power_on()
                talk.select(AID_JPKI)
                verified = False
        assert talk.sw("802A009702010200") == (0x9000 if verified else 0x6982)


def sign(talk: Talk, scheme: int, data: bytes, p2: int = 0x97) -> tuple[bytes, int]:
    return talk.send(f"802A{scheme:02X}{p2:02X}{len(data):02X}{data.hex()}00")


@pytest.fixture
def verified() -> Talk:
    talk = Talk(card_of())
    talk.select(AID_JPKI)
    assert talk.verify(b"2580", 0x98) == 0x9000
    return talk


def test_every_scheme_gives_a_signature_that_holds(verified: Talk) -> None:
    message = b"a message"
    digest = hashlib.sha256(message).digest()
    pss = PSS(mgf=MGF1(SHA256()), salt_length=PSS.AUTO)
    public = user_key()
    for scheme, data in ((0, DIGEST_INFO + digest), (2, digest), (3, message)):
        signature, sw = sign(verified, scheme, data)
        assert (len(signature), sw) == (256, 0x9000)
        public.verify(signature, message, PKCS1v15(), SHA256())
    assert public.recover_data_from_signature(sign(verified, 1, message)[0], PKCS1v15(), None) == digest
    for scheme, data in ((4, digest), (5, message)):
        first, second = sign(verified, scheme, data)[0], sign(verified, scheme, data)[0]
        assert first != second
        public.verify(first, message, pss, SHA256())


@pytest.mark.parametrize(
    ("scheme", "size", "status"),
    [
        (0, 1, 0x9000),
        (0, 245, 0x9000),
        (0, 246, 0x6985),
        (1, 255, 0x9000),
        (2, 31, 0x6985),
        (2, 33, 0x6985),
        (3, 1, 0x9000),
        (4, 31, 0x6985),
        (5, 255, 0x9000),
        (6, 32, 0x6A86),
        (0x9E, 32, 0x6A86),
    ],
)
def test_schemes_take_certain_lengths(verified: Talk, scheme: int, size: int, status: int) -> None:
    assert sign(verified, scheme, bytes(size))[1] == status


def test_signing_needs_a_key_and_its_secret(verified: Talk) -> None:
    assert sign(verified, 0, b"x", 0x80)[1] == 0x6986  # the PIN is the current file
    verified.sw("00A4020C020017")
    assert sign(verified, 0, b"x", 0x80)[1] == 0x9000
    assert sign(verified, 0, b"x", 0x9A)[1] == 0x6982
    assert sign(verified, 0, b"x", 0x00)[1] == 0x6986  # this application has no key of its own
    assert sign(verified, 0, b"x", 0x17)[1] == 0x6A86
    assert verified.sw("802A0097") == 0x6700
    assert verified.sw("802A00970101") == 0x6700
    assert verified.verify(b"TEST2580", 0x9B) == 0x9000
    assert sign(verified, 0, b"x", 0x9A)[1] == 0x9000


@pytest.mark.parametrize("aid", [AID_TEXT, AID_VISUAL])
def test_the_two_face_applications_sign_with_their_own_key_and_no_pin(aid: bytes) -> None:
    talk = Talk(card_of())
    talk.select(aid)
    material = authority().material(patient("hanako"))
    key = material.text_key if aid == AID_TEXT else material.visual_key
    signature, sw = sign(talk, 0, DIGEST_INFO + hashlib.sha256(b"m").digest(), 0x00)
    assert sw == 0x9000
    key.public_key().verify(signature, b"m", PKCS1v15(), SHA256())


def test_a_copied_card_signs_with_another_key() -> None:
    talk = Talk(card_of(options=CardOptions(cloned=True)))
    talk.select(AID_JPKI)
    assert talk.verify(b"2580", 0x98) == 0x9000
    signature, _ = sign(talk, 3, b"m")
    with pytest.raises(InvalidSignature):
        user_key().verify(signature, b"m", PKCS1v15(), SHA256())


def test_internal_authentication_is_the_common_applications(verified: Talk) -> None:
    assert verified.sw("0088009702010200") == 0x6982
    verified.select(AID_VISUAL)
    assert verified.sw("0088009A02010200") == 0x6985
    verified.select(AID_COMMON)
    assert verified.sw("0088009900") == 0x6700
    assert verified.sw("0088019902010200") == 0x6A86
    assert verified.sw("0088009C02010200") == 0x6986
    signature, sw = verified.send("0088009902010200")
    assert sw == 0x9000
    key = authority().material(patient("hanako")).common_key()
    key.public_key().verify(signature, b"\x01\x02", PKCS1v15(), SHA256())
