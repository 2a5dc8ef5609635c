# SPDX-License-Identifier: Apache-2.0
"""A parser without a schema, and without a line of ours, reads every face-result file that we can write."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.eligibility.codec_json import to_value
from kiosk.eligibility.codec_xml import Encoding, parse_answer, write
from kiosk.eligibility.message import Spelling
from kiosk.eligibility.model import (
    Answer,
    AnswerBody,
    AnswerHeader,
    ElderlyInfo,
    LimitInfo,
    MedicalTicket,
    PublicExpense,
    Result,
    SpecificDisease,
)
from kiosk.handover.face_file import write_face_file
from tests.fakes.facefile import FaceFile, NotAFaceFile, read, read_bytes

KEY = "01KAQ0000000000000000000AA"
INSTITUTION = "1319999999"
TIME = "20261123121007"
SAMPLES = Path(__file__).parents[2] / "fixtures" / "xmlmsg"
ELEMENTS = set((SAMPLES / "elements.txt").read_text().split())
WAYS = list(itertools.product(Encoding, Spelling))

# a name no CP932 can carry, a twin character, a mark of XML, the space of names
text = st.text(st.sampled_from("試験花子𠮷〜−髙①ｶﾅ　 Aa01<>&\"'●\u3000"), min_size=1, max_size=12)


def filled(kind: type[Any], **more: object) -> st.SearchStrategy[Any]:
    plain = {field.name: text for field in dataclasses.fields(kind) if field.default is None}
    return st.builds(kind, **(plain | {name: st.just(value) for name, value in more.items()}))


answers = st.builds(
    lambda header, body, result, limit, elderly, diseases, tickets: Answer(
        header=dataclasses.replace(
            header, process_time=TIME, institution_code=INSTITUTION, file_id=KEY, character_code=None
        ),
        body=dataclasses.replace(
            body,
            search=None,
            results=(
                dataclasses.replace(
                    result,
                    limit=limit,
                    elderly=elderly,
                    diseases=tuple(diseases),
                    public_expense=PublicExpense(tickets=tuple(tickets)),
                ),
            ),
        ),
    ),
    filled(AnswerHeader),
    filled(AnswerBody, search=None, results=None),
    filled(Result, limit=None, elderly=None, diseases=None, public_expense=None),
    filled(LimitInfo),
    filled(ElderlyInfo),
    st.lists(filled(SpecificDisease), min_size=1, max_size=2),
    st.lists(filled(MedicalTicket), min_size=1, max_size=2),
)


def carried(value: str, encoding: Encoding) -> str:
    """What the encoding makes of a text, said once more without the product's tables."""
    if encoding is Encoding.UTF_8:
        return value
    twins = {"〜": "～", "−": "－"}
    said = (twins.get(one, one) for one in value)
    return "".join(one if one.encode("cp932", "replace") != b"?" or one == "?" else "●" for one in said)


def expected(value: object, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(path, value)]
    if isinstance(value, dict):
        return [pair for name, inner in value.items() for pair in expected(inner, f"{path}/{name}")]
    assert isinstance(value, list)
    return [pair for inner in value for pair in expected(inner, path)]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(answer=answers, way=st.sampled_from(WAYS))
def test_every_text_of_every_element_arrives(answer: Answer, way: tuple[Encoding, Spelling]) -> None:
    encoding, spelling = way
    file = read_bytes(write(answer, encoding, spelling))
    said = to_value(answer)
    for path, value in expected(said):
        if spelling is Spelling.TWIN and _twin(path) != path:
            assert path.lstrip("/") not in file.values
        else:
            assert carried(value, encoding) in file.values[path.lstrip("/")]
        if spelling is not Spelling.REAL:
            assert carried(value, encoding) in file.values[_twin(path).lstrip("/")]
    unknown_names = file.names() - ELEMENTS
    assert all(_twin(name) == name for name in unknown_names) or spelling is Spelling.REAL


def _twin(path: str) -> str:
    """The other spelling as the facts have it."""
    other = path.replace("PharmacistsInfo", "PharmaceuticalInfo")
    return other.replace("InfoAvailableTime", "InfoAcquisitionTime")


def test_only_names_of_the_facts_are_written() -> None:
    full = Answer(body=AnswerBody(results=(_all_set(Result),)))
    for encoding, spelling in WAYS:
        names = read_bytes(write(full, encoding, spelling)).names()
        known = ELEMENTS | {_twin(name) for name in ELEMENTS} if spelling is not Spelling.REAL else ELEMENTS
        assert names <= known


def _all_set(kind: type[Any]) -> Any:  # noqa: ANN401  # any message
    return kind(
        **{
            field.name: "1"
            for field in dataclasses.fields(kind)
            if field.default is None and field.type == "str | None"
        }
    )


@pytest.mark.parametrize(("encoding", "spelling"), WAYS)
def test_the_handed_over_file_is_read_by_its_name(
    tmp_path: Path, encoding: Encoding, spelling: Spelling
) -> None:
    answer = parse_answer((SAMPLES / "face-result.xml").read_bytes())
    header = dataclasses.replace(answer.header, file_id=KEY, process_time=TIME)
    path = write_face_file(
        tmp_path, dataclasses.replace(answer, header=header), INSTITUTION, TIME, encoding, spelling
    )
    file = read(path)
    assert file.one("Name") == "試験　花子"
    assert file.one("InsurerNumber") == "  138999"
    assert file.one("OperationInfoConsFlg") == "0"
    medicine = file.all("PharmacistsInfoConsFlg"), file.all("PharmaceuticalInfoConsFlg")
    assert (
        medicine
        == {
            Spelling.REAL: (["1"], []),
            Spelling.TWIN: ([], ["1"]),
            Spelling.BOTH: (["1"], ["1"]),
        }[spelling]
    )
    # and our own reader takes whatever spelling for the same
    assert parse_answer(path.read_bytes()).results == answer.results


def test_the_stranger_tells_what_is_wrong(tmp_path: Path) -> None:
    good = write(Answer(header=AnswerHeader(process_time=TIME, institution_code=INSTITUTION)))
    assert isinstance(read_bytes(good), FaceFile)
    for bad in (
        good.replace(b"UTF-8", b"UTF-16"),
        good.replace(b"\r\n", b"\n", 1),
        good.replace(b"<XmlMsg>", b"<!DOCTYPE XmlMsg><XmlMsg>"),
        good.replace(b"<XmlMsg>", b'<XmlMsg xmlns="urn:x">'),
        good.replace(b"CharacterCodeIdentifier>0<", b"CharacterCodeIdentifier>1<"),
        good[:-12],
    ):
        with pytest.raises(NotAFaceFile):
            read_bytes(bad)
    other = tmp_path / f"OQSsiquc01res_face_{INSTITUTION}{'0' * 20}_20200101000000.xml"
    other.write_bytes(good)
    with pytest.raises(NotAFaceFile):
        read(other)
