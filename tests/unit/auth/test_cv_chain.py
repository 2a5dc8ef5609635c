# SPDX-License-Identifier: Apache-2.0
"""The card's face: who signed it, and that nothing of it can be exchanged."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.auth.certificate.cv import (
    CvCertificate,
    CvVerdict,
    certified_key,
    check_face,
    face_evidence,
    own_key,
)
from kiosk.auth.certificate.rsa import RsaKey, digest_info
from kiosk.auth.evidence import VisualEvidence
from kiosk.reader.cards.applications import Application
from kiosk.reader.cards.visual import CardFace
from kiosk.reader.errors import MalformedDataError
from kiosk.simulator.patients.people import patient
from tests.fakes.cards import Talk, authority, card_of
from tests.fakes.trust import demo_trust


def face_of(key: str = "taro") -> VisualEvidence:
    card = card_of(key)
    talk = Talk(card)
    aid = Application.VISUAL.aid
    talk.select(aid, 0x0012)
    printed = card.printed
    assert printed is not None
    assert talk.verify(printed.number_b()) == 0x9000
    face = CardFace.parse(talk.read_file(0x0002))
    assert face.birth_date == patient(key).birth
    return face_evidence(face, talk.read_file(0x0004))


@pytest.fixture(scope="module")
def evidence() -> VisualEvidence:
    return face_of()


def test_a_card_as_issued_is_genuine(evidence: VisualEvidence) -> None:
    assert check_face(evidence, demo_trust().cv_issuers) is CvVerdict.GENUINE
    assert own_key(evidence).exponent == 65537


@pytest.mark.parametrize(
    "part", [field.name for field in fields(VisualEvidence) if field.name != "cv_certificate"]
)
def test_no_part_can_come_from_another_card(evidence: VisualEvidence, part: str) -> None:
    other = face_of("hanako")
    changed = getattr(other, part)
    if changed == getattr(evidence, part):
        changed = changed[:-1] + bytes((changed[-1] ^ 1,))
    forged = replace(evidence, **{part: changed})
    assert check_face(forged, demo_trust().cv_issuers) is CvVerdict.FORGED


def test_an_unknown_issuer_is_refused(evidence: VisualEvidence) -> None:
    assert check_face(evidence, {}) is CvVerdict.UNKNOWN_ISSUER
    assert certified_key(evidence.cv_certificate, {}) is None
    others = {key_id: key for key_id, key in demo_trust().cv_issuers.items() if key_id[:7] != b"9000023"}
    assert check_face(evidence, others) is CvVerdict.UNKNOWN_ISSUER


def test_a_certificate_signed_by_somebody_else_is_forged(evidence: VisualEvidence) -> None:
    issuers = dict(demo_trust().cv_issuers)
    first, second = issuers
    issuers[first], issuers[second] = issuers[second], issuers[first]
    assert check_face(evidence, issuers) is CvVerdict.FORGED


@given(position=st.integers(0, 567), change=st.integers(1, 255))
def test_no_byte_of_the_certificate_can_be_changed(position: int, change: int) -> None:
    certificate = bytearray(authority().visual_signer().cv_certificate)
    certificate[position] ^= change
    try:
        key = certified_key(bytes(certificate), demo_trust().cv_issuers)
    except MalformedDataError:
        return
    assert key is None


@given(st.binary(max_size=80))
def test_any_bytes_as_a_certificate(content: bytes) -> None:
    with pytest.raises(MalformedDataError):
        CvCertificate.parse(content)


@pytest.mark.parametrize("part", ["public_key", "cv_certificate", "images_hash"])
def test_what_cannot_be_read_is_not_believed(evidence: VisualEvidence, part: str) -> None:
    broken = replace(evidence, **{part: getattr(evidence, part)[:20]})
    assert check_face(broken, demo_trust().cv_issuers) is not CvVerdict.GENUINE


def test_digest_infos() -> None:
    assert digest_info(bytes(32))[:19].hex() == "3031300d060960864801650304020105000420"
    assert digest_info(bytes(96))[:19].hex() == "3071300d060960864801650304020105000460"
    with pytest.raises(ValueError, match=r"^$"):
        digest_info(bytes(120))


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [(0, 3), (1 << 1023, 3), (1 << 5000, 3), (1 << 2047, 1), (1 << 2047, 4), (1 << 2047, 1 << 40)],
)
def test_keys_out_of_bounds(modulus: int, exponent: int) -> None:
    with pytest.raises(MalformedDataError):
        RsaKey(modulus, exponent)


def test_the_whole_padded_block_counts() -> None:
    """With exponent 3 a sloppy check accepts a block whose padding is short and whose tail is free."""
    key = RsaKey((1 << 2048) - 1, 3)
    encoded = digest_info(bytes(32))
    sloppy = b"\x00\x01" + b"\xff" * 8 + b"\x00" + encoded
    target = int.from_bytes(sloppy + b"\xff" * (256 - len(sloppy)), "big")
    root = 1 << (target.bit_length() // 3 + 1)
    while True:
        closer = (2 * root + target // (root * root)) // 3
        if closer >= root:
            break
        root = closer
    block = (root**3).to_bytes(256, "big")
    assert block.startswith(sloppy)  # the forgery works against whoever looks at the beginning only
    assert not key.signed(encoded, root.to_bytes(256, "big"))
    assert not key.signed(encoded, b"")
    assert not key.signed(encoded, b"\xff" * 256)
