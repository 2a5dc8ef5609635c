# SPDX-License-Identifier: Apache-2.0
"""Checks by number through the terminal's folders: names, whole files, one use, and what others do there."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.eligibility import codec_json
from kiosk.eligibility.codec_xml import Encoding, parse, write
from kiosk.eligibility.model import NumberRequest
from kiosk.eligibility.request import InsuranceNumbers, number_check_body, number_request
from kiosk.errors import FailureCode
from kiosk.outbox import folders as module
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.folders import FolderLimits, FolderUpstream
from kiosk.outbox.model import ItemState, OutboxItem, OutboxKind, Parcel
from kiosk.outbox.retry import SendError
from kiosk.simulator.patients.people import patient
from kiosk.simulator.terminal import SimulatedTerminal, TerminalFault
from kiosk.simulator.upstream.answers import answer_by_number
from tests.fakes.clock import MORNING, FakeClock

KEY = "01J00000000000000000000001"
OTHER = "01J00000000000000000000002"
INSTITUTION = "1310000001"
FAST = FolderLimits(poll_s=0.01, stable_polls=2, wait_s=0.05, reach_s=5.0)


def numbers(key: str = "hanako") -> InsuranceNumbers:
    person = patient(key)
    insurance = person.insurance
    return InsuranceNumbers(
        insurance.insurer_number.strip(),
        insurance.number,
        person.birth.strftime("%Y%m%d"),
        insurance.symbol,
        insurance.branch,
        limit_consent=True,
    )


def parcel(key: str = KEY, body: object = None, kind: OutboxKind = OutboxKind.QUALIFICATION_CHECK) -> Parcel:
    item = OutboxItem(
        id=key,
        kind=kind,
        state=ItemState.IN_FLIGHT,
        needs_staff=False,
        session_id="S1",
        occurred_at=MORNING,
        endpoint="terminal",
        attempts=1,
        next_attempt_at=MORNING,
        last_status=None,
        last_error=None,
        depends_on=None,
        acked_at=None,
    )
    value = number_check_body(numbers(), MORNING, INSTITUTION) if body is None else body
    return Parcel(item, json.dumps(value).encode())


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("req", "res"):
        (tmp_path / name).mkdir()
    return tmp_path / "req", tmp_path / "res"


@pytest.fixture
def upstream(places: tuple[Path, Path]) -> Iterator[FolderUpstream]:
    client = FolderUpstream(*places, INSTITUTION, SystemClock(), limits=FAST)
    yield client
    client.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def answer(key: str = KEY, encoding: Encoding = Encoding.UTF_8) -> bytes:
    body = number_check_body(numbers(), MORNING, INSTITUTION)
    return write(answer_by_number(number_request(body, key), MORNING), encoding)


def res(places: tuple[Path, Path], key: str = KEY) -> Path:
    return places[1] / f"OQSsiquc01res_uketsuke{key}.xml"


@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_request_lies_there_whole_under_its_name(places: tuple[Path, Path], encoding: Encoding) -> None:
    upstream = FolderUpstream(*places, INSTITUTION, SystemClock(), encoding=encoding, limits=FAST)
    assert upstream.send_check(parcel()).result == 202
    assert names(places[0]) == [f"OQSsiquc01req_uketsuke{KEY}.xml"]
    content = (places[0] / names(places[0])[0]).read_bytes()
    assert (b'"Shift_JIS"' if encoding is Encoding.CP932 else b'"UTF-8"') in content
    request = parse(NumberRequest, content)
    assert request.header.file_id == KEY
    assert request.header.confirmation_date == MORNING.strftime("%Y%m%d")
    assert request.body.search.insurer_number == "  138999"
    assert request.body.search.limit_consent == "1"
    upstream.close()


@pytest.mark.parametrize("encoding", list(Encoding))
def test_the_simulated_terminal_answers_and_nothing_stays(tmp_path: Path, encoding: Encoding) -> None:
    terminal = SimulatedTerminal(tmp_path, SystemClock(), encoding)
    terminal.start()
    limits = FolderLimits(poll_s=0.08, stable_polls=3, wait_s=10)
    upstream = FolderUpstream(terminal.requests, terminal.answers, INSTITUTION, SystemClock(), limits=limits)
    reply = upstream.send_check(parcel())
    terminal.stop()
    assert reply.result == 200
    found = codec_json.parse_answer(reply.body)
    assert found.results[0].name == patient("hanako").name
    assert found.header.reference == "2"
    assert AnswerReader(INSTITUTION).outcome(KEY, reply.body).kind.value == "eligible"
    upstream.close()
    assert names(terminal.requests) == names(terminal.answers) == []
    assert terminal.answered == 1


def test_the_same_key_again_writes_nothing_anew(places: tuple[Path, Path], upstream: FolderUpstream) -> None:
    upstream.send_check(parcel())
    before = (places[0] / names(places[0])[0]).stat()
    # as after a crash: another client, which remembers nothing
    again = FolderUpstream(*places, INSTITUTION, SystemClock(), limits=FAST)
    assert again.send_check(parcel()).result == 202
    after = (places[0] / names(places[0])[0]).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    (places[0] / names(places[0])[0]).unlink()
    res(places).write_bytes(answer())
    # the answer came meanwhile: it is taken, and nothing is asked
    assert again.send_check(parcel()).result == 200
    assert names(places[0]) == []
    again.close()


def test_an_answer_is_used_for_its_question_and_goes_with_the_next(
    places: tuple[Path, Path], upstream: FolderUpstream
) -> None:
    res(places).write_bytes(answer(encoding=Encoding.CP932))
    assert upstream.ask(KEY).result == 200
    assert res(places).exists()  # until what it says is kept, a crash must find it again
    assert upstream.ask(OTHER).result == 202
    assert not res(places).exists()
    assert upstream.ask(KEY).result == 202


def test_half_an_answer_is_waited_for(places: tuple[Path, Path]) -> None:
    """Whoever writes it takes a while: it is read only when size, time and bytes stand still."""
    whole = answer()
    looks: list[int] = []
    real = module._seen

    def seen(path: Path) -> tuple[tuple[int, int, int], bytes] | None:
        looks.append(len(looks))
        if len(looks) <= 3:  # it grows between the first looks
            path.write_bytes(whole[: len(whole) * len(looks) // 3])
        return real(path)

    upstream = FolderUpstream(
        *places, INSTITUTION, SystemClock(), limits=dataclasses.replace(FAST, stable_polls=3)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_seen", seen)
        assert upstream.ask(KEY).result == 200
    assert len(looks) == 5  # three different, then twice the last again
    upstream.close()


@pytest.mark.parametrize(
    "content",
    [
        answer(OTHER),
        b"",
        b"<XmlMsg>",
        answer()[:-40],
        answer().replace(INSTITUTION.encode(), b"9999999999"),
        b"<XmlMsg>" + b" " * (4 * 1024 * 1024) + b"</XmlMsg>",
    ],
    ids=["another key", "empty", "garbage", "half", "another institution", "huge"],
)
def test_what_is_not_the_answer_decides_nothing_and_stays(
    places: tuple[Path, Path], upstream: FolderUpstream, content: bytes
) -> None:
    res(places).write_bytes(content)
    assert upstream.ask(KEY).result is SendError.ANSWER_WRONG
    assert upstream.ask(OTHER).result == 202
    assert res(places).exists()
    res(places).write_bytes(answer())  # put right by whoever was wrong
    assert upstream.ask(KEY).result == 200


def test_files_of_others_are_left_alone(places: tuple[Path, Path], upstream: FolderUpstream) -> None:
    theirs = [
        "OQSsiquc01res_202609300001.xml",
        f"OQSsiquc01res_uketsuke{KEY} (1).xml",
        f"OQSsiquc01res_{KEY}.xml",
        "OQSsiquc01res_face_1319999999abc_20260930101010.xml",
        ".uketsuke-other",
        "TKKsiquc01res_1.xml",
    ]
    for name in theirs:
        (places[1] / name).write_bytes(answer())
        os.utime(places[1] / name, (0, 0))
    remains = [f"OQSsiquc01res_uketsuke{OTHER}.xml", f".uketsuke-{OTHER}.part"]
    for name in remains:
        (places[1] / name).write_bytes(b"x")
        os.utime(places[1] / name, (0, 0))
    assert upstream.figures().remains == 2
    assert upstream.ask(KEY).result == 202
    assert names(places[1]) == sorted(theirs)


@pytest.mark.parametrize("what", ["link", "folder", "pipe"])
def test_what_is_no_file_is_no_answer(
    places: tuple[Path, Path], upstream: FolderUpstream, tmp_path: Path, what: str
) -> None:
    if what == "link":
        (tmp_path / "secret.xml").write_bytes(answer())
        res(places).symlink_to(tmp_path / "secret.xml")
    elif what == "folder":
        res(places).mkdir()
    else:
        os.mkfifo(res(places))
    assert upstream.ask(KEY).result == 202


def test_sealed_answers_are_told_apart_from_none(places: tuple[Path, Path], upstream: FolderUpstream) -> None:
    res(places).with_suffix(".zip").write_bytes(b"PK")
    assert upstream.ask(KEY).result is SendError.ANSWER_WRONG


@pytest.mark.expect_log("cannot be used")
@pytest.mark.parametrize("gone", [0, 1])
def test_a_share_that_has_gone_is_told_and_comes_back(
    places: tuple[Path, Path], upstream: FolderUpstream, gone: int
) -> None:
    away = places[gone].with_name("away")
    places[gone].rename(away)
    for reply in (upstream.send_check(parcel()), upstream.ask(KEY), upstream.health()):
        assert (reply.result, reply.code) == (SendError.UNREACHABLE, FailureCode.TERMINAL_FOLDER)
    away.rename(places[gone])
    assert upstream.health().ok
    assert upstream.send_check(parcel()).result == 202


@pytest.mark.expect_log("cannot be used")
def test_a_share_that_hangs_holds_nobody_up(places: tuple[Path, Path]) -> None:
    over = threading.Event()
    upstream = FolderUpstream(
        *places, INSTITUTION, SystemClock(), limits=dataclasses.replace(FAST, reach_s=0.05, wait_s=0.01)
    )
    real = module._seen
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_seen", lambda path: (over.wait(10), real(path))[1])
        assert upstream.ask(KEY).code is FailureCode.TERMINAL_FOLDER
        assert upstream.ask(KEY).code is FailureCode.TERMINAL_FOLDER  # no second thread waits there
        assert sum(thread.name == "terminal-folder" for thread in threading.enumerate()) == 1
        over.set()
    for thread in threading.enumerate():
        if thread.name == "terminal-folder":
            thread.join(10)
    assert upstream.ask(KEY).result == 202
    upstream.close()


@pytest.mark.expect_log("cannot be used")
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_no_half_request(
    places: tuple[Path, Path], upstream: FolderUpstream, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os if step == "fsync" else Path, step, full)
        assert upstream.send_check(parcel()).code is FailureCode.TERMINAL_FOLDER
    assert names(places[0]) == []


def test_a_request_that_was_swallowed_is_put_there_again(places: tuple[Path, Path]) -> None:
    clock = FakeClock()
    upstream = FolderUpstream(
        *places, INSTITUTION, clock, limits=dataclasses.replace(FAST, wait_s=0.0, lost_after_s=120)
    )
    assert upstream.send_check(parcel()).result == 202
    clock.advance(500)
    assert upstream.ask(KEY).result == 202  # the terminal is off: the request still lies there
    (places[0] / names(places[0])[0]).unlink()
    assert upstream.ask(KEY).result == 404  # which the queue takes for: send it anew
    assert upstream.send_check(parcel()).result == 202
    assert len(names(places[0])) == 1
    upstream.close()


@pytest.mark.parametrize(
    "body", [{"kind": "card"}, {"kind": "number"}, {"kind": "number", "search": {"Foo": "1"}}, [], "x"]
)
def test_what_is_no_check_by_number_is_refused(upstream: FolderUpstream, body: object) -> None:
    assert upstream.send_check(parcel(body=body)).result == 422
    assert upstream.send_check(parcel(kind=OutboxKind.PERSON_UPDATE)).result == 422
    assert upstream.ask(KEY, OutboxKind.PERSON_UPDATE).result == 422


@pytest.mark.parametrize("fault", [TerminalFault.WRONG_ID, TerminalFault.GARBAGE])
def test_a_terminal_that_answers_wrongly(tmp_path: Path, fault: TerminalFault) -> None:
    terminal = SimulatedTerminal(tmp_path, SystemClock())
    terminal.fault = fault
    terminal.start()
    limits = FolderLimits(poll_s=0.05, stable_polls=3, wait_s=1)
    upstream = FolderUpstream(terminal.requests, terminal.answers, INSTITUTION, SystemClock(), limits=limits)
    assert upstream.send_check(parcel()).result is SendError.ANSWER_WRONG
    terminal.stop()
    upstream.close()
