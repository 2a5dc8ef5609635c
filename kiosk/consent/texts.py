# SPDX-License-Identifier: Apache-2.0
"""The words of each question, by version and language: data, never code, since records name the version."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kiosk.consent.items import ConsentItem
from kiosk.errors import ConfigurationError, FailureCode

_REQUIRED = frozenset({"heading", "explanation", "yes", "no"})
_ITEMS = frozenset(item.value for item in ConsentItem)
_ALLOWED = _REQUIRED | {"no_age_unknown"}


@dataclass(frozen=True, slots=True)
class QuestionText:
    """What stands on the screen for one question, and the version it is recorded under."""

    heading: str
    explanation: str
    yes: str
    no: str
    version: str


class ConsentTexts:
    """All questions of one version in every language of its folder. Never changes; any thread."""

    def __init__(self, version: str, questions: Mapping[tuple[ConsentItem, str], Mapping[str, str]]) -> None:
        """`questions` holds the named sentences by item and language; `load` makes it."""
        self._version = version
        self._questions = dict(questions)

    @classmethod
    def load(cls, folder: Path, version: str) -> Self:
        """Read ``folder/version/<language>.toml``; every language must hold the same questions."""
        place = folder / version
        files = sorted(place.glob("*.toml")) if place.is_dir() else []
        if not files:
            raise ConfigurationError(
                FailureCode.CONFIG_MISSING, detail=f"no consent texts of version {version}"
            )
        questions: dict[tuple[ConsentItem, str], Mapping[str, str]] = {}
        for file in files:
            for item, sentences in _read(file).items():
                questions[item, file.stem] = sentences
        shapes = {
            file.stem: {
                (item, frozenset(sentences))
                for (item, tongue), sentences in questions.items()
                if tongue == file.stem
            }
            for file in files
        }
        if len({frozenset(shape) for shape in shapes.values()}) != 1:
            raise ConfigurationError(
                FailureCode.CONFIG_INVALID,
                detail=f"consent texts {version}: the languages do not hold the same questions",
            )
        return cls(version, questions)

    @property
    def version(self) -> str:
        """The version that records name."""
        return self._version

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which every question can be shown."""
        return tuple(sorted({language for _, language in self._questions}))

    def question(self, item: ConsentItem, language: str, age_unknown: bool = False) -> QuestionText:  # noqa: FBT001, FBT002  # a question's own field, passed on as it is
        """The words for `item`; a missing text is a fault of configuration, never an empty screen."""
        sentences = self._questions.get((item, language))
        if sentences is None:
            raise ConfigurationError(
                FailureCode.CONFIG_INVALID, detail=f"no consent text {self._version}/{language}/{item.value}"
            )
        variant = sentences.get("no_age_unknown") if age_unknown else None
        return QuestionText(
            heading=sentences["heading"],
            explanation=sentences["explanation"],
            yes=sentences["yes"],
            no=variant or sentences["no"],
            version=self._version,
        )

    def require(self, items: Iterable[ConsentItem], languages: Iterable[str]) -> None:
        """Refuse to start where a question that the clinic asks has no text in a language it offers."""
        wanted = tuple(items)
        for language in languages:
            for item in wanted:
                self.question(item, language)


def _read(file: Path) -> dict[ConsentItem, Mapping[str, str]]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _invalid(file, type(error).__name__) from error
    questions: dict[ConsentItem, Mapping[str, str]] = {}
    for name, table in tables.items():
        if name not in _ITEMS or not isinstance(table, dict):
            raise _invalid(file, f"{name} is no consent item")
        if not _REQUIRED <= table.keys() <= _ALLOWED:
            raise _invalid(file, f"{name} has not the sentences it needs")
        if not all(isinstance(text, str) and text.strip() for text in table.values()):
            raise _invalid(file, f"{name} has an empty sentence")
        questions[ConsentItem(name)] = table
    return questions


def _invalid(file: Path, why: str) -> ConfigurationError:
    return ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"{file.parent.name}/{file.name}: {why}")
