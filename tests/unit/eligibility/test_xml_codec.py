# SPDX-License-Identifier: Apache-2.0
"""XmlMsg as XML: samples in any order, both encodings, what is refused, round trips."""

from __future__ import annotations

import dataclasses
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.eligibility import codec_json
from kiosk.eligibility.codec_xml import Encoding, parse, parse_answer, write
from kiosk.eligibility.message import Message, MessageUnreadable, Node
from kiosk.eligibility.model import (
    Answer,
    AnswerBody,
    AnswerHeader,
    ElderlyInfo,
    LimitInfo,
    MedicalTicket,
    NumberRequest,
    PublicExpense,
    Result,
    SearchInfo,
    SpecificDisease,
)

SAMPLES = Path(__file__).parents[2] / "fixtures" / "xmlmsg"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.xml").read_bytes()


def test_the_face_result_sample() -> None:
    answer = parse_answer(sample("face-result"))
    assert answer.header.file_id == "AbCdEfGhIjKlMnO="
    (result,) = answer.results
    assert result.insurer_number == "  138999"  # the padding is part of the number
    assert result.name == "試験　花子"
    assert result.limit is not None
    assert result.limit.limit_class == "A03"
    assert result.medicine_available == "20261001091510"
    assert result.surgery_consent == "0"
    assert result.surgery_available is None
    assert answer.unknown == answer.header.unknown == answer.body.unknown == result.unknown == ()


def test_the_request_sample() -> None:
    request = parse(NumberRequest, sample("request-by-number"))
    assert request.header.file_id == "K1-20260930-000042"
    assert request.body.search.insurer_number == "  138999"
    assert request.body.search.arbitrary_id == ""  # an empty element is not an absent one
    assert parse(NumberRequest, write(request)) == request


def test_order_does_not_matter() -> None:
    lines = sample("face-result").decode().splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if "<Name>" in line)
    stop = next(i for i, line in enumerate(lines) if "LimitApplicationCertificateRelatedInfo>" in line)
    shuffled = lines[start:stop][::-1]
    mixed = "".join([*lines[:start], *shuffled, *lines[stop:]]).encode()
    assert mixed != sample("face-result")
    assert parse_answer(mixed) == parse_answer(sample("face-result"))


def test_the_other_spellings_are_read() -> None:
    text = sample("face-result").decode()
    other = text.replace("PharmacistsInfo", "PharmaceuticalInfo").replace("AvailableTime", "AcquisitionTime")
    assert other.count("AcquisitionTime") == 6
    assert parse_answer(other.encode()) == parse_answer(text.encode())


def test_unknown_elements_and_codes_are_kept() -> None:
    text = sample("face-result").decode()
    text = text.replace("<Sex1>2</Sex1>", "<Sex1>7</Sex1><New><A> x</A><A/></New>")
    (result,) = parse_answer(text.encode()).results
    assert result.sex == "7"
    assert result.unknown == (Node("New", children=(Node("A", " x"), Node("A"))),)
    answer = parse_answer(text.encode())
    assert parse_answer(write(answer)) == answer


@pytest.mark.parametrize("declared", ["Shift_JIS", "windows-31j", "CP932", "UTF-8"])
def test_cp932_is_read_under_its_names(declared: str) -> None:
    text = sample("face-result").decode().replace('encoding="UTF-8"', f'encoding="{declared}"')
    assert parse_answer(text.encode("cp932")) == parse_answer(sample("face-result"))


def test_a_byte_order_mark_and_no_declaration_are_read() -> None:
    text = sample("face-result").decode()
    bare = text[text.index("<XmlMsg>") :]
    assert parse_answer(bare.encode()) == parse_answer(text.encode())
    assert parse_answer(text.encode("utf-8-sig")) == parse_answer(text.encode())


