# SPDX-License-Identifier: Apache-2.0
"""The sentences of the technician's checks, by language."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.diagnostics.ports import ProbeResult, ProbeStatus
from kiosk.diagnostics.redaction import WITHHELD, clean_facts
from kiosk.errors import FailureCode

NextStep = Callable[[FailureCode], str]
"""The technician's hint for a code, in the language at hand."""


class _Gaps(string.Formatter):
    """Fills a sentence; a fact that is not there leaves a dash, so that no report fails over a word."""

    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, str]) -> str:
        del args
        return kwargs.get(str(key), "–")


@dataclass(frozen=True, slots=True)
class Words:
    """Titles, summaries and labels in one language."""

    language: str
    titles: Mapping[str, str]
    statuses: Mapping[str, str]
    summaries: Mapping[str, str]
    labels: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path, language: str) -> Words:
        """Read ``diagnostics.<language>.toml`` in `folder`."""
        found = tomllib.loads((folder / f"diagnostics.{language}.toml").read_text("utf-8"))
        return cls(language, found["titles"], found["statuses"], found["summaries"], found["labels"])

    def title(self, probe_id: str) -> str:
        """What the check is called."""
        return self.titles.get(probe_id, probe_id)

    def status(self, status: ProbeStatus) -> str:
        """How a result is called."""
        return self.statuses[status.value]

    def summary(self, result: ProbeResult) -> str:
        """One sentence about a result, with only facts that may be told."""
        facts = {
            name: "…" if value == WITHHELD else value for name, value in clean_facts(result.facts).items()
        }
        return _Gaps().vformat(self.summaries.get(result.summary, result.status.value), (), facts)

    def label(self, name: str) -> str:
        """A word around the checks."""
        return self.labels[name]
