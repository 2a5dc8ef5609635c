# SPDX-License-Identifier: Apache-2.0
"""The attributes as text: read with their own PIN, and believed only along the whole chain."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.auth.certificate.cv import CvVerdict
from kiosk.auth.certificate.text import check_text
from kiosk.reader.cards.text import TextAttributes, TextCard, TextSignatures
from kiosk.reader.errors import MalformedDataError
from kiosk.reader.references import Presented
from kiosk.reader.session import CardSession
from kiosk.secret import Secret
from kiosk.simulator.card.cvc import VISUAL_ISSUER_ID
from kiosk.simulator.card.options import CardOptions
from kiosk.simulator.card.tlv import LengthForm
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.patients.people import patient
from tests.fakes.cards import card_of
from tests.fakes.trust import demo_trust

Parts = tuple[TextAttributes, TextSignatures, bytes]


@cache
def read_from(key: str = "taro", form: LengthForm = LengthForm.SHORT) -> Parts:
    driver = SimulatedDriver()
    driver.insert(card_of(key, CardOptions(length_form=form)))
    with driver.connect("Simulated Reader 00") as connection:
        text = TextCard(CardSession(connection))
        assert text.select()
        with Secret.of(patient(key).pin.encode()) as pin:
            assert text.verify_pin(pin).result is Presented.ACCEPTED
        return text.read_attributes(), text.read_signatures(), text.cv_certificate()


@pytest.mark.parametrize("form", list(LengthForm))
@pytest.mark.parametrize("key", ["taro", "kenichi"])
def test_a_card_as_issued_is_genuine(key: str, form: LengthForm) -> None:
    attributes, signatures, certificate = read_from(key, form)
    assert check_text(attributes, signatures, certificate, demo_trust().cv_issuers) is CvVerdict.GENUINE
    person = patient(key)
    assert (attributes.name_text, attributes.address_text) == (person.name, person.address)
    assert attributes.birth_date == person.birth
    assert attributes.sex.value.decode() == person.sex.value


@pytest.mark.parametrize("part", [field.name for field in fields(TextAttributes)])
def test_no_attribute_can_come_from_another_card(part: str) -> None:
    attributes, signatures, certificate = read_from()
    other = getattr(read_from("tome")[0], part)
    forged = replace(attributes, **{part: other})
    assert check_text(forged, signatures, certificate, demo_trust().cv_issuers) is CvVerdict.FORGED


@pytest.mark.parametrize("part", [field.name for field in fields(TextSignatures)])
def test_no_hash_and_no_signature_can_come_from_another_card(part: str) -> None:
    attributes, signatures, certificate = read_from()
    forged = replace(signatures, **{part: getattr(read_from("tome")[1], part)})
    assert check_text(attributes, forged, certificate, demo_trust().cv_issuers) is CvVerdict.FORGED


def test_an_unknown_issuer_is_refused_and_so_is_the_visual_applications() -> None:
    issuers = demo_trust().cv_issuers
    assert check_text(*read_from(), {}) is CvVerdict.UNKNOWN_ISSUER
    visual_only = {VISUAL_ISSUER_ID: issuers[VISUAL_ISSUER_ID]}
    assert check_text(*read_from(), visual_only) is CvVerdict.UNKNOWN_ISSUER
    wrong_key = dict.fromkeys(issuers, issuers[VISUAL_ISSUER_ID])
    assert check_text(*read_from(), wrong_key) is CvVerdict.FORGED


@given(st.binary(max_size=700))
def test_garbage_is_only_malformed(content: bytes) -> None:
    for parse in (TextAttributes.parse, TextSignatures.parse):
        with pytest.raises(MalformedDataError):
            parse(content)
    attributes, signatures, _ = read_from()
    assert check_text(attributes, signatures, content, demo_trust().cv_issuers) in {
        CvVerdict.UNREADABLE,
        CvVerdict.UNKNOWN_ISSUER,
    }


@given(st.integers(0, 567), st.integers(1, 255))
def test_no_damage_to_the_certificate_passes(position: int, change: int) -> None:
    attributes, signatures, certificate = read_from()
    broken = bytearray(certificate)
    broken[position] ^= change
    assert check_text(attributes, signatures, bytes(broken), demo_trust().cv_issuers) is not CvVerdict.GENUINE


def test_text_that_is_none_is_none() -> None:
    attributes = read_from()[0]
    broken = replace(attributes, name=replace(attributes.name, value=b"\xff\xfe"))
    assert broken.name_text is None
    assert replace(attributes, birth=replace(attributes.birth, value=b"20259999")).birth_date is None
