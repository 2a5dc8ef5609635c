# SPDX-License-Identifier: Apache-2.0
"""What the simulated card's files hold, byte by byte, and that their signatures hold."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from PIL import Image

from kiosk.simulator.card.applications import AID_COMMON, AID_JPKI, token_info
from kiosk.simulator.card.holder import check_digit, sign_password, wrong_my_number
from kiosk.simulator.card.images import photo_jp2
from kiosk.simulator.card.options import CardOptions, TokenKind
from kiosk.simulator.card.text import AID_TEXT
from kiosk.simulator.card.tlv import LengthForm
from kiosk.simulator.card.visual import AID_VISUAL
from kiosk.simulator.patients.people import PATIENTS, CardQuirk, patient
from tests.fakes.cards import Talk, authority, card_of, grey_photo

FORMS = tuple(LengthForm)


def objects(content: bytes) -> dict[int, bytes]:
    """Whole inner objects by tag, behind the outer header; on purpose not the kiosk's own parser."""
    _, at, end = _header(content, 0)
    found: dict[int, bytes] = {}
    while at < end:
        tag, _, stop = _header(content, at)
        found[tag] = content[at:stop]
        at = stop
    assert at == end
    return found


def value(entry: bytes) -> bytes:
    _, start, _ = _header(entry, 0)
    return entry[start:]


def _header(content: bytes, at: int) -> tuple[int, int, int]:
    if content[at] in {0x90, 0x91, 0xA1}:
        tag, at = content[at], at + 1
    else:
        tag, at = int.from_bytes(content[at : at + 2], "big"), at + 2
    if content[at] == 0x82:
        size, at = int.from_bytes(content[at + 1 : at + 3], "big"), at + 3
    else:
        size, at = content[at], at + 1
    return tag, at, at + size


def card_key(encoded: bytes) -> RSAPublicKey:
    assert encoded[:2] == b"\x90\x03"
    assert encoded[5:9] == b"\x91\x82\x01\x00"
    modulus = int.from_bytes(encoded[9:265], "big")
    return RSAPublicNumbers(int.from_bytes(encoded[2:5], "big"), modulus).public_key()


def checked_signer(cv_certificate: bytes) -> RSAPublicKey:
    """The key in a CV certificate whose chain holds."""
    assert len(cv_certificate) == 568
    assert cv_certificate[:5].hex() == "7f21820233"
    assert cv_certificate[5:10].hex() == "5f4e820129"
    body = cv_certificate[10 : 10 + 297]
    assert cv_certificate[307:312].hex() == "5f37820100"
    issuer = authority().trust_anchors().cv_issuers[body[:16]]
    RSAPublicNumbers(issuer.exponent, issuer.modulus).public_key().verify(
        cv_certificate[312:], body, PKCS1v15(), SHA256()
    )
    return card_key(body[32:])


def test_token_info_is_a_token_info_structure_of_160_bytes() -> None:
    info = token_info("JPKIAPICCTOKEN2")
    assert len(info) == 160
    assert info[:32] == b"JPKIAPICCTOKEN2" + b" " * 17
    assert (
        info[96:140].hex() == "0000040d" + "00000001" + "00000000" + "00000001" + "00000000"
        "00000010" + "00000006" + "ffffffff" * 4
    )
    assert info[140:] == b"0301" + b"9" * 16


def test_the_card_holds_the_files_of_the_jpki_application() -> None:
    talk = Talk(card_of())
    assert talk.read(AID_JPKI, 0x0006) == token_info("JPKIAPICCTOKEN2")
    assert talk.read(AID_JPKI, 0x0008).hex() == "8f8f00"
    anchors = authority().trust_anchors()
    assert talk.read(AID_JPKI, 0x000B) == anchors.user_ca
    assert talk.read(AID_JPKI, 0x0002) == anchors.sign_ca
    certificate = x509.load_der_x509_certificate(talk.read(AID_JPKI, 0x000A))
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(anchors.user_ca))


def test_the_signature_certificate_opens_with_its_password_only() -> None:
    talk = Talk(card_of())
    talk.select(AID_JPKI, 0x0001)
    assert talk.sw("00B0000004") == 0x6982
    assert talk.verify(b"2580", 0x98) == 0x9000
    assert talk.sw("00B0810004") == 0x6982
    assert talk.verify(sign_password(patient("hanako")).encode(), 0x9B) == 0x9000
    certificate = x509.load_der_x509_certificate(talk.read_file(0x0001))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    arcs = [entry.type_id.dotted_string for entry in names.get_values_for_type(x509.OtherName)]
    assert arcs == [f"1.2.392.200149.8.5.5.{arc}" for arc in (1, 3, 4, 5)]


def test_certificates_may_be_followed_by_filler() -> None:
    plain = Talk(card_of()).read(AID_JPKI, 0x000A)
    padded = Talk(card_of(options=CardOptions(certificate_filler=40))).read(AID_JPKI, 0x000A)
    assert padded == plain + b"\xff" * 40


