# SPDX-License-Identifier: Apache-2.0
"""ORCA's reception list: who is put there, never twice, and what each answer of ORCA's comes to."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from kiosk.clock import SystemClock
from kiosk.eligibility.model import Answer, AnswerBody, AnswerHeader, Result
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.handover.orca import CODES, OrcaChoices, OrcaDelivery
from kiosk.handover.web import ServerAccess, WebClient, check_address
from kiosk.ids import UlidFactory
from kiosk.outbox.model import HandOverProblem
from tests.fakes.clinic_servers import PASSWORD, USER, FakeOrca

CLOCK = SystemClock()
AT = datetime(2026, 6, 1, 0, 12, 5, tzinfo=UTC)
KEY = UlidFactory().new(AT)
CHOICES = OrcaChoices("01", "10001")


def answer_of(number: str | None = "00012", *, key: str = KEY, name: str = "架空　太郎") -> Answer:
    return Answer(
        header=AnswerHeader(file_id=key, segment="1"),
        body=AnswerBody(status="1", validity="1", results=(Result(name=name, reference_number=number),)),
    )


@pytest.fixture
def orca() -> Iterator[FakeOrca]:
    double = FakeOrca("00012", "00013")
    with double.running():
        yield double


def delivery(
    orca: FakeOrca, choices: OrcaChoices = CHOICES, *, password: str = PASSWORD, limit_s: float = 60.0
) -> OrcaDelivery:
    access = ServerAccess(orca.url, USER, password, whole_s=limit_s)
    return OrcaDelivery(WebClient(access, CODES, CLOCK), choices)


def refused(orca: FakeOrca, answer: Answer | None = None, **more: str) -> HandOverProblem:
    with pytest.raises(HandOverProblem) as caught:
        delivery(orca, **more).deliver(answer or answer_of())  # type: ignore[arg-type]
    return caught.value


def test_a_patient_is_registered_at_the_time_of_the_act_in_japan(orca: FakeOrca) -> None:
    delivery(orca).deliver(answer_of(" 12 "))
    (reception,) = orca.receptions
    assert reception["Patient_ID"] == "00012"
    assert (reception["Acceptance_Date"], reception["Acceptance_Time"]) == ("2026-06-01", "09:12:05")
    assert (reception["Department_Code"], reception["Physician_Code"]) == ("01", "10001")
    assert "WholeName" not in reception, "a number needs no name beside it"


def test_the_moment_is_that_of_the_act_and_not_of_its_key(orca: FakeOrca) -> None:
    """A key's own time stays ahead for as long as the clock was, once it has been put back."""
    at = datetime(2026, 5, 31, 15, 30, 1, tzinfo=UTC)
    access = ServerAccess(orca.url, USER, PASSWORD)
    OrcaDelivery(WebClient(access, CODES, CLOCK), CHOICES, when={KEY: at}.get).deliver(answer_of())
    (reception,) = orca.receptions
    assert (reception["Acceptance_Date"], reception["Acceptance_Time"]) == ("2026-06-01", "00:30:01")


def test_a_try_whose_answer_was_lost_registers_nobody_twice(orca: FakeOrca) -> None:
    lost = iter(["drop"])
    orca.after = lambda path: next(lost, None) if "acceptmod" in path else None
    problem = refused(orca)
    assert (problem.code, problem.final, problem.server_gone) == (
        FailureCode.ORCA_UNREACHABLE,
        False,
        True,
    )
    assert len(orca.receptions) == 1
    delivery(orca).deliver(answer_of())
    assert len(orca.receptions) == 1


def test_whom_the_desk_registered_meanwhile_is_not_registered_again(orca: FakeOrca) -> None:
    orca.receptions.append(
        {
            "Patient_ID": "00012",
            "Acceptance_Date": "2026-06-01",
            "Acceptance_Time": "09:11:00",
            "Department_Code": "01",
        }
    )
    delivery(orca).deliver(answer_of())
    assert len(orca.receptions) == 1


def test_who_has_paid_and_comes_again_is_registered_again_and_only_once(orca: FakeOrca) -> None:
    delivery(orca).deliver(answer_of())
    orca.receptions[0]["Account_Time"] = "09:40:00"
    later = answer_of(key=UlidFactory().new(datetime(2026, 6, 1, 6, 0, 0, tzinfo=UTC)))
    delivery(orca).deliver(later)
    delivery(orca).deliver(later)
    # the first one's retry, hours later, still knows its own
    delivery(orca).deliver(answer_of())
    assert [one["Acceptance_Time"] for one in orca.receptions] == ["09:12:05", "15:00:00"]


def test_another_patient_on_the_list_is_another(orca: FakeOrca) -> None:
    delivery(orca).deliver(answer_of("13"))
    delivery(orca).deliver(answer_of("12"))
    assert len(orca.receptions) == 2


def test_without_a_number_the_desk_registers(orca: FakeOrca) -> None:
    for answer in (answer_of(None), answer_of("", name="")):
        problem = refused(orca, answer)
        assert (problem.code, problem.final) == (FailureCode.ORCA_PATIENT_UNKNOWN, True)
    several = dataclasses.replace(answer_of(), body=AnswerBody(results=(Result(), Result())))
    assert refused(orca, several).code is FailureCode.ORCA_PATIENT_UNKNOWN
    assert orca.requests == [], "nothing is asked about somebody who cannot be named"


