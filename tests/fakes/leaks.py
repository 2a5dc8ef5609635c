# SPDX-License-Identifier: Apache-2.0
"""Looks for what must not get out: names, numbers and digits of the fictional patients, in many spellings."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import struct
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from kiosk.simulator.patients.people import PATIENTS, Patient

_ERAS = ((date(2019, 5, 1), 2018), (date(1989, 1, 8), 1988), (date(1926, 12, 25), 1925))
_COUNTY = "東京都架空区"  # where all of them live, and nobody else
_SHORT = 4
_LEAST = 6  # bytes: fewer would be found among random ones
# Identifiers and digests are full of digits that mean nothing. An identifier (of our years) is known by its
# beginning: in a page of a database the columns stand side by side, with nothing between them.
_MEANINGLESS = re.compile(r"01[A-Z][0-9A-HJKMNP-TV-Z]{23}|[0-9a-f]{20,}|\$argon2\S+")
_PNG = b"\x89PNG\r\n\x1a\n"
_TEXT = re.compile(rb"[\x20-\x7e]{6,}")


def secrets_of(person: Patient) -> set[str]:
    """What is long enough to be looked for anywhere."""
    names = {person.name, person.kana, unicodedata.normalize("NFKC", person.kana)}
    found = {name.replace("　", " ").replace(" ", between) for name in names for between in ("", " ", "　")}
    found |= {_COUNTY, f"{person.birth:%Y%m%d}", f"{person.birth:%Y-%m-%d}"}
    if len(person.insurance.number) > _SHORT:
        found.add(person.insurance.number)
    return found


def digits_of(person: Patient) -> set[str]:
    """Numbers so short that they may stand for something else: looked for as words of their own only."""
    numbers = {person.pin, person.security_code, person.insurance.number} - {"0000"}
    return {number for number in numbers if len(number) <= _SHORT}


def number_b_of(person: Patient) -> str:
    """A pattern of 照合番号B: the birth date as printed, the year of expiry, the security code."""
    era = next(year for begin, year in _ERAS if person.birth >= begin)
    return rf"{person.birth.year - era:02}{person.birth:%m%d}\d{{4}}{person.security_code}"


def spellings(text: str) -> set[bytes]:
    """How a text may lie in a file."""
    data = text.encode()
    escaped = json.dumps(text)[1:-1]
    found = {data, escaped.encode(), escaped.upper().replace("\\U", "\\u").encode(), quote(text).encode()}
    found |= {data.hex().encode(), data.hex().upper().encode(), repr(data)[2:-1].encode()}
    for encoding in ("utf-16-le", "utf-16-be", "cp932", "euc_jp"):
        with suppress(UnicodeEncodeError):
            found.add(text.encode(encoding))
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + data)
        # the first and the last group depend on the neighbours
        found.add(whole[4 if shift else 0 : len(whole) - 4])
    return {form for form in found if len(form) >= _LEAST}


@dataclass(frozen=True)
class _Sought:
    """All that is looked for; `heads` are the first bytes of the forms as numbers, in order."""

    forms: dict[int, list[bytes]]
    heads: NDArray[np.uint64]
    numbers: re.Pattern[bytes]
    short: re.Pattern[str]


@cache
def _sought() -> _Sought:
    people = [person for person in PATIENTS if person.name]
    forms: dict[int, list[bytes]] = {}
    for form in {form for person in people for text in secrets_of(person) for form in spellings(text)}:
        forms.setdefault(int.from_bytes(form[:_LEAST], "big"), []).append(form)
    numbers = [number_b_of(person).encode() for person in people]
    short = {digits for person in people for digits in digits_of(person)}
    return _Sought(
        forms,
        np.array(sorted(forms), dtype=np.uint64),
        re.compile(b"|".join(numbers)),
        re.compile(rf"(?<!\d)(?:{'|'.join(sorted(short))})(?!\d)"),
    )


def _long_forms(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each place where one of the forms lies.

    They are found by their first bytes, all places at once: one pattern of these thousands of forms takes
    minutes for a megabyte.
    """
    sought = _sought()
    if len(data) < _LEAST:
        return
    octets = np.frombuffer(data, dtype=np.uint8).astype(np.uint64)
    places = len(data) - _LEAST + 1
    heads = np.zeros(places, dtype=np.uint64)
    for step in range(_LEAST):
        heads = (heads << np.uint64(8)) | octets[step : step + places]
    found = np.minimum(np.searchsorted(sought.heads, heads), len(sought.heads) - 1)
    for place in np.flatnonzero(sought.heads[found] == heads):
        for form in sought.forms[int(heads[place])]:
            if data.startswith(form, int(place)):
                yield int(place), form


def leaks_in_bytes(data: bytes) -> list[str]:
    """What was found of anybody, with a little of what stands around it."""
    sought = _sought()
    found = [f"{place}: {form!r}" for place, form in _long_forms(data)]
    found += [f"{match.start()}: {match.group()!r}" for match in sought.numbers.finditer(data)]
    for text in _TEXT.finditer(data):
        plain = _MEANINGLESS.sub("#", text.group().decode("ascii"))
        found += [
            plain[max(0, match.start() - 20) : match.end() + 20] for match in sought.short.finditer(plain)
        ]
    return found


def leaks_in_text(text: str) -> list[str]:
    """The same for what was said."""
    return leaks_in_bytes(text.encode())


def leaks_in_database(file: Path) -> list[str]:
    """The file as it lies there, and each value of it by itself."""
    found = leaks_in_bytes(file.read_bytes())
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        for value in _values(database):
            # a value of a few characters is no text run of the file, so it is looked at with room around it
            found += leaks_in_bytes(
                f"      {value}      ".encode() if not isinstance(value, bytes) else value
            )
    finally:
        database.close()
    return found


def leaks_below(folder: Path, *intended: str) -> dict[str, list[str]]:
    """What was found in any file below, and in its name; `intended` are patterns of paths left out."""
    found = {}
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if any(file.relative_to(folder).match(pattern) for pattern in intended):
            continue
        leaks = leaks_in_text(name)
        if file.is_file():
            leaks += _leaks_in_file(file)
        if leaks:
            found[name] = leaks
    return found


def _leaks_in_file(file: Path) -> list[str]:
    if file.suffix == ".sqlite3":
        return leaks_in_database(file)
    data = file.read_bytes()
    return leaks_in_bytes(_beside_the_picture(data) if data.startswith(_PNG) else data)


def _beside_the_picture(data: bytes) -> bytes:
    """Every chunk of a PNG but its compressed points, among which no text could be seen anyway."""
    kept, place = bytearray(), len(_PNG)
    while place + 12 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        if data[place + 4 : place + 8] != b"IDAT":
            kept += data[place : place + 12 + length]
        place += 12 + length
    return bytes(kept)


def _values(database: sqlite3.Connection) -> Iterator[object]:
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  # its own tables
            yield from row