def test_writing_cp932_substitutes_what_it_cannot_carry() -> None:
    answer = Answer(body=AnswerBody(results=(Result(name="𠮷田　髙〜−", address="a\x01b"),)))
    data = write(answer, Encoding.CP932)
    assert data.startswith(b'<?xml version="1.0" encoding="Shift_JIS" standalone="no"?>\r\n<XmlMsg>\r\n')
    assert b"\n" not in data.replace(b"\r\n", b"")
    read = parse_answer(data)
    assert read.header.character_code == "1"
    assert read.results[0].name == "●田　髙～－"
    assert read.results[0].address == "a●b"
    assert parse_answer(write(answer)).results[0].name == "𠮷田　髙〜−"
    assert parse_answer(write(answer)).header.character_code == "0"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<XmlMsg>",
        b"<Other/>",
        b"<XmlMsg xmlns='urn:x'/>",
        b'<?xml version="1.0" encoding="UTF-16"?><XmlMsg/>',
        "<XmlMsg><Name>架空</Name></XmlMsg>".encode("utf-16-le"),
        "<XmlMsg><Name>架空</Name></XmlMsg>".encode("utf-16-be"),
        "<XmlMsg><Name>架空</Name></XmlMsg>".encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-8"?><XmlMsg>\xff\xff</XmlMsg>',
        b"<!DOCTYPE XmlMsg><XmlMsg/>",
        b'<!DOCTYPE XmlMsg [<!ENTITY a "b">]><XmlMsg>&a;</XmlMsg>',
        b'<!DOCTYPE XmlMsg [<!ENTITY a SYSTEM "file:///etc/hostname">]><XmlMsg>&a;</XmlMsg>',
        b"<XmlMsg>" + b" " * (4 * 1024 * 1024) + b"</XmlMsg>",
        b"<XmlMsg>" + b"<a>" * 40 + b"</a>" * 40 + b"</XmlMsg>",
        b"<XmlMsg><MessageBody>text</MessageBody></XmlMsg>",
        b"<XmlMsg><MessageHeader><SegmentOfResult><a/></SegmentOfResult></MessageHeader></XmlMsg>",
        b"<XmlMsg><MessageBody><ResultList><Other/></ResultList></MessageBody></XmlMsg>",
        b"<XmlMsg><MessageBody>%b%b</MessageBody></XmlMsg>"
        % (
            b"<QualificationValidity>1</QualificationValidity>",
            b"<QualificationValidity>3</QualificationValidity>",
        ),
    ],
    ids=range(19),
)
def test_what_is_refused(data: bytes) -> None:
    with pytest.raises(MessageUnreadable):
        parse_answer(data)


def test_a_flood_of_elements_is_refused_before_it_costs_anything() -> None:
    """Read to its end it would take half a minute, and the screens wait for the same interpreter."""
    wide = b"<XmlMsg><MessageBody>" + b"<a/>" * 900_000 + b"</MessageBody></XmlMsg>"
    many = b'{"XmlMsg": {"MessageBody": [' + b",".join([b'{"a":""}'] * 400_000) + b"]}}"
    began = time.process_time()
    for read, data in ((parse_answer, wide), (codec_json.parse_answer, many)):
        with pytest.raises(MessageUnreadable, match="more elements"):
            read(data)
    assert time.process_time() - began < 2
    people = b"<ResultOfQualificationConfirmation><Name>x</Name></ResultOfQualificationConfirmation>" * 600
    listed = b"<XmlMsg><MessageBody><ResultList>" + people + b"</ResultList></MessageBody></XmlMsg>"
    assert len(parse_answer(listed).results) == 600


def test_a_refusal_does_not_quote_the_message() -> None:
    with pytest.raises(MessageUnreadable) as caught:
        parse_answer("<XmlMsg><Name>秘密の人</Name><".encode())
    assert "秘密" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "花子" not in repr(parse_answer(sample("face-result")))


# --- round trips -----------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=12)
names = st.from_regex(r"Zz[A-Za-z0-9]{1,8}", fullmatch=True)
leaves = st.builds(Node, names, texts)
nodes = leaves | st.builds(Node, names, st.just(""), st.lists(leaves, min_size=1, max_size=3).map(tuple))


