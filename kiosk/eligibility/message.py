# SPDX-License-Identifier: Apache-2.0
"""How typed messages and their elements correspond: one description for XML and JSON alike."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar, cast

from kiosk.eligibility.values import Form, Unread, Value, Writing, read
from kiosk.errors import FailureCode, KioskError


class Spelling(StrEnum):
    """Which names are written for the elements that programs spell in two ways (facts: oqs.md 2.4)."""

    REAL = "real"  # as the real files have them
    TWIN = "twin"  # as a program writes them that other reception computers were taught by
    BOTH = "both"


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}\Z")
_SPEC = "element"


class MessageUnreadable(KioskError):  # noqa: N818  # a property of the message, named as such
    """A message that is not what it should be; its content is in no text of this."""

    def __init__(self, detail: str) -> None:
        super().__init__(FailureCode.UPSTREAM_ANSWER_WRONG, detail=detail)


@dataclass(frozen=True, slots=True)
class Node:
    """One element as it came: a name with either text or children. Text beside children is white space."""

    name: str
    text: str = field(default="", repr=False)
    children: tuple[Node, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            # a name that XML could not carry would change the message when it is written
            raise MessageUnreadable("an element has an impossible name")


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Message:
    """Base of all typed messages. `unknown` keeps what this program has no name for, as it came."""

    unknown: tuple[Node, ...] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


@dataclass(frozen=True, slots=True)
class _Spec:
    name: str
    aliases: tuple[str, ...] = ()
    kind: type[Message] | None = None
    item: str = ""  # name of one entry, where the element holds a list
    always: bool = False  # the field holds an empty message where the element is absent
    repeated: bool = False  # the element itself may come any number of times
    writing: Writing = Form.TEXT


_M = TypeVar("_M", bound=Message)

# The return types are those of the fields they stand for, as with `dataclasses.field`.


def leaf(name: str, *aliases: str, writing: Writing = Form.TEXT) -> str | None:
    """A field held by an element with text; None where the element is absent, "" where it is empty."""
    spec = _Spec(name, aliases, writing=writing)
    return cast("str | None", field(default=None, metadata={_SPEC: spec}))


def part(name: str, kind: type[_M]) -> _M:
    """A field that is always there to be asked; its element is left out where it would be empty."""
    return field(default_factory=kind, metadata={_SPEC: _Spec(name, kind=kind, always=True)})


def nested(name: str, kind: type[_M]) -> _M | None:
    """A field held by an element with elements."""
    return cast("_M | None", field(default=None, metadata={_SPEC: _Spec(name, kind=kind)}))


def listed(name: str, item: str, kind: type[_M]) -> tuple[_M, ...] | None:
    """A field held by an element with any number of `item` elements; None where the element is absent."""
    return cast("tuple[_M, ...] | None", field(default=None, metadata={_SPEC: _Spec(name, (), kind, item)}))


def repeated(name: str, kind: type[_M]) -> tuple[_M, ...]:
    """A field held by any number of elements of that name, side by side."""
    return field(default=(), metadata={_SPEC: _Spec(name, kind=kind, repeated=True)})


_specs_of: dict[type[Message], dict[str, _Spec]] = {}


def _specs(kind: type[Message]) -> dict[str, _Spec]:
    """Field name to description, in the order of the class, which is the order of writing."""
    known = _specs_of.get(kind)
    if known is None:
        known = {f.name: f.metadata[_SPEC] for f in dataclasses.fields(kind) if _SPEC in f.metadata}
        _specs_of[kind] = known
    return known


def _attribute(kind: type[Message], element: str) -> str | None:
    for attribute, spec in _specs(kind).items():
        if element == spec.name or element in spec.aliases:
            return attribute
    return None


def containers(kind: type[Message]) -> Iterator[tuple[str, bool]]:
    """Names of elements that hold elements, of this kind and all within, and whether each is a list."""
    for spec in _specs(kind).values():
        if spec.kind is not None:
            yield spec.name, bool(spec.item)
            yield from containers(spec.kind)


def typed(message: Message) -> dict[str, Value]:
    """What the texts of one message say, by field; parts and lists are messages of their own."""
    return {
        attribute: read(spec.writing, getattr(message, attribute))
        for attribute, spec in _specs(type(message)).items()
        if spec.kind is None
    }


@dataclass(frozen=True, slots=True)
class Strange:
    """A code, date or element that this program does not know; `raw` is for staff, and for no log."""

    element: str
    raw: str = field(repr=False)
    is_code: bool = False  # a text where a code of a known list should stand: nothing personal

    def __str__(self) -> str:
        return f"{self.element}={self.raw}"


def strange(message: Message) -> tuple[Strange, ...]:
    """Everything in a message and its parts that this program has no meaning for, in the order of writing."""
    found: list[Strange] = []
    for attribute, spec in _specs(type(message)).items():
        value = getattr(message, attribute)
        if spec.kind is None:
            if isinstance(read(spec.writing, value), Unread):
                found.append(Strange(spec.name, value, is_code=isinstance(spec.writing, type)))
            continue
        for part_of in value if isinstance(value, tuple) else (value,):
            if part_of is not None:
                found.extend(strange(part_of))
    found.extend(Strange(node.name, _flat(node)) for node in message.unknown)
    return tuple(found)


def _flat(node: Node) -> str:
    """The text of an element with all its elements, for reading."""
    if not node.children:
        return node.text
    return " ".join(f"{child.name}={_flat(child)}" for child in node.children)


def from_node(kind: type[_M], node: Node) -> _M:
    """The typed message of an element. Order does not matter, unknown elements are kept.

    An element that comes twice with different content is refused: which of two validities counts is not to be
    guessed.
    """
    if node.text.strip() and not node.children:
        detail = f"{node.name} holds text instead of elements"
        raise MessageUnreadable(detail)
    values: dict[str, Any] = {}
    unknown: list[Node] = []
    for child in node.children:
        attribute = _attribute(kind, child.name)
        if attribute is None:
            unknown.append(child)
            continue
        spec = _specs(kind)[attribute]
        value = _value(spec, child)
        if spec.repeated:
            values[attribute] = (*values.get(attribute, ()), value)
            continue
        if values.setdefault(attribute, value) != value:
            detail = f"{child.name} comes twice and differs"
            raise MessageUnreadable(detail)
    return kind(unknown=tuple(unknown), **values)


def _value(spec: _Spec, node: Node) -> object:
    if spec.kind is None:
        if node.children:
            detail = f"{node.name} holds elements instead of text"
            raise MessageUnreadable(detail)
        return node.text
    if not spec.item:
        return from_node(spec.kind, node)
    if any(child.name != spec.item for child in node.children):
        detail = f"{node.name} holds something that is no {spec.item}"
        raise MessageUnreadable(detail)
    return tuple(from_node(spec.kind, child) for child in node.children)


def to_node(name: str, message: Message, spelling: Spelling = Spelling.REAL) -> Node:
    """The element of a typed message: its fields in their order, then what was unknown."""
    children: list[Node] = []
    for attribute, spec in _specs(type(message)).items():
        value = getattr(message, attribute)
        if value is None or (spec.always and spec.kind is not None and value == spec.kind()):
            continue
        if spec.kind is None:
            children.extend(Node(written, value) for written in _spelt(spec, spelling))
        elif spec.repeated:
            children.extend(to_node(spec.name, entry, spelling) for entry in value)
        elif spec.item:
            entries = tuple(to_node(spec.item, entry, spelling) for entry in value)
            children.append(Node(spec.name, children=entries))
        else:
            children.append(to_node(spec.name, value, spelling))
    return Node(name, children=(*children, *message.unknown))


def _spelt(spec: _Spec, spelling: Spelling) -> tuple[str, ...]:
    """The names to write an element under; of several other spellings the last differs in every word."""
    if not spec.aliases or spelling is Spelling.REAL:
        return (spec.name,)
    twin = spec.aliases[-1]
    return (twin,) if spelling is Spelling.TWIN else (spec.name, twin)
