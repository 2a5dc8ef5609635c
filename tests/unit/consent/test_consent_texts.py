# SPDX-License-Identifier: Apache-2.0
"""The consent texts as shipped, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.consent.items import ConsentItem
from kiosk.consent.policy import ConsentPolicy
from kiosk.consent.texts import ConsentTexts
from kiosk.errors import ConfigurationError, FailureCode

SHIPPED = Path(__file__).parents[3] / "assets" / "consent"
VERSION = ConsentPolicy().text_version
MINIMAL = '[limit]\nheading = "h"\nexplanation = "e"\nyes = "y"\nno = "n"\n'


def test_shipped_texts_cover_every_question_in_both_languages() -> None:
    texts = ConsentTexts.load(SHIPPED, VERSION)
    assert texts.languages == ("en", "ja")
    asked = [item for item in ConsentItem if item is not ConsentItem.PERSON_UPDATE]
    texts.require(asked, texts.languages)
    for item in asked:
        assert texts.question(item, "ja").version == VERSION


def test_the_sense_of_the_leaflet_is_kept() -> None:
    texts = ConsentTexts.load(SHIPPED, VERSION)
    assert (
        "過去の診療、処方された薬の情報"
        in texts.question(ConsentItem.TREATMENT_AND_MEDICINE, "ja").explanation
    )
    assert "限度額以上のお支払いが不要" in texts.question(ConsentItem.LIMIT, "ja").explanation


def test_the_variant_for_an_unknown_age_is_the_checkups_only() -> None:
    texts = ConsentTexts.load(SHIPPED, VERSION)
    assert texts.question(ConsentItem.CHECKUP, "ja", age_unknown=True).no == "同意しない・40歳未満"
    assert texts.question(ConsentItem.CHECKUP, "ja").no == "同意しない"
    assert texts.question(ConsentItem.SURGERY, "ja", age_unknown=True).no == "同意しない"


def test_a_missing_text_is_a_fault_of_configuration() -> None:
    texts = ConsentTexts.load(SHIPPED, VERSION)
    with pytest.raises(ConfigurationError) as caught:
        texts.question(ConsentItem.LIMIT, "fr")
    assert caught.value.code is FailureCode.CONFIG_INVALID
    with pytest.raises(ConfigurationError):
        texts.require([ConsentItem.PERSON_UPDATE], ["ja", "fr"])


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        ConsentTexts.load(SHIPPED, "1999-01")
    assert caught.value.code is FailureCode.CONFIG_MISSING


@pytest.mark.parametrize(
    "content",
    [
        "not toml",
        MINIMAL.replace("[limit]", "[nonsense]"),
        MINIMAL.replace('no = "n"\n', ""),
        MINIMAL + 'other = "o"\n',
        MINIMAL.replace('"y"', '" "'),
        MINIMAL.replace('"y"', "3"),
        'limit = "text"',
        MINIMAL + MINIMAL.replace("[limit]", "[surgery]"),  # more than the other language has
        MINIMAL + 'no_age_unknown = "u"\n',
    ],
)
def test_broken_texts_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "en.toml").write_text(MINIMAL, encoding="utf-8")
    ConsentTexts.load(tmp_path, "v")
    (tmp_path / "v" / "ja.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        ConsentTexts.load(tmp_path, "v")
    assert caught.value.code is FailureCode.CONFIG_INVALID
