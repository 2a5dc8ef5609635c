# SPDX-License-Identifier: Apache-2.0
"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import os
import pwd
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pip._internal.models.index import PyPI, TestPyPI

ROOT = Path(__file__).parents[2]
MOST_LINES = 440
MOST_CLASS_LINES = 300

_CLOCK = re.compile(r"\b(datetime|date)\.(now|utcnow|today)$|\btime\.(time|time_ns|localtime|gmtime)$")
_LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_UNSPEAKABLE = re.compile(
    r"(^|_)(payload|pin|digits|apdu|body|data|secret|password|birth|birthday|address|holder|patient|person)(_|$)"
    r"|^(name|full_name|kana|kanji|printed|certificate|serial)$"
)
_NAMED_THINGS = {"camera", "reader", "place", "thread", "probe", "scenario"}  # a device's name is no person's
_SPDX = "SPDX-License-Identifier: Apache-2.0"
_LEFT_UNDONE = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")


@cache
def _tracked() -> tuple[Path, ...]:
    """Every file under version control that is there."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    names = [name for name in os.fsdecode(listing.stdout).split("\0") if name]
    return tuple(ROOT / name for name in names if (ROOT / name).is_file())


@cache
def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""  # a picture or a sound


def _ours() -> list[Path]:
    return sorted((ROOT / "kiosk").rglob("*.py"))


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(_text(file))


def _called(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def _where(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


def _calls_matching(pattern: str, *, but: tuple[str, ...] = ()) -> list[str]:
    return [
        _where(file, line)
        for file in _ours()
        if not file.relative_to(ROOT).as_posix().startswith(but)
        for line, name in _called(_tree(file))
        if re.search(pattern, name)
    ]


def test_only_the_clock_is_asked_for_the_time() -> None:
    assert _calls_matching(_CLOCK.pattern, but=("kiosk/clock.py",)) == []


def test_nothing_sleeps() -> None:
    # asyncio's waits give way to others and can be cancelled; these would hold a thread
    assert _calls_matching(r"^(time\.)?sleep$") == []


def test_only_the_commands_print() -> None:
    writers = ("kiosk/cli.py", "kiosk/commands/", "kiosk/flow/diagram.py")  # the last for the docs, by itself
    assert _calls_matching(r"^(print|sys\.stdout\.write)$", but=writers) == []


def _log_calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _LOG_METHODS
            and re.search(r"log(ger|ging)?$", ast.unparse(node.func.value), re.IGNORECASE)
        ):
            yield node


def unspeakable_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Log calls that are handed something whose name says it is nobody's business, or an exception's text."""
    caught = {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name}
    for call in _log_calls(tree):
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
            shown = argument
            if isinstance(shown, ast.Call) and ast.unparse(shown.func) in {"str", "repr"} and shown.args:
                shown = shown.args[0]
            if isinstance(shown, ast.Name) and shown.id in caught:
                yield call.lineno, shown.id
            if isinstance(argument, ast.Call) and ast.unparse(argument.func) in {"len", "type", "bool"}:
                continue  # how long, of what kind, whether at all: that may be told
            for node in ast.walk(argument):
                word = _word(node)
                if _UNSPEAKABLE.search(word.lower().lstrip("_")):
                    yield call.lineno, word


