# SPDX-License-Identifier: Apache-2.0
"""What a touch becomes, and what a session leaves behind."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.consent.items import Decision
from kiosk.flow import events as e
from kiosk.flow import states as s
from kiosk.ui.bridge.pictures import PreviewProvider
from kiosk.ui.bridge.surface import Surface, UiSettings
from kiosk.ui.gallery import NOW, Look, examples
from kiosk.ui.gallery_stage import Stage, StoppedClock
from tests.ui.conftest import StageMaker
from tests.ui.tree import controls, everything, tap, texts, words


def strings_of(value: object) -> list[str]:
    """Every string inside maps and lists."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings_of(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in strings_of(each)]
    return []


def pin_stage(make_stage: StageMaker, digits: int = 0) -> tuple[Stage, s.PinEntry]:
    stage = make_stage()
    state = examples()["pin"]
    assert isinstance(state, s.PinEntry)
    state = dataclasses.replace(state, digits=digits)
    stage.show("pin", state)
    stage.events.clear()
    return stage, state


def choices(stage: Stage) -> tuple[object, object, object]:
    language, scale, contrast = (
        stage.bridge.property(name) for name in ("language", "textScale", "highContrast")
    )
    return language, scale, contrast


def touches_aside(stage: Stage) -> list[e.Event]:
    return [event for event in stage.events if not isinstance(event, e.Touched)]


def test_keys_put_digits_into_the_vault_and_only_their_number_into_the_flow(make_stage: StageMaker) -> None:
    stage, state = pin_stage(make_stage)
    for key in (7, 0, 1):
        tap(stage, f"pin.digit.{key}")
    assert stage.digits == [7, 0, 1]
    assert touches_aside(stage) == [e.PinDigitEntered(session_no=state.session.number)] * 3


def test_a_touch_is_heard_where_it_does_something(make_stage: StageMaker) -> None:
    stage, state = pin_stage(make_stage, digits=0)
    before = stage.clicks
    tap(stage, "pin.digit.7")
    assert stage.clicks == before + 1
    for useless in ("pin.erase", "pin.digit.77", "language.xx", f"language.{stage.look.language}"):
        stage.bridge.press(useless)
    stage.bridge.show(dataclasses.replace(state, digits=4))
    stage.bridge.digit(1)
    assert stage.clicks == before + 1
    stage.bridge.press("pin.submit")
    assert stage.clicks == before + 2


@pytest.mark.expect_log("a control without a meaning")
def test_a_touch_without_a_meaning_is_not_heard(make_stage: StageMaker) -> None:
    stage, _ = pin_stage(make_stage)
    before = stage.clicks
    stage.bridge.press("no.such.thing")
    assert stage.clicks == before


def test_a_keyboard_may_be_used_too(make_stage: StageMaker) -> None:
    stage, state = pin_stage(make_stage, digits=1)
    tap(stage, "pin.digit.5")
    stage.digits.clear()
    stage.events.clear()
    QTest.keyClick(stage.view, Qt.Key.Key_4)
    QTest.keyClick(stage.view, Qt.Key.Key_Backspace)
    assert stage.digits == [4]
    assert stage.erased == 1
    assert touches_aside(stage) == [
        e.PinDigitEntered(session_no=state.session.number),
        e.PinDigitErased(session_no=state.session.number),
    ]


def test_nothing_that_is_shown_tells_the_digits(make_stage: StageMaker) -> None:
    stage, state = pin_stage(make_stage)
    before = sorted(words(item) for item in texts(stage))
    for key in (9, 8):
        tap(stage, f"pin.digit.{key}")
    assert sorted(words(item) for item in texts(stage)) == before
    stage.show("pin", dataclasses.replace(state, digits=2))
    assert stage.digits == [9, 8]
    assert "98" not in "".join(
        strings_of(stage.bridge.property("screen")) + strings_of(stage.bridge.property("live"))
    )
    assert stage.bridge.property("live")["pinDigits"] == 2


def test_a_fifth_digit_and_a_digit_elsewhere_go_nowhere(make_stage: StageMaker) -> None:
    stage, _ = pin_stage(make_stage, digits=4)
    tap(stage, "pin.digit.3")
    stage.show("choose", examples()["choose"])
    stage.bridge.digit(3)
    stage.bridge.press("pin.erase")
    assert stage.digits == []
    assert stage.erased == 0


def test_too_few_digits_are_told_and_not_sent(make_stage: StageMaker) -> None:
    stage, _ = pin_stage(make_stage, digits=2)
    tap(stage, "pin.submit")
    assert touches_aside(stage) == []
    assert any("あと2けた" in words(item) for item in texts(stage))


def test_four_digits_are_sent(make_stage: StageMaker) -> None:
    stage, state = pin_stage(make_stage, digits=4)
    tap(stage, "pin.submit")
    assert touches_aside(stage) == [e.PinSubmitted(session_no=state.session.number)]


