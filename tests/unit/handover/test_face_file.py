# SPDX-License-Identifier: Apache-2.0
"""The face-result file: its name, its wholeness, and that a stranger's parser can read it."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from kiosk.eligibility.codec_xml import Encoding, parse_answer
from kiosk.eligibility.model import Answer, AnswerBody, AnswerHeader, LimitInfo, Result
from kiosk.errors import ConfigurationError, EnvironmentProblem, FailureCode, KioskError
from kiosk.handover import face_file
from kiosk.handover.face_file import (
    DEMO_MARKER,
    check_folder,
    clear_leftovers,
    face_file_name,
    mark_as_demo,
    write_face_file,
)

KEY = "01KAQ0000000000000000000AA"
INSTITUTION = "1319999999"
TIME = "20261123121007"
PATTERN = re.compile(r"\AOQSsiquc01res_face_.+_(\d{14})\.xml\Z")  # what a receiving program looks for

ANSWER = Answer(
    header=AnswerHeader(process_time=TIME, institution_code=INSTITUTION, file_id=KEY, segment="1"),
    body=AnswerBody(
        status="1",
        validity="1",
        results=(
            Result(
                name="●●　謙一",
                insurer_number="  138999",
                address="東京都 <架空区> & 一丁目",
                medicine_consent="1",
                limit=LimitInfo(limit_class="A03"),
            ),
        ),
    ),
)


def stranger(data: bytes) -> dict[str, list[str]]:
    """Every element with text, by name, as somebody would read the file who has never seen this program."""
    declaration, rest = data.split(b"?>", 1)
    encoding = "cp932" if b'encoding="Shift_JIS"' in declaration else "utf-8"
    found: dict[str, list[str]] = {}
    for name, text in re.findall(r"<(\w+)>([^<]*)</\1>", rest.decode(encoding)):
        plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        found.setdefault(name, []).append(plain)
    return found


@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_strangers_parser_reads_it(tmp_path: Path, encoding: Encoding) -> None:
    path = write_face_file(tmp_path, ANSWER, INSTITUTION, TIME, encoding)
    found = stranger(path.read_bytes())
    assert found["Name"] == ["●●　謙一"]
    assert found["InsurerNumber"] == ["  138999"]
    assert found["Address"] == ["東京都 <架空区> & 一丁目"]
    assert found["QualificationValidity"] == found["SegmentOfResult"] == ["1"]
    assert found["LimitApplicationCertificateClassificationFlag"] == ["A03"]
    assert found["CharacterCodeIdentifier"] == ["1" if encoding is Encoding.CP932 else "0"]
    assert b"\r\n" in path.read_bytes()


def test_the_name_is_as_agreed_and_the_same_again(tmp_path: Path) -> None:
    first = write_face_file(tmp_path, ANSWER, INSTITUTION, TIME)
    again = write_face_file(tmp_path, ANSWER, INSTITUTION, TIME)
    assert first == again
    assert [path.name for path in tmp_path.iterdir()] == [first.name]
    assert re.fullmatch(rf"OQSsiquc01res_face_{INSTITUTION}[0-9a-f]{{20}}_{TIME}\.xml", first.name)
    assert PATTERN.match(first.name)
    assert first.name != face_file_name(KEY[:-1] + "B", INSTITUTION, TIME)
    assert first.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize(
    ("institution", "time"),
    [("131999999", TIME), ("../../../x", TIME), (INSTITUTION, "2026"), (INSTITUTION, "2026112312100/")],
)
def test_what_would_make_a_wrong_name_is_refused(tmp_path: Path, institution: str, time: str) -> None:
    with pytest.raises(KioskError):
        write_face_file(tmp_path, ANSWER, institution, time)
    assert not list(tmp_path.iterdir())


def test_an_answer_without_its_key_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(KioskError):
        write_face_file(tmp_path, Answer(), INSTITUTION, TIME)


def test_a_missing_folder_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        write_face_file(tmp_path / "gone", ANSWER, INSTITUTION, TIME)
    assert caught.value.code is FailureCode.HANDOVER_FOLDER_MISSING
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("step", ["fsync", "write", "replace"])
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    elif step == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        monkeypatch.setattr(face_file, "write_synced", full)
    with pytest.raises(EnvironmentProblem) as caught:
        write_face_file(tmp_path, ANSWER, INSTITUTION, TIME)
    assert caught.value.code is FailureCode.HANDOVER_WRITE_FAILED
    assert not list(tmp_path.iterdir())


def test_nobody_sees_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    real = os.fsync

    def look(handle: int) -> None:
        seen.append([path.name for path in tmp_path.iterdir() if PATTERN.match(path.name)])
        real(handle)

    monkeypatch.setattr(os, "fsync", look)
    path = write_face_file(tmp_path, ANSWER, INSTITUTION, TIME)
    assert seen == [[], [path.name]]  # the file is synced before it has its name, the folder after
    assert parse_answer(path.read_bytes()).results == ANSWER.results


def test_leftovers_of_a_crash_go_and_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(Crash):
            write_face_file(tmp_path, ANSWER, INSTITUTION, TIME)
    assert len(list(tmp_path.iterdir())) == 1
    (tmp_path / "other.part").write_text("x")
    assert clear_leftovers(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["other.part"]


def test_a_simulated_upstream_needs_a_marked_folder(tmp_path: Path) -> None:
    check_folder(tmp_path, simulated=False)
    with pytest.raises(ConfigurationError) as caught:
        check_folder(tmp_path, simulated=True)
    assert caught.value.code is FailureCode.HANDOVER_NOT_A_DEMO
    mark_as_demo(tmp_path)
    assert (tmp_path / DEMO_MARKER).read_text(encoding="utf-8").startswith("SIMULATION")
    check_folder(tmp_path, simulated=True)
    with pytest.raises(EnvironmentProblem) as missing:
        check_folder(tmp_path / "gone", simulated=True)
    assert missing.value.code is FailureCode.HANDOVER_FOLDER_MISSING


def test_a_demo_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(EnvironmentProblem):
        mark_as_demo(tmp_path / "file" / "folder")
