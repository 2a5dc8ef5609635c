# SPDX-License-Identifier: Apache-2.0
"""How typed messages and their elements correspond: one description for XML and JSON alike."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from kiosk.errors import FailureCode, KioskError

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


_M = TypeVar("_M", bound=Message)

# The return types are those of the fields they stand for, as with `dataclasses.field`.


def leaf(name: str, *aliases: str) -> str | None:
    """A field held by an element with text; None where the element is absent, "" where it is empty."""
    return cast("str | None", field(default=None, metadata={_SPEC: _Spec(name, aliases)}))


def part(name: str, kind: type[_M]) -> _M:
    """A field that is always there to be asked; its element is left out where it would be empty."""
    return field(default_factory=kind, metadata={_SPEC: _Spec(name, kind=kind, always=True)})


def nested(name: str, kind: type[_M]) -> _M | None:
    """A field held by an element with elements."""
    return cast("_M | None", field(default=None, metadata={_SPEC: _Spec(name, kind=kind)}))


def listed(name: str, item: str, kind: type[_M]) -> tuple[_M, ...] | None:
    """A field held by an element with any number of `item` elements; None where the element is absent."""
    return cast("tuple[_M, ...] | None", field(default=None, metadata={_SPEC: _Spec(name, (), kind, item)}))


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
        value = _value(_specs(kind)[attribute], child)
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


def to_node(name: str, message: Message) -> Node:
    """The element of a typed message: its fields in their order, then what was unknown."""
    children: list[Node] = []
    for attribute, spec in _specs(type(message)).items():
        value = getattr(message, attribute)
        if value is None or (spec.always and spec.kind is not None and value == spec.kind()):
            continue
        if spec.kind is None:
            children.append(Node(spec.name, value))
        elif spec.item:
            children.append(Node(spec.name, children=tuple(to_node(spec.item, entry) for entry in value)))
        else:
            children.append(to_node(spec.name, value))
    return Node(name, children=(*children, *message.unknown))
