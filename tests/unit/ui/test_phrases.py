# SPDX-License-Identifier: Apache-2.0
"""Lines break between phrases."""

from __future__ import annotations

import pytest

from kiosk.ui.viewmodels.phrases import laid_out, longest, phrases, plain, spoken

JOINER, BREAK = "\u2060", "\u200b"


def test_a_space_is_a_place_to_break_and_is_not_shown() -> None:
    shown = laid_out("枠の中に お顔を", "ja")
    assert shown.split(BREAK) == [JOINER.join("枠の中に"), JOINER.join("お顔を")]
    assert plain(shown) == "枠の中にお顔を"
    assert spoken("枠の中に お顔を", "ja") == "枠の中にお顔を"


def test_english_is_left_alone() -> None:
    assert laid_out("Keep it still", "en") == spoken("Keep it still", "en") == "Keep it still"


def test_an_english_word_with_a_hyphen_stays_whole() -> None:
    assert JOINER in laid_out("health-check", "en")
    assert plain(laid_out("health-check", "en")) == "health-check"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("受付へお越しください", ["受付へお越しください"]),
        ("お薬の情報を伝える", ["お薬の", "情報を", "伝える"]),
        ("カードを取って、受付へ", ["カードを", "取って、", "受付へ"]),
        ("（75歳以上）の結果", ["（75歳以上）の", "結果"]),
        ("受け取る", ["受け取る"]),
    ],
)
def test_texts_without_marks_are_divided_by_a_rule_of_thumb(text: str, parts: list[str]) -> None:
    assert phrases(text) == parts
    assert "".join(parts) == text


def test_a_heading_keeps_its_author_s_division() -> None:
    marked = "これまでの診療・お薬の情報を 同意しますか"
    assert laid_out(marked, "ja", only_marks=True).count(BREAK) == 1
    assert laid_out(marked, "ja").count(BREAK) > 1
    assert plain(longest(laid_out(marked, "ja", only_marks=True))) == "これまでの診療・お薬の情報を"


def test_nothing_comes_of_nothing() -> None:
    assert laid_out("", "ja") == ""
    assert longest("") == ""