def _word(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return "" if node.id == "name" else node.id  # a part's, as a rule; whose it is cannot be seen here
    if isinstance(node, ast.Attribute):
        owner = ast.unparse(node.value).rpartition(".")[2].lstrip("_")
        return "" if node.attr == "name" and owner in _NAMED_THINGS else node.attr
    return ""


def test_nothing_personal_is_handed_to_the_log() -> None:
    faults = [
        f"{_where(file, line)} {word}" for file in _ours() for line, word in unspeakable_in(_tree(file))
    ]
    assert faults == []


@pytest.mark.parametrize(
    "source",
    [
        "_LOGGER.info('x %s', pin)",
        "_LOGGER.debug('x %s', command.payload)",
        "_LOGGER.warning('x %s', answer.name)",
        "logger.log(10, 'x', extra={'digits': pin_digits})",
        "try:\n    f()\nexcept ValueError as error:\n    _LOGGER.error('x %s', error)",
        "try:\n    f()\nexcept ValueError as error:\n    _LOGGER.error('x %s', str(error))",
    ],
)
def test_log_rule_catches_what_it_should(source: str) -> None:
    assert list(unspeakable_in(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "_LOGGER.info('%d bytes', len(payload))",
        "_LOGGER.error('x %s', type(error).__name__)",
        "_LOGGER.info('x %s', code.value)",
    ],
)
def test_log_rule_lets_the_harmless_pass(source: str) -> None:
    assert not list(unspeakable_in(ast.parse(source)))


def test_every_source_names_its_licence_first() -> None:
    faults = []
    for file in _tracked():
        lines = _text(file).splitlines()[:2]
        script = file.parent.name in {"scripts", ".ci"}
        if file.suffix in {".py", ".pyi", ".qml", ".toml"} or script:
            first = lines[1:] if lines and lines[0].startswith("#!") else lines[:1]
            if not first or not first[0].endswith(_SPDX):
                faults.append(str(file.relative_to(ROOT)))
    assert faults == []


def test_every_module_says_what_it_is() -> None:
    assert [str(file.relative_to(ROOT)) for file in _ours() if not ast.get_docstring(_tree(file))] == []


def test_no_module_and_no_class_outgrows_a_reader() -> None:
    faults = []
    for file in _ours():
        lines = len(_text(file).splitlines())
        if lines > MOST_LINES:
            faults.append(f"{file.relative_to(ROOT)}: {lines} lines")
        for node in ast.walk(_tree(file)):
            if isinstance(node, ast.ClassDef):
                span = (node.end_lineno or node.lineno) - node.lineno + 1
                if span > MOST_CLASS_LINES:
                    faults.append(f"{_where(file, node.lineno)} {node.name}: {span} lines")
    assert faults == []


def test_nothing_is_left_for_later() -> None:
    faults = [
        _where(file, number)
        for file in _tracked()
        for number, line in enumerate(_text(file).splitlines(), 1)
        if _LEFT_UNDONE.search(line) or "raise NotImplemented" + "Error" in line
    ]
    assert faults == []


def test_no_exemption_is_without_its_rule() -> None:
    bare = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!:))")
    faults = [
        _where(file, number)
        for file in _tracked()
        if file.suffix == ".py" and file != Path(__file__)
        for number, line in enumerate(_text(file).splitlines(), 1)
        if bare.search(line)
    ]
    assert faults == []


def _hosts() -> set[str]:
    """Where this machine's package managers fetch from, by their own account."""
    hosts = {PyPI.netloc, PyPI.file_storage_domain, TestPyPI.netloc, TestPyPI.file_storage_domain}
    for file in [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]:
        if file.is_file():
            hosts |= set(
                re.findall(r"https?://([\w.-]+)", file.read_text(encoding="utf-8", errors="replace"))
            )
    return hosts


def _places() -> set[str]:
    """Paths that exist on this machine only."""
    home = pwd.getpwuid(os.getuid()).pw_dir.rstrip("/")
    places = {f"{ROOT}/", f"{home}/"} if home else {f"{ROOT}/"}
    if (ROOT.parent / "shared").is_dir():
        places.add(f"{ROOT.parent}/")
    return places


def test_no_file_names_a_package_index_or_a_place_on_this_machine() -> None:
    hosts = re.compile("|".join(rf"(?<![\w.-]){re.escape(host)}(?![\w-])" for host in _hosts()))
    places = re.compile("|".join(rf"(?<![\w.}}$]){re.escape(place)}" for place in _places()))
    faults = [
        f"{file.relative_to(ROOT)}: {found.group()}"
        for file in _tracked()
        for rule in (hosts, places)
        if (found := rule.search(_text(file)))
    ]
    assert faults == []


def test_the_lock_has_a_hash_for_every_package_and_no_address() -> None:
    lock = _text(ROOT / "requirements.lock")
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock)
    assert "://" not in lock
    assert [entry.split("=")[0] for entry in entries if "--hash=sha256:" not in entry] == []
