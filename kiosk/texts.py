# SPDX-License-Identifier: Apache-2.0
"""The one place that knows the sentences people read: a keyed catalogue for each language, kept as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kiosk.errors import ConfigurationError, FailureCode

_FAILURES = "failures"
_PARTS = ("patient", "staff", "technician")


@dataclass(frozen=True, slots=True)
class FailureText:
    """What a failure means for the patient, for the staff and for a technician."""

    patient: str
    staff: str
    technician: str


class Catalogue:
    """The sentences of one language. Never changes; any thread.

    A space in a Japanese sentence marks where a line may break (`kiosk.ui.viewmodels.phrases` lays it out).
    """

    def __init__(self, language: str, texts: Mapping[str, str], failures: Mapping[str, FailureText]) -> None:
        """`texts` by dotted key, `failures` by failure code; `load` makes both."""
        self._language = language
        self._texts = dict(texts)
        self._failures = dict(failures)

    @classmethod
    def load(cls, folder: Path, language: str) -> Self:
        """Read ``<language>.toml`` and, where it exists, ``failures.<language>.toml``."""
        texts = _flat(_read(folder / f"{language}.toml"))
        failures_file = folder / f"{_FAILURES}.{language}.toml"
        failures: dict[str, FailureText] = {}
        if failures_file.exists():
            for code, parts in _read(failures_file).items():
                failures[code] = _failure(failures_file, code, parts)
        return cls(language, texts, failures)

    @staticmethod
    def languages(folder: Path) -> tuple[str, ...]:
        """The languages for which the folder holds sentences."""
        return tuple(sorted(file.stem for file in folder.glob("*.toml") if "." not in file.stem))

    @property
    def language(self) -> str:
        """The language's short name, as ``ja``."""
        return self._language

    @property
    def texts(self) -> Mapping[str, str]:
        """Every sentence by its dotted key, as written."""
        return self._texts

    @property
    def failures(self) -> Mapping[str, FailureText]:
        """What each failure code means."""
        return self._failures

    def get(self, key: str, **values: object) -> str:
        """The sentence of `key` with `values` filled in; an unknown key is a fault of the program."""
        return self._texts[key].format(**values)

    def find(self, key: str, otherwise: str) -> str:
        """The sentence of `key`, or of `otherwise` where there is none."""
        return self._texts[key] if key in self._texts else self._texts[otherwise]

    def failure(self, code: FailureCode) -> FailureText:
        """What a failure means, for each of those who may read of it."""
        return self._failures[code.value]


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=f"no sentences in {file.name}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID, detail=f"{file.name}: {type(error).__name__}"
        ) from error


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = str(value)
    return flat


def _failure(file: Path, code: str, parts: object) -> FailureText:
    if not isinstance(parts, dict) or not set(_PARTS) <= parts.keys():
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"{file.name}: {code} is not complete")
    return FailureText(*(str(parts[part]) for part in _PARTS))
