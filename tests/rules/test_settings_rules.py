# SPDX-License-Identifier: Apache-2.0
"""Every setting is obeyed: something outside `kiosk/settings.py` reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel

from kiosk.settings import Settings

ROOT = Path(__file__).parents[2]
_TREES = {
    file: ast.parse(file.read_text(encoding="utf-8")) for file in sorted((ROOT / "kiosk").rglob("*.py"))
}
_SETTINGS = [ROOT / "kiosk" / name for name in ("settings.py", "settings_handover.py")]


def _leaves(
    model: type[BaseModel] = Settings, section: str = ""
) -> Iterator[tuple[str, str, type[BaseModel]]]:
    """Each key with the last part of its section's name."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _leaves(field.annotation, name)
        else:
            yield section, name, model


def _reads(tree: ast.AST, sections: Iterable[str]) -> set[tuple[str, str]]:
    """What is read as ``….section.key``, or as ``name.key`` where ``name`` was made from ``….section``."""
    known, names = set(sections), dict[str, set[str]]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node):
                if isinstance(target, ast.Name) and isinstance(value, ast.Attribute) and value.attr in known:
                    names.setdefault(target.id, set()).add(value.attr)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            if isinstance(owner, ast.Attribute) and owner.attr in known:
                found.add((owner.attr, node.attr))
            elif isinstance(owner, ast.Name):
                found |= {(section, node.attr) for section in names.get(owner.id, ())}
    return found


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


def _behind_methods() -> dict[tuple[str, str], set[str]]:
    """By class and method of the settings: which of its own keys it reads, also through other methods."""
    found = {}
    for outer in (node for file in _SETTINGS for node in ast.walk(_TREES[file])):
        if isinstance(outer, ast.ClassDef):
            used = {
                inner.name: {
                    node.attr
                    for node in ast.walk(inner)
                    if isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "self"
                }
                for inner in outer.body
                if isinstance(inner, ast.FunctionDef)
            }
            for name, keys in used.items():
                for _ in used:
                    keys |= {key for other in keys & set(used) for key in used[other]}
                found[outer.name, name] = keys
    return found


def _unread(reads: set[tuple[str, str]]) -> list[str]:
    methods = _behind_methods()
    unread = []
    for section, key, model in _leaves():
        through = {name for (owner, name), keys in methods.items() if owner == model.__name__ and key in keys}
        if not any((section, name) in reads for name in {key, *through}):
            unread.append(f"{section}.{key}")
    return unread


def test_every_setting_is_obeyed() -> None:
    sections = {section for section, _, _ in _leaves()}
    reads: set[tuple[str, str]] = set()
    for file, tree in _TREES.items():
        if file not in _SETTINGS:
            reads |= _reads(tree, sections)
    assert _unread(reads) == []


def test_a_setting_that_nothing_reads_would_be_noticed() -> None:
    assert "flow.idle_s" in _unread(set())
    read = _reads(
        ast.parse("flow, pin = s.flow, s.pin\nprint(flow.idle_s, other.idle_s, s.face.tries)"),
        {"flow", "face"},
    )
    assert read == {("flow", "idle_s"), ("face", "tries")}
