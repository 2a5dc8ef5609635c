# SPDX-License-Identifier: Apache-2.0
"""Particular ways through the flow, one behaviour a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk.auth.evidence import VerificationMethod
from kiosk.consent.items import ConsentItem, Decision
from kiosk.consent.policy import ConsentPolicy, LimitStep
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow import states as st
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import CardSummary, ClearReason, EndKind
from kiosk.flow.timers import waits
from tests.unit.flow.walks import ELIGIBLE, Walker


def test_a_patient_is_received_by_pin() -> None:
    walk = Walker()
    state = walk.commit()
    assert isinstance(state, st.Submitting)
    state = walk.on(ev.QualificationAnswered(session_no=walk.no, outcome=ELIGIBLE))
    assert isinstance(state, st.Received)
    assert state.number == "A-001"
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.RESULT))
    assert isinstance(state, st.TakeYourCard)
    state = walk.on(ev.CardRemoved())
    assert isinstance(state, st.Clearing)
    assert state.end.kind is EndKind.ELIGIBLE
    assert isinstance(walk.on(ev.SecretsCleared(session_no=walk.no)), st.Idle)


def test_a_known_age_below_forty_skips_the_checkup_as_not_due() -> None:
    walk = Walker()
    walk.verify_by_face(age=39)
    walk.decide(Decision.YES)
    state = walk.decide(Decision.NO)
    assert isinstance(state, st.Submitting)
    decisions = {record.item: record.decision for record in state.session.records}
    assert decisions == {
        ConsentItem.TREATMENT_AND_MEDICINE: Decision.YES,
        ConsentItem.CHECKUP: Decision.NOT_DUE,
        ConsentItem.LIMIT: Decision.NO,
    }


def test_an_unknown_age_gets_the_leaflets_variant() -> None:
    walk = Walker()
    walk.verify_by_pin()
    state = walk.decide(Decision.YES)
    assert isinstance(state, st.Consenting)
    assert state.questions[state.index].age_unknown


@pytest.mark.parametrize(
    ("limit", "flag"), [(LimitStep.INFORM, Decision.SKIPPED_BY_RULE), (LimitStep.OFF, None)]
)
def test_the_limit_is_not_asked_where_the_clinic_chose_so(limit: LimitStep, flag: Decision | None) -> None:
    walk = Walker(FlowPolicy(consent=ConsentPolicy(limit_step=limit), offer_registration=False))
    walk.verify_by_pin()
    state = walk.decide(Decision.NO, Decision.NO)
    assert isinstance(state, st.Submitting)
    assert {r.item: r.decision for r in state.session.records}.get(ConsentItem.LIMIT) is flag


def test_going_back_takes_the_answer_back() -> None:
    walk = Walker()
    walk.verify_by_pin()
    walk.decide(Decision.YES, Decision.YES)
    assert isinstance(walk.state, st.LimitChoosing)
    walk.on(ev.WentBack(session_no=walk.no), ev.WentBack(session_no=walk.no))
    state = walk.decide(Decision.NO, Decision.NO, Decision.NO)
    assert isinstance(state, st.Submitting)
    assert {record.decision for record in state.session.records} == {Decision.NO}


def test_the_last_try_is_not_spent() -> None:
    walk = Walker()
    walk.begin(tries=1)
    state = walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=1))
    assert isinstance(state, st.PinUnavailable)
    assert state.code is FailureCode.PIN_LAST_TRY


def test_an_unreadable_counter_counts_as_the_last_try() -> None:
    walk = Walker()
    walk.begin(tries=None)
    state = walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=None))
    assert isinstance(state, st.PinUnavailable)


def test_staff_may_allow_the_last_try_for_one_entry() -> None:
    walk = Walker()
    walk.begin(tries=1)
    walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=1))
    walk.on(
        ev.LastAttemptAllowed(session_no=walk.no, by="front desk"),
        ev.PinAttemptsRead(session_no=walk.no, tries_left=1),
    )
    assert isinstance(walk.state, st.PinEntry)
    walk.enter_pin()
    submit = next(effect for effect in walk.last if isinstance(effect, ef.SubmitPin))
    assert submit.last_attempt_allowed
    state = walk.on(ev.PinRejected(session_no=walk.no, tries_left=1))
    assert isinstance(state, st.PinUnavailable), "the permission was for one entry"


def test_a_wrong_pin_with_two_left_may_be_tried_again() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=3))
    walk.enter_pin()
    state = walk.on(ev.PinRejected(session_no=walk.no, tries_left=2))
    assert isinstance(state, st.PinWrong)
    assert walk.did(ef.ErasePinDigits)
    walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=2))
    walk.enter_pin()
    state = walk.on(ev.PinRejected(session_no=walk.no, tries_left=1))
    assert isinstance(state, st.PinUnavailable)
    assert state.code is FailureCode.PIN_LAST_TRY


def test_a_blocked_pin_offers_the_other_ways() -> None:
    walk = Walker()
    walk.begin(tries=0)
    walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=0))
    assert isinstance(walk.state, st.PinUnavailable)
    assert isinstance(walk.on(ev.FaceChosen(session_no=walk.no)), st.FaceCapturing)


def test_three_face_tries_a_session_over_all_visits_to_the_screen() -> None:
    walk = Walker()
    walk.begin()
    for used in range(1, 4):
        walk.on(ev.FaceChosen(session_no=walk.no), ev.PhotoOpened(session_no=walk.no, age=50))
        state = walk.on(ev.FaceNotConfirmed(session_no=walk.no))
        assert isinstance(state, st.FaceFailed)
        assert state.may_retry is (used < 3)
    assert isinstance(walk.on(ev.FaceChosen(session_no=walk.no)), st.FaceFailed)
    walk.on(ev.WentBack(session_no=walk.no), ev.FaceChosen(session_no=walk.no))
    assert isinstance(walk.state, st.ChoosingVerification)


def test_a_forged_photo_goes_to_the_desk() -> None:
    walk = Walker()
    walk.begin()
    walk.on(
        ev.FaceChosen(session_no=walk.no),
        ev.PhotoNotOpened(session_no=walk.no, code=FailureCode.PHOTO_FORGED),
    )
    assert isinstance(walk.state, st.HandToStaff)
    assert walk.state.end.kind is EndKind.HANDED_TO_STAFF


def test_what_is_asked_before_the_camera_is_shown_and_gives_time_once() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no), ev.PhotoOpened(session_no=walk.no, age=50))
    keys = [waits(walk.state, FlowPolicy()).key]
    for challenge in ("turn_left", "", "come_closer"):
        state = walk.on(ev.FaceAsked(session_no=walk.no, challenge=challenge))
        assert isinstance(state, st.FaceCapturing)
        assert state.challenge == challenge
        keys.append(waits(state, FlowPolicy()).key)
    assert keys[0] != keys[1] == keys[2] == keys[3]


def test_doubtful_liveness_asks_staff_without_accusing() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no), ev.PhotoOpened(session_no=walk.no, age=50))
    state = walk.on(ev.LivenessDoubted(session_no=walk.no))
    assert isinstance(state, st.HandToStaff)
    assert state.end.kind is EndKind.ASK_STAFF


def capture(walk: Walker, *, asked: bool = True) -> None:
    """The camera looks, and has asked for a movement."""
    walk.on(ev.FaceChosen(session_no=walk.no), ev.PhotoOpened(session_no=walk.no, age=50))
    if asked:
        walk.on(ev.FaceAsked(session_no=walk.no, challenge="turn_left"))


def test_a_face_that_does_not_move_keeps_all_ways_once_and_is_seen_by_staff_the_second_time() -> None:
    walk = Walker()
    walk.begin()
    capture(walk)
    state = walk.on(ev.MovementNotShown(session_no=walk.no))
    assert isinstance(state, st.FaceFailed)
    assert (state.code, state.may_retry, state.unmoved) == (FailureCode.FACE_NOT_CONFIRMED, True, True)
    capture(walk)
    state = walk.on(ev.MovementNotShown(session_no=walk.no))
    assert isinstance(state, st.HandToStaff)
    assert (state.end.kind, state.end.code) == (EndKind.ASK_STAFF, FailureCode.LIVENESS_DOUBTFUL)


def test_another_face_that_does_not_move_is_not_doubted() -> None:
    walk = Walker()
    walk.begin()
    for event in (ev.MovementNotShown, ev.FaceNotConfirmed, ev.FaceNotConfirmed):
        capture(walk)
        state = walk.on(event(session_no=walk.no))
        assert isinstance(state, st.FaceFailed)
        assert state.unmoved is (event is ev.MovementNotShown)


@pytest.mark.parametrize(
    "leave",
    [
        lambda no: ev.WentBack(session_no=no),
        lambda no: ev.PinChosen(session_no=no),
        lambda no: ev.StaffCheckChosen(session_no=no),
        lambda no: ev.FaceUnavailable(session_no=no, code=FailureCode.CAMERA_BLACK),
    ],
)
def test_who_leaves_once_asked_for_a_movement_has_used_a_try(leave: Callable[[int], ev.Event]) -> None:
    walk = Walker()
    walk.begin()
    for asked, used in ((False, 0), (True, 1), (True, 2), (True, 3)):
        capture(walk, asked=asked)
        assert isinstance(walk.state, st.FaceCapturing)
        state = walk.on(leave(walk.no))
        assert state.session.face_tries_used == used  # type: ignore[union-attr]  # each of them has one
        if isinstance(state, st.FaceFailed):
            assert state.may_retry is (used < 3)
        walk.on(ev.PinAttemptsRead(session_no=walk.no, tries_left=3), ev.WentBack(session_no=walk.no))
    assert isinstance(walk.state, st.ChoosingVerification)
    assert isinstance(walk.on(ev.FaceChosen(session_no=walk.no)), st.ChoosingVerification)


def test_a_photo_that_is_of_no_use_is_not_looked_at_again() -> None:
    walk = Walker()
    walk.begin()
    capture(walk, asked=False)
    state = walk.on(ev.FaceUnavailable(session_no=walk.no, code=FailureCode.PHOTO_UNUSABLE))
    assert isinstance(state, st.FaceFailed)
    assert not state.may_retry
    walk.on(ev.WentBack(session_no=walk.no), ev.FaceChosen(session_no=walk.no))
    assert isinstance(walk.state, st.ChoosingVerification)


def test_an_expired_certificate_asks_staff() -> None:
    walk = Walker()
    walk.on(ev.ServiceReady(), ev.CardInserted("S1"))
    state = walk.on(ev.CardReadFailed(session_no=walk.no, code=FailureCode.CERTIFICATE_EXPIRED))
    assert isinstance(state, st.HandToStaff)
    assert state.end.kind is EndKind.ASK_STAFF
    assert state.end.code is FailureCode.CERTIFICATE_EXPIRED


def test_another_kind_of_card_is_told_so_and_ends_when_taken() -> None:
    walk = Walker()
    walk.on(ev.ServiceReady(), ev.CardInserted("S1"))
    walk.on(ev.CardReadFailed(session_no=walk.no, code=FailureCode.CARD_NOT_MY_NUMBER))
    assert isinstance(walk.state, st.CardProblem)
    state = walk.on(ev.CardRemoved())
    assert isinstance(state, st.Clearing)
    assert state.end.reason is ClearReason.OTHER_CARD


def test_staff_confirm_and_the_card_signs_what_it_can() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.StaffCheckChosen(session_no=walk.no))
    assert walk.did(ef.CallDesk)
    walk.on(ev.StaffConfirmed(session_no=walk.no, by="front desk"))
    sign = next(effect for effect in walk.last if isinstance(effect, ef.SignStatement))
    assert sign.method is VerificationMethod.STAFF
    assert sign.decided_by == "front desk"


def test_nobody_at_the_desk_hands_over_with_a_code() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.StaffCheckChosen(session_no=walk.no))
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.STAFF))
    assert isinstance(state, st.HandToStaff)
    assert state.end.code is FailureCode.STAFF_CHECK_UNANSWERED


def test_a_pulled_card_before_the_commit_clears() -> None:
    walk = Walker()
    walk.verify_by_pin()
    state = walk.on(ev.CardRemoved())
    assert isinstance(state, st.Clearing)
    assert state.end.reason is ClearReason.CARD_REMOVED
    assert walk.did(ef.ClearSecrets)


def test_a_pulled_card_while_submitting_only_marks_it() -> None:
    walk = Walker()
    walk.commit()
    state = walk.on(ev.CardRemoved())
    assert isinstance(state, st.Submitting)
    state = walk.on(ev.QualificationAnswered(session_no=walk.no, outcome=ELIGIBLE))
    assert isinstance(state, st.Received)
    assert isinstance(walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.RESULT)), st.Clearing)


def test_no_answer_in_time_is_to_be_confirmed() -> None:
    walk = Walker()
    walk.commit()
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.ANSWER))
    assert isinstance(state, st.Received)
    assert state.outcome == Outcome(OutcomeKind.TO_BE_CONFIRMED, FailureCode.UPSTREAM_NO_ANSWER)


def test_a_late_answer_does_not_change_the_screen() -> None:
    walk = Walker()
    walk.commit()
    walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.ANSWER))
    before = walk.state
    assert walk.on(ev.QualificationAnswered(session_no=walk.no, outcome=ELIGIBLE)) == before


def test_a_failed_commit_pretends_nothing() -> None:
    walk = Walker()
    walk.verify_by_pin()
    walk.decide(Decision.YES, Decision.NO, Decision.YES)
    state = walk.on(ev.CommitFailed(session_no=walk.no, code=FailureCode.STORE_DISK_FULL))
    assert isinstance(state, st.HandToStaff)
    assert state.end.kind is EndKind.HANDED_TO_STAFF


def test_a_reset_during_the_commit_waits_for_its_result() -> None:
    walk = Walker()
    walk.verify_by_pin()
    walk.decide(Decision.YES, Decision.NO, Decision.YES)
    assert isinstance(walk.on(ev.StaffReset("front desk")), st.Submitting)
    state = walk.on(ev.ReceptionCommitted(session_no=walk.no, number="A-002"))
    assert isinstance(state, st.Clearing)
    assert state.end.kind is EndKind.TO_BE_CONFIRMED
    assert state.end.number == "A-002"


def test_a_reset_with_the_card_lying_asks_for_it_and_does_not_read_it_again() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.StaffReset("front desk"), ev.SecretsCleared(session_no=walk.no))
    assert isinstance(walk.state, st.TakeYourCard)
    assert not walk.did(ef.ReadCard)
    assert isinstance(walk.on(ev.CardInserted("S2")), st.TakeYourCard)
    assert isinstance(walk.on(ev.StartedAgain("S2")), st.Reading)


def test_the_card_left_behind_is_called_again_and_louder() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.Cancelled(session_no=walk.no), ev.SecretsCleared(session_no=walk.no))
    for step in (1, 2):
        walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.REMINDER))
        assert ef.PlaySound(ef.Sound.CARD_LEFT, step=step) in walk.last


def test_nobody_there_clears_after_the_warning() -> None:
    walk = Walker()
    walk.begin()
    state = walk.on(ev.IdleTimedOut(session_no=walk.no))
    assert isinstance(state, st.StillThere)
    assert isinstance(walk.on(ev.StillHere(session_no=walk.no)), st.ChoosingVerification)
    walk.on(ev.IdleTimedOut(session_no=walk.no))
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.WARNING))
    assert isinstance(state, st.Clearing)
    assert state.end.reason is ClearReason.TIMED_OUT


def test_more_time_makes_the_waits_longer() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.MoreTimeChosen(session_no=walk.no))
    assert ef.StartTimer(session_no=walk.no, timer=ev.Timer.IDLE, seconds=180.0) in walk.last


def test_the_reader_service_dying_ends_the_session_and_says_so() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.ServiceLost(FailureCode.READER_SERVICE_DOWN), ev.SecretsCleared(session_no=walk.no))
    assert walk.state == st.OutOfService(FailureCode.READER_SERVICE_DOWN, sessions=1)
    assert isinstance(walk.on(ev.ServiceReady()), st.Idle)


def test_what_cannot_be_wiped_is_followed_by_nobody() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.StaffReset("front desk"))
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.CLEARING))
    assert isinstance(state, st.OutOfService)


def test_what_is_wiped_late_lets_the_next_patient_in() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.StaffReset("front desk"), ev.TimedOut(session_no=walk.no, timer=ev.Timer.CLEARING))
    assert isinstance(walk.on(ev.SecretsCleared(session_no=walk.no)), st.Idle)


def test_what_is_wiped_late_is_no_trouble_after_the_diagnostics() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.StaffReset("front desk"), ev.TimedOut(session_no=walk.no, timer=ev.Timer.CLEARING))
    walk.on(ev.TechnicianSignedIn("technician"), ev.SecretsCleared(session_no=walk.no))
    assert isinstance(walk.on(ev.DiagnosisEnded()), st.Idle)


def test_a_reader_that_is_back_before_the_wiping_ended_is_no_trouble() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.ServiceLost(FailureCode.READER_LOST), ev.ServiceReady())
    assert isinstance(walk.on(ev.SecretsCleared(session_no=walk.no)), st.Idle)


def test_a_commit_that_was_only_slow_is_not_noted_as_never_made() -> None:
    walk = Walker()
    walk.verify_by_pin()
    walk.decide(Decision.YES, Decision.YES, Decision.YES)
    assert isinstance(walk.state, st.Submitting)
    walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.COMMIT))
    state = walk.on(ev.ReceptionCommitted(session_no=walk.no, number="A-001"))
    assert isinstance(state, st.HandToStaff)
    assert (state.end.kind, state.end.number) == (EndKind.TO_BE_CONFIRMED, "A-001")
    assert state.end.code is FailureCode.STORE_WRITE_FAILED


def test_a_slow_registration_look_up_keeps_nobody_waiting() -> None:
    walk = Walker(FlowPolicy())
    walk.begin()
    assert isinstance(walk.state, st.Reading)
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.REGISTRATION))
    assert isinstance(state, st.ChoosingVerification)


def test_an_unregistered_card_is_offered_registration() -> None:
    walk = Walker(FlowPolicy())
    walk.begin()
    walk.on(ev.RegistrationKnown(session_no=walk.no, registered=False))
    assert isinstance(walk.state, st.Registering)
    state = walk.decide(Decision.YES)
    assert isinstance(state, st.ChoosingVerification)
    assert state.session.records[0].item is ConsentItem.USAGE_REGISTRATION


def test_who_does_not_register_now_goes_on_and_is_not_asked_again() -> None:
    items = (ConsentItem.USAGE_REGISTRATION, ConsentItem.TREATMENT_AND_MEDICINE)
    walk = Walker(FlowPolicy(consent=ConsentPolicy(items=items)))
    walk.begin()
    walk.on(ev.RegistrationKnown(session_no=walk.no, registered=False))
    assert isinstance(walk.decide(Decision.NO), st.ChoosingVerification)
    walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=3))
    walk.enter_pin()
    walk.on(ev.PinAccepted(session_no=walk.no))
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.CONFIRMED))
    assert isinstance(state, st.Consenting)
    assert [question.item for question in state.questions] == [ConsentItem.TREATMENT_AND_MEDICINE]
    assert [record.decision for record in state.session.records] == [Decision.NO]
    # upstream will say that nobody has this person on record, and the desk is asked
    walk.decide(Decision.YES, Decision.YES)
    walk.on(ev.ReceptionCommitted(session_no=walk.no, number="A-001"))
    unknown = Outcome(OutcomeKind.ASK_STAFF, FailureCode.NO_RECORD)
    ended = walk.on(ev.QualificationAnswered(session_no=walk.no, outcome=unknown))
    assert isinstance(ended, st.Received)
    assert ended.outcome == unknown


def test_in_grace_no_medical_information_is_asked_about() -> None:
    walk = Walker()
    walk.on(ev.ServiceReady(), ev.CardInserted("S1"))
    walk.on(ev.CardRead(session_no=walk.no, card=CardSummary(3, in_grace=True)))
    assert isinstance(walk.state, st.GraceNotice)
    walk.on(ev.Continued(session_no=walk.no), ev.PinChosen(session_no=walk.no))
    walk.on(ev.PinAttemptsRead(session_no=walk.no, tries_left=3))
    walk.enter_pin()
    walk.on(ev.PinAccepted(session_no=walk.no))
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.CONFIRMED))
    assert isinstance(state, st.LimitChoosing)
    decisions = {record.decision for record in state.session.records}
    assert decisions == {Decision.SKIPPED_BY_RULE}


def test_calling_the_desk_goes_on_and_calls_once() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.DeskCalled(session_no=walk.no))
    assert walk.did(ef.CallDesk)
    walk.on(ev.DeskCalled(session_no=walk.no))
    assert not walk.did(ef.CallDesk)
    assert isinstance(walk.state, st.ChoosingVerification)


def test_a_state_cannot_be_changed_in_place() -> None:
    walk = Walker()
    walk.begin()
    before = walk.state
    assert isinstance(before, st.ChoosingVerification)
    assert replace(before) == before
    with pytest.raises(AttributeError):
        before.notice = FailureCode.INTERNAL  # type: ignore[misc]


@pytest.mark.parametrize("code", [FailureCode.CARD_REMOVED, FailureCode.CARD_COMMUNICATION])
def test_a_check_that_broke_off_asks_the_counter_and_never_sends_the_pin_again(code: FailureCode) -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=3))
    walk.enter_pin()
    state = walk.on(ev.PinCheckFailed(session_no=walk.no, code=code))
    assert isinstance(state, st.PinPreparing)
    assert walk.did(ef.ReadPinAttempts)
    assert walk.did(ef.ErasePinDigits)
    assert not walk.did(ef.SubmitPin)


def test_the_desk_can_be_called_after_the_commit_too() -> None:
    walk = Walker()
    walk.commit()
    walk.on(ev.DeskCalled(session_no=walk.no))
    assert walk.did(ef.CallDesk)
    assert isinstance(walk.on(ev.QualificationAnswered(session_no=walk.no, outcome=ELIGIBLE)), st.Received)
    walk.on(ev.DeskCalled(session_no=walk.no))
    assert not walk.did(ef.CallDesk), "the desk was called before"
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.RESULT))
    assert isinstance(state, st.TakeYourCard)
    assert state.session.desk_called


def test_a_card_in_place_of_one_that_was_not_known_is_the_next_card() -> None:
    walk = Walker()
    walk.on(ev.ServiceReady(), ev.CardInserted("S1"))
    walk.on(ev.CardReadFailed(session_no=walk.no, code=FailureCode.CARD_NOT_MY_NUMBER))
    walk.on(ev.CardSwapped(), ev.SecretsCleared(session_no=walk.no))
    assert isinstance(walk.state, st.Idle), "from where the lying card begins a session of its own"


def test_another_card_than_the_sessions_is_told_of() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.CardSwapped(), ev.SecretsCleared(session_no=walk.no))
    assert isinstance(walk.state, st.TakeYourCard)
    assert walk.state.end.reason is ClearReason.CARD_SWAPPED


def test_without_a_surface_camera_the_printed_fields_are_typed() -> None:
    walk = Walker(FlowPolicy(surface_camera=False, offer_registration=False))
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no))
    for length in (6, 4, 4):
        assert isinstance(walk.state, st.PrintedFieldsEntry)
        walk.on(ev.FieldSubmitted(session_no=walk.no))
        assert isinstance(walk.state, st.PrintedFieldsEntry), "a field was taken before it was complete"
        walk.on(*[ev.FieldDigitEntered(session_no=walk.no) for _ in range(length + 1)])
        assert isinstance(walk.state, st.PrintedFieldsEntry)
        assert walk.state.digits == length
        walk.on(ev.FieldSubmitted(session_no=walk.no))
    assert isinstance(walk.state, st.FaceCapturing)
    assert ef.OpenPhoto(session_no=walk.no, typed=True) in walk.last


def test_what_the_surface_camera_cannot_read_the_patient_types() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no))
    state = walk.on(ev.PhotoNotOpened(session_no=walk.no, code=FailureCode.SURFACE_UNREADABLE))
    assert isinstance(state, st.PrintedFieldsEntry)
    assert state.session.photo_openings_used == 0, "nothing was presented to the card"
    assert not state.again


def test_typed_numbers_that_stand_on_no_card_are_asked_for_again() -> None:
    walk = Walker(FlowPolicy(surface_camera=False, offer_registration=False))
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no))
    for length in (6, 4, 4):
        walk.on(*[ev.FieldDigitEntered(session_no=walk.no) for _ in range(length)])
        walk.on(ev.FieldSubmitted(session_no=walk.no))
    state = walk.on(ev.PhotoNotOpened(session_no=walk.no, code=FailureCode.SURFACE_UNREADABLE))
    assert isinstance(state, st.PrintedFieldsEntry)
    assert state.again


def test_a_card_with_a_western_year_goes_on_another_way_and_its_number_is_never_presented() -> None:
    walk = Walker(FlowPolicy(surface_camera=False, offer_registration=False))
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no))
    walk.on(*[ev.FieldDigitEntered(session_no=walk.no) for _ in range(2)])
    state = walk.on(ev.WesternYearTold(session_no=walk.no))
    assert isinstance(state, st.FaceFailed)
    assert state.code is FailureCode.BIRTH_DATE_GREGORIAN
    assert not state.may_retry
    assert ef.EraseFieldDigits(session_no=walk.no) in walk.last
    walk.on(ev.FaceChosen(session_no=walk.no), ev.WentBack(session_no=walk.no))
    assert isinstance(walk.state, st.ChoosingVerification)
    walk.on(ev.FaceChosen(session_no=walk.no))
    assert isinstance(walk.state, st.ChoosingVerification)
    asked = walk.on(ev.StaffCheckChosen(session_no=walk.no))
    assert isinstance(asked, st.AwaitingStaffCheck)
    assert not walk.did(ef.OpenPhoto)


def test_only_the_year_of_birth_can_be_western() -> None:
    walk = Walker(FlowPolicy(surface_camera=False, offer_registration=False))
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no))
    walk.on(
        *[ev.FieldDigitEntered(session_no=walk.no) for _ in range(6)], ev.FieldSubmitted(session_no=walk.no)
    )
    before = walk.state
    assert walk.on(ev.WesternYearTold(session_no=walk.no)) == before


def test_what_the_camera_misread_is_not_presented_again_but_typed() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no))
    refused = ev.PhotoNotOpened(session_no=walk.no, code=FailureCode.PHOTO_NOT_OPENED, wrong_number=True)
    assert isinstance(walk.on(refused), st.FaceFailed)
    walk.on(ev.StaffCheckChosen(session_no=walk.no))
    assert not walk.did(ef.OpenPhoto)
    walk.on(ev.WentBack(session_no=walk.no))
    assert isinstance(walk.on(ev.FaceChosen(session_no=walk.no)), st.PrintedFieldsEntry)
    for length in (6, 4, 4):
        walk.on(*[ev.FieldDigitEntered(session_no=walk.no) for _ in range(length)])
        walk.on(ev.FieldSubmitted(session_no=walk.no))
    assert ef.OpenPhoto(session_no=walk.no, typed=True) in walk.last
    state = walk.on(ev.PhotoOpened(session_no=walk.no, age=50))
    assert isinstance(state, st.FaceCapturing)
    walk.on(ev.WentBack(session_no=walk.no))
    assert isinstance(walk.on(ev.FaceChosen(session_no=walk.no)), st.FaceCapturing), "it is open now"


@pytest.mark.parametrize("camera", [False, True])
def test_a_card_that_takes_no_number_is_not_asked_for_one_again(*, camera: bool) -> None:
    walk = Walker(FlowPolicy(surface_camera=camera, offer_registration=False))
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no))
    if not camera:
        for length in (6, 4, 4):
            walk.on(*[ev.FieldDigitEntered(session_no=walk.no) for _ in range(length)])
            walk.on(ev.FieldSubmitted(session_no=walk.no))
    walk.on(ev.PhotoNotOpened(session_no=walk.no, code=FailureCode.PHOTO_NOT_OPENED, closed=True))
    walk.on(ev.WentBack(session_no=walk.no))
    walk.on(ev.FaceChosen(session_no=walk.no))
    assert isinstance(walk.state, st.ChoosingVerification)


def test_the_photos_number_is_presented_three_times_a_session_at_most() -> None:
    walk = Walker()
    walk.begin()
    for _ in range(3):
        walk.on(ev.FaceChosen(session_no=walk.no))
        assert walk.did(ef.OpenPhoto)
        walk.on(ev.PhotoNotOpened(session_no=walk.no, code=FailureCode.PHOTO_NOT_OPENED))
        walk.on(ev.WentBack(session_no=walk.no))
    walk.on(ev.FaceChosen(session_no=walk.no))
    assert isinstance(walk.state, st.ChoosingVerification)


def test_a_gregorian_birth_date_leaves_pin_and_staff() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no))
    state = walk.on(ev.PhotoNotOpened(session_no=walk.no, code=FailureCode.BIRTH_DATE_GREGORIAN))
    assert isinstance(state, st.FaceFailed)
    assert not state.may_retry
    walk.on(ev.WentBack(session_no=walk.no), ev.FaceChosen(session_no=walk.no))
    assert isinstance(walk.state, st.ChoosingVerification)


def test_a_forged_photo_is_told_of_even_after_going_back() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no), ev.WentBack(session_no=walk.no))
    state = walk.on(ev.PhotoNotOpened(session_no=walk.no, code=FailureCode.PHOTO_FORGED))
    assert isinstance(state, st.HandToStaff)


def test_an_age_known_from_the_photo_counts_for_the_pin_too() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.FaceChosen(session_no=walk.no), ev.PhotoOpened(session_no=walk.no, age=30))
    walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=3))
    walk.enter_pin()
    walk.on(ev.PinAccepted(session_no=walk.no))
    state = walk.on(ev.TimedOut(session_no=walk.no, timer=ev.Timer.CONFIRMED))
    assert isinstance(state, st.Consenting)
    assert [question.item for question in state.questions] == [ConsentItem.TREATMENT_AND_MEDICINE]


def test_a_technician_who_walks_away_does_not_keep_the_kiosk_closed() -> None:
    walk = Walker()
    walk.on(ev.ServiceReady(), ev.TechnicianSignedIn("technician"))
    assert ef.StartTimer(session_no=0, timer=ev.Timer.DIAGNOSIS, seconds=600.0) in walk.last
    assert isinstance(walk.on(ev.TimedOut(session_no=0, timer=ev.Timer.DIAGNOSIS)), st.Idle)


def test_a_card_in_place_of_the_one_left_behind_is_the_next_patients() -> None:
    walk = Walker()
    walk.begin()
    walk.on(ev.Cancelled(session_no=walk.no), ev.SecretsCleared(session_no=walk.no))
    assert isinstance(walk.on(ev.CardSwapped()), st.Idle)


def test_a_clinic_that_allows_the_last_try_has_it_sent() -> None:
    walk = Walker(FlowPolicy(allow_last_pin_attempt=True, offer_registration=False))
    walk.begin(tries=1)
    walk.on(ev.PinChosen(session_no=walk.no), ev.PinAttemptsRead(session_no=walk.no, tries_left=1))
    walk.enter_pin()
    submit = next(effect for effect in walk.last if isinstance(effect, ef.SubmitPin))
    assert submit.last_attempt_allowed


def test_a_slow_card_is_remembered_for_the_rest_of_its_session_only() -> None:
    walk = Walker()
    walk.on(ev.ServiceReady(), ev.CardInserted("S1"))
    state = walk.on(ev.CardTookLong())
    assert isinstance(state, st.Reading)
    assert state.session.card_is_slow
    walk.on(ev.CardRemoved())
    assert isinstance(walk.on(ev.SecretsCleared(session_no=walk.no)), st.Idle)
    state = walk.on(ev.CardInserted("S2"))
    assert isinstance(state, st.Reading)
    assert not state.session.card_is_slow
