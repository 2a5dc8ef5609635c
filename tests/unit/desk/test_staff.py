# SPDX-License-Identifier: Apache-2.0
"""Staff sign in as persons; codes are hashed, wrong ones cost time, the file is private and whole."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kiosk.desk.staff import Role, StaffMember, StaffRegister
from kiosk.errors import EnvironmentProblem, FailureCode, KioskError
from kiosk.secret import Secret
from tests.fakes.clock import FakeClock

CODE = b"731904"
OTHER = b"5520871"


def secret(digits: bytes) -> Secret:
    return Secret.of(digits)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def register(tmp_path: Path, clock: FakeClock) -> StaffRegister:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return StaffRegister(tmp_path / "state" / "staff.json", clock, hasher=quick)


def test_added_persons_sign_in_by_their_own_code(register: StaffRegister) -> None:
    register.add("受付 花子", Role.RECEPTION, secret(CODE))
    register.add("Tanaka", Role.TECHNICIAN, secret(OTHER))
    assert register.check(secret(CODE)) == StaffMember("受付 花子", Role.RECEPTION)
    assert register.check(secret(OTHER)) == StaffMember("Tanaka", Role.TECHNICIAN)
    assert register.check(secret(b"731905")) is None
    assert register.list() == [
        StaffMember("受付 花子", Role.RECEPTION),
        StaffMember("Tanaka", Role.TECHNICIAN),
    ]


def test_nobody_registered_is_said_and_no_default_code_works(register: StaffRegister) -> None:
    with pytest.raises(KioskError) as caught:
        register.check(secret(b"000000"))
    assert caught.value.code is FailureCode.STAFF_NONE


def test_removed_person_no_longer_signs_in(register: StaffRegister) -> None:
    register.add("Sato", Role.RECEPTION, secret(CODE))
    register.add("Tanaka", Role.TECHNICIAN, secret(OTHER))
    register.remove("Sato")
    assert register.check(secret(CODE)) is None
    with pytest.raises(KioskError) as caught:
        register.remove("Sato")
    assert caught.value.code is FailureCode.STAFF_UNKNOWN


@pytest.mark.parametrize(
    "code",
    [b"", b"12345", b"1234567890123", b"12a456", b"000000", b"123456", b"987654", b"246802", b"73 904"],
)
def test_weak_codes_are_refused(register: StaffRegister, code: bytes) -> None:
    with pytest.raises(KioskError) as caught:
        register.add("Sato", Role.RECEPTION, secret(code))
    assert caught.value.code is FailureCode.STAFF_CODE_WRONG
    assert code.decode() not in str(caught.value) or not code
    assert register.list() == []


@pytest.mark.parametrize("name", ["", " ", " Sato", "a\nb", "x" * 41])
def test_bad_names_are_refused(register: StaffRegister, name: str) -> None:
    with pytest.raises(KioskError) as caught:
        register.add(name, Role.RECEPTION, secret(CODE))
    assert caught.value.code is FailureCode.STAFF_UNKNOWN


def test_name_and_code_belong_to_one_person(register: StaffRegister) -> None:
    register.add("Sato", Role.RECEPTION, secret(CODE))
    with pytest.raises(KioskError) as same_name:
        register.add("Sato", Role.TECHNICIAN, secret(OTHER))
    assert same_name.value.code is FailureCode.STAFF_UNKNOWN
    with pytest.raises(KioskError) as same_code:
        register.add("Tanaka", Role.TECHNICIAN, secret(CODE))
    assert same_code.value.code is FailureCode.STAFF_CODE_WRONG


def test_wrong_codes_cost_growing_time_and_a_right_one_waits_too(
    register: StaffRegister, clock: FakeClock
) -> None:
    register.add("Sato", Role.RECEPTION, secret(CODE))
    for _ in range(2):
        assert register.check(secret(OTHER)) is None
        assert register.wait_s() == 0
    assert register.check(secret(OTHER)) is None
    assert register.wait_s() == 5
    assert register.check(secret(CODE)) is None
    clock.advance(5)
    assert register.check(secret(OTHER)) is None
    assert register.wait_s() == 10
    clock.advance(10)
    assert register.check(secret(CODE)) is not None
    assert register.wait_s() == 0
    for _ in range(40):
        clock.advance(1000)
        register.check(secret(OTHER))
    assert register.wait_s() == 300


def test_file_is_private_hashed_and_leaves_no_draft(
    register: StaffRegister, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    register.add("Sato", Role.RECEPTION, secret(CODE))
    path = tmp_path / "state" / "staff.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert CODE not in path.read_bytes()
    assert "$argon2id$" in path.read_text()
    assert [entry.name for entry in path.parent.iterdir()] == ["staff.json"]
    assert CODE.decode() not in caplog.text


def test_damaged_or_open_file_is_refused_not_taken_as_empty(register: StaffRegister, tmp_path: Path) -> None:
    register.add("Sato", Role.RECEPTION, secret(CODE))
    path = tmp_path / "state" / "staff.json"
    whole = path.read_text()
    values = (
        "",
        whole[: len(whole) // 2],
        "[]",
        '{"format": 2, "staff": []}',
        whole.replace("reception", "king"),
    )
    for damaged in (
        *values,
        json.dumps({"format": 1, "staff": [{"name": 1, "role": "reception", "code": ""}]}),
    ):
        path.write_text(damaged)
        with pytest.raises(EnvironmentProblem):
            register.list()
    path.write_text(whole.replace("$argon2id$", "$argon9$"))
    with pytest.raises(EnvironmentProblem):
        register.check(secret(CODE))
    path.write_text(whole)
    path.chmod(0o644)
    with pytest.raises(EnvironmentProblem):
        register.list()


def test_unwritable_folder_is_said(tmp_path: Path, clock: FakeClock) -> None:
    blocked = tmp_path / "state"
    blocked.write_text("a file where the folder should be")
    register = StaffRegister(blocked / "staff.json", clock)
    with pytest.raises(EnvironmentProblem):
        register.add("Sato", Role.RECEPTION, secret(CODE))
