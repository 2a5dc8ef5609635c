# SPDX-License-Identifier: Apache-2.0
"""Writes tag, length and value in the forms that cards use."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

FILLER = b"\xff"


class LengthForm(StrEnum):
    """How lengths are written: cards in the field differ, and a reader must take them all."""

    SHORT = "short"  # one byte below 128, `82 hi lo` from there on
    LONG_OUTER = "long_outer"  # the outermost object always `82 hi lo`, the inner ones as above
    LONG = "long"  # every length `82 hi lo`


def length(size: int, *, long: bool = False) -> bytes:
    """The length bytes; never the `81` form, which no card was seen to use."""
    if size < 0x80 and not long:
        return bytes((size,))
    return b"\x82" + size.to_bytes(2, "big")


class TlvWriter:
    """Writes the objects of one card, all in the same length form."""

    def __init__(self, form: LengthForm = LengthForm.SHORT) -> None:
        self._form = form

    def inner(self, tag: int, value: bytes) -> bytes:
        """An object inside a file."""
        return _tag(tag) + length(len(value), long=self._form is LengthForm.LONG) + value

    def outer(self, tag: int, value: bytes) -> bytes:
        """The one object that a file consists of."""
        return _tag(tag) + length(len(value), long=self._form is not LengthForm.SHORT) + value

    def with_offsets(self, tag: int, table_tag: int, objects: Sequence[bytes]) -> bytes:
        """An outer object that begins with a table of where, in the file, each of `objects` starts."""
        table_size = len(self.inner(table_tag, bytes(2 * len(objects))))
        body = b"".join(objects)
        start = len(self.outer(tag, bytes(table_size + len(body)))) - len(body)
        offsets = bytearray()
        for entry in objects:
            offsets += start.to_bytes(2, "big")
            start += len(entry)
        return self.outer(tag, self.inner(table_tag, bytes(offsets)) + body)


def filled(content: bytes, size: int) -> bytes:
    """`content` with filler up to the file's physical size."""
    return content.ljust(size, FILLER)


def _tag(tag: int) -> bytes:
    return tag.to_bytes(2 if tag > 0xFF else 1, "big")
