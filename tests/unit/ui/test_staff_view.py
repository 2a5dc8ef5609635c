# SPDX-License-Identifier: Apache-2.0
"""What the staff corner offers in which state."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.consent.items import ConsentItem, Question
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.flow import states as s
from kiosk.flow.session import EndKind, Session, SessionEnd
from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.staff import (
    LONGEST_WAIT_S,
    SignedIn,
    StaffSituation,
    StaffStage,
    StaffView,
    staff_view,
    wait_after,
)
from kiosk.ui.words import part_of_catalogue

TEXTS = Path(__file__).resolve().parents[3] / "assets" / "i18n"
SESSION = Session(number=7, id="S", started_at=datetime(2026, 6, 1, tzinfo=UTC))
DESK, TECHNICIAN = SignedIn("佐藤"), SignedIn("鈴木", technician=True)


@pytest.fixture(scope="module")
def words() -> Catalogue:
    return part_of_catalogue(TEXTS, "staff", Catalogue.load(TEXTS, "ja"))


def menu(state: s.State, words: Catalogue, who: SignedIn = DESK) -> StaffView:
    return staff_view(StaffSituation(StaffStage.MENU, who=who), state, words)


def offered(view: StaffView) -> list[str]:
    return [button.action for button in view.actions]


def test_both_languages_have_the_same_sentences() -> None:
    japanese = Catalogue.load(TEXTS, "staff.ja").texts
    assert set(japanese) == set(Catalogue.load(TEXTS, "staff.en").texts)


@pytest.mark.parametrize(
    "state",
    [
        s.Reading(SESSION),
        s.PinEntry(SESSION, 1, 3),
        s.PinChecking(SESSION, 1),
        s.Consenting(SESSION, (Question(ConsentItem.CHECKUP),)),
        s.Submitting(SESSION),
        s.Received(SESSION, Outcome(OutcomeKind.ELIGIBLE), "A-001"),
        s.StillThere(s.LimitChoosing(SESSION)),
        s.TakeYourCard(SESSION, SessionEnd(EndKind.CLEARED), cleared=True),
    ],
    ids=lambda state: type(state).__name__,
)
def test_reset_is_offered_in_every_state_of_a_session(state: s.State, words: Catalogue) -> None:
    assert offered(menu(state, words)) == ["staff.reset", "staff.close"]


@pytest.mark.parametrize(
    ("who", "expected"),
    [(DESK, ["staff.close"]), (TECHNICIAN, ["staff.diagnose", "staff.close"])],
)
def test_diagnosis_is_for_technicians_while_nobody_is_received(
    who: SignedIn, expected: list[str], words: Catalogue
) -> None:
    for state in (s.Idle(), s.OutOfService(FailureCode.NO_READER)):
        assert offered(menu(state, words, who)) == expected
    assert "staff.diagnose" not in offered(menu(s.Reading(SESSION), words, who))


def test_check_by_eye_is_offered_only_while_it_is_waited_for(words: Catalogue) -> None:
    view = menu(s.AwaitingStaffCheck(SESSION, FailureCode.FACE_NOT_CONFIRMED), words)
    assert offered(view) == ["staff.decline", "staff.confirm", "staff.reset", "staff.close"]
    assert view.with_photo
    assert not menu(s.ChoosingVerification(SESSION), words).with_photo


def test_last_try_is_offered_only_where_it_was_kept(words: Catalogue) -> None:
    kept = menu(s.PinUnavailable(SESSION, FailureCode.PIN_LAST_TRY), words)
    assert offered(kept) == ["staff.lasttry", "staff.reset", "staff.close"]
    blocked = menu(s.PinUnavailable(SESSION, FailureCode.PIN_BLOCKED), words)
    assert "staff.lasttry" not in offered(blocked)


def test_code_of_what_happened_comes_with_the_staffs_hint(words: Catalogue) -> None:
    end = SessionEnd(EndKind.HANDED_TO_STAFF, code=FailureCode.CERTIFICATE_EXPIRED)
    view = menu(s.HandToStaff(SESSION, end), words)
    assert view.code == "CRT-001"
    assert view.hint == words.failure(FailureCode.CERTIFICATE_EXPIRED).staff


def test_nothing_of_a_menu_without_a_person(words: Catalogue) -> None:
    assert staff_view(StaffSituation(StaffStage.MENU), s.Idle(), words).actions == ()
    assert staff_view(StaffSituation(), s.Idle(), words).stage is StaffStage.CLOSED


def test_keys_rest_while_a_code_is_checked_and_while_a_wait_lasts(words: Catalogue) -> None:
    code = StaffStage.CODE
    assert staff_view(StaffSituation(code), s.Idle(), words).keys_live
    assert not staff_view(StaffSituation(StaffStage.CHECKING), s.Idle(), words).keys_live
    waiting = staff_view(StaffSituation(code, wait_s=8), s.Idle(), words)
    assert not waiting.keys_live
    assert "8秒" in waiting.notice


def test_waits_grow_to_a_limit_after_one_free_slip() -> None:
    waits = [wait_after(tries) for tries in range(12)]
    assert waits[:5] == [0, 0, 4, 8, 16]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S
