# SPDX-License-Identifier: Apache-2.0
"""Who may import whom: the table of the design, held against the syntax trees."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_GROUND = ("kiosk.errors", "kiosk.clock", "kiosk.ids", "kiosk.secret")

# Package or module → what of ours it may import besides itself; the longest name that fits is a module's row.
# Naming a package allows all of it. Everyone may import `kiosk.logs`.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "kiosk.errors": (),
    "kiosk.clock": (),
    "kiosk.ids": (),
    "kiosk.secret": (),
    "kiosk.durable": (),
    "kiosk.settings": (
        *_GROUND,
        "kiosk.settings_base",
        "kiosk.settings_handover",
        "kiosk.settings_words",
    ),
    "kiosk.settings_base": (),
    "kiosk.settings_handover": ("kiosk.settings_base",),
    "kiosk.settings_words": (),
    "kiosk.logs": _GROUND,
    "kiosk.jobs": _GROUND,
    "kiosk.texts": ("kiosk.errors",),
    "kiosk.flow": (
        "kiosk.errors",
        "kiosk.reader.ports",
        "kiosk.auth.evidence",
        "kiosk.auth.policy",
        "kiosk.consent",
        "kiosk.eligibility.outcome",
    ),
    "kiosk.reader": ("kiosk.errors", "kiosk.clock", "kiosk.secret"),
    "kiosk.reader.surface": ("kiosk.errors", "kiosk.clock", "kiosk.secret", "kiosk.reader", "kiosk.camera"),
    "kiosk.reader.pcsc": ("kiosk.errors", "kiosk.reader"),
    "kiosk.camera": ("kiosk.errors", "kiosk.clock"),
    "kiosk.auth": ("kiosk.errors", "kiosk.clock", "kiosk.secret", "kiosk.reader", "kiosk.camera"),
    "kiosk.consent": ("kiosk.errors", "kiosk.clock"),
    "kiosk.eligibility": ("kiosk.errors", "kiosk.clock", "kiosk.consent.items"),
    "kiosk.outbox": (
        "kiosk.errors",
        "kiosk.clock",
        "kiosk.ids",
        "kiosk.durable",
        "kiosk.consent.items",
        "kiosk.eligibility",
    ),
    "kiosk.handover": (
        "kiosk.errors",
        "kiosk.clock",
        "kiosk.ids",
        "kiosk.durable",
        "kiosk.consent.items",
        "kiosk.eligibility",
        "kiosk.outbox.model",
        "kiosk.outbox.deadline",
    ),
    "kiosk.desk": (*_GROUND, "kiosk.outbox.model"),
    "kiosk.diagnostics": (
        "kiosk.errors",
        "kiosk.clock",
        "kiosk.texts",
        "kiosk.reader.ports",
        "kiosk.camera.ports",
        "kiosk.camera.device",
        "kiosk.camera.health",
        "kiosk.outbox.model",
        "kiosk.simulator",
    ),
    # The simulator stands in for reader, camera and upstream: it may know what crosses those ports.
    "kiosk.simulator": (
        *_GROUND,
        "kiosk.reader",
        "kiosk.camera",
        "kiosk.auth.evidence",
        "kiosk.auth.certificate",
        "kiosk.consent.items",
        "kiosk.eligibility",
    ),
    # The window with the virtual patients: Qt, and the words on it.
    "kiosk.simulator.tray": ("kiosk.errors", "kiosk.clock", "kiosk.texts", "kiosk.simulator"),
    # The bridge turns the ports' values into what view models take.
    "kiosk.ui.bridge": (
        "kiosk.errors",
        "kiosk.clock",
        "kiosk.secret",
        "kiosk.texts",
        "kiosk.flow",
        "kiosk.consent",
        "kiosk.eligibility.outcome",
        "kiosk.diagnostics",
        "kiosk.ui",
    ),
    "kiosk.ui": (
        "kiosk.errors",
        "kiosk.clock",
        "kiosk.secret",
        "kiosk.texts",
        "kiosk.flow",
        "kiosk.auth.evidence",
        "kiosk.consent",
        "kiosk.eligibility.outcome",
    ),
    "kiosk.runtime": (
        *_GROUND,
        "kiosk.settings",
        "kiosk.settings_handover",
        "kiosk.jobs",
        "kiosk.texts",
        "kiosk.flow",
        "kiosk.reader",
        "kiosk.camera",
        "kiosk.auth",
        "kiosk.consent",
        "kiosk.eligibility",
        "kiosk.outbox",
        "kiosk.handover",
        "kiosk.desk",
        "kiosk.diagnostics",
        "kiosk.ui",
    ),
    # Plays scenarios on the running kiosk: the one part of the runtime that knows the simulator.
    "kiosk.runtime.rehearsal": (
        *_GROUND,
        "kiosk.flow",
        "kiosk.outbox.model",
        "kiosk.desk",
        "kiosk.ui",
        "kiosk.simulator",
        "kiosk.runtime",
    ),
    "kiosk.app": ("kiosk",),
    "kiosk.commands": ("kiosk",),
    "kiosk.cli": ("kiosk",),
}

# Names that only these may import, whatever the table says.
ONLY_IMPORTED_BY: dict[str, tuple[str, ...]] = {
    "kiosk.app": ("kiosk.cli", "kiosk.commands"),
    "kiosk.cli": (),
    "kiosk.commands": ("kiosk.cli",),
    "kiosk.runtime": ("kiosk.app", "kiosk.cli", "kiosk.commands"),
    "kiosk.simulator": (
        "kiosk.app",
        "kiosk.cli",
        "kiosk.commands",
        "kiosk.diagnostics",
        "kiosk.runtime.rehearsal",
    ),
    "cv2": ("kiosk.camera", "kiosk.auth.face", "kiosk.reader.surface", "kiosk.simulator"),
    "dlib": ("kiosk.auth.face",),
    "face_recognition": ("kiosk.auth.face",),
    "face_recognition_models": ("kiosk.auth.face",),
    "smartcard": ("kiosk.reader.pcsc",),
    "sqlalchemy": ("kiosk.outbox.schema", "kiosk.outbox.repository", "kiosk.outbox.migrations"),
    "alembic": ("kiosk.outbox.repository", "kiosk.outbox.migrations"),
    "httpx": ("kiosk.outbox.upstream", "kiosk.auth.certificate", "kiosk.handover"),
    "PySide6": (
        "kiosk.ui",
        "kiosk.runtime",
        "kiosk.app",
        "kiosk.commands",
        "kiosk.jobs",
        "kiosk.reader.service",
        "kiosk.simulator.tray",
    ),
    "pydantic_settings": ("kiosk.settings",),
    "starlette": ("kiosk.simulator", "kiosk.desk"),
    "uvicorn": ("kiosk.simulator", "kiosk.desk"),
}

PURE = ("kiosk.flow", "kiosk.eligibility", "kiosk.consent")
NEVER_IN_PURE = (
    "time",
    "PySide6",
    "smartcard",
    "cv2",
    "sqlalchemy",
    "httpx",
    "threading",
    "socket",
    "random",
)


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def module_name(file: Path) -> str:
    """The dotted name of a file below the project's root."""
    parts = list(file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(tree: ast.AST, module: str, known: frozenset[str]) -> set[str]:
    """Every module a syntax tree imports; `from package import module` names the module."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*module.split(".")[: -node.level], *filter(None, [base])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                found.add(full if full in known else base)
    return found


def _read() -> dict[str, set[str]]:
    files = {module_name(file): file for file in sorted((ROOT / "kiosk").rglob("*.py"))}
    known = frozenset(files)
    return {
        module: imports_of(ast.parse(file.read_text(encoding="utf-8")), module, known)
        for module, file in files.items()
    }


IMPORTS = _read()


def row_of(module: str) -> str:
    """The row of the table that holds for a module."""
    rows = [row for row in MAY_IMPORT if _within(module, row)]
    return max(rows, key=len) if rows else ""


def faults_of(module: str, imported: set[str]) -> list[str]:
    """What a module imports and must not."""
    row = row_of(module)
    allowed = (row, "kiosk.logs", *MAY_IMPORT[row])
    faults = [
        f"{module} imports {name}"
        for name in sorted(imported)
        if _within(name, "kiosk") and name != "kiosk" and not any(_within(name, one) for one in allowed)
    ]
    for name, importers in ONLY_IMPORTED_BY.items():
        if any(_within(one, name) for one in imported) and not any(
            _within(module, one) for one in (name, *importers)
        ):
            faults.append(f"{module} imports {name}, which is for {', '.join(importers) or 'nobody'}")
    if any(_within(module, pure) for pure in PURE):
        faults += [f"{module} is pure and imports {one}" for one in NEVER_IN_PURE if one in imported]
    return faults


@pytest.mark.parametrize("module", [module for module in IMPORTS if module != "kiosk"])
def test_module_imports_only_what_it_may(module: str) -> None:
    assert row_of(module), f"{module} is in no row of the table"
    assert faults_of(module, IMPORTS[module]) == []


def test_the_tables_name_nothing_that_is_gone() -> None:
    named = {row.split(".")[1] for row in MAY_IMPORT}
    there = {file.stem for file in (ROOT / "kiosk").iterdir() if file.suffix == ".py" or file.is_dir()}
    assert named - there == set()


@pytest.mark.parametrize(
    "package", sorted({row for row in MAY_IMPORT if (ROOT / row.replace(".", "/")).is_dir()})
)
def test_edges_were_seen_in_every_package(package: str) -> None:
    """A folder that moved must not pass in silence."""
    modules = [module for module in IMPORTS if row_of(module) == package]
    assert any(IMPORTS[module] for module in modules), f"{package}: nothing was read"


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("kiosk.flow.x", "from kiosk.outbox import model", "imports kiosk.outbox"),
        ("kiosk.flow.x", "import time", "is pure"),
        ("kiosk.reader.x", "from smartcard.scard import SCardConnect", "which is for kiosk.reader.pcsc"),
        ("kiosk.ui.viewmodels.x", "import kiosk.reader.pcsc.driver", "imports kiosk.reader.pcsc.driver"),
        ("kiosk.ui.viewmodels.x", "def f():\n    import cv2", "imports cv2"),
        ("kiosk.outbox.x", "from kiosk import app", "imports kiosk.app"),
        (
            "kiosk.auth.pin.x",
            "from .. import face\nfrom ...outbox.model import X",
            "imports kiosk.outbox.model",
        ),
        ("kiosk.runtime.x", "from kiosk.simulator.card import card", "kiosk.simulator"),
    ],
)
def test_rules_catch_what_they_should(module: str, source: str, fault: str) -> None:
    known = frozenset({*IMPORTS, "kiosk.app"})
    faults = faults_of(module, imports_of(ast.parse(source), module, known))
    assert any(fault in one for one in faults), faults
