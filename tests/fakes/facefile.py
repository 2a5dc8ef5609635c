# SPDX-License-Identifier: Apache-2.0
"""A reader of face-result files as a reception computer may have one: events of a parser, and no schema.

Written from what is known of the files, without a line of the product, so that both cannot be wrong alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

NAME = re.compile(r"\AOQSsiquc01res_face_(?P<institution>[0-9]{10})[0-9a-f]{20}_(?P<time>[0-9]{14})\.xml\Z")
_DECLARATION = re.compile(
    rb"""\A<\?xml version="1\.0" encoding="(?P<name>[A-Za-z0-9_-]+)"( standalone="(yes|no)")?\?>"""
)
_LIMIT = 4 * 1024 * 1024


class NotAFaceFile(Exception):  # noqa: N818  # a property of the file
    """No reception computer would take it."""


@dataclass(slots=True)
class FaceFile:
    """What stands in the file: every element with text by its path, and its values in their order."""

    encoding: str
    values: dict[str, list[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The only value of an element of that name, wherever it stands."""
        found = self.all(name)
        if len(found) != 1:
            msg = f"{name} comes {len(found)} times"
            raise NotAFaceFile(msg)
        return found[0]

    def all(self, name: str) -> list[str]:
        """All values of elements of that name."""
        return [
            value for path, values in self.values.items() for value in values if path.endswith("/" + name)
        ]

    def names(self) -> set[str]:
        """The names of all elements with text."""
        return {path.rpartition("/")[2] for path in self.values}


def read(path: Path) -> FaceFile:
    """Read a file by its name and content; raises `NotAFaceFile`."""
    named = NAME.match(path.name)
    if named is None:
        raise NotAFaceFile("its name")
    file = read_bytes(path.read_bytes())
    if file.one("ProcessExecutionTime") != named["time"]:
        raise NotAFaceFile("the time of its name")
    if file.one("MedicalInstitutionCode") != named["institution"]:
        raise NotAFaceFile("the institution of its name")
    return file


def read_bytes(data: bytes) -> FaceFile:
    """Read the content: a declaration of one of two encodings, CRLF, no DTD, one root without a namespace."""
    declared = _DECLARATION.match(data)
    if declared is None or len(data) > _LIMIT:
        raise NotAFaceFile("its declaration, or its size")
    encoding = {b"UTF-8": "utf-8", b"Shift_JIS": "cp932"}.get(declared["name"])
    if encoding is None:
        raise NotAFaceFile("its encoding")
    if data.count(b"\n") != data.count(b"\r\n"):
        raise NotAFaceFile("its line ends")
    # expat knows no Shift_JIS: what the declaration promises must be true of the bytes
    text = data[declared.end() :].decode(encoding)
    file = FaceFile(encoding)
    where: list[str] = []
    spoken: list[list[str]] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if attributes:
            raise NotAFaceFile("attributes")
        where.append(name)
        spoken.append([])

    def end(_name: str) -> None:
        path, said = "/".join(where), "".join(spoken.pop())
        where.pop()
        if said.strip(" \r\n\t") or not any(known.startswith(path + "/") for known in file.values):
            file.values.setdefault(path, []).append(said)

    def say(data: str) -> None:
        if spoken:
            spoken[-1].append(data)

    def refuse(*_: object) -> None:
        raise NotAFaceFile("a document type")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = say
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode(), True)  # expat's own way of saying that this is all
    except expat.ExpatError as error:
        raise NotAFaceFile(expat.ErrorString(error.code)) from None
    if any(not path.startswith("XmlMsg/Message") for path in file.values):
        raise NotAFaceFile("its root")
    flag = file.one("CharacterCodeIdentifier")
    if flag != {"utf-8": "0", "cp932": "1"}[encoding]:
        raise NotAFaceFile("its CharacterCodeIdentifier")
    return file
