# SPDX-License-Identifier: Apache-2.0
"""Settings in words: what is wrong with them, and how a file would say them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator

from annotated_types import Ge, Le
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo


def sentences(error: ValidationError, whole: type[BaseModel]) -> Iterator[str]:
    """What is wrong, a sentence each, with what is allowed or perhaps meant."""
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        where = [part for part in problem["loc"] if isinstance(part, str)]
        name = f"[{'.'.join(where[:-1])}] {where[-1]}" if len(where) > 1 else f"[{where[0]}]"
        if problem["type"] == "extra_forbidden":
            yield f"{name} is not a setting.{_suggestion(where, whole)}"
        elif problem["type"] == "model_type":
            yield f"{name} is a table of settings, not a value."
        else:
            # The words of pydantic, but for those that show the program's inside.
            said = "is written wrongly" if problem["type"] == "string_pattern_mismatch" else problem["msg"]
            yield f"{name} {said.replace('Input should', 'should')}.{_allowed(_field(where, whole))}"


def _model(sections: list[str], whole: type[BaseModel]) -> type[BaseModel] | None:
    model = whole
    for section in sections:
        field = model.model_fields.get(section)
        if (
            field is None
            or not isinstance(field.annotation, type)
            or not issubclass(field.annotation, BaseModel)
        ):
            return None
        model = field.annotation
    return model


def _field(where: list[str], whole: type[BaseModel]) -> FieldInfo | None:
    model = _model(where[:-1], whole)
    return model.model_fields.get(where[-1]) if model is not None else None


def _suggestion(where: list[str], whole: type[BaseModel]) -> str:
    model = _model(where[:-1], whole)
    close = difflib.get_close_matches(where[-1], model.model_fields if model is not None else [], n=1)
    return f" Is {close[0]} meant?" if close else ""


def _allowed(field: FieldInfo | None) -> str:
    if field is None:
        return ""
    if field.description:
        return f" Allowed: {field.description}."
    bounds: dict[str, object] = {}
    for rule in field.metadata:
        if isinstance(rule, Ge):
            bounds["lowest"] = rule.ge
        elif isinstance(rule, Le):
            bounds["highest"] = rule.le
    return " Allowed: {lowest} to {highest}.".format(**bounds) if len(bounds) == 2 else ""


def as_toml(settings: BaseModel) -> str:
    """The settings in force as a file could hold them; secrets are masked."""
    lines: list[str] = []
    _write_table(settings.model_dump(mode="json"), "", lines)
    return "\n".join(lines).strip() + "\n"


def _write_table(table: dict[str, object], name: str, lines: list[str]) -> None:
    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    own = {key: value for key, value in table.items() if key not in inner}
    if own:
        lines += ["", f"[{name}]"]
    # JSON writes strings, numbers, booleans and lists the way TOML does.
    lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in own.items()]
    for key, value in inner.items():
        _write_table(value, f"{name}.{key}" if name else key, lines)


def changed(settings: BaseModel) -> dict[str, object]:
    """What differs from the defaults, by `section.key`, secrets masked: for the diagnostics."""
    now = dict(_flat(settings.model_dump(mode="json")))
    usual = dict(_flat(type(settings)().model_dump(mode="json")))
    return {key: value for key, value in now.items() if value != usual[key]}


def _flat(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
