# SPDX-License-Identifier: Apache-2.0
"""What the strings of a message say: codes, days, numbers; and whatever is strange is shown as it came."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.clock import TOKYO
from kiosk.eligibility import codes, message, other_messages, values
from kiosk.eligibility.codec_xml import parse, parse_answer, write
from kiosk.eligibility.message import Message, strange, typed
from kiosk.eligibility.model import Answer, AnswerBody, NumberRequest, Result
from kiosk.eligibility.values import Form, Unread

# Written from the facts, not from the model: an element that the model forgets is missed here.
ELEMENTS = (Path(__file__).parents[2] / "fixtures" / "xmlmsg" / "elements.txt").read_text().split()

ROOTS: tuple[type[Message], ...] = (
    NumberRequest,
    Answer,
    other_messages.ReferenceRequest,
    other_messages.ReferenceAnswer,
    other_messages.BulkRequest,
    other_messages.BulkAnswer,
    other_messages.RecordsRequest,
    other_messages.RecordsAnswer,
)


def names(kind: type[Message]) -> Iterator[str]:
    for spec in message._specs(kind).values():
        yield spec.name
        if spec.kind is not None:
            yield from names(spec.kind)


def test_every_element_of_the_facts_has_a_place() -> None:
    known = {name for root in ROOTS for name in names(root)}
    assert set(ELEMENTS) - known == set()
    assert len(ELEMENTS) > 100


def test_padding_and_full_width_are_read_and_kept() -> None:
    result = Result(insurer_number="  138999", number="４２６０", sex="２", partial_ratio="０２０")
    said = typed(result)
    assert said["insurer_number"] == "138999"
    assert said["sex"] is codes.SexCode.FEMALE
    assert said["partial_ratio"] == 20
    assert said["number"] == "４２６０"  # symbol and number are text: full-width may be meant
    (read,) = parse_answer(write(Answer(body=AnswerBody(results=(result,))))).results
    assert read == result


@pytest.mark.parametrize(
    ("form", "raw", "said"),
    [
        (Form.DAY, "20260930", date(2026, 9, 30)),
        (Form.DAY, " ２０２６０９３０ ", date(2026, 9, 30)),
        (Form.DAY, "20260231", Unread("20260231")),
        (Form.DAY, "2026930", Unread("2026930")),
        (Form.DAY, "00000000", Unread("00000000")),
        (Form.DAY, "", None),
        (Form.DAY, None, None),
        (Form.MOMENT, "20260930091512", datetime(2026, 9, 30, 9, 15, 12, tzinfo=TOKYO)),
        (Form.MOMENT, "20260930", Unread("20260930")),
        (Form.MONTH, "202609", datetime(2026, 9, 1, tzinfo=TOKYO)),
        (Form.AMOUNT, "10000", 10000),
        (Form.AMOUNT, "-1", Unread("-1")),
        (Form.AMOUNT, "9" * 5000, Unread("9" * 5000)),
        (Form.NUMBER, "0001 ", "0001"),
        (Form.TEXT, " a", " a"),
        (codes.Validity, " ３", codes.Validity.NEW_INSURER),
        (codes.Validity, "7", Unread("7")),
        (codes.Validity, " ", None),
    ],
)
def test_forms(form: values.Writing, raw: str | None, said: values.Value) -> None:
    assert values.read(form, raw) == said


def test_what_is_strange_is_told_as_it_came() -> None:
    data = (
        "<XmlMsg><MessageHeader><SegmentOfResult>1</SegmentOfResult></MessageHeader><MessageBody>"
        "<QualificationValidity>8</QualificationValidity><New><A>x</A><B/></New><ResultList>"
        "<ResultOfQualificationConfirmation><Birthdate>19</Birthdate><LimitApplicationCertificateRelatedInfo>"
        "<LimitApplicationCertificateClassificationFlag>C01</LimitApplicationCertificateClassificationFlag>"
        "</LimitApplicationCertificateRelatedInfo></ResultOfQualificationConfirmation></ResultList>"
        "</MessageBody></XmlMsg>"
    )
    found = strange(parse_answer(data.encode()))
    assert [str(one) for one in found] == [
        "QualificationValidity=8",
        "Birthdate=19",
        "LimitApplicationCertificateClassificationFlag=C01",
        "New=A=x B=",
    ]
    assert [one.is_code for one in found] == [True, False, True, False]
    assert "19" not in repr(found)


def test_tickets_of_public_assistance_stand_side_by_side() -> None:
    ticket = "<MedicalTicketInfo><TicketType>0{}</TicketType></MedicalTicketInfo>"
    data = (
        "<XmlMsg><MessageBody><ResultList><ResultOfQualificationConfirmation><PublicExpenseResultList>"
        f"{ticket.format(1)}{ticket.format(2)}</PublicExpenseResultList>"
        "</ResultOfQualificationConfirmation></ResultList></MessageBody></XmlMsg>"
    )
    answer = parse_answer(data.encode())
    expense = answer.results[0].public_expense
    assert expense is not None
    assert [typed(one)["kind"] for one in expense.tickets] == list(codes.TicketType)
    assert strange(answer) == ()
    assert parse_answer(write(answer)).results == answer.results


def test_a_bulk_answer_keeps_its_units_apart() -> None:
    unit = "<BulkConfirmUnit><QualificationValidity>{}</QualificationValidity></BulkConfirmUnit>"
    data = f"<XmlMsg><MessageBody>{unit.format(1)}{unit.format(2)}</MessageBody></XmlMsg>".encode()
    answer = parse(other_messages.BulkAnswer, data)
    assert [one.validity for one in answer.body.units] == ["1", "2"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_any_text_has_a_value_or_is_shown_raw(raw: str) -> None:
    lists = [kind for kind in vars(codes).values() if isinstance(kind, type) and issubclass(kind, StrEnum)]
    for writing in (*Form, *(kind for kind in lists if kind is not StrEnum)):
        said = values.read(writing, raw)
        assert not isinstance(said, Unread) or said.raw == raw


def test_typed_reads_every_leaf_of_an_empty_message() -> None:
    for root in ROOTS:
        assert set(typed(root()).values()) <= {None}
        assert all(not isinstance(getattr(root(), field.name), str) for field in dataclasses.fields(root))
