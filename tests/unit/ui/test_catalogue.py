# SPDX-License-Identifier: Apache-2.0
"""Both languages say the same things, with the same blanks to fill."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from kiosk.errors import ConfigurationError, FailureCode
from kiosk.texts import Catalogue

FOLDER = Path(__file__).resolve().parents[3] / "assets" / "i18n"
BLAME = ("エラー", "無効", "失敗", "invalid", "error", "forbidden")


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_languages_are_those_with_a_catalogue() -> None:
    assert Catalogue.languages(FOLDER) == ("en", "ja")


def test_both_languages_have_the_same_keys_and_blanks() -> None:
    japanese, english = (Catalogue.load(FOLDER, language).texts for language in ("ja", "en"))
    assert japanese.keys() == english.keys()
    assert [key for key in japanese if blanks(japanese[key]) != blanks(english[key])] == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_sentence_is_empty_or_blames(language: str) -> None:
    for key, text in Catalogue.load(FOLDER, language).texts.items():
        assert text.strip(), key
        assert not [word for word in BLAME if word in text.lower()], key


def test_an_unknown_key_is_found_out() -> None:
    words = Catalogue.load(FOLDER, "ja")
    with pytest.raises(KeyError):
        words.get("screen.none.heading")
    assert words.find("notice.ZZZ-999", "notice.other") == words.get("notice.other")


def test_a_missing_language_is_a_fault_of_configuration() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Catalogue.load(FOLDER, "xx")
    assert caught.value.code is FailureCode.CONFIG_MISSING


def test_failures_come_with_three_texts(tmp_path: Path) -> None:
    (tmp_path / "ja.toml").write_text('greeting = "こんにちは"', encoding="utf-8")
    failures = tmp_path / "failures.ja.toml"
    failures.write_text('["RDR-001"]\npatient="あ"\nstaff="い"\ntechnician="う"\n', encoding="utf-8")
    assert Catalogue.load(tmp_path, "ja").failure(FailureCode.READER_SERVICE_DOWN).staff == "い"
    failures.write_text('["RDR-001"]\npatient="あ"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError):
        Catalogue.load(tmp_path, "ja")


def test_a_broken_catalogue_is_named(tmp_path: Path) -> None:
    (tmp_path / "ja.toml").write_text("= nothing", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        Catalogue.load(tmp_path, "ja")
    assert caught.value.code is FailureCode.CONFIG_INVALID
