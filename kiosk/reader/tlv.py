# SPDX-License-Identifier: Apache-2.0
"""Data objects as the card writes them: parsed by their own lengths, never indexed (facts: card.md 5.1).

Lengths may be longer than needed (``82 00 9F``), files may be longer than their object (filled with ``FF``),
and the private tags ``FFxx`` say *constructed* even where their value is text. So nothing recurses by itself:
the caller says where children are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from kiosk.reader.errors import MalformedDataError

_FILLER = frozenset({0x00, 0xFF})
_MAX_TAG_BYTES = 3
_MAX_LENGTH_BYTES = 3


@dataclass(frozen=True, slots=True)
class Head:
    """A tag and a length, and how many bytes they take together."""

    tag: int
    size: int
    length: int

    @property
    def total(self) -> int:
        """Bytes of the whole object."""
        return self.size + self.length

    @classmethod
    def read(cls, data: bytes, at: int = 0) -> Self:
        """The head at that place; raises `MalformedDataError` where it is cut off or of no known form."""
        tag, position = _read_tag(data, at)
        if position >= len(data):
            raise MalformedDataError(detail="length missing")
        first = data[position]
        position += 1
        if first < 0x80:
            return cls(tag, position - at, first)
        count = first & 0x7F
        if not 1 <= count <= _MAX_LENGTH_BYTES:
            raise MalformedDataError(detail="length of unknown form")
        field = data[position : position + count]
        if len(field) < count:
            raise MalformedDataError(detail="length cut off")
        return cls(tag, position + count - at, int.from_bytes(field, "big"))


def _read_tag(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise MalformedDataError(detail="tag missing")
    tag = data[at]
    position = at + 1
    if tag & 0x1F != 0x1F:
        return tag, position
    for _ in range(_MAX_TAG_BYTES - 1):
        if position >= len(data):
            raise MalformedDataError(detail="tag cut off")
        byte = data[position]
        position += 1
        tag = tag << 8 | byte
        if not byte & 0x80:
            return tag, position
    raise MalformedDataError(detail="tag too long")


@dataclass(frozen=True, slots=True, repr=False)
class Tlv:
    """One data object; `raw` is all of it, as hashes and signatures want it."""

    tag: int
    value: bytes
    raw: bytes

    @classmethod
    def parse(cls, data: bytes, at: int = 0) -> Self:
        """The object at that place; what follows it is left alone."""
        head = Head.read(data, at)
        raw = data[at : at + head.total]
        if len(raw) < head.total:
            raise MalformedDataError(detail="value cut off")
        return cls(head.tag, raw[head.size :], raw)

    @classmethod
    def expect(cls, data: bytes, tag: int) -> Self:
        """The object at the start of `data`, which must have that tag."""
        found = cls.parse(data)
        if found.tag != tag:
            raise MalformedDataError(detail=f"tag {tag:X} expected")
        return found

    def children(self) -> Children:
        """The objects inside, in their order; filler ends them, and unknown tags stay among them."""
        return Children.parse(self.value)

    def __repr__(self) -> str:
        return f"<TLV {self.tag:X}, {len(self.value)} bytes>"


@dataclass(frozen=True, slots=True)
class Children:
    """Data objects side by side."""

    objects: tuple[Tlv, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """All objects in `data`, up to its end or to filler."""
        objects: list[Tlv] = []
        at = 0
        while at < len(data) and data[at] not in _FILLER:
            item = Tlv.parse(data, at)
            objects.append(item)
            at += len(item.raw)
        return cls(tuple(objects))

    def find(self, tag: int) -> Tlv | None:
        """The first object with that tag."""
        return next((item for item in self.objects if item.tag == tag), None)

    def require(self, tag: int) -> Tlv:
        """The first object with that tag; raises `MalformedDataError` where there is none."""
        found = self.find(tag)
        if found is None:
            raise MalformedDataError(detail=f"tag {tag:X} missing")
        return found