def test_where_the_clinic_wants_it_a_name_makes_the_entry_of_a_new_patient(orca: FakeOrca) -> None:
    by_name = dataclasses.replace(CHOICES, register_by_name=True)
    answer = answer_of(None, name="試験　花●")
    delivery(orca, by_name).deliver(answer)
    orca.receptions[0]["WholeName"] = "試験 花■"  # as ORCA keeps what it has no sign for
    delivery(orca, by_name).deliver(answer)
    delivery(orca, by_name).deliver(answer_of(None, name="架空　二郎"))
    assert [one["WholeName"] for one in orca.receptions] == ["試験 花■", "架空　二郎"]


@pytest.mark.parametrize("code", ["K1", "K2", "K3"])
def test_a_warning_is_a_registration(orca: FakeOrca, code: str) -> None:
    orca.result = code
    delivery(orca).deliver(answer_of())
    assert len(orca.receptions) == 1


def test_that_orca_has_it_already_is_well(orca: FakeOrca) -> None:
    orca.result = "16"
    delivery(orca).deliver(answer_of())


@pytest.mark.expect_log("ORCA answered Api_Result")
@pytest.mark.parametrize(
    ("result", "code", "final", "status"),
    [
        ("10", FailureCode.ORCA_PATIENT_UNKNOWN, True, 10),
        ("14", FailureCode.ORCA_REFUSED, True, 14),
        ("90", FailureCode.ORCA_REFUSED, False, 90),
        ("77", FailureCode.ORCA_REFUSED, True, 77),  # in no list: kept as it came, and shown to staff
        ("K9", FailureCode.ORCA_REFUSED, True, None),
    ],
)
def test_what_orca_refuses(
    orca: FakeOrca,
    caplog: pytest.LogCaptureFixture,
    result: str,
    code: FailureCode,
    final: bool,
    status: int | None,
) -> None:
    if result.startswith("K"):
        orca.list_result = result  # the double takes any K for a registration
    orca.result = result
    with caplog.at_level(logging.WARNING, "kiosk"):
        problem = refused(orca)
    assert (problem.code, problem.final, problem.status) == (code, final, status)
    assert f"Api_Result {result}" in caplog.text
    assert "架空" not in caplog.text


@pytest.mark.expect_log("ORCA answered Api_Result")
@pytest.mark.parametrize("code", ["11", "20", "99"])
def test_a_list_that_is_not_told_registers_nobody(orca: FakeOrca, code: str) -> None:
    orca.list_result = code
    assert refused(orca).code is FailureCode.ORCA_REFUSED
    assert orca.receptions == []


def test_a_wrong_password_is_said(orca: FakeOrca) -> None:
    problem = refused(orca, password="another")
    assert (problem.code, problem.status, problem.final) == (FailureCode.ORCA_NOT_AUTHORISED, 401, False)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_of_orcas_own_is_tried_again(orca: FakeOrca, status: int) -> None:
    orca.before = lambda _path: status
    problem = refused(orca)
    assert (problem.code, problem.status, problem.final) == (FailureCode.ORCA_UNREACHABLE, status, False)


def test_where_nobody_listens_the_server_is_gone() -> None:
    double = FakeOrca()
    with double.running():
        pass
    problem = refused(double)
    assert (problem.code, problem.server_gone) == (FailureCode.ORCA_UNREACHABLE, True)


@pytest.mark.parametrize(
    "raw",
    [
        b"<xmlio2>",
        b"no xml",
        b"<xmlio2><otherres/></xmlio2>",
        b"<xmlio2><acceptlstres/></xmlio2>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xmlio2><acceptlstres>&a;</acceptlstres></xmlio2>',
        b"x" * (4 * 1024 * 1024 + 1),
    ],
)
def test_an_answer_that_is_none_is_tried_again(orca: FakeOrca, raw: bytes) -> None:
    orca.raw = raw
    problem = refused(orca)
    assert (problem.code, problem.final) == (FailureCode.ORCA_REFUSED, False)


def test_the_diagnosis_asks_and_changes_nothing(orca: FakeOrca) -> None:
    delivery(orca).check()
    assert orca.receptions == []
    with pytest.raises(HandOverProblem):
        delivery(orca, password="another").check()


def test_where_a_patients_data_may_travel() -> None:
    check_address("handover.orca", "https://orca.example:8000/api", own_network=False, simulated=False)
    check_address("handover.orca", "http://127.0.0.1:8000", own_network=False, simulated=True)
    check_address("handover.orca", "http://orca.example", own_network=True, simulated=False)
    with pytest.raises(ConfigurationError) as caught:
        check_address("handover.orca", "http://orca.example", own_network=False, simulated=False)
    assert caught.value.code is FailureCode.CONFIG_INVALID
    with pytest.raises(ConfigurationError) as caught:
        check_address("handover.orca", "https://orca.example", own_network=True, simulated=True)
    assert caught.value.code is FailureCode.HANDOVER_NOT_A_DEMO


def test_no_secret_is_shown(orca: FakeOrca) -> None:
    assert PASSWORD not in repr(ServerAccess(orca.url, USER, PASSWORD))
