# SPDX-License-Identifier: Apache-2.0
"""Typing what is printed on the card: it is seen while it is typed, and nowhere afterwards."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.flow import events as e
from kiosk.flow import states as s
from kiosk.flow.session import PrintedField
from kiosk.ui.gallery import Look, examples, looks
from kiosk.ui.gallery_stage import Stage
from tests.ui.conftest import StageMaker
from tests.ui.tree import controls, everything, named, place, tap, texts, words


def printed(name: str = "printed-birth_date") -> s.PrintedFieldsEntry:
    state = examples()[name]
    assert isinstance(state, s.PrintedFieldsEntry)
    return state


def put_up(stage: Stage, field: PrintedField, typed: str, digits: int) -> s.PrintedFieldsEntry:
    """The screen of a field, with so many of its digits; `typed` is what the vault holds of all fields."""
    state = dataclasses.replace(printed(), field=field, digits=digits)
    stage.show(f"printed-{field.value}", state)
    stage.typed = typed
    stage.bridge.show(dataclasses.replace(state, digits=0))
    stage.bridge.show(state)
    stage.settle()
    stage.events.clear()
    return state


def untouched(stage: Stage) -> list[e.Event]:
    return [event for event in stage.events if not isinstance(event, e.Touched)]


def alive(stage: Stage) -> list[QQuickItem]:
    """Every item there is, seen or not, with those that wait to be taken down."""
    root = stage.view.rootObject()
    found: list[QQuickItem] = [root, *(each for each in root.findChildren(QQuickItem))]
    seen: dict[int, QQuickItem] = {}
    while found:
        item = found.pop()
        if id(item) not in seen:
            seen[id(item)] = item
            found += item.childItems()
    return list(seen.values())


def places(stage: Stage) -> list[str]:
    """What stands in the places for digits."""
    (row,) = [item for item in everything(stage) if item.objectName() == "digitPlaces"]
    inside = [item for item in everything(stage) if item.inherits("QQuickText") and row.isAncestorOf(item)]
    return [words(item) for item in inside if words(item).isdigit()]


def test_keys_lead_to_the_fields_and_never_to_the_pin(make_stage: StageMaker) -> None:
    stage = make_stage()
    put_up(stage, PrintedField.BIRTH_DATE, "", 0)
    for digit in (5, 0):
        tap(stage, f"field.digit.{digit}")
    assert (stage.typed, stage.digits) == ("50", [])
    assert untouched(stage) == [e.FieldDigitEntered(session_no=7)] * 2
    assert not [action for action in controls(stage) if action.startswith("pin.")]


def test_the_last_digit_is_taken_out(make_stage: StageMaker) -> None:
    stage = make_stage()
    put_up(stage, PrintedField.EXPIRY_YEAR, "5103272", 1)
    tap(stage, "field.erase")
    tap(stage, "field.erase")  # a quick finger, before the flow has counted: the date before stays whole
    assert stage.typed == "510327"
    assert untouched(stage) == [e.FieldDigitErased(session_no=7)]
    assert stage.erased == 0


def test_a_quick_finger_does_not_run_over_into_the_next_field(make_stage: StageMaker) -> None:
    stage = make_stage()
    put_up(stage, PrintedField.BIRTH_DATE, "51032", 5)
    for _ in range(3):
        tap(stage, "field.digit.7")
    assert stage.typed == "510327"
    assert untouched(stage) == [e.FieldDigitEntered(session_no=7)]


def test_the_keyboard_types_and_takes_back_and_goes_on(make_stage: StageMaker) -> None:
    stage = make_stage()
    put_up(stage, PrintedField.SECURITY_CODE, "5103272033123", 3)
    QTest.keyClick(stage.view, Qt.Key.Key_4)
    QTest.keyClick(stage.view, Qt.Key.Key_Backspace)
    put_up(stage, PrintedField.SECURITY_CODE, "51032720331234", 4)
    QTest.keyClick(stage.view, Qt.Key.Key_Return)
    assert stage.digits == []
    assert untouched(stage) == [e.FieldSubmitted(session_no=7)]


@pytest.mark.parametrize(
    ("field", "typed", "digits", "seen"),
    [
        (PrintedField.BIRTH_DATE, "", 0, ""),
        (PrintedField.BIRTH_DATE, "510", 3, "510"),
        (PrintedField.EXPIRY_YEAR, "510327", 0, ""),
        (PrintedField.EXPIRY_YEAR, "5103272033", 4, "2033"),
        (PrintedField.SECURITY_CODE, "51032720339", 1, "9"),
    ],
)
def test_what_is_typed_of_this_field_is_seen_and_of_no_other(
    make_stage: StageMaker, field: PrintedField, typed: str, digits: int, seen: str
) -> None:
    stage = make_stage()
    put_up(stage, field, typed, digits)
    assert "".join(places(stage)) == seen


def test_a_screen_reader_is_told_how_many_and_not_which(make_stage: StageMaker) -> None:
    stage = make_stage()
    put_up(stage, PrintedField.BIRTH_DATE, "988", 3)
    (row,) = [item for item in everything(stage) if item.objectName() == "digitPlaces"]
    assert named(row)[0] == "3けた入れました。ぜんぶで6けたです"


@pytest.mark.parametrize("after", ["printed-expiry_year", "face-preparing", "choose", "still-there", "idle"])
def test_nothing_typed_is_left_on_the_screens_that_follow(make_stage: StageMaker, after: str) -> None:
    stage = make_stage(Look("en"))
    put_up(stage, PrintedField.BIRTH_DATE, "898989", 6)
    assert places(stage) == list("898989")
    state = examples()[after]
    if isinstance(state, s.PrintedFieldsEntry):
        state = dataclasses.replace(state, digits=0)
    stage.bridge.show(state)
    stage.settle()
    rows = [item for item in alive(stage) if item.objectName() == "digitPlaces"]
    held = [words(item) for item in alive(stage) if any(row.isAncestorOf(item) for row in rows)]
    assert not set("".join(held)) & set("89")
    assert not [item for item in alive(stage) if item.property("typed")]
    elsewhere = [words(item) for item in alive(stage) if "89" in words(item) or "98" in words(item)]
    assert elsewhere == []
    assert stage.bridge.property("live")["typed"] == ""


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_digits_are_told_and_not_sent(make_stage: StageMaker, count: int) -> None:
    for look in (Look(), Look(landscape=True)):
        stage = make_stage(look)
        state = put_up(stage, PrintedField.EXPIRY_YEAR, "5103272033"[:-count], 4 - count)
        tap(stage, "field.submit")
        assert untouched(stage) == []
        (told,) = [item for item in texts(stage) if f"あと{count}けた" in words(item)]
        others = [item for item in texts(stage) if item is not told and words(item) != ""]
        assert not [words(item) for item in others if place(item).intersects(place(told))]
        stage.bridge.show(dataclasses.replace(state, digits=0))
        stage.settle()
        assert not [item for item in texts(stage) if f"あと{count}けた" in words(item)]


def test_all_digits_are_sent_as_done_and_the_key_says_that_it_is_time(make_stage: StageMaker) -> None:
    stage = make_stage()
    put_up(stage, PrintedField.EXPIRY_YEAR, "510327203", 3)
    assert stage.bridge.property("live")["ready"] is False
    put_up(stage, PrintedField.EXPIRY_YEAR, "5103272033", 4)
    assert stage.bridge.property("live")["ready"] is True
    tap(stage, "field.submit")
    assert untouched(stage) == [e.FieldSubmitted(session_no=7)]


@pytest.mark.parametrize(
    ("screen", "foreign"), [("printed-birth_date", "pin"), ("pin", "field"), ("choose", "field")]
)
def test_keys_of_one_pad_do_nothing_on_another_screen(
    make_stage: StageMaker, screen: str, foreign: str
) -> None:
    stage = make_stage()
    stage.show(screen, examples()[screen])
    stage.events.clear()
    before, clicks = stage.typed, stage.clicks
    for action in (f"{foreign}.digit.5", f"{foreign}.erase"):
        stage.bridge.press(action)
    assert (stage.typed, stage.digits, stage.erased, stage.clicks) == (before, [], 0, clicks)
    assert stage.events == []


@pytest.mark.parametrize("look", list(looks()), ids=lambda look: look.name)
def test_a_western_year_has_a_choice_of_its_own_beside_the_birth_date(
    make_stage: StageMaker, look: Look
) -> None:
    stage = make_stage(look)
    put_up(stage, PrintedField.BIRTH_DATE, "19", 2)
    tap(stage, "field.western")
    assert untouched(stage) == [e.WesternYearTold(session_no=7)]
    assert any("元年" in words(item) for item in texts(stage))  # how a first year is typed
    for field in (PrintedField.EXPIRY_YEAR, PrintedField.SECURITY_CODE):
        put_up(stage, field, "510327", 0)
        assert "field.western" not in controls(stage)


def test_a_keyboard_reaches_that_choice_before_the_keys(make_stage: StageMaker) -> None:
    stage = make_stage()
    put_up(stage, PrintedField.BIRTH_DATE, "510327", 6)
    order: list[str] = []
    for _ in range(30):
        QTest.keyClick(stage.view, Qt.Key.Key_Tab)
        held = [action for action, item in controls(stage).items() if item.hasActiveFocus()]
        if held and held[0] in order:
            break
        order += held
    assert order.index("field.western") < order.index("field.digit.1")
    controls(stage)["field.western"].forceActiveFocus()
    QTest.keyClick(stage.view, Qt.Key.Key_Return)
    assert untouched(stage) == [e.WesternYearTold(session_no=7)]  # and not that the date is done


def test_the_way_back_is_open(make_stage: StageMaker) -> None:
    stage = make_stage()
    put_up(stage, PrintedField.BIRTH_DATE, "51", 2)
    tap(stage, "foot.back")
    assert untouched(stage) == [e.WentBack(session_no=7)]


def test_more_time_is_an_answer_too(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("still-there", examples()["still-there"])
    stage.events.clear()
    tap(stage, "more.time")
    assert untouched(stage) == [e.MoreTimeChosen(session_no=7), e.StillHere(session_no=7)]
    end, here, more = (place(controls(stage)[name]) for name in ("still.end", "still.here", "more.time"))
    assert end.size() == here.size()
    assert end.right() < here.left()
    assert more.top() > here.bottom()
    assert more.height() < here.height()
