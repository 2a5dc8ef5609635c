# SPDX-License-Identifier: Apache-2.0
"""How the simulated card writes tags, lengths and offset tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.simulator.card.tlv import LengthForm, TlvWriter, filled, length


@pytest.mark.parametrize(
    ("size", "written"), [(0, "00"), (127, "7f"), (128, "820080"), (159, "82009f"), (300, "82012c")]
)
def test_lengths_skip_the_81_form(size: int, written: str) -> None:
    assert length(size).hex() == written


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (LengthForm.SHORT, "ff2004df220141"),
        (LengthForm.LONG_OUTER, "ff20820004df220141"),
        (LengthForm.LONG, "ff20820006df2282000141"),
    ],
)
def test_each_form_writes_its_lengths(form: LengthForm, written: str) -> None:
    writer = TlvWriter(form)
    assert writer.outer(0xFF20, writer.inner(0xDF22, b"A")).hex() == written


@given(
    form=st.sampled_from(LengthForm),
    values=st.lists(st.binary(max_size=400), min_size=1, max_size=9),
)
def test_offsets_point_at_the_objects_from_the_files_first_byte(
    form: LengthForm, values: list[bytes]
) -> None:
    writer = TlvWriter(form)
    objects = [writer.inner(0xDF22 + place, value) for place, value in enumerate(values)]
    file = writer.with_offsets(0xFF20, 0xDF21, objects)
    body = b"".join(objects)
    assert file.endswith(body)
    table = file[: -len(body)][-2 * len(objects) :]
    for place, entry in enumerate(objects):
        offset = int.from_bytes(table[2 * place : 2 * place + 2], "big")
        assert file[offset:].startswith(entry)


def test_filler_goes_up_to_the_physical_size() -> None:
    assert filled(b"\x01", 3) == b"\x01\xff\xff"
