# SPDX-License-Identifier: Apache-2.0
"""Paper: the patient's slip, and the 被保険者資格申立書. Nothing of it is kept."""

from __future__ import annotations

import html
import logging
import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from string import Template
from typing import Final, Protocol

from kiosk.durable import sync_folder, write_synced
from kiosk.eligibility import values
from kiosk.eligibility.codes import SexCode, plain
from kiosk.eligibility.model import Answer, Result
from kiosk.errors import EnvironmentProblem, FailureCode

_LIMIT_S: Final = 15.0
_SEXES: Final[dict[str, str]] = {SexCode.MALE: "男", SexCode.FEMALE: "女"}
_BLANK_DAY: Final = "　　　　年　　月　　日"

_log = logging.getLogger("kiosk.handover")


class Sheet(Protocol):
    """Makes a PDF file of a page; `small` is a slip."""

    def __call__(self, page: str, *, small: bool) -> bytes:
        """The file."""
        ...


Output = Callable[[str, bytes], None]
"""Takes a PDF file under a name; an `EnvironmentProblem` where that did not work."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What a patient takes along: no name, no insurance, nothing of their health."""

    clinic: str
    title: str
    number: str
    time: str
    note: str = ""
    banner: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is known of who declares; the rest is written by hand."""

    clinic: str
    number: str
    time: str
    day: str
    name: str = field(default="", repr=False)
    kana: str = field(default="", repr=False)
    birth: str = field(default=_BLANK_DAY, repr=False)
    sex: str = field(default="男　・　女", repr=False)
    address: str = field(default="", repr=False)
    insurer: str = field(default="", repr=False)
    banner: str = ""


def declaration_of(
    answer: Answer | None, number: str, clinic: str, at: datetime, *, banner: str = ""
) -> Declaration:
    """The form of one reception, from its answer where there is one that names exactly one person."""
    results = answer.results if answer is not None else ()
    person = results[0] if len(results) == 1 else Result()
    born = values.day(person.birth_date)
    return Declaration(
        clinic=clinic or "医療機関",
        number=number,
        time=at.strftime("%H:%M"),
        day=_written(at.date()),
        name=(person.name or "").strip(),
        kana=unicodedata.normalize("NFKC", person.name_kana or "").strip(),
        birth=_written(born) if isinstance(born, date) else _BLANK_DAY,
        sex=_SEXES.get(plain(person.sex), "男　・　女"),
        address=(person.address or "").strip(),
        insurer=(person.insurer_name or "").strip(),
        banner=banner,
    )


class Paper:
    """Fills in a page and sends it off. Lives on: any thread; `draw` says on which it may be called."""

    def __init__(self, templates: Path, draw: Sheet, put: Output) -> None:
        self._templates = templates
        self._draw = draw
        self._put = put

    def slip(self, slip: Slip) -> None:
        """One slip."""
        self._put(f"slip-{slip.number}", self._draw(self._filled("slip.html", _texts(slip)), small=True))

    def declaration(self, form: Declaration) -> None:
        """One form."""
        page = self._filled("declaration.ja.html", _texts(form))
        self._put(f"declaration-{form.number}", self._draw(page, small=False))

    def _filled(self, name: str, texts: Mapping[str, str]) -> str:
        page = (self._templates / name).read_text(encoding="utf-8")
        return Template(page).substitute({key: html.escape(text) for key, text in texts.items()})


@dataclass(frozen=True, slots=True)
class PdfFolder:
    """Writes files instead of printing."""

    folder: Path

    def __call__(self, name: str, pdf: bytes) -> None:
        """Write one file whole."""
        part = self.folder / f".uketsuke-{name}.part"
        try:
            write_synced(part, pdf)
            part.replace(self.folder / f"{name}.pdf")
            sync_folder(self.folder)
        except OSError as error:
            raise EnvironmentProblem(
                FailureCode.PRINT_FAILED, detail=f"printing.folder: {error.strerror}"
            ) from error


@dataclass(frozen=True, slots=True)
class CupsPrinter:
    """Prints by ``lp``; an empty name is the system's default printer."""

    name: str = ""

    def __call__(self, _name: str, pdf: bytes) -> None:
        """Hand one file to the print system, by its standard input: no file of it stays."""
        chosen = ["-d", self.name] if self.name else []
        self._run("lp", [*chosen, "-s", "-t", "uketsuke", "-"], pdf)
        _log.info("a page was given to the printer")

    def check(self) -> None:
        """Whether the print system knows the printer, for a diagnosis."""
        self._run("lpstat", ["-p", self.name] if self.name else ["-d"], b"", FailureCode.PRINTER_MISSING)

    def _run(
        self,
        command: str,
        arguments: list[str],
        content: bytes,
        failed: FailureCode = FailureCode.PRINT_FAILED,
    ) -> None:
        tool = shutil.which(command)
        if tool is None:
            raise EnvironmentProblem(FailureCode.PRINTER_MISSING, detail=f"there is no {command} command")
        try:
            ended = subprocess.run(  # noqa: S603  # a command of the system, and a name that the settings checked
                [tool, *arguments], input=content, capture_output=True, timeout=_LIMIT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EnvironmentProblem(FailureCode.PRINT_FAILED, detail=type(error).__name__) from None
        if ended.returncode:
            raise EnvironmentProblem(failed, detail=f"{command} ended with {ended.returncode}")


def _texts(sheet: Slip | Declaration) -> dict[str, str]:
    return {one.name: str(getattr(sheet, one.name)) for one in fields(sheet)}


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
