# SPDX-License-Identifier: Apache-2.0
"""Dated tables of caps (``config/limits/*.toml``): what a class is worth on a day, as far as known."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from kiosk.errors import ConfigurationError, FailureCode

_HEAD = frozenset({"from", "until", "complete", "source"})
_AMOUNTS = frozenset({"repeated", "outpatient", "outpatient_year", "year"})
_PER_CENT = 1


@dataclass(frozen=True, slots=True)
class MonthlyCap:
    """A monthly cap in yen: `base`, and where `above` is set one per cent of the cost beyond it.

    `above` is 0 where one per cent is due, but beyond which cost is not known; then no amount can be told.
    """

    base: int
    above: int | None = None

    def amount(self, medical_cost: int) -> int | None:
        """What is paid at most in a month of that whole cost, rounded to the yen as the order has it."""
        if self.above is None:
            return self.base
        if self.above == 0:
            return None
        beyond = max(0, medical_cost - self.above)
        return self.base + (beyond * _PER_CENT + 50) // 100


@dataclass(frozen=True, slots=True)
class Caps:
    """What is known of one class; None is not known, or not there."""

    month: MonthlyCap | None = None
    repeated: int | None = None
    outpatient: int | None = None
    outpatient_year: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class LimitTable:
    """The caps between two days; without `until` up to the next table. `source` is a note for people."""

    begins: date
    until: date | None
    complete: bool
    source: str
    classes: Mapping[str, Caps]


@dataclass(frozen=True, slots=True)
class LimitTables:
    """All tables, by the day from which they count."""

    tables: tuple[LimitTable, ...] = ()

    def on(self, day: date) -> LimitTable | None:
        """The table of that day; None where none is known."""
        begun = [table for table in self.tables if table.begins <= day]
        if not begun:
            return None
        latest = max(begun, key=lambda table: table.begins)
        return latest if latest.until is None or day <= latest.until else None


def load(folder: Path) -> LimitTables:
    """Read every table of a folder; `ConfigurationError` where one is not a table, or two overlap."""
    found = [_read(file) for file in sorted(folder.glob("*.toml"))]
    found.sort(key=lambda table: table.begins)
    _check_order(found)
    return LimitTables(tuple(found))


def _read(file: Path) -> LimitTable:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
        return LimitTable(
            _day(values["from"]),
            _day(values["until"]) if "until" in values else None,
            complete=values["complete"] is True,
            source=str(values["source"]),
            classes=MappingProxyType(
                {code: _caps(caps) for code, caps in values.items() if code not in _HEAD}
            ),
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID, detail=f"limits/{file.name}: {type(error).__name__}"
        ) from error


def _caps(values: Mapping[str, object]) -> Caps:
    if not _AMOUNTS | {"month"} >= values.keys():
        raise ValueError("an unknown amount")
    month = values.get("month")
    monthly = None
    if isinstance(month, Mapping):
        if not {"base"} <= month.keys() <= {"base", "above"}:
            raise ValueError("no monthly cap")
        above = month.get("above")
        monthly = MonthlyCap(_yen(month["base"]), None if above is None else _yen(above))
    elif month is not None:
        raise ValueError("no monthly cap")
    return Caps(month=monthly, **{name: _yen(values[name]) for name in _AMOUNTS if name in values})


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError("no day")
    return value


def _yen(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("no amount")
    return value


def _check_order(tables: Iterable[LimitTable]) -> None:
    before: LimitTable | None = None
    for table in tables:
        if before is not None and (before.until is None or before.until >= table.begins):
            raise ConfigurationError(
                FailureCode.CONFIG_INVALID, detail=f"limits: two tables count on {table.begins}"
            )
        before = table