def test_a_card_without_signature_certificate_says_so_and_has_no_such_file() -> None:
    for card in (card_of(options=CardOptions(signature_certificate=False)), card_of("masao")):
        talk = Talk(card)
        assert talk.read(AID_JPKI, 0x0008).hex() == "008f00"
        assert talk.sw("00A4020C020001") == 0x6A82


@pytest.mark.parametrize("token", [TokenKind.ANDROID, TokenKind.IPHONE])
def test_a_phone_has_one_application_and_shows_its_certificate_after_the_pin(token: TokenKind) -> None:
    talk = Talk(card_of(options=CardOptions(token=token)))
    assert talk.read(AID_JPKI, 0x0006).startswith(token.value.encode())
    talk.select(AID_JPKI, 0x000A)
    assert talk.sw("00B0000004") == 0x6982
    talk.verify(b"2580", 0x98)
    assert talk.read_file(0x000A).startswith(b"\x30\x82")
    assert talk.sw(f"00A4040C0A{AID_TEXT.hex()}") == 0x6A82


@pytest.mark.parametrize("form", FORMS)
def test_the_number_file_has_17_bytes_and_is_nobodys_number(form: LengthForm) -> None:
    talk = Talk(card_of(options=CardOptions(length_form=form)))
    talk.select(AID_TEXT)
    talk.verify(b"2580", 0x91)
    content = talk.read_file(0x0001)
    assert len(content) == 17
    number = wrong_my_number(patient("hanako"))
    assert number.encode() in content
    assert int(number[-1]) != check_digit(number[:-1])
    if form is LengthForm.SHORT:
        assert content == b"\xff\x10\x0c" + number.encode() + b"\xff\xff"


def test_the_check_digit_follows_the_ordinance() -> None:
    assert check_digit("12345678901") == 8


@pytest.mark.parametrize("form", FORMS)
def test_the_text_attributes_are_signed(form: LengthForm) -> None:
    person = patient("kenichi")
    talk = Talk(card_of("kenichi", CardOptions(length_form=form)))
    talk.select(AID_TEXT)
    signer = checked_signer(talk.read_file(0x0004))
    talk.verify(person.pin.encode(), 0x91)
    face = talk.read_file(0x0002)
    parts = objects(face)
    assert value(parts[0xDF22]).decode() == "髙槗　謙一"
    assert value(parts[0xDF23]).decode() == person.address
    assert value(parts[0xDF24]) == b"19691102"
    assert value(parts[0xDF25]) == b"1"
    table = value(parts[0xDF21])
    for place, tag in enumerate((0xDF22, 0xDF23, 0xDF24, 0xDF25)):
        offset = int.from_bytes(table[2 * place : 2 * place + 2], "big")
        assert face[offset:].startswith(parts[tag])

    hashes = objects(talk.read_file(0x0003))
    assert value(hashes[0xDF31]) == hashlib.sha256(talk.read_file(0x0001)).digest()
    joined = b"".join(parts[tag] for tag in (0xDF22, 0xDF23, 0xDF24, 0xDF25))
    assert value(hashes[0xDF32]) == hashlib.sha256(joined).digest()
    signer.verify(value(hashes[0xDF33]), hashes[0xDF31] + hashes[0xDF32], PKCS1v15(), SHA256())

    own = objects(talk.read_file(0x0007))
    signer.verify(value(own[0xDF52]), own[0xDF51], PKCS1v15(), SHA256())


def test_sizes_and_beginnings_known_from_cards() -> None:
    talk = Talk(card_of())
    talk.select(AID_TEXT)
    assert talk.read_file(0x0005)[:11].hex() == "ff4082009fdf4104" + "01030e"
    assert talk.sw("00A4020C020003") == 0x9000
    assert talk.sw("00B0000000") == 0x6982
    talk.verify(b"2580", 0x91)
    assert len(talk.read_file(0x0003)) == 336
    assert talk.read_file(0x0006)[:3].hex() == "a18201"
    assert talk.read(AID_VISUAL, 0x0003)[:13].hex().startswith("ff3082")
    assert value(objects(talk.read(AID_VISUAL, 0x0003))[0xDF31]).hex() == "06030e01"


