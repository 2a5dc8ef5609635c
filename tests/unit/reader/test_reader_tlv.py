# SPDX-License-Identifier: Apache-2.0
"""Data objects as cards write them, and as they should not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.reader.errors import MalformedDataError
from kiosk.reader.tlv import Children, Head, Tlv


def _length(size: int, form: int) -> bytes:
    return bytes((size,)) if form == 0 else bytes((0x80 | form,)) + size.to_bytes(form, "big")


@pytest.mark.parametrize(
    ("raw", "tag", "value"),
    [
        ("FF2003414243", 0xFF20, b"ABC"),
        ("FF20810341424300FF", 0xFF20, b"ABC"),
        ("FF208200 03 414243 FFFF", 0xFF20, b"ABC"),
        ("01 02 3031", 0x01, b"01"),
        ("7F21 00", 0x7F21, b""),
        ("5F4E 01 FF", 0x5F4E, b"\xff"),
    ],
)
def test_both_length_forms_and_filler(raw: str, tag: int, value: bytes) -> None:
    found = Tlv.parse(bytes.fromhex(raw))
    assert (found.tag, found.value) == (tag, value)


@pytest.mark.parametrize(
    "raw",
    ["", "FF", "FF20", "FF2005AA", "FF2080", "FF208401000000", "FF2082FF", "FFFFFFFFFF", "DF82828201 00"],
)
def test_what_is_cut_off_or_of_no_known_form_is_our_own_error(raw: str) -> None:
    with pytest.raises(MalformedDataError):
        Tlv.parse(bytes.fromhex(raw))


def test_children_keep_unknown_tags_and_end_at_filler() -> None:
    children = Children.parse(bytes.fromhex("DF2201AA DF7F01BB DF2301CC FFFFFF"))
    assert [child.tag for child in children.objects] == [0xDF22, 0xDF7F, 0xDF23]
    assert children.require(0xDF23).raw == bytes.fromhex("DF2301CC")
    assert children.find(0xDF24) is None
    with pytest.raises(MalformedDataError, match="DF24"):
        children.require(0xDF24)


def test_another_tag_than_expected() -> None:
    with pytest.raises(MalformedDataError):
        Tlv.expect(bytes.fromhex("FF1001AA"), 0xFF20)


@given(
    st.lists(
        st.tuples(st.integers(0x21, 0x3F), st.binary(max_size=200), st.sampled_from([1, 2, 3])), max_size=8
    )
)
def test_what_was_written_is_read(parts: list[tuple[int, bytes, int]]) -> None:
    raw = b"".join(b"\xdf" + bytes((tag,)) + _length(len(value), form) + value for tag, value, form in parts)
    found = Children.parse(raw + b"\xff" * 5)
    assert [(child.tag & 0xFF, child.value) for child in found.objects] == [(t, v) for t, v, _ in parts]
    assert b"".join(child.raw for child in found.objects) == raw


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        head = Head.read(raw)
        children = Children.parse(raw)
    except MalformedDataError:
        return
    assert head.size <= len(raw)
    assert sum(len(child.raw) for child in children.objects) <= len(raw)


def test_values_are_never_printed() -> None:
    assert repr(Tlv.parse(b"\x01\x061234AB")) == "<TLV 1, 6 bytes>"