@pytest.mark.parametrize(
    ("screen", "action", "event"),
    [
        ("choose", "choose.face", e.FaceChosen(session_no=7)),
        ("choose", "choose.pin", e.PinChosen(session_no=7)),
        ("choose", "choose.staff", e.StaffCheckChosen(session_no=7)),
        ("choose", "foot.restart", e.Cancelled(session_no=7)),
        ("choose", "foot.call", e.DeskCalled(session_no=7)),
        ("face", "face.pin", e.PinChosen(session_no=7)),
        ("face", "foot.back", e.WentBack(session_no=7)),
        ("face-failed", "face.retry", e.FaceChosen(session_no=7)),
        ("pin-wrong", "pin.retry", e.PinChosen(session_no=7)),
        ("consent-checkup", "consent.yes", e.ConsentDecided(session_no=7, decision=Decision.YES)),
        ("consent-checkup", "consent.no", e.ConsentDecided(session_no=7, decision=Decision.NO)),
        ("limit", "limit.yes", e.ConsentDecided(session_no=7, decision=Decision.YES)),
        ("limit", "limit.no", e.ConsentDecided(session_no=7, decision=Decision.NO)),
        ("registration", "registration.yes", e.ConsentDecided(session_no=7, decision=Decision.YES)),
        ("registration", "registration.no", e.ConsentDecided(session_no=7, decision=Decision.NO)),
        ("grace", "continue", e.Continued(session_no=7)),
        ("card-not-read", "card.again", e.Continued(session_no=7)),
        ("take-card-again", "card.again", e.StartedAgain("01JNEW00000000000000000000")),
        ("still-there", "still.here", e.StillHere(session_no=7)),
        ("still-there", "still.end", e.Cancelled(session_no=7)),
    ],
)
def test_a_control_becomes_its_event(
    make_stage: StageMaker, screen: str, action: str, event: e.Event
) -> None:
    stage = make_stage()
    stage.show(screen, examples()[screen])
    stage.events.clear()
    tap(stage, action)
    assert touches_aside(stage) == [event]


def test_every_control_of_every_screen_means_something(make_stage: StageMaker) -> None:
    """One without a meaning is a warning in the log, which fails the test."""
    stage = make_stage()
    for name, state in examples().items():
        stage.show(name, state)
        for action in controls(stage):
            stage.bridge.press(action)
            stage.bridge.press("info.close")


@pytest.mark.expect_log("without a meaning")
def test_an_unknown_control_is_reported_and_does_nothing(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.bridge.press("nothing.such")
    assert stage.events == []


def test_touches_are_counted_once_a_second_and_not_while_the_kiosk_asks(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("choose", examples()["choose"])
    for _ in range(3):
        stage.bridge.touched()
    assert stage.events == [e.Touched(session_no=7)]
    stage.clock.seconds += 1.5
    stage.bridge.touched()
    assert len(stage.events) == 2
    stage.show("still-there", examples()["still-there"])
    stage.clock.seconds += 1.5
    stage.bridge.touched()
    assert len(stage.events) == 2


def test_the_language_chosen_at_the_idle_screen_goes_into_the_session(
    make_stage: StageMaker, qtbot: QtBot
) -> None:
    stage = make_stage()
    stage.show("idle", s.Idle(sessions=6))
    tap(stage, "language.en")
    assert any(words(item).startswith("Place your") for item in texts(stage))
    stage.show("reading", examples()["reading"])
    qtbot.waitUntil(lambda: e.LanguageChosen(session_no=7, language="en") in stage.events, timeout=2000)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("青空医院", "Aozora Clinic"), ("青空医院", "Aozora Clinic")),
        (("青空医院", ""), ("青空医院", "青空医院")),
        (("", "Aozora Clinic"), ("Aozora Clinic", "Aozora Clinic")),
        (("", ""), ("", "")),
    ],
)
def test_the_clinic_is_named_in_the_language_in_force(
    qapp: QCoreApplication, names: tuple[str, str], expected: tuple[str, str]
) -> None:
    settings = UiSettings(clinic=names[0], clinic_en=names[1])
    seen = []
    for language in ("ja", "en"):
        chosen = dataclasses.replace(settings, default_language=language)
        seen.append(Surface(chosen, StoppedClock(NOW), ("ja", "en")).property("clinic"))
    assert tuple(seen) == expected


