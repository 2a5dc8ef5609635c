# SPDX-License-Identifier: Apache-2.0
"""News of name and address in the staff corner: chosen, shown once, ended at a patient's wish."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kiosk.errors import FailureCode
from kiosk.texts import Catalogue
from kiosk.ui.bridge.news_desk import NewsDesk
from kiosk.ui.viewmodels.staff import StaffStage, StaffView
from kiosk.ui.viewmodels.staff_news import AT_ONCE, NewsFacts, NewsForm, NewsItem, NewsStep, Stopped
from kiosk.ui.words import part_of_catalogue

I18N = Path(__file__).parents[3] / "assets" / "i18n"
LANGUAGES = ["ja", "en"]
FACTS = NewsFacts(
    "架空　太郎", "東京都幻想市北町一丁目７番２号", "19760327", "1", "公的個人認証", "2026-06-01T00:30:00Z"
)
ITEMS = tuple(NewsItem(f"ID{n}", f"A-{n:03d}", date(2026, 6, n)) for n in range(1, AT_ONCE + 3))


def words(language: str = "ja") -> Catalogue:
    return part_of_catalogue(I18N, "staff", Catalogue.load(I18N, language))


class Records:
    """Records that answer when the test wants."""

    def __init__(self) -> None:
        self.tell_unread: list[Callable[[tuple[NewsItem, ...] | FailureCode], None]] = []
        self.tell_read: list[Callable[[NewsFacts | FailureCode | None], None]] = []
        self.tell_stop: list[Callable[[Stopped | FailureCode], None]] = []
        self.asked: list[tuple[str, str]] = []

    def unread(self, tell: Callable[[tuple[NewsItem, ...] | FailureCode], None]) -> None:
        self.tell_unread.append(tell)

    def read(self, item: str, by: str, tell: Callable[[NewsFacts | FailureCode | None], None]) -> None:
        self.asked.append((item, by))
        self.tell_read.append(tell)

    def stop(self, number: str, by: str, tell: Callable[[Stopped | FailureCode], None]) -> None:
        self.asked.append((number, by))
        self.tell_stop.append(tell)


class Desk:
    """The corner's part, with records at its other side."""

    def __init__(self, items: tuple[NewsItem, ...] = ITEMS) -> None:
        self.records = Records()
        self.desk = NewsDesk(self.records, "A")
        self.changes = 0
        self.press("staff.news")
        self.records.tell_unread[-1](items)

    def changed(self) -> None:
        self.changes += 1

    def press(self, action: str) -> None:
        if self.desk.is_open:
            assert action in self.actions(), action  # the corner lets nothing else through
        self.desk.press(action, "受付 花", self.changed)

    def view(self, language: str = "ja") -> StaffView:
        view = self.desk.view(words(language))
        assert view is not None
        return view

    def actions(self) -> list[str]:
        return [button.action for button in self.view().actions]

    def type(self, text: str) -> None:
        for digit in text:
            self.desk.digit(int(digit))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_news_is_read_once_and_gone_with_the_next_step(language: str) -> None:
    desk = Desk()
    assert desk.view(language).screen == "staff-news-list"
    shown = [f"staff.news.{place}" for place in range(AT_ONCE)]
    assert desk.actions() == [*shown, "staff.news.stop", "staff.close"]
    assert str(len(ITEMS) - AT_ONCE) in desk.view(language).hint  # so many more
    desk.press("staff.news.1")
    assert "A-002" in desk.view(language).who
    assert desk.records.asked == []  # nothing is read before somebody says so
    desk.press("staff.news.read")
    assert desk.view(language).screen == "staff-news-looking"
    desk.records.tell_read[0](FACTS)
    assert desk.records.asked == [("ID2", "受付 花")]
    view = desk.view(language)
    assert view.lasting
    told = [text for _, text in view.facts]
    assert told[:2] == [FACTS.name, FACTS.address]
    assert all(label for label, _ in view.facts)
    assert told[2] == ("1976年3月27日　男" if language == "ja" else "1976-03-27, male")
    assert FACTS.source in told[3]
    assert "09:30" in told[3]  # the time in Japan
    assert FACTS.name not in repr(desk.desk.__dict__) + repr(FACTS)
    desk.press("staff.news.done")
    assert not desk.view(language).facts
    desk.records.tell_unread[-1](ITEMS[:1])
    assert desk.actions() == ["staff.news.0", "staff.news.stop", "staff.close"]


def test_what_a_provider_writes_otherwise_is_shown_as_it_came() -> None:
    desk = Desk()
    desk.press("staff.news.0")
    desk.press("staff.news.read")
    desk.records.tell_read[0](NewsFacts("名", "所", "昭和51年", "9", "役所", "きのう"))
    assert [text for _, text in desk.view().facts][2:] == ["昭和51年　9", "役所　きのう 現在"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("end", list(Stopped))
def test_it_ends_at_the_patients_wish_by_todays_number(language: str, end: Stopped) -> None:
    desk = Desk(())
    desk.press("staff.news.stop")
    view = desk.view(language)
    assert (view.stage, view.screen, view.typed) == (StaffStage.NUMBER, "staff-news-number", "A-")
    desk.desk.submit()
    assert desk.view(language).notice
    desk.type("12")
    assert desk.view(language).typed == "A-12"
    desk.desk.submit()
    assert "A-012" in desk.view(language).who
    assert desk.records.asked == []
    desk.press("staff.news.stop_yes")
    desk.records.tell_stop[0](end)
    assert desk.records.asked == [("A-012", "受付 花")]
    view = desk.view(language)
    assert view.screen == f"staff-news-{end.value}"
    assert view.heading
    assert view.situation


def test_one_can_go_back_from_every_question() -> None:
    desk = Desk()
    desk.press("staff.news.0")
    desk.press("staff.news.back")
    desk.records.tell_unread[-1](ITEMS)
    desk.press("staff.news.stop")
    desk.type("1")
    desk.desk.erase()
    desk.desk.erase()
    assert desk.view().screen == "staff-news-list"
    desk.press("staff.news.stop")
    desk.type("1")
    desk.desk.submit()
    desk.press("staff.news.back")
    desk.records.tell_unread[-1](ITEMS)
    assert desk.view().screen == "staff-news-list"
    assert desk.records.asked == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_gone_and_what_fails_is_said(language: str) -> None:
    desk = Desk()
    desk.press("staff.news.0")
    desk.press("staff.news.read")
    desk.records.tell_read[0](None)
    assert desk.view(language).screen == "staff-news-gone"
    desk = Desk()
    desk.press("staff.news.0")
    desk.press("staff.news.read")
    desk.records.tell_read[0](FailureCode.STORE_KEY_UNUSABLE)
    view = desk.view(language)
    assert (view.screen, view.code) == ("staff-news-failed", "OUT-004")
    assert view.hint


def test_a_look_that_was_shut_shows_nothing_that_comes_later() -> None:
    desk = Desk()
    desk.press("staff.news.0")
    desk.press("staff.news.read")
    desk.desk.close()
    before = desk.changes
    desk.records.tell_read[0](FACTS)
    assert desk.desk.view(words()) is None
    desk.press("staff.news")
    desk.records.tell_read[0](FACTS)
    assert desk.view().screen == "staff-news-looking"
    assert desk.changes == before


def test_a_number_has_five_digits_at_most_and_none_is_nothing_but_zeros() -> None:
    form = NewsForm("A", NewsStep.NUMBER)
    for _ in range(9):
        form = form.with_digit(0)
    assert form.typed == "00000"
    assert form.submitted().wrong
    assert NewsForm("A", NewsStep.NUMBER, typed="1204").number == "A-1204"
