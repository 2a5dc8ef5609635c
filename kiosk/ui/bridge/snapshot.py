# SPDX-License-Identifier: Apache-2.0
"""A screen's value as the plain maps that QML binds to, with Japanese laid out in phrases."""

from __future__ import annotations

from kiosk.texts import Catalogue
from kiosk.ui.bridge.pads import PIN_LENGTH
from kiosk.ui.viewmodels.phrases import laid_out, longest, spoken
from kiosk.ui.viewmodels.screen import Button, ScreenView

_TOP = (
    "text_size",
    "text_size_short",
    "contrast",
    "contrast_short",
    "language",
    "language_spoken",
    "simulation",
)


def screen_map(view: ScreenView, words: Catalogue) -> dict[str, object]:
    """What stays while a screen stays."""
    language = words.language

    def lay(text: str) -> str:
        return laid_out(text, language)

    def button(button: Button) -> dict[str, object]:
        return {
            "action": button.action,
            "label": lay(button.label),
            "spoken": ", ".join(spoken(text, language) for text in (button.label, button.detail) if text),
            "icon": button.icon,
            "kind": button.kind.value,
            "detail": lay(button.detail),
            "picture": button.picture,
        }

    heading = laid_out(view.heading, language, only_marks=True)
    return {
        "name": view.name,
        "step": view.step,
        "heading": heading,
        "headingLongest": longest(heading),
        "headingLoose": lay(view.heading),
        "spoken": spoken(view.heading, language),
        "sentences": [lay(text) for text in view.sentences],
        "listing": [lay(text) for text in view.listing],
        "scene": view.scene,
        "tone": view.tone.value,
        "answers": view.answers.value,
        "buttons": [button(each) for each in view.buttons],
        "beside": [button(each) for each in view.beside],
        "foot": [button(each) for each in view.foot],
        "number": view.number,
        "numberLabel": words.get("code.number") if view.number else "",
        "code": view.code,
        "codeLabel": words.get("code.short") if view.code else "",
        "busy": view.busy,
        "notice": lay(view.notice),
        "warning": lay(view.warning),
        "places": [{"count": each.count, "unit": each.unit} for each in view.places],
        "previewName": spoken(words.get("screen.face.preview"), language),
        "placeLabel": lay(words.get("place.card")),
    }


def live_map(
    view: ScreenView, words: Catalogue, *, missing: int, seconds: int, typed: str
) -> dict[str, object]:
    """What changes while a screen stays. `typed` is what the screen of a printed field shows of it."""
    language = words.language
    wanted = sum(each.count for each in view.places)
    return {
        "pinDigits": max(view.pin_digits, 0),
        "pinSpoken": spoken(words.get("screen.pin.dots", digits=max(view.pin_digits, 0)), language),
        "filled": view.filled,
        "typed": typed,
        "placesSpoken": spoken(words.get("screen.printed.places", digits=view.filled, count=wanted), language)
        if wanted
        else "",
        "ready": view.pin_digits == PIN_LENGTH or 0 < wanted == view.filled,
        "missing": laid_out(_missing(words, missing), language) if missing else "",
        "hint": laid_out(view.hint, language),
        "goodFrames": view.good_frames,
        "framesWanted": view.frames_wanted,
        "challenge": view.challenge,
        "seconds": seconds,
        "countdown": laid_out(words.get("screen.still-there.countdown", count=seconds), language)
        if view.countdown_s
        else "",
    }


def _missing(words: Catalogue, count: int) -> str:
    return words.get("screen.pin.missing_one" if count == 1 else "screen.pin.missing", count=count)


def chrome_texts(words: Catalogue, step: int) -> dict[str, str]:
    """What stands round every screen."""
    texts = {f"top.{name}": laid_out(words.get(f"top.{name}"), words.language) for name in _TOP}
    texts |= {f"step.{number}": words.get(f"step.{number}") for number in (1, 2, 3, 4)}
    texts["step.spoken"] = (
        spoken(words.get("step.spoken", step=step, name=words.get(f"step.{step}")), words.language)
        if step
        else ""
    )
    return texts