def test_a_language_chosen_in_a_session_is_told_at_once(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("choose", examples()["choose"])
    tap(stage, "language.en")
    assert touches_aside(stage) == [e.LanguageChosen(session_no=7, language="en")]
    assert "language.ja" in controls(stage)


def test_a_session_takes_its_language_size_and_colours_along(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("choose", examples()["choose"])
    for action in ("language.en", "text.size", "contrast"):
        tap(stage, action)
    assert choices(stage) == ("en", 1.25, True)
    stage.bridge.show(examples()["cleared"])
    stage.bridge.show(s.Idle(sessions=7))
    assert choices(stage) == ("ja", 1.0, False)


def test_choices_made_at_the_idle_screen_are_forgotten_when_nobody_comes(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("idle", s.Idle())
    for action in ("language.en", "text.size"):
        tap(stage, action)
    assert stage.bridge._nobody_timer.isActive()
    stage.bridge._nobody_timer.timeout.emit()
    stage.settle()
    assert choices(stage) == ("ja", 1.0, False)
    assert any("ここに置いてください" in words(item) for item in texts(stage))


def test_a_session_begun_again_begins_without_the_choices_of_the_last(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("take-card-again", examples()["take-card-again"])
    tap(stage, "contrast")
    state = examples()["reading"]
    assert isinstance(state, s.Reading)
    stage.bridge.show(dataclasses.replace(state, session=dataclasses.replace(state.session, number=8)))
    assert choices(stage) == ("ja", 1.0, False)


def test_nothing_of_a_session_stays_on_the_screen(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("face", examples()["face"])
    stage.show("received", examples()["received"])
    assert any("A-123" in words(item) for item in texts(stage))
    stage.bridge.show(examples()["cleared"])
    stage.bridge.show(s.Idle(sessions=7))
    stage.settle()
    everywhere = [
        str(item.property("text") or "") for item in everything(stage) if item.inherits("QQuickText")
    ]
    hidden = [str(each.property("text") or "") for each in stage.view.rootObject().findChildren(QObject)]
    assert not [text for text in everywhere + hidden if "A-123" in text]
    assert stage.bridge.property("preview") == ""


def test_a_page_behind_the_idle_screen_closes_by_itself_and_by_a_card(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("idle", s.Idle())
    tap(stage, "idle.nocard")
    assert stage.bridge.property("screen")["name"] == "info-nocard"
    stage.bridge._info_timer.timeout.emit()
    assert stage.bridge.property("screen")["name"] == "idle"
    tap(stage, "idle.first")
    stage.bridge.show(examples()["reading"])
    assert stage.bridge.property("screen")["name"] == "reading"


def test_the_countdown_counts(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("still-there", examples()["still-there"])
    assert any("20" in words(item) for item in texts(stage))
    stage.bridge._seconds.timeout.emit()
    stage.settle()
    assert any("19" in words(item) for item in texts(stage))


def test_a_screen_that_stays_is_not_built_anew_under_the_finger(make_stage: StageMaker) -> None:
    stage, state = pin_stage(make_stage)
    before = controls(stage)["pin.digit.5"]
    stage.show("pin", dataclasses.replace(state, digits=3))
    assert controls(stage)["pin.digit.5"] is before


def test_a_screen_can_be_used_by_keyboard_alone(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("consent-checkup", examples()["consent-checkup"])
    stage.view.requestActivate()
    order = []
    for _ in range(len(controls(stage))):
        QTest.keyClick(stage.view, Qt.Key.Key_Tab)
        focused = [action for action, item in controls(stage).items() if item.property("activeFocus")]
        order += focused
    answers = ["consent.no", "consent.yes", "foot.back", "foot.restart", "foot.call"]
    assert [action for action in order if action in answers] == answers
    QTest.keyClick(stage.view, Qt.Key.Key_Return)
    assert len([event for event in stage.events if not isinstance(event, e.Touched)]) == 1


def test_a_long_press_in_the_corner_calls_the_staff_s_layer(make_stage: StageMaker, qtbot: QtBot) -> None:
    stage = make_stage()
    stage.show("idle", s.Idle())
    (corner,) = [item for item in everything(stage) if item.objectName() == "staffCorner"]
    with qtbot.waitSignal(stage.bridge.longPressedCorner, timeout=1000):
        corner.setProperty("pressAndHoldInterval", 50)
        QTest.mousePress(
            stage.view,
            Qt.MouseButton.LeftButton,
            pos=corner.mapToScene(corner.boundingRect().center()).toPoint(),
        )
        qtbot.wait(200)
    QTest.mouseRelease(stage.view, Qt.MouseButton.LeftButton)


def test_movement_ends_within_the_time_and_does_not_leave_anything_shifted(
    make_stage: StageMaker, qtbot: QtBot
) -> None:
    stage = make_stage(Look())
    stage.show("idle", s.Idle())
    stage.show("choose", examples()["choose"])
    root = stage.view.rootObject()
    assert root is not None
    assert root.property("shown") == "choose"


def test_the_preview_is_an_oval_and_is_wiped(qapp: QObject) -> None:
    preview = PreviewProvider()
    frame = np.zeros((100, 100, 3), dtype=np.uint8)
    frame[:, :50] = (255, 0, 0)
    frame[:, 50:] = (0, 0, 255)
    preview.put(frame)
    size = QSize()
    image = preview.requestImage("1", size, QSize(80, 80))
    assert image.pixelColor(20, 40).red() > 200
    assert image.pixelColor(60, 40).blue() > 200
    assert image.pixelColor(1, 1).alpha() == 0
    preview.clear()
    assert preview.requestImage("2", size, QSize(80, 80)).pixelColor(40, 40).alpha() == 0
