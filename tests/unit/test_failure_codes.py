# SPDX-License-Identifier: Apache-2.0
"""Every failure code is explained to everybody, in every language and in the docs, and is really used."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from kiosk.errors import FailureCode

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT / "assets" / "i18n"
READERS = ("patient", "staff", "technician")
LANGUAGES = sorted(path.name.split(".")[1] for path in TEXTS.glob("failures.*.toml"))
CODE_WORDS = re.compile(r"エラー|無効|不正|失敗|コード|[A-Z]{3}-\d{3}|(?i:\berror\b|\binvalid\b|\bfail)")


def texts(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((TEXTS / f"failures.{language}.toml").read_text("utf-8"))


def rows() -> dict[str, str]:
    page = (ROOT / "docs" / "failure-codes.md").read_text("utf-8")
    return {line[4:11]: line for line in page.splitlines() if line.startswith("| **")}


def test_japanese_and_english_are_there() -> None:
    assert {"ja", "en"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_code_has_a_text_for_every_reader(language: str) -> None:
    found = texts(language)
    assert set(found) == {code.value for code in FailureCode}
    for code, text in found.items():
        assert set(text) == set(READERS), code
        for reader in READERS:
            assert text[reader].strip(), (code, reader)
            assert text[reader][-1] in "。.", (code, reader)


@pytest.mark.parametrize("language", LANGUAGES)
def test_patients_read_short_sentences_without_code_words(language: str) -> None:
    limit = {"ja": 70}.get(language, 120)
    for code, text in texts(language).items():
        assert not CODE_WORDS.search(text["patient"]), code
        assert len(text["patient"]) <= limit, code


def test_japanese_patients_are_spoken_to_politely() -> None:
    for code, text in texts("ja").items():
        for sentence in filter(None, text["patient"].split("。")):
            assert re.search(r"(です|ます|ません|ました|ください|お願いします|でした)$", sentence), code


def test_each_code_has_its_row_in_the_docs() -> None:
    page = rows()
    assert set(page) == {code.value for code in FailureCode}
    for code, text in texts("en").items():
        for reader in READERS:
            assert text[reader] in page[code], (code, reader)


def used_names() -> set[str]:
    return {
        node.attr
        for path in (ROOT / "kiosk").rglob("*.py")
        if path != ROOT / "kiosk" / "errors.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "FailureCode"
    }


def test_each_code_is_used_somewhere() -> None:
    assert {code.name for code in FailureCode} - used_names() == set()
