# SPDX-License-Identifier: Apache-2.0
"""XmlMsg as XML: read what others write, write what others read."""

from __future__ import annotations

import codecs
import dataclasses
import re
from enum import StrEnum
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from kiosk.eligibility.codes import CharacterCode
from kiosk.eligibility.message import Message, MessageUnreadable, Node, Spelling, from_node, to_node
from kiosk.eligibility.model import Answer

SIZE_LIMIT = 4 * 1024 * 1024
DEPTH_LIMIT = 24  # the deepest known message has 6
MARKS_LIMIT = (
    100_000  # a check's answer has some 150; 4 MB of empty elements would take half a minute to read
)
ROOT = "XmlMsg"
SUBSTITUTE = "●"  # what the official messages put for a character they cannot carry

_M = TypeVar("_M", bound=Message)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9_.-]+)["']""")
_JAPANESE = frozenset({"shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "cp932", "ms932"})
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Characters that Unicode has twice where CP932 has them once: the other one of each pair can be written.
_TWINS = str.maketrans(
    {"〜": "～", "−": "－", "‖": "∥", "—": "―", "¢": "￠", "£": "￡", "¬": "￢", "¦": "￤"}
)


class Encoding(StrEnum):
    """How a file is written. What is called Shift_JIS out there is CP932."""

    UTF_8 = "utf-8"
    CP932 = "cp932"


def parse(kind: type[_M], data: bytes) -> _M:
    """Read a message; raises `MessageUnreadable` for anything that is not one.

    Document type definitions and entities are refused, elements may come in any order.
    """
    if len(data) > SIZE_LIMIT:
        raise MessageUnreadable("larger than 4 MB")
    text = _text(data)
    if text.count("<") > MARKS_LIMIT:
        raise MessageUnreadable("more elements than any message has")
    try:
        root = fromstring(text, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        # the parser's own words may quote the message
        detail = f"no XML that is allowed ({type(error).__name__})"
        raise MessageUnreadable(detail) from None
    node = _node(root, 0)
    if node.name != ROOT:
        raise MessageUnreadable("the root element is another")
    return from_node(kind, node)


def parse_answer(data: bytes) -> Answer:
    """Read an answer, such as a face-result file."""
    return parse(Answer, data)


def write(message: Message, encoding: Encoding = Encoding.UTF_8, spelling: Spelling = Spelling.REAL) -> bytes:
    """The message with its declaration and CRLF; what the encoding cannot carry becomes `●`.

    An answer's `CharacterCodeIdentifier` is made to tell the encoding used.
    """
    if isinstance(message, Answer):
        code = CharacterCode.SHIFT_JIS if encoding is Encoding.CP932 else CharacterCode.UTF_8
        message = dataclasses.replace(
            message, header=dataclasses.replace(message.header, character_code=code.value)
        )
    name = "Shift_JIS" if encoding is Encoding.CP932 else "UTF-8"
    lines = [f'<?xml version="1.0" encoding="{name}" standalone="no"?>']
    _write_node(to_node(ROOT, message, spelling), 0, lines, encoding)
    return "".join(line + "\r\n" for line in lines).encode(encoding.value)


def _text(data: bytes) -> str:
    data = data.removeprefix(codecs.BOM_UTF8)
    declared = _DECLARED.match(data[:512])
    name = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if name in _JAPANESE:
        tried = ["cp932"]
    elif name in {"utf-8", "utf8"}:
        # some write CP932 under a declaration of UTF-8; text of one is hardly ever text of the other
        tried = ["utf-8", "cp932"]
    else:
        raise MessageUnreadable("in an encoding that is not used")
    for encoding in tried:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break  # UTF-16 that does not say so; the parser would guess it, and read other letters
        return _DECLARATION.sub("", text, count=1) if text.lstrip().startswith("<?xml") else text
    raise MessageUnreadable("bytes that are no text in its encoding")


def _node(element: Element, depth: int) -> Node:
    if depth > DEPTH_LIMIT:
        raise MessageUnreadable("nested too deeply")
    children = tuple(_node(child, depth + 1) for child in element)
    return Node(element.tag, "" if children else element.text or "", children)


def _write_node(node: Node, depth: int, lines: list[str], encoding: Encoding) -> None:
    indent = "  " * depth
    if not node.children:
        lines.append(f"{indent}<{node.name}>{_escaped(node.text, encoding)}</{node.name}>")
        return
    lines.append(f"{indent}<{node.name}>")
    for child in node.children:
        _write_node(child, depth + 1, lines, encoding)
    lines.append(f"{indent}</{node.name}>")


def _escaped(text: str, encoding: Encoding) -> str:
    text = _IMPOSSIBLE.sub(SUBSTITUTE, text)
    if encoding is Encoding.CP932:
        text = "".join(
            character if _encodable(character) else SUBSTITUTE for character in text.translate(_TWINS)
        )
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")  # a bare one would be read back as a line feed


def _encodable(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
