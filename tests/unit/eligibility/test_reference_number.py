# SPDX-License-Identifier: Apache-2.0
"""What is sent to register a clinic's own number, read by a stranger, and what its answers say."""

from __future__ import annotations

import dataclasses

import pytest
from defusedxml.ElementTree import fromstring

from kiosk.eligibility.codec_xml import Encoding, parse, write
from kiosk.eligibility.message import MessageUnreadable
from kiosk.eligibility.model import Result
from kiosk.eligibility.other_messages import ReferenceAnswer
from kiosk.eligibility.reference import (
    Registering,
    asked_number,
    is_reference_number,
    reference_body,
    reference_request,
    reference_standing,
)

KEY = "01J00000000000000000000001"
INSTITUTION = "1310000001"
PERSON = Result(insurer_number="138999", symbol="記号<&>", number="000123", branch="01")
BODY = reference_body(PERSON, "00011", INSTITUTION)
# as a real answer was described, with made-up values
ANSWER = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<XmlMsg><MessageHeader><ProcessExecutionTime>20260930221234</ProcessExecutionTime>
<CharacterCodeIdentifier>0</CharacterCodeIdentifier><SegmentOfResult>1</SegmentOfResult>
<ArbitraryFileIdentifier>01J00000000000000000000001</ArbitraryFileIdentifier>
<MedicalInstitutionCode>1310000001</MedicalInstitutionCode></MessageHeader>
<MessageBody><ReferenceNumberRegistrationInfo><InsurerNumber>138999</InsurerNumber>
<InsuredIdentificationNumber>000123</InsuredIdentificationNumber><ReferenceNumber>00011</ReferenceNumber>
</ReferenceNumberRegistrationInfo><ProcessingResultStatus>1</ProcessingResultStatus></MessageBody></XmlMsg>"""


@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_stranger_reads_the_request(encoding: Encoding) -> None:
    data = write(reference_request(BODY, KEY), encoding)
    assert (b'encoding="Shift_JIS"' if encoding is Encoding.CP932 else b'encoding="UTF-8"') in data
    root = fromstring(data.decode(encoding.value).partition("?>")[2].strip())
    assert root.tag == "XmlMsg"
    assert {one.tag: one.text for one in root.findall("MessageHeader/*")} == {
        "MedicalInstitutionCode": INSTITUTION,
        "ArbitraryFileIdentifier": KEY,
    }
    assert [one.tag for one in root.findall("MessageBody/*")] == ["ReferenceNumberRegistrationInfo"]
    assert {one.tag: one.text for one in root.findall("MessageBody/*/*")} == {
        "ReferenceNumber": "00011",
        "InsurerNumber": "  138999",
        "InsuredCardSymbol": "記号<&>",
        "InsuredIdentificationNumber": "000123",
        "InsuredBranchNumber": "01",
    }
    assert asked_number(BODY) == "00011"


def test_from_75_on_there_is_neither_symbol_nor_branch() -> None:
    person = dataclasses.replace(PERSON, symbol=None, branch=None)
    data = write(reference_request(reference_body(person, "7", INSTITUTION), KEY))
    assert b"InsuredCardSymbol" not in data
    assert b"InsuredBranchNumber" not in data


@pytest.mark.parametrize(
    ("replaced", "standing"),
    [
        (("", ""), Registering.DONE),
        (("<SegmentOfResult>1", "<SegmentOfResult>2"), Registering.IN_PROCESS),
        (("<SegmentOfResult>1", "<SegmentOfResult>9"), Registering.REFUSED),
        (("<SegmentOfResult>1", "<SegmentOfResult>7"), Registering.REFUSED),
        (("<SegmentOfResult>1</SegmentOfResult>", ""), Registering.REFUSED),
        (("Status>1", "Status>2"), Registering.REFUSED),
        (("Status>1", "Status>5"), Registering.REFUSED),
        (("<ProcessingResultStatus>1</ProcessingResultStatus>", ""), Registering.REFUSED),
        (("</MessageHeader>", "<ErrorCode>X1</ErrorCode></MessageHeader>"), Registering.REFUSED),
    ],
)
def test_only_what_is_plainly_done_is_done(replaced: tuple[str, str], standing: Registering) -> None:
    answer = ANSWER.replace(*replaced) if replaced[0] else ANSWER
    assert reference_standing(BODY, parse(ReferenceAnswer, answer.encode())) is standing


@pytest.mark.parametrize("replaced", [(">00011<", ">00012<"), (">000123<", ">000124<")])
def test_another_persons_registration_is_no_answer(replaced: tuple[str, str]) -> None:
    answer = parse(ReferenceAnswer, ANSWER.replace(*replaced).encode())
    with pytest.raises(MessageUnreadable):
        reference_standing(BODY, answer)


@pytest.mark.parametrize("body", [{}, {"registration": {"Foo": "1"}}, {"registration": "x"}])
def test_another_body_is_no_registration(body: dict[str, object]) -> None:
    with pytest.raises(MessageUnreadable):
        reference_request(body, KEY)


def test_which_numbers_can_be_registered() -> None:
    assert all(is_reference_number(text) for text in ("1", "00011", "A-12/3", "9" * 50))
    assert not any(is_reference_number(text) for text in ("", " 1", "1 ", "9" * 51, "１２", "患者", "1\n"))
