# SPDX-License-Identifier: Apache-2.0
"""What a technician's check is, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk.errors import FailureCode

ORDER = (
    "configuration",
    "card_service",
    "readers",
    "card_dialogue",
    "camera",
    "face_process",
    "disk",
    "store",
    "outbox",
    "handover",
    "orca",
    "fhir",
    "printer",
    "revocation",
    "certificate",
    "upstream",
    "terminal",
    "clock",
    "fonts",
    "display",
)
"""The most basic first: what stands later usually needs what stands before."""


class ProbeStatus(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one check found.

    `summary` is the key of a sentence in ``assets/i18n/diagnostics.*.toml``, which is filled with `facts`.
    """

    status: ProbeStatus
    summary: str
    facts: Mapping[str, str] = field(default_factory=dict)
    code: FailureCode | None = None


class Probe(Protocol):
    """One check. `needs` names the checks without which this one says nothing."""

    @property
    def id(self) -> str:
        """One of `ORDER`; its title stands in ``assets/i18n``."""
        ...

    @property
    def timeout_s(self) -> float:
        """How long it may take before it counts as hanging."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Checks that must not have found a problem, for this one to be worth asking."""
        ...

    def run(self) -> ProbeResult:
        """Look; may block and may raise. Called on a thread of its own."""
        ...


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """A check's result and how long it took."""

    id: str
    result: ProbeResult
    seconds: float
