# SPDX-License-Identifier: Apache-2.0
"""The applications' verbs to the byte, on scripted cards."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.reader.cards.common import CommonCard, CommonRecord
from kiosk.reader.cards.jpki import CertificatePresence, JpkiCard, TokenKind
from kiosk.reader.cards.text import TextCard
from kiosk.reader.cards.visual import CardFace, VisualCard
from kiosk.reader.errors import CardStatusError, MalformedDataError, UnsupportedCardError
from kiosk.reader.references import Presented
from kiosk.reader.session import CardSession
from kiosk.reader.status import TryCounter
from kiosk.secret import Secret
from tests.fakes.scripted_card import ScriptedCard

SELECT_JPKI = ("00A4040C0AD392F000260100000001", "9000")
SELECT_VISUAL = ("00A4040C0AD3921000310001010402", "9000")
SELECT_TEXT = ("00A4040C0AD3921000310001010408", "9000")


def ef(file: int, answer: str = "9000") -> tuple[str, str]:
    return f"00A4020C02{file:04X}", answer


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        (b"JPKIAPICCTOKEN2".ljust(32), TokenKind.CARD),
        (b"JPKIAPICCTOKEN2".ljust(32, b"\0"), TokenKind.CARD),
        (b"JPKIAPICCTOKEN".ljust(32), TokenKind.OLD_CARD),
        (b"JPKIAPGPSETOKEN".ljust(32), TokenKind.ANDROID),
        (b"JPKIAPIOSTOKEN".ljust(32), TokenKind.IPHONE),
        (b"SOMETHING ELSE".ljust(32), TokenKind.UNKNOWN),
        (b" " * 32, TokenKind.UNKNOWN),
        (b"\xff" * 32, TokenKind.UNKNOWN),
    ],
)
def test_token_kinds(label: bytes, kind: TokenKind) -> None:
    with ScriptedCard([SELECT_JPKI, ef(0x0006), ("00B0000020", label.hex() + "9000")]) as card:
        jpki = JpkiCard(CardSession(card))
        assert jpki.select()
        assert jpki.token_kind() is kind


@pytest.mark.parametrize(
    ("content", "presence"),
    [
        ("8F8F00", CertificatePresence(signature=True, user=True)),
        ("008F00", CertificatePresence(signature=False, user=True)),
        ("8E0000", CertificatePresence(signature=False, user=False)),
    ],
)
def test_presence(content: str, presence: CertificatePresence) -> None:
    with ScriptedCard([ef(0x0008), ("00B0000003", content + "9000")]) as card:
        assert JpkiCard(CardSession(card)).certificate_presence() == presence


def test_presence_that_is_not_told() -> None:
    with ScriptedCard([ef(0x0008, "6A82")]) as card:
        assert JpkiCard(CardSession(card)).certificate_presence() is None
    with ScriptedCard([ef(0x0008), ("00B0000003", "6B00")]) as card:
        assert JpkiCard(CardSession(card)).certificate_presence() is None


def test_certificates_are_read_to_their_own_length() -> None:
    der = "3003020107"
    with ScriptedCard(
        [
            ef(0x000A),
            ("00B0000000", der + "FFFFFF" + "9000"),
            ef(0x000B),
            ("00B0000000", der + "FFFFFF" + "9000"),
        ]
    ) as card:
        jpki = JpkiCard(CardSession(card))
        assert jpki.read_certificate().hex() == der
        assert jpki.read_ca_certificate().hex() == der


def test_a_file_that_is_missing_or_no_certificate() -> None:
    with ScriptedCard([ef(0x000A, "6A82")]) as card, pytest.raises(UnsupportedCardError):
        JpkiCard(CardSession(card)).read_certificate()
    with (
        ScriptedCard([ef(0x000A), ("00B0000000", "04030201070000009000")]) as card,
        pytest.raises(MalformedDataError),
    ):
        JpkiCard(CardSession(card)).read_certificate()


def test_pin_and_signature_to_the_byte() -> None:
    with ScriptedCard(
        [
            ef(0x0018),
            ("00200080", "63C3"),
            ef(0x0018),
            ("00200080", "63C3"),
            ("002000800431343730", "9000"),
            ef(0x0017),
            ("802A0080020102" + "00", "AABB9000"),
        ]
    ) as card:
        jpki = JpkiCard(CardSession(card))
        assert jpki.pin_tries() == TryCounter(3)
        assert jpki.verify_pin(Secret.of(b"1470")).result is Presented.ACCEPTED
        assert jpki.sign(b"\x01\x02") == b"\xaa\xbb"


@pytest.mark.parametrize(
    ("answer", "result", "left"),
    [
        ("63C2", Presented.WRONG, 2),
        ("63C0", Presented.BLOCKED, 0),
        ("6984", Presented.BLOCKED, 0),
        ("6983", Presented.BLOCKED, 0),
        ("6300", Presented.WRONG, None),
        ("6700", Presented.WRONG_LENGTH, 3),  # not looked at: the count shown stays
        ("6A80", Presented.WRONG_LENGTH, 3),
    ],
)
def test_answers_to_a_pin(answer: str, result: Presented, left: int | None) -> None:
    with ScriptedCard([ef(0x0018), ("00200080", "63C3"), ("002000800431343730", answer)]) as card:
        presentation = JpkiCard(CardSession(card)).verify_pin(Secret.of(b"1470"))
        assert (presentation.result, presentation.tries.left) == (result, left)
        assert presentation.sent


@pytest.mark.parametrize("answer", ["6700", "6982", "6D00"])
def test_a_counter_that_is_no_counter_is_an_error_and_no_pin_goes_out(answer: str) -> None:
    with ScriptedCard([ef(0x0018), ("00200080", answer)]) as card, pytest.raises(CardStatusError):
        JpkiCard(CardSession(card)).verify_pin(Secret.of(b"1470"))


def test_a_reference_that_is_not_there() -> None:
    with ScriptedCard([ef(0x0018, "6A82")]) as card, pytest.raises(UnsupportedCardError):
        JpkiCard(CardSession(card)).pin_tries()


FACE = "DF2102 0000 DF2208 3139373630333237 DF2301 32 DF2402 9000 DF2501 AA DF2601 BB DF2702 CCDD DF2801 EE"


def test_the_face_to_the_byte() -> None:
    content = bytes.fromhex(FACE)
    file = f"FF2082{len(content):04X}{content.hex()}FFFF"
    with ScriptedCard(
        [
            SELECT_VISUAL,
            ef(0x0012),
            ("00200080", "63CA"),
            ("002000800E" + b"51032720301029".hex(), "9000"),
            ef(0x0002),
            ("00B0000000", file + "9000"),
            ef(0x0004),
            ("00B0000000", "7F2103AABBCC00009000"),
            ("802A000001AA00", "CC9000"),
        ]
    ) as card:
        visual = VisualCard(CardSession(card))
        assert visual.select()
        assert visual.present_lookup_b(Secret.of(b"51032720301029")).result is Presented.ACCEPTED
        face = visual.read_face()
        assert face.birth_date == date(1976, 3, 27)
        assert face.photo_jp2 == b"\xcc\xdd"
        assert face.photo.raw.hex() == "df2702ccdd"
        assert face.signature == b"\xee"
        assert face.expiry == b""
        assert visual.cv_certificate().hex() == "7f2103aabbcc"
        assert visual.sign_with_own_key(b"\xaa") == b"\xcc"


@pytest.mark.parametrize(
    "birth", ["30303030303030303030", "3139373630303030", "3139373630323330", "FFFFFFFFFFFFFFFF"]
)
def test_a_birth_date_the_calendar_does_not_know_is_none(birth: str) -> None:
    content = bytes.fromhex(FACE.replace("DF2208 3139373630333237", f"DF22{len(birth) // 2:02X}{birth}"))
    face = CardFace.parse(b"\xff\x20\x82" + len(content).to_bytes(2, "big") + content)
    assert face.birth_date is None


def test_a_face_with_something_missing() -> None:
    content = bytes.fromhex(FACE.replace("DF2702 CCDD", ""))
    with pytest.raises(MalformedDataError, match="DF27"):
        CardFace.parse(b"\xff\x20\x82" + len(content).to_bytes(2, "big") + content)


def test_the_lookup_number_is_kept_back_at_four_tries() -> None:
    with ScriptedCard([ef(0x0012), ("00200080", "63C4")]) as card:
        kept = VisualCard(CardSession(card)).present_lookup_b(Secret.of(b"51032720301029"))
        assert (kept.result, kept.sent) == (Presented.KEPT_BACK, False)


def test_text_counter() -> None:
    with ScriptedCard([SELECT_TEXT, ef(0x0011), ("00200080", "63C3")]) as card:
        text = TextCard(CardSession(card))
        assert text.select()
        assert text.pin_tries() == TryCounter(3)


def test_common_record() -> None:
    digits = b"123456789012345" + b"99991" + b"20300327"
    with ScriptedCard([ef(0x0001), ("00B2010400", "011C" + digits.hex() + "9000")]) as card:
        record = CommonCard(CardSession(card)).read_record()
    assert record == CommonRecord("123456789012345", "99991", "20300327")
    assert repr(record) == "CommonRecord()"
    with pytest.raises(MalformedDataError):
        CommonRecord.parse(b"\x01\x02ab")
    with ScriptedCard([ef(0x0001), ("00B2010400", "6A83")]) as card, pytest.raises(CardStatusError):
        CommonCard(CardSession(card)).read_record()
