# SPDX-License-Identifier: Apache-2.0
"""The docs name only what is there."""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from kiosk.cli import parser
from kiosk.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_BRACKETED = re.compile(r"\[([a-z_.]+)\] ([a-z_]+)\b")


def _sections(model: type[BaseModel], prefix: str = "") -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found[prefix + name] = set(field.annotation.model_fields)
            found |= _sections(field.annotation, f"{prefix}{name}.")
    return found


SECTIONS = _sections(Settings)


@pytest.mark.parametrize("file", DOCS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert [link for link in _LINK.findall(text) if not (file.parent / link).exists()] == []


def _unknown_settings(text: str) -> list[str]:
    return [
        f"[{section}] {key}"
        for section, key in _BRACKETED.findall(text)
        if section in SECTIONS and key not in SECTIONS[section]
    ]


@pytest.mark.parametrize("file", DOCS, ids=lambda file: str(file.relative_to(ROOT)))
def test_settings_in_the_docs_exist(file: Path) -> None:
    assert _unknown_settings(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "file", sorted((ROOT / "assets" / "i18n").glob("failures.*.toml")), ids=lambda file: file.name
)
def test_settings_that_technicians_are_sent_to_exist(file: Path) -> None:
    sections = "|".join(section for section in SECTIONS if "." not in section)
    named = re.findall(rf"(?<![\w.])({sections})((?:\.[a-z_0-9]+)+)", file.read_text(encoding="utf-8"))
    unknown = []
    for section, rest in named:
        *inner, key = rest.strip(".").split(".")
        if key not in SECTIONS.get(".".join([section, *inner]), set()):
            unknown.append(section + rest)
    assert unknown == []


def test_an_invented_setting_would_be_noticed() -> None:
    assert _unknown_settings("set `[face] strictness` to 1") == ["[face] strictness"]


def test_every_direct_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    wanted += project["optional-dependencies"]["build"]
    reasons = (ROOT / "docs" / "adr" / "0002-dependencies.md").read_text(encoding="utf-8")
    names = [re.split(r"[<>=!~\[ ;]", entry)[0] for entry in wanted]
    assert [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", reasons)] == []


_COMMAND = re.compile(r"(?<!the )(?<!The )(?<!a )(?<!A )(?<!this )(?<![\w/`'-])kiosk ((?:[a-z]+ ?)+)")
_QUOTED_COMMAND = re.compile(
    r"[`“](?:\.venv/bin/)?kiosk ([a-z][^`“\n]*)[`”]|^(?:\.venv/bin/)kiosk ([a-z].*)$", re.MULTILINE
)
TEXTS = sorted((ROOT / "assets" / "i18n").glob("*.toml"))


def _commands(made: argparse.ArgumentParser, before: str = "") -> set[str]:
    found: set[str] = set()
    for action in made._actions:  # argparse has no other way to list them
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                found |= {before + name} | _commands(below, f"{before}{name} ")
    return found


COMMANDS = _commands(parser())


def _unknown_commands(text: str, *, prose_too: bool = False) -> list[str]:
    """Commands in the text that nobody can type; words after a whole command are its arguments or prose."""
    families = {command.split()[0] for command in COMMANDS if " " in command}
    unknown = []
    written = [quoted or line for quoted, line in _QUOTED_COMMAND.findall(text)]
    for command in [*written, *(_COMMAND.findall(text) if prose_too else [])]:
        words = command.split()
        whole = next((n for n in (3, 2, 1) if " ".join(words[:n]) in COMMANDS), 0)
        if whole == 0 or (whole == 1 and words[0] in families and len(words) > 1 and words[1].isalpha()):
            unknown.append(command.strip())
    return unknown


@pytest.mark.parametrize("file", [*DOCS, *TEXTS], ids=lambda file: str(file.relative_to(ROOT)))
def test_commands_that_people_are_sent_to_exist(file: Path) -> None:
    assert _unknown_commands(file.read_text(encoding="utf-8"), prose_too=file in TEXTS) == []


@pytest.mark.parametrize(
    "who",
    [
        "a passer-by",
        "a cleaner",
        "a thief of the machine",
        "someone on the clinic's network",
        "a false upstream",
        "a curious technician",
    ],
)
def test_the_threat_model_says_what_stops_each_of_them(who: str) -> None:
    lines = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith(f"| {who}")]
    assert len(rows) == 1
    (cells,) = rows
    assert len(cells) == 3
    assert all(len(cell) > 10 for cell in cells[1:])


def test_an_invented_command_would_be_noticed() -> None:
    assert _unknown_commands("kiosk key burn replaces it", prose_too=True) == ["key burn replaces it"]
    assert _unknown_commands("use `kiosk staff forget NAME`") != []
    assert _unknown_commands("kiosk queue list shows it; kiosk run --config FILE", prose_too=True) == []