def messages(kind: type[Message], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any of its texts, a few at a time: one draw for each of a hundred fields would take too long."""
    names_of = _texts_of(kind, *more)
    plain = st.dictionaries(st.sampled_from(names_of), texts, max_size=6) if names_of else st.just({})
    unknown = st.lists(nodes, max_size=2, unique_by=lambda node: node.name).map(tuple)
    return st.builds(lambda said, **rest: kind(**said, **rest), plain, **more, unknown=unknown)


def _texts_of(kind: type[Message], *without: str) -> list[str]:
    return [
        field.name
        for field in dataclasses.fields(kind)
        if field.name not in without and field.name != "unknown" and field.type == "str | None"
    ]


results = messages(
    Result,
    limit=st.none() | messages(LimitInfo),
    elderly=st.none() | messages(ElderlyInfo),
    diseases=st.none() | st.lists(messages(SpecificDisease), max_size=2).map(tuple),
    public_expense=st.none()
    | messages(PublicExpense, tickets=st.lists(messages(MedicalTicket), max_size=2).map(tuple)),
)
answers = messages(
    Answer,
    header=messages(AnswerHeader),
    body=messages(
        AnswerBody,
        search=st.none() | messages(SearchInfo),
        results=st.none() | st.lists(results, max_size=2).map(tuple),
    ),
)


@settings(max_examples=60, deadline=None)
@given(answers)
def test_xml_round_trip(answer: Answer) -> None:
    told = dataclasses.replace(answer, header=dataclasses.replace(answer.header, character_code="0"))
    assert parse_answer(write(answer)) == told


def test_every_field_at_once_round_trips() -> None:
    def full(kind: type[Any], **more: object) -> Any:  # noqa: ANN401  # any message
        return kind(**{name: f" {name}０ " for name in _texts_of(kind)}, **more)

    result = full(
        Result,
        limit=full(LimitInfo),
        elderly=full(ElderlyInfo),
        diseases=(full(SpecificDisease), full(SpecificDisease)),
        public_expense=PublicExpense(tickets=(full(MedicalTicket), full(MedicalTicket))),
    )
    body = full(AnswerBody, search=full(SearchInfo), results=(result, result))
    answer = Answer(header=full(AnswerHeader), body=body)
    told = dataclasses.replace(answer, header=dataclasses.replace(answer.header, character_code="0"))
    assert parse_answer(write(answer)) == told
    assert parse_answer(write(answer, Encoding.CP932)).body == answer.body
    assert codec_json.parse_answer(codec_json.write(answer)) == answer


@settings(max_examples=60, deadline=None)
@given(answers)
def test_json_round_trip(answer: Answer) -> None:
    assert codec_json.parse_answer(codec_json.write(answer)) == answer


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"<XmlMsg>{text}</XmlMsg>".encode()))
def test_noise_is_read_or_refused_and_nothing_else(data: bytes) -> None:
    for read in (parse_answer, codec_json.parse_answer):
        try:
            read(data)
        except MessageUnreadable:
            continue


def test_json_has_the_same_names() -> None:
    value = codec_json.to_value(parse_answer(sample("new-insurer")))
    body: Any = value["XmlMsg"]
    assert body["MessageBody"]["ResultList"][0]["ResultOfQualificationConfirmation"]["ReasonOfLoss"] == "03"
    xml_names = set(re.findall(r"<(\w+)>", sample("new-insurer").decode()))
    json_names = set(re.findall(r'"(\w+)":', codec_json.write(parse_answer(sample("new-insurer"))).decode()))
    assert json_names == xml_names


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{}",
        b'{"XmlMsg": 1.5}',
        b'{"XmlMsg": {"MessageHeader": "text"}}',
        b'{"XmlMsg": {"a b": "c"}}',
        b'{"XmlMsg": {"A": true}}',
        b'{"XmlMsg": {"A": [1]}}',
        b'{"XmlMsg": {"MessageBody": {"ResultList": {"Other": {}}}}}',
        b'{"XmlMsg": {"MessageBody": {"QualificationValidity": "1", "QualificationValidity": "3"}}}',
        b'{"XmlMsg":' * 30 + b'""' + b"}" * 30,
        b"[" * 100_000,
        b'"' + b" " * (4 * 1024 * 1024) + b'"',
    ],
    ids=range(12),
)
def test_json_that_is_refused(data: bytes) -> None:
    with pytest.raises(MessageUnreadable):
        codec_json.parse_answer(data)
