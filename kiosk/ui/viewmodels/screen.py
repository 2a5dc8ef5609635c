# SPDX-License-Identifier: Apache-2.0
"""What one screen says, as a value: nothing of Qt, of a card or of a person's data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a screen is meant."""

    CALM = "calm"
    GOOD = "good"
    ATTENTION = "attention"
    TROUBLE = "trouble"


class ButtonKind(StrEnum):
    """How much a button asks to be pressed."""

    MAIN = "main"
    CHOICE = "choice"
    QUIET = "quiet"


class Answers(StrEnum):
    """How the answers are laid out."""

    NONE = "none"
    LIST = "list"
    TILES = "tiles"
    PAIR = "pair"
    PAD = "pad"


@dataclass(frozen=True, slots=True)
class Button:
    """One control: a stable action, its words, an icon, and where needed one line more and a picture."""

    action: str
    label: str
    icon: str
    kind: ButtonKind = ButtonKind.CHOICE
    detail: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Some places for what is typed, and the unit that stands behind them on the card."""

    count: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ScreenView:
    """One screen. `step` is 0 where the four steps are not shown.

    `beside` are choices that stand with the drawing, where the answers are a pad.
    `places` are those of a pad whose entries are shown; `filled` says how many of them are.
    `pin_digits` and everything after it changes while the screen stays.
    """

    name: str
    heading: str
    scene: str
    step: int = 0
    sentences: tuple[str, ...] = ()
    listing: tuple[str, ...] = ()
    tone: Tone = Tone.CALM
    answers: Answers = Answers.NONE
    buttons: tuple[Button, ...] = ()
    beside: tuple[Button, ...] = ()
    foot: tuple[Button, ...] = ()
    number: str = ""
    code: str = ""
    busy: bool = False
    notice: str = ""
    warning: str = ""
    countdown_s: int = 0
    places: tuple[Places, ...] = ()
    pin_digits: int = -1
    filled: int = 0
    hint: str = ""
    good_frames: int = 0
    frames_wanted: int = 0
    challenge: str = ""
