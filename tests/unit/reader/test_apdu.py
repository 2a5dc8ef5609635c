# SPDX-License-Identifier: Apache-2.0
"""Commands to the byte, and what may be seen of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.reader.apdu import CommandApdu, ResponseApdu, VerifyApdu, describe, encoded
from kiosk.secret import Secret


@pytest.mark.parametrize(
    ("command", "wire"),
    [
        (
            CommandApdu.select_application(bytes.fromhex("D392F000260100000001")),
            "00A4040C0AD392F000260100000001",
        ),
        (CommandApdu.select_file(0x0018), "00A4020C020018"),
        (CommandApdu.read_binary(0x1234, 256), "00B0123400"),
        (CommandApdu.read_binary(0, 4), "00B0000004"),
        (CommandApdu.read_binary(0, 65536, extended=True), "00B00000000000"),
        (CommandApdu.read_binary(0, 336, extended=True), "00B00000000150"),
        (CommandApdu.read_record(1), "00B2010400"),
        (CommandApdu.verify_query(), "00200080"),
        (CommandApdu.compute_signature(b"\x01\x02"), "802A008002010200"),
        (CommandApdu.compute_signature(b"\x01\x02", own_key=True), "802A000002010200"),
        (CommandApdu.get_challenge(32), "0084000020"),
        (CommandApdu.get_response(256), "00C0000000"),
        (VerifyApdu.of(Secret.of(b"1234")), "002000800431323334"),
    ],
)
def test_wire(command: CommandApdu, wire: str) -> None:
    assert command.encode() == bytes.fromhex(wire)


def _split(wire: bytes) -> tuple[bytes, int | None]:
    """Data and Le of a command, taken apart the long way (ISO/IEC 7816-3, 12.1.3)."""
    body = wire[4:]
    if not body:
        return b"", None
    if body[0] or len(body) == 1:
        if len(body) == 1:
            return b"", body[0] or 256
        length = body[0]
        rest = body[1 + length :]
        return body[1 : 1 + length], (rest[0] or 256) if rest else None
    if len(body) == 3:
        return b"", int.from_bytes(body[1:], "big") or 65536
    length = int.from_bytes(body[1:3], "big")
    rest = body[3 + length :]
    return body[3 : 3 + length], (int.from_bytes(rest, "big") or 65536) if rest else None


@given(
    data=st.binary(max_size=300),
    le=st.none() | st.integers(1, 65536),
)
def test_data_and_le_can_be_told_apart_again(data: bytes, le: int | None) -> None:
    extended = len(data) > 255 or (le or 0) > 256
    command = CommandApdu(0x00, 0xB0, 1, 2, data, le, extended)
    assert _split(bytes(command.encode())) == (data, le)


@pytest.mark.parametrize(
    "arguments",
    [{"le": 0}, {"le": 257}, {"data": bytes(256)}, {"le": 65537, "extended": True}],
)
def test_what_cannot_be_coded_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        CommandApdu(0, 0xB0, 0, 0, **arguments)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("offset", [-1, 0x8000])
def test_an_offset_beyond_fifteen_bits_is_refused(offset: int) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        CommandApdu.read_binary(offset, 1)


@pytest.mark.parametrize("length", [0, 17])
def test_a_verify_that_would_be_something_else_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        VerifyApdu.of(Secret.of(bytes(length)))


def test_encoded_bytes_are_overwritten() -> None:
    with encoded(VerifyApdu.of(Secret.of(b"1234"))) as wire:
        assert wire.endswith(b"1234")
    assert not any(wire)


def test_the_command_follows_its_secret_and_keeps_no_copy() -> None:
    secret = Secret.of(b"1234")
    command = VerifyApdu.of(secret)
    secret.clear()
    assert b"1234" not in command.encode()


def test_log_form_shows_no_data_and_of_verify_not_even_parameters() -> None:
    select = CommandApdu.select_file(0x0018)
    answer = ResponseApdu(b"geheim", 0x9000)
    assert describe(select, answer) == "SELECT 00 A4 02 0C Lc=2 → 6 bytes, 9000"
    verify = VerifyApdu.of(Secret.of(b"1234"))
    assert describe(verify, ResponseApdu(b"", 0x63C2)) == "VERIFY (with data) 00 20 → 0 bytes, 63C2"
    assert describe(CommandApdu.verify_query()) == "VERIFY (query) 00 20"
    assert repr(verify) == "VERIFY (with data) 00 20"
    assert repr(answer) == "<6 bytes, 9000>"


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_an_answer_without_status_word_is_none(raw: bytes) -> None:
    assert ResponseApdu.parse(raw) is None
