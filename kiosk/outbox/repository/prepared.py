# SPDX-License-Identifier: Apache-2.0
"""Statements compiled once and run on the driver: what a patient waits for must not be compiled each time.

A reception's filing is a dozen small statements. Built and compiled anew they took several times as long as
the disk's own sync; written in the same typed terms and compiled once they take about as long (ADR 21).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import BindParameter, Connection, Date, Delete, Insert, Select, Update, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

from kiosk.outbox.schema import OffsetMoment

# this module is the adapter to an untyped driver; what it gives is as untyped as SQLAlchemy's own rows
Value: TypeAlias = Any
Row: TypeAlias = tuple[Value, ...]
_Convert: TypeAlias = Callable[[Value], Value]

_DIALECT = sqlite.dialect(paramstyle="qmark")


class _Unreadable:
    """Stands for a stored value that is none of its type."""

    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE: Final = _Unreadable()


class Prepared:
    """One statement with named values; the types of its columns hold as they do anywhere else.

    Lives on: any thread; holds no state that changes. Runs in the transaction of the connection it is given.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | Insert | Update | Delete) -> None:
        compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        self.sql = str(compiled)
        binds: Mapping[str, BindParameter[Value]] = getattr(compiled, "binds", {})
        order: Sequence[str] = getattr(compiled, "positiontup", None) or ()
        self._defaults: Mapping[str, Value] = {name: compiled.params[name] for name in order}
        self._constants = {name: value for name, value in self._defaults.items() if value is not None}
        self._pick = _in_order(order)
        self._converts = tuple(
            (place, convert)
            for place, name in enumerate(order)
            if name in binds and (convert := _to_driver(binds[name].type)) is not None
        )
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        results = tuple(_from_driver(column.type) for column in columns)
        self._results = results if any(results) else ()

    def run(self, connection: Connection, **values: Value) -> int:
        """Execute it; the number of rows it changed."""
        return driver(connection).execute(self.sql, self.bound(values)).rowcount

    def put(self, connection: Connection, values: tuple[Value, ...]) -> None:
        """Execute it with all its values in their order and in the driver's own types."""
        driver(connection).execute(self.sql, values)

    def run_many(self, connection: Connection, rows: Iterable[dict[str, Value]]) -> None:
        """Execute it for each of `rows`."""
        driver(connection).executemany(self.sql, [self.bound(values) for values in rows])

    def rows(self, connection: Connection, **values: Value) -> list[Row]:
        """What it finds; a value that is none of its column's type is `UNREADABLE`, the others are there."""
        found = driver(connection).execute(self.sql, self.bound(values)).fetchall()
        return [self._typed(row) for row in found] if self._results else found

    def first(self, connection: Connection, **values: Value) -> Row | None:
        """The first row it finds, if any."""
        found: Row | None = driver(connection).execute(self.sql, self.bound(values)).fetchone()
        return found if found is None or not self._results else self._typed(found)

    def value(self, connection: Connection, **values: Value) -> Value:
        """The first value of the first row; None where there is none."""
        row = self.first(connection, **values)
        return None if row is None else row[0]

    def bound(self, values: dict[str, Value]) -> list[Value]:
        """The values in their order, as the driver takes them; what is not given is NULL."""
        if self._constants or len(values) != len(self._defaults):
            values = {**self._defaults, **values}
        if len(values) != len(self._defaults):
            raise TypeError("a value the statement has no place for")
        bound = list(self._pick(values))
        for place, convert in self._converts:
            if bound[place] is not None:
                bound[place] = convert(bound[place])
        return bound

    def _typed(self, row: Row) -> Row:
        return tuple(
            value if convert is None else convert(value)
            for value, convert in zip(row, self._results, strict=True)
        )


def param(name: str, kind: TypeEngine[Any] | None = None) -> BindParameter[Value]:
    """A place for a value; it takes the type of the column it is compared with or written to."""
    return bindparam(name, None, type_=kind)


def driver(connection: Connection) -> sqlite3.Connection:
    """The driver's connection below one of SQLAlchemy's."""
    found: object = connection.connection.dbapi_connection
    if not isinstance(found, sqlite3.Connection):
        raise TypeError("not a connection to SQLite")
    return found


def _in_order(names: Sequence[str]) -> Callable[[Mapping[str, Value]], Sequence[Value]]:
    """Takes the values of those names out of a mapping; a name it lacks is a `KeyError`."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


def _to_driver(kind: TypeEngine[Any]) -> _Convert | None:
    # of the types that a commit is full of, the conversion itself and not SQLAlchemy's way to it
    if isinstance(kind, OffsetMoment):
        return kind.to_text
    if isinstance(kind, Date):
        return date.isoformat
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _from_driver(kind: TypeEngine[Any]) -> _Convert | None:
    convert = kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
    if convert is None:
        return None

    def careful(value: Value) -> Value:
        try:
            return convert(value)
        except (ValueError, TypeError):
            return UNREADABLE

    return careful
