# SPDX-License-Identifier: Apache-2.0
"""XmlMsg as JSON: the same names, lists as arrays of one-member objects, every value a string."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeVar

from kiosk.eligibility.codec_xml import DEPTH_LIMIT, MARKS_LIMIT, ROOT, SIZE_LIMIT
from kiosk.eligibility.message import Message, MessageUnreadable, Node, containers, from_node, to_node
from kiosk.eligibility.model import Answer

_M = TypeVar("_M", bound=Message)


def parse(kind: type[_M], data: bytes) -> _M:
    """Read a message; raises `MessageUnreadable` for anything that is not one, doubled names included."""
    if len(data) > SIZE_LIMIT:
        raise MessageUnreadable("larger than 4 MB")
    if data.count(b":") > MARKS_LIMIT:
        raise MessageUnreadable("more elements than any message has")
    try:
        value = json.loads(data, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        detail = f"no JSON ({type(error).__name__})"
        raise MessageUnreadable(detail) from None
    return from_value(kind, value)


def parse_answer(data: bytes) -> Answer:
    """Read an answer as it comes from upstream."""
    return parse(Answer, data)


def from_value(kind: type[_M], value: object) -> _M:
    """The typed message of JSON that is parsed already."""
    if not isinstance(value, Mapping) or value.keys() != {ROOT}:
        raise MessageUnreadable("the root is another")
    return from_node(kind, _node(ROOT, value[ROOT], 0))


def to_value(message: Message) -> dict[str, object]:
    """The message as JSON values: ``{"XmlMsg": {…}}``."""
    return {ROOT: _value(to_node(ROOT, message), dict(containers(type(message))))}


def write(message: Message) -> bytes:
    """The message as JSON text in UTF-8; characters that UTF-8 cannot carry stay escaped."""
    return json.dumps(to_value(message), ensure_ascii=True).encode("ascii")


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MessageUnreadable("a name comes twice in one object")
    return members


def _node(name: str, value: object, depth: int) -> Node:
    if depth > DEPTH_LIMIT:
        raise MessageUnreadable("nested too deeply")
    if isinstance(value, str):
        return Node(name, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Node(name, str(value))  # somebody's number where a string belongs; nothing is lost
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, Sequence):
        pairs = [pair for entry in value for pair in _single(entry)]
    else:
        detail = f"{name} is neither text nor elements"
        raise MessageUnreadable(detail)
    return Node(name, children=tuple(_node(key, item, depth + 1) for key, item in pairs if item is not None))


def _single(entry: object) -> list[tuple[str, object]]:
    if not isinstance(entry, Mapping) or len(entry) != 1:
        raise MessageUnreadable("an entry of a list is no object of one member")
    return list(entry.items())


def _value(node: Node, known: Mapping[str, bool]) -> object:
    if not node.children:
        if node.name not in known:
            return node.text
        return [] if known[node.name] else {}
    names = [child.name for child in node.children]
    if known.get(node.name, False) or len(set(names)) != len(names):
        return [{child.name: _value(child, known)} for child in node.children]
    return {child.name: _value(child, known) for child in node.children}