@pytest.mark.parametrize("form", FORMS)
def test_the_cards_face_is_signed_but_for_expiry_and_security_code(form: LengthForm) -> None:
    person = patient("taro")
    card = card_of("taro", CardOptions(length_form=form))
    talk = Talk(card)
    talk.select(AID_VISUAL)
    signer = checked_signer(talk.read_file(0x0004))
    assert card.printed is not None
    assert talk.verify(card.printed.number_b(), 0x92) == 0x9000
    face = talk.read_file(0x0002)
    parts = objects(face)
    assert list(parts) == [0xDF21 + place for place in range(10)]
    for place in range(9):
        offset = int.from_bytes(value(parts[0xDF21])[2 * place : 2 * place + 2], "big")
        assert face[offset:].startswith(parts[0xDF22 + place])
    assert value(parts[0xDF22]) == b"19980705"
    assert value(parts[0xDF23]) == b"1"
    assert value(parts[0xDF29]).decode().endswith("0705")
    groups = (
        parts[0xDF22] + parts[0xDF23] + parts[0xDF24],
        parts[0xDF25] + parts[0xDF26],
        parts[0xDF27],
    )
    digests = b"".join(hashlib.sha256(group).digest() for group in groups)
    info = bytes.fromhex("3071300d060960864801650304020105000460") + digests
    assert signer.recover_data_from_signature(value(parts[0xDF28]), PKCS1v15(), None) == info

    photo = Image.open(io.BytesIO(value(parts[0xDF27])))
    assert (photo.format, photo.mode, photo.size) == ("JPEG2000", "L", (300, 400))
    difference = np.asarray(photo, np.int16) - grey_photo()
    assert np.abs(difference).mean() < 2
    for tag in (0xDF25, 0xDF26, 0xDF2A):
        picture = Image.open(io.BytesIO(value(parts[tag])))
        assert (picture.format, picture.mode) == ("PNG", "1")
        assert picture.getextrema() == (0, 255)
    assert Image.open(io.BytesIO(value(parts[0xDF2A]))).size == (24, 12)
    assert person.security_code == card.printed.security_code


def test_a_photo_of_many_details_is_about_nine_kilobytes() -> None:
    noise = np.random.default_rng(7).integers(0, 256, (400, 300), dtype=np.uint8)
    assert 8_000 < len(photo_jp2(noise)) < 10_000
    with pytest.raises(ValueError):  # noqa: PT011  # colour is a mistake of the caller's
        photo_jp2(np.zeros((4, 4, 3), np.uint8))


def test_a_forged_photo_does_not_match_the_signature() -> None:
    plain, forged = (Talk(card_of("taro", CardOptions(forged_photo=flag))) for flag in (False, True))
    faces = []
    for talk in (plain, forged):
        talk.select(AID_VISUAL)
        assert talk.card.printed is not None
        talk.verify(talk.card.printed.number_b(), 0x92)
        faces.append(objects(talk.read_file(0x0002)))
    assert faces[0][0xDF28] == faces[1][0xDF28]
    assert faces[0][0xDF27] != faces[1][0xDF27]


def test_birth_date_key_opens_the_age_record_and_nothing_else() -> None:
    card = card_of("taro")
    talk = Talk(card)
    talk.select(AID_VISUAL)
    assert card.printed is not None
    assert talk.verify(card.printed.era_birth.encode(), 0x91) == 0x9000
    signer = checked_signer(talk.read_file(0x0004))
    parts = objects(talk.read_file(0x0001))
    signer.verify(value(parts[0xDF13]), parts[0xDF11] + parts[0xDF12], PKCS1v15(), SHA256())
    talk.sw("00A4020C020002")
    assert talk.sw("00B0000004") == 0x6982


def test_the_number_image_opens_with_number_a_only() -> None:
    card = card_of("taro")
    talk = Talk(card)
    talk.select(AID_VISUAL, 0x0005)
    assert card.printed is not None
    talk.verify(card.printed.number_b(), 0x92)
    talk.sw("00A4020C020005")
    assert talk.sw("00B0000004") == 0x6982
    talk.verify(wrong_my_number(patient("taro")).encode(), 0x93)
    image = Image.open(io.BytesIO(value(objects(talk.read_file(0x0005))[0xDF41])))
    assert image.size == (72, 12)


def test_each_text_file_opens_with_its_own_codes() -> None:
    card = card_of()
    assert card.printed is not None
    code_a, code_b = wrong_my_number(patient("hanako")).encode(), card.printed.number_b()
    for code, p2, opened in ((code_a, 0x94, {1, 3, 6, 7}), (code_b, 0x95, {2, 3, 6, 7})):
        talk = Talk(card)
        talk.select(AID_TEXT)
        assert talk.verify(code, p2) == 0x9000
        readable = set()
        for file in (1, 2, 3, 6, 7, 8):
            talk.sw(f"00A4020C02{file:04X}")
            if talk.sw("00B0000001") == 0x9000:
                readable.add(file)
        assert readable == opened


def test_the_common_record_has_28_digits() -> None:
    talk = Talk(card_of())
    talk.select(AID_COMMON, 0x0001)
    record, sw = talk.send("00B2010C00")
    assert sw == 0x9000
    assert record[:2].hex() == "011c"
    assert len(record) == 30
    assert record[2:].decode().isdigit()
    assert record[2:].decode()[20:][4:] == "0327"


def test_every_file_can_be_read_with_a_15_bit_offset() -> None:
    for person in PATIENTS:
        if person.quirk in {CardQuirk.NOT_MY_NUMBER, CardQuirk.ANDROID_PHONE}:
            continue
        card = card_of(person.key)
        assert card.printed is not None
        talk = Talk(card)
        talk.select(AID_VISUAL)
        assert talk.verify(card.printed.number_b(), 0x92) == 0x9000
        assert len(talk.read_file(0x0002)) < 0x7FFF
