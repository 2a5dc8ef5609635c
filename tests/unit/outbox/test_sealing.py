# SPDX-License-Identifier: Apache-2.0
"""Sealed values open only in their place and with their key; the key file is private and whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.outbox.key_file import KeyPlace, load_or_make_key
from kiosk.outbox.sealing import Keys

KEYS = Keys(bytes(range(32)))
PLACE = "outbox.payload:01J"


def test_sealed_value_opens_in_its_place_only() -> None:
    sealed = KEYS.seal(b"body", place=PLACE)
    assert KEYS.open(sealed, place=PLACE) == b"body"
    for place in ("outbox.payload:01K", "outbox.answer:01J"):
        with pytest.raises(EnvironmentProblem) as caught:
            KEYS.open(sealed, place=place)
        assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE


def test_every_changed_byte_is_noticed() -> None:
    sealed = KEYS.seal(b"body", place=PLACE)
    for position in range(len(sealed)):
        broken = bytearray(sealed)
        broken[position] ^= 1
        with pytest.raises(EnvironmentProblem):
            KEYS.open(bytes(broken), place=PLACE)
    for length in range(len(sealed)):
        with pytest.raises(EnvironmentProblem):
            KEYS.open(sealed[:length], place=PLACE)


def test_same_body_never_looks_the_same() -> None:
    assert KEYS.seal(b"body", place=PLACE) != KEYS.seal(b"body", place=PLACE)


def test_another_key_opens_nothing() -> None:
    sealed = KEYS.seal(b"body", place=PLACE)
    with pytest.raises(EnvironmentProblem):
        Keys(bytes(32)).open(sealed, place=PLACE)


def test_marks_of_a_person_differ_from_day_to_day() -> None:
    assert KEYS.visit_mac("2026-06-01", b"serial") == KEYS.visit_mac("2026-06-01", b"serial")
    assert KEYS.visit_mac("2026-06-01", b"serial") != KEYS.visit_mac("2026-06-02", b"serial")
    assert KEYS.visit_mac("2026-06-01", b"serial") != Keys(bytes(32)).visit_mac("2026-06-01", b"serial")


def test_keys_are_not_printed() -> None:
    assert repr(KEYS) == "Keys(…)"


def test_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "store.key"
    key = load_or_make_key(KeyPlace(path), may_make=True)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_make_key(KeyPlace(path), may_make=True) == key
    assert [entry.name for entry in path.parent.iterdir()] == ["store.key"]


def test_lost_key_of_existing_records_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        load_or_make_key(KeyPlace(tmp_path / "store.key"), may_make=False)
    assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o700])
def test_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "store.key"
    load_or_make_key(KeyPlace(path), may_make=True)
    path.chmod(mode)
    with pytest.raises(EnvironmentProblem) as caught:
        load_or_make_key(KeyPlace(path), may_make=True)
    assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE


@pytest.mark.parametrize("size", [0, 31, 33, 4096])
def test_key_of_wrong_size_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "store.key"
    path.touch(0o600)
    path.write_bytes(bytes(size))
    with pytest.raises(EnvironmentProblem) as caught:
        load_or_make_key(KeyPlace(path), may_make=True)
    assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE


def test_link_or_folder_in_the_keys_place_is_refused(tmp_path: Path) -> None:
    real = tmp_path / "real.key"
    load_or_make_key(KeyPlace(real), may_make=True)
    (tmp_path / "link.key").symlink_to(real)
    (tmp_path / "folder.key").mkdir(mode=0o700)
    for name in ("link.key", "folder.key"):
        with pytest.raises(EnvironmentProblem):
            load_or_make_key(KeyPlace(tmp_path / name), may_make=True)


def test_unwritable_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(EnvironmentProblem) as caught:
        load_or_make_key(KeyPlace(tmp_path / "keys" / "store.key"), may_make=True)
    assert caught.value.code is FailureCode.STORE_KEY_UNUSABLE
