# SPDX-License-Identifier: Apache-2.0
"""A check by number in the staff corner: field by field, nothing impossible goes on, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.texts import Catalogue
from kiosk.ui.bridge.number_desk import NumberDesk
from kiosk.ui.viewmodels.staff import StaffStage, StaffView
from kiosk.ui.viewmodels.staff_number import NumberForm, NumberProgress, TypedNumbers
from kiosk.ui.words import part_of_catalogue

I18N = Path(__file__).parents[3] / "assets" / "i18n"
LANGUAGES = ["ja", "en"]
GOOD = {"insurer": "138999", "symbol": "1234", "number": "4260", "branch": "01", "birth": "19760327"}

Tell = Callable[[NumberProgress], None]


def words(language: str = "ja") -> Catalogue:
    return part_of_catalogue(I18N, "staff", Catalogue.load(I18N, language))


class Desk:
    """A desk whose checks are noted."""

    def __init__(self) -> None:
        self.asked: list[tuple[TypedNumbers, str]] = []
        self.tells: list[Tell] = []
        self.changes = 0
        self.desk = NumberDesk(self.check)
        self.desk.open()

    def check(self, numbers: TypedNumbers, by: str, tell: Tell) -> None:
        self.asked.append((numbers, by))
        self.tells.append(tell)

    def changed(self) -> None:
        self.changes += 1

    def view(self, language: str = "ja") -> StaffView:
        view = self.desk.view(words(language))
        assert view is not None
        return view

    def type(self, text: str) -> None:
        for digit in text:
            self.desk.digit(int(digit))
        self.desk.submit()

    def fill(self) -> None:
        for text in GOOD.values():
            self.type(text)

    def decide(self, *, limit: bool = True) -> None:
        self.desk.decide(limit=limit, by="受付 花", changed=self.changed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_first_field_to_the_answer(language: str) -> None:
    desk = Desk()
    screens = []
    for text in GOOD.values():
        screens.append(desk.view(language).screen)
        assert desk.view(language).stage is StaffStage.NUMBER
        desk.type(text)
    assert screens == [f"staff-number-{name}" for name in GOOD]
    actions = [button.action for button in desk.view(language).actions]
    assert actions == ["staff.limit.yes", "staff.limit.no", "staff.close"]
    desk.decide()
    assert desk.view(language).screen == "staff-number-waiting"
    assert desk.asked == [(TypedNumbers("138999", "1234", "4260", "01", "19760327", limit=True), "受付 花")]
    desk.tells[0](NumberProgress("A-003"))
    assert "A-003" in desk.view(language).who
    desk.tells[0](NumberProgress("A-003", Outcome(OutcomeKind.ELIGIBLE)))
    assert desk.view(language).screen == "staff-number-eligible"
    assert desk.changes == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("progress", "screen", "code"),
    [
        (
            NumberProgress("A-1", Outcome(OutcomeKind.NOT_ELIGIBLE, FailureCode.NOT_ELIGIBLE)),
            "not-eligible",
            "ELG-001",
        ),
        (
            NumberProgress("A-1", Outcome(OutcomeKind.ASK_STAFF, FailureCode.NO_RECORD)),
            "ask-staff",
            "ELG-003",
        ),
        (
            NumberProgress("A-1", Outcome(OutcomeKind.TO_BE_CONFIRMED, FailureCode.TERMINAL_FOLDER)),
            "to-be-confirmed",
            "UPS-010",
        ),
        (NumberProgress(failed=FailureCode.STORE_DISK_FULL), "not-kept", "OUT-003"),
    ],
)
def test_every_end_has_words_and_a_next_step(
    language: str, progress: NumberProgress, screen: str, code: str
) -> None:
    desk = Desk()
    desk.fill()
    desk.decide(limit=False)
    desk.tells[0](progress)
    view = desk.view(language)
    assert (view.screen, view.code) == (f"staff-number-{screen}", code)
    assert view.heading
    assert view.situation
    assert view.hint


@pytest.mark.parametrize(
    ("field", "bad"),
    [("insurer", "1"), ("insurer", "1234567"), ("number", ""), ("birth", "20260231"), ("birth", "1976")],
)
def test_what_cannot_be_is_not_taken(field: str, bad: str) -> None:
    desk = Desk()
    for name, text in GOOD.items():
        if name == field:
            break
        desk.type(text)
    desk.type(bad)
    view = desk.view()
    assert view.screen == f"staff-number-{field}"
    assert view.notice
    assert view.typed == bad
    desk.desk.erase()
    desk.desk.digit(1)
    assert not desk.view().notice


def test_symbol_and_branch_may_be_missing() -> None:
    desk = Desk()
    for name, text in GOOD.items():
        desk.type("" if name in {"symbol", "branch"} else text)
    desk.decide()
    assert desk.asked[0][0] == TypedNumbers("138999", "", "4260", "", "19760327", limit=True)


def test_fields_end_and_one_can_go_back() -> None:
    form = NumberForm()
    for _ in range(12):
        form = form.with_digit(9)
    assert form.typed[0] == "9" * 8
    form = form.submitted().without_last()
    assert form.step == 0
    assert form.without_last().typed[0] == "9" * 7


def test_a_form_that_was_shut_keeps_nothing_and_hears_nothing() -> None:
    desk = Desk()
    desk.fill()
    desk.decide()
    desk.desk.close()
    assert desk.desk.view(words()) is None
    desk.desk.open()
    desk.tells[0](NumberProgress("A-1", Outcome(OutcomeKind.ELIGIBLE)))
    assert desk.view().screen == "staff-number-insurer"
    assert desk.changes == 0


def test_the_limit_is_decided_once_and_digits_are_in_no_repr() -> None:
    desk = Desk()
    desk.decide()
    assert desk.asked == []  # not before everything is typed
    desk.fill()
    desk.decide()
    desk.decide(limit=False)
    assert len(desk.asked) == 1
    assert "4260" not in repr(desk.asked) + repr(NumberForm().with_digit(4))
