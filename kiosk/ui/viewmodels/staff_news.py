# SPDX-License-Identifier: Apache-2.0
"""News of name and address as staff read it in their corner, each once, and end it at a patient's wish."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from kiosk.clock import TOKYO
from kiosk.errors import FailureCode
from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.screen import Button, ButtonKind
from kiosk.ui.viewmodels.staff import StaffStage, StaffView

AT_ONCE = 2
"""So many receptions with news are offered at a time; more would not fit on the smallest screen."""
_LONGEST_NUMBER = 5


class NewsStep(StrEnum):
    """How far somebody is."""

    LOOKING = "looking"
    LIST = "list"
    ASK = "ask"
    FACTS = "facts"
    GONE = "gone"
    NUMBER = "number"
    STOP = "stop"
    STOPPED = "stopped"
    FAILED = "failed"


class Stopped(StrEnum):
    """What became of a wish to be watched no more."""

    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class NewsItem:
    """News that nobody has read, by the reception at which the card was seen last."""

    id: str
    number: str
    day: date


@dataclass(frozen=True, slots=True, repr=False)
class NewsFacts:
    """The four basic facts as they are now, who says so, and as of when; texts as they came."""

    name: str
    address: str
    birth: str
    sex: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class NewsForm:
    """Everything that is shown of it; `letter` begins this kiosk's reception numbers."""

    letter: str
    step: NewsStep = NewsStep.LOOKING
    unread: tuple[NewsItem, ...] = ()
    chosen: NewsItem | None = None
    facts: NewsFacts | None = field(default=None, repr=False)
    typed: str = ""
    wrong: bool = False
    stopped: Stopped = Stopped.UNKNOWN
    failed: FailureCode | None = None

    @property
    def number(self) -> str:
        """The reception number that was typed."""
        return f"{self.letter}-{int(self.typed):03d}" if self.typed else ""

    def with_digit(self, digit: int) -> NewsForm:
        """One digit more of the reception number."""
        if self.step is not NewsStep.NUMBER or len(self.typed) >= _LONGEST_NUMBER:
            return self
        return replace(self, typed=self.typed + str(digit), wrong=False)

    def without_last(self) -> NewsForm:
        """One digit less; from the empty field back to the list."""
        if self.step is not NewsStep.NUMBER:
            return self
        if not self.typed:
            return replace(self, step=NewsStep.LIST, wrong=False)
        return replace(self, typed=self.typed[:-1], wrong=False)

    def submitted(self) -> NewsForm:
        """On to the question, unless nothing was typed that could be a number."""
        if self.step is not NewsStep.NUMBER:
            return self
        if not self.typed.strip("0"):
            return replace(self, wrong=True)
        return replace(self, step=NewsStep.STOP)


def news_view(form: NewsForm, words: Catalogue) -> StaffView:
    """The corner while news is looked at."""
    match form.step:
        case NewsStep.NUMBER:
            return StaffView(
                StaffStage.NUMBER,
                words.get("news.number"),
                words.get("news.number_sentence", letter=form.letter),
                words.get("news.number_wrong") if form.wrong else "",
                keys_live=True,
                typed=f"{form.letter}-{form.typed}",
                screen="staff-news-number",
            )
        case NewsStep.LIST:
            return _list(form, words)
        case NewsStep.ASK if form.chosen is not None:
            read = _button("read", "book", words, ButtonKind.MAIN)
            return _menu(form, words, (read, _back(words)), number=form.chosen.number)
        case NewsStep.FACTS if form.chosen is not None and form.facts is not None:
            shown = _menu(form, words, (_button("done", "check", words),))
            heading = words.get("news.facts_of", number=form.chosen.number)
            return replace(shown, heading=heading, facts=_facts(form.facts, words), lasting=True)
        case NewsStep.STOP:
            yes = _button("stop_yes", "no", words)
            return _menu(form, words, (yes, _back(words)), number=form.number)
        case NewsStep.STOPPED:
            key = f"news.{form.stopped.value}"
            return StaffView(
                StaffStage.MENU,
                words.get(key),
                who=words.get("news.one", number=form.number),
                situation=words.get(f"{key}_sentence"),
                actions=(_close(words),),
                screen=f"staff-news-{form.stopped.value}",
            )
        case NewsStep.FAILED if form.failed is not None:
            told = _menu(form, words, (_close(words),))
            return replace(told, code=form.failed.value, hint=words.failure(form.failed).staff)
        case _:
            return _menu(form, words, (_close(words),))


def _menu(form: NewsForm, words: Catalogue, actions: tuple[Button, ...], number: str = "") -> StaffView:
    return StaffView(
        StaffStage.MENU,
        words.get(f"news.{form.step.value}"),
        who=words.get("news.one", number=number) if number else "",
        situation=words.get(f"news.{form.step.value}_sentence"),
        actions=actions,
        screen=f"staff-news-{form.step.value}",
    )


def _list(form: NewsForm, words: Catalogue) -> StaffView:
    more = len(form.unread) - AT_ONCE
    choices = tuple(
        Button(
            f"staff.news.{place}",
            item.number,
            "bell",
            detail=words.get("news.one_detail", day=_day(item.day, words)),
        )
        for place, item in enumerate(form.unread[:AT_ONCE])
    )
    shown = _menu(form, words, (*choices, _button("stop", "hand", words), _close(words)))
    if not form.unread:
        return replace(shown, situation=words.get("news.none_sentence"))
    return replace(shown, hint=words.get("news.more", count=more) if more > 0 else "")


def _facts(facts: NewsFacts, words: Catalogue) -> tuple[tuple[str, str], ...]:
    sex = words.find(f"news.sex_{facts.sex}", "news.sex_other").format(raw=facts.sex)
    told = words.get("news.as_of", source=facts.source, moment=_moment(facts.as_of, words))
    texts = {
        "name": facts.name,
        "address": facts.address,
        "birth": words.get("news.born", day=_birth(facts.birth, words), sex=sex),
        "source": told,
    }
    return tuple((words.get(f"news.fact_{name}"), text) for name, text in texts.items())


def _birth(text: str, words: Catalogue) -> str:
    try:
        return _day(datetime.strptime(text, "%Y%m%d").date(), words)  # noqa: DTZ007  # a day, not a moment
    except ValueError:
        return text  # as it came


def _moment(text: str, words: Catalogue) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text  # as it came
    if moment.tzinfo is None:
        return text
    local = moment.astimezone(TOKYO)
    return f"{_day(local.date(), words)} {local:%H:%M}"


def _day(day: date, words: Catalogue) -> str:
    return words.get("news.day", year=day.year, month=day.month, day=day.day)


def _button(name: str, icon: str, words: Catalogue, kind: ButtonKind = ButtonKind.CHOICE) -> Button:
    detail = words.texts.get(f"news.{name}_detail", "")
    return Button(f"staff.news.{name}", words.get(f"news.{name}_button"), icon, kind, detail)


def _back(words: Catalogue) -> Button:
    return _button("back", "back", words, ButtonKind.QUIET)


def _close(words: Catalogue) -> Button:
    return Button("staff.close", words.get("action.close"), "close", ButtonKind.QUIET)
