# SPDX-License-Identifier: Apache-2.0
"""Where a Japanese line may break: between phrases, never inside a word."""

from __future__ import annotations

import unicodedata

_JOINER = "\u2060"
_BREAK = "\u200b"
_NO_START = "、。，．・：；？！）」』】〜～ー」…％%回けた人つ名歳分秒円年月日"
_HONORIFICS = "おご"
_LONG = 8


def laid_out(text: str, language: str, *, only_marks: bool = False) -> str:
    """The text as it is shown.

    In a Japanese text a plain space marks a place where the line may break, and is not shown. Long stretches
    without such marks are divided by a rule of thumb: a phrase ends where hiragana or a comma gives way to
    something else. All other places are glued with word joiners, which keep Qt from breaking there.
    `only_marks` keeps the author's own division, as headings want it.
    """
    if not language.startswith("ja"):
        return text.replace("-", f"{_JOINER}-{_JOINER}")
    marked = [phrase for phrase in text.split(" ") if phrase]
    if not only_marks or len(marked) == 1:
        marked = [
            part for phrase in marked for part in (phrases(phrase) if len(phrase) > _LONG else [phrase])
        ]
    return _BREAK.join(_JOINER.join(phrase) for phrase in marked)


def longest(text: str) -> str:
    """The longest piece that `laid_out` keeps whole."""
    return max(text.replace(_BREAK, " ").split(" "), key=len, default="")


def plain(text: str) -> str:
    """The text without any marks, as it is spoken and searched for."""
    return text.replace(_JOINER, "").replace(_BREAK, "")


def spoken(text: str, language: str) -> str:
    """A sentence of the catalogue without its break marks, where the language has such marks."""
    return text.replace(" ", "") if language.startswith("ja") else text


def phrases(text: str) -> list[str]:
    """Divide a Japanese text that carries no marks."""
    parts: list[str] = []
    current = ""
    for index, character in enumerate(text):
        if current and _may_break(text, index):
            parts.append(current)
            current = ""
        current += character
    return [*parts, current] if current else parts


def _may_break(text: str, index: int) -> bool:
    before, after = text[index - 1], text[index]
    if after in _NO_START or before in "（「『【〜～":
        return False
    if before in "）」』":
        return not _is_hiragana(after)
    if before in "、。，．；？！・":
        return True
    if _is_hiragana(before) and not _is_hiragana(after):
        return before not in _HONORIFICS and not _starts_inside_verb(text, index)
    return False


def _starts_inside_verb(text: str, index: int) -> bool:
    """Whether the hiragana before is one sign between two kanji, as in 受け取る."""
    one_sign = index >= 2 and _is_kanji(text[index - 2]) and _is_kanji(text[index])
    return one_sign and text[index - 1] not in "をにはがのでともへや"


def _is_hiragana(character: str) -> bool:
    return "\u3041" <= character <= "\u309f"


def _is_kanji(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK UNIFIED")
