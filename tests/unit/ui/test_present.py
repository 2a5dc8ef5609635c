# SPDX-License-Identifier: Apache-2.0
"""Every state has a screen, and the screens keep their promises."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import get_args

import pytest

from kiosk.consent.texts import ConsentTexts
from kiosk.errors import FailureCode
from kiosk.flow import states as s
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import PrintedField
from kiosk.texts import Catalogue
from kiosk.ui.gallery import examples
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.present import present
from kiosk.ui.viewmodels.screen import ButtonKind, ScreenView

ASSETS = Path(__file__).resolve().parents[3] / "assets"
POLICY = FlowPolicy()
NAMES = {
    *("starting", "idle", "reading", "card-not-read", "other-card", "card-changed", "choose", "face"),
    *("face-failed", "pin-preparing", "pin", "pin-checking", "pin-wrong", "pin-last-try", "pin-blocked"),
    *("staff-check", "matched", "consent-treatment_and_medicine", "consent-checkup", "consent-surgery"),
    *(
        "consent-specific_disease",
        "consent-person_update",
        "limit",
        "sending",
        "received",
        "received-unconfirmed",
        "ask-staff",
    ),
    *("take-card", "card-left", "hand-to-staff", "still-there", "out-of-service", "cleared"),
    *("registration", "grace", "diagnostics"),
    *("printed-birth_date", "printed-expiry_year", "printed-security_code"),
}
NO_SESSION = (s.Starting, s.Idle, s.OutOfService, s.Diagnosing, s.Clearing)


def context(language: str = "ja", policy: FlowPolicy = POLICY) -> PresentContext:
    texts = ConsentTexts.load(ASSETS / "consent", policy.consent.text_version)
    return PresentContext(Catalogue.load(ASSETS / "i18n", language), texts, policy)


def shown(state: s.State, language: str = "ja", policy: FlowPolicy = POLICY) -> ScreenView:
    return present(state, context(language, policy))


def actions(view: ScreenView) -> list[str]:
    return [button.action for button in (*view.buttons, *view.foot)]


def test_every_state_is_among_the_examples_and_every_screen_is_shown() -> None:
    assert {type(state) for state in examples().values()} == set(get_args(s.State))
    assert {shown(state).name for state in examples().values()} == NAMES


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", sorted(examples()))
def test_each_screen_asks_one_thing_in_words(name: str, language: str) -> None:
    view = shown(examples()[name], language)
    assert view.heading
    assert all(button.label and button.action for button in (*view.buttons, *view.foot))
    assert len(set(actions(view))) == len(actions(view))
    assert sum(button.kind is ButtonKind.MAIN for button in view.buttons) <= 1


@pytest.mark.parametrize("name", sorted(examples()))
def test_the_desk_can_be_called_from_every_screen_of_a_session(name: str) -> None:
    state = examples()[name]
    over = isinstance(state, NO_SESSION) or (isinstance(state, s.TakeYourCard) and state.cleared)
    assert ("foot.call" in actions(shown(state))) is not over


def test_a_called_desk_is_seen_to_be_called() -> None:
    calling = shown(examples()["choose"]).foot[-1]
    called = shown(examples()["choose-notice"]).foot[-1]
    assert calling.label != called.label
    assert calling.icon != called.icon


def test_yes_and_no_weigh_the_same_and_yes_stands_on_the_right() -> None:
    for name in ("consent-checkup", "limit", "registration"):
        no, yes = shown(examples()[name]).buttons
        assert no.kind is yes.kind
        assert no.action.endswith(".no")
        assert yes.action.endswith(".yes")


def test_the_age_variant_stands_beside_no() -> None:
    assert "40" in shown(examples()["consent-checkup-unknown"]).buttons[0].label
    assert "40" not in shown(examples()["consent-checkup"]).buttons[0].label


def test_the_screen_promises_one_try_fewer_than_the_card_has() -> None:
    state = examples()["pin"]
    assert isinstance(state, s.PinEntry)
    warning = shown(state).warning
    assert "3回" in warning
    assert "2回" in warning
    allowed = shown(state, policy=FlowPolicy(allow_last_pin_attempt=True)).warning
    assert "3回" in allowed
    assert "2回" not in allowed


def test_a_staff_permission_lifts_the_promise_and_warns_of_the_last_try() -> None:
    state = examples()["pin"]
    assert isinstance(state, s.PinEntry)
    permitted = dataclasses.replace(state.session, last_attempt_allowed_by="staff")
    view = shown(dataclasses.replace(state, session=permitted, tries_left=1))
    assert "使えなくなります" in view.warning.replace(" ", "")


def test_a_counter_that_is_not_known_is_not_invented() -> None:
    state = examples()["pin"]
    assert isinstance(state, s.PinEntry)
    assert shown(dataclasses.replace(state, tries_left=None)).warning == ""


def test_no_screen_holds_more_of_the_pin_than_its_length() -> None:
    view = shown(examples()["pin-full"])
    assert view.pin_digits == 4
    fields = {field.name for field in dataclasses.fields(view)}
    assert {name for name in fields if "pin" in name or "digit" in name} == {"pin_digits"}


def test_ways_that_are_closed_are_not_offered() -> None:
    state = examples()["choose"]
    assert isinstance(state, s.ChoosingVerification)
    assert state.session.card is not None
    card = dataclasses.replace(state.session.card, has_photo=False)
    session = dataclasses.replace(state.session, card=card)
    assert "choose.face" not in actions(shown(dataclasses.replace(state, session=session)))
    no_staff = shown(state, policy=FlowPolicy(staff_check_available=False))
    assert "choose.staff" not in actions(no_staff)


def test_a_blocked_pin_leaves_no_way_to_try_again() -> None:
    for name in ("pin-blocked", "pin-last-try"):
        assert not {"pin.retry", "face.pin", "choose.pin"} & set(actions(shown(examples()[name])))


def test_received_asks_for_the_card_only_while_it_lies_there() -> None:
    assert len(shown(examples()["received"]).sentences) == 2
    assert len(shown(examples()["received-gone"]).sentences) == 1


def test_an_answer_that_could_not_be_had_is_no_success() -> None:
    unconfirmed = shown(examples()["received-unconfirmed"])
    assert unconfirmed.tone is not shown(examples()["received"]).tone
    assert "確認" in unconfirmed.heading


def test_a_short_code_stands_where_the_desk_goes_on() -> None:
    for name, code in (
        ("hand-to-staff", FailureCode.PIN_LAST_TRY),
        ("out-of-service", FailureCode.NO_READER),
    ):
        assert shown(examples()[name]).code == code.value


def test_started_again_only_where_nothing_was_committed() -> None:
    assert actions(shown(examples()["take-card-again"])) == ["card.again"]
    assert "card.again" not in actions(shown(examples()["card-left"]))


def test_the_countdown_is_the_policy_s_and_longer_for_the_unhurried() -> None:
    state = examples()["still-there"]
    assert isinstance(state, s.StillThere)
    assert shown(state).countdown_s == POLICY.warning_s
    slow = dataclasses.replace(state.interrupted.session, unhurried=True)
    waiting = dataclasses.replace(state.interrupted, session=slow)
    assert shown(s.StillThere(waiting)).countdown_s == POLICY.warning_s * POLICY.unhurried_factor


def test_more_time_is_offered_once() -> None:
    state = examples()["still-there"]
    assert isinstance(state, s.StillThere)
    assert "more.time" in actions(shown(state))
    slow = dataclasses.replace(state.interrupted.session, unhurried=True)
    waiting = dataclasses.replace(state.interrupted, session=slow)
    assert "more.time" not in actions(shown(s.StillThere(waiting)))


def test_a_slow_card_is_waited_for_with_a_word_more() -> None:
    for language in ("ja", "en"):
        usual, slow = (shown(examples()[name], language) for name in ("reading", "reading-slow"))
        assert usual.sentences == slow.sentences[:-1]
        assert slow.sentences[-1]


@pytest.mark.parametrize("field", list(PrintedField))
def test_a_printed_field_has_as_many_places_as_digits(field: PrintedField) -> None:
    state = examples()["printed-birth_date"]
    assert isinstance(state, s.PrintedFieldsEntry)
    view = shown(dataclasses.replace(state, field=field, digits=2))
    assert view.name == f"printed-{field.value}"
    assert sum(each.count for each in view.places) == field.length
    assert view.filled == 2
    assert view.pin_digits == -1
    assert (ASSETS / "icons" / "scenes" / f"{view.scene}.svg").exists()


def test_the_places_of_a_birth_date_stand_as_on_the_card_in_every_language() -> None:
    for language in ("ja", "en"):
        places = shown(examples()["printed-birth_date"], language).places
        assert [(each.count, each.unit) for each in places] == [(2, "年"), (2, "月"), (2, "日")]


@pytest.mark.parametrize("code", ["FAC-003", "FAC-006", "FAC-007", "FAC-008"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_photo_that_cannot_be_had_is_nobody_s_face(code: str, language: str) -> None:
    state = examples()["face-failed"]
    assert isinstance(state, s.FaceFailed)
    about_photo = dataclasses.replace(state, code=FailureCode(code), may_retry=False)
    view, usual = shown(about_photo, language), shown(state, language)
    assert view.heading != usual.heading
    assert view.sentences == (context(language).words.get(f"notice.{code}"),)
    assert {"face.pin", "choose.staff"} <= set(actions(view))


@pytest.mark.parametrize(
    "name",
    [
        *("reading", "face-preparing", "pin-preparing", "pin-checking", "matched-signing", "sending"),
        *("printed-birth_date", "printed-expiry_year", "printed-security_code"),
    ],
)
def test_while_the_card_is_needed_the_patient_is_asked_to_leave_it(name: str) -> None:
    said = {
        language: " ".join(
            (shown(examples()[name], language).hint, *shown(examples()[name], language).sentences)
        )
        for language in ("ja", "en")
    }
    assert any(word in said["ja"] for word in ("そのまま", "置いたまま"))
    assert any(word in said["en"] for word in ("still", "where it is"))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("challenge", ["turn_left", "turn_right", "come_closer", "look_left", "look_right"])
def test_what_is_asked_before_the_camera_is_said_and_gives_way_to_an_empty_frame(
    challenge: str, language: str
) -> None:
    state = examples()["face"]
    assert isinstance(state, s.FaceCapturing)
    asked = shown(dataclasses.replace(state, challenge=challenge, hint="turned"), language)
    assert asked.hint == context(language).words.get(f"challenge.{challenge}")
    assert asked.challenge == challenge
    nobody = shown(dataclasses.replace(state, challenge=challenge, hint="no_face"), language)
    assert nobody.hint == context(language).words.get("hint.no_face")
    assert {"face.pin"} <= set(actions(asked))
