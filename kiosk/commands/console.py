# SPDX-License-Identifier: Apache-2.0
"""What commands write: answers to standard output, everything else to standard error."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.clock import TOKYO
from kiosk.errors import FailureCode, KioskError
from kiosk.texts import Catalogue

ASSETS = Path(__file__).resolve().parents[2] / "assets"
TEXTS = ASSETS / "i18n"
LANGUAGES = ("en", "ja")

_LOWER_WORD = re.compile(r"^[a-z](?=[a-z]* )")

EXIT_DONE = 0
EXIT_NO = 1
EXIT_USAGE = 2
EXIT_BROKEN = 3


@dataclass(frozen=True, slots=True)
class Console:
    """The two streams of a command. With `json` there is one document on standard output, and nothing else.

    Lives on: main thread. The streams are looked up at each call, so that they can be exchanged.
    """

    language: str = "en"
    json: bool = False
    debug: bool = False

    def answer(self, document: Mapping[str, object], lines: Sequence[str]) -> None:
        """The answer: the document for programs, or the lines for people."""
        if self.json:
            self.raw(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        else:
            self.raw("".join(line + "\n" for line in lines))

    def line(self, document: Mapping[str, object], text: str) -> None:
        """An answer of one line, for a command that then goes on until it is ended."""
        self.raw((json.dumps(document, ensure_ascii=False) if self.json else text) + "\n")

    def raw(self, text: str) -> None:
        """Text that is an answer as it stands."""
        stream = sys.stdout
        stream.write(text)
        stream.flush()

    def note(self, text: str) -> None:
        """Something said beside the answer."""
        stream = sys.stderr
        stream.write(text + "\n")
        stream.flush()

    def failure(self, code: FailureCode, detail: str) -> None:
        """One line about what went wrong and what to do, with its code; with `json` a document, too."""
        line = sentence(code, detail, self.language)
        self.note(f"kiosk: {line}")
        if self.json:
            error = {"code": code.value, "detail": detail, "sentence": line}
            self.answer({"ok": False, "error": error}, ())


def sentence(code: FailureCode, detail: str, language: str) -> str:
    """What went wrong, the technician's hint for it, and the code."""
    said = _LOWER_WORD.sub(lambda found: found.group().upper(), detail.strip().replace("\n", " "))
    if said and not said.endswith((".", "。", "!", "?")):
        said += "."
    return " ".join(part for part in (said, hint(code, language), f"[{code.value}]") if part)


def hint(code: FailureCode, language: str) -> str:
    """What a technician can do about a failure; empty where the catalogue itself cannot be read."""
    try:
        return Catalogue.load(TEXTS, language).failure(code).technician
    except (KioskError, KeyError):
        return ""


def moment(value: datetime | None) -> str:
    """A time for people, in Japan's time."""
    return "-" if value is None else f"{value.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"


def stamp(value: datetime | None) -> str | None:
    """A time for programs."""
    return None if value is None else value.isoformat(timespec="seconds")


def give_up_output() -> None:
    """Nobody reads standard output any more: let the interpreter's last flush go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)
