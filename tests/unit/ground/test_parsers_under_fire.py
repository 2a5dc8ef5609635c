# SPDX-License-Identifier: Apache-2.0
"""Every parser, given anything: no exception but our own. `bench/fuzz` does the same a million times."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fuzz.targets import TARGETS, run


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_well_is_read(name: str) -> None:
    for seed in TARGETS[name].seeds():
        run(name, seed)


@pytest.mark.parametrize("name", TARGETS)
def test_spoiled_inputs_raise_nothing_of_pythons_own(name: str) -> None:
    seeds = TARGETS[name].seeds()

    @settings(
        max_examples=10 if name == "settings_file" else 60,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(
        seed=st.sampled_from(seeds),
        cut=st.integers(0, 4096),
        patches=st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 255)), max_size=4),
        tail=st.binary(max_size=40),
    )
    def spoil(seed: bytes, cut: int, patches: list[tuple[int, int]], tail: bytes) -> None:
        data = bytearray(seed[:cut] or seed)
        for place, value in patches:
            if data:
                data[place % len(data)] = value
        run(name, bytes(data) + tail)
        run(name, tail)

    spoil()


@pytest.mark.parametrize("nested", [b"[" * 4000, b'{"do":' * 800, b'{"XmlMsg":' * 800, b"a = " + b"[" * 3000])
@pytest.mark.parametrize("name", ["control_order", "message_json", "settings_file"])
def test_what_is_nested_beyond_sense_is_refused(name: str, nested: bytes) -> None:
    run(name, nested)


@pytest.mark.parametrize("name", ["control_order", "message_json", "settings_file"])
def test_numbers_longer_than_numbers_are_refused(name: str) -> None:
    digits = b"9" * 5000
    for data in (digits, b'{"do":' + digits + b"}", b'{"XmlMsg": ' + digits + b"}", b"a = " + digits):
        run(name, data)


def test_line_ends_of_other_times_are_refused() -> None:
    """Found by the fuzzer: what is read as text is not what is read as bytes."""
    for data in (b"\r#", b'[kiosk]\rid = "K1"\r', b"\xef\xbb\xbf[kiosk]\n"):
        run("settings_file", data)
