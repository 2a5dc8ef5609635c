# SPDX-License-Identifier: Apache-2.0
"""What holds for any sequence of events whatever (design.md: The flow)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.consent.age import due_questions
from kiosk.consent.items import ConsentItem, Decision
from kiosk.consent.policy import ConsentPolicy, LimitStep
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.common import BEFORE_COMMIT
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.states import (
    Clearing,
    Diagnosing,
    Idle,
    OutOfService,
    PinChecking,
    Received,
    Starting,
    State,
    Submitting,
    TakeYourCard,
)
from kiosk.flow.timers import waits
from kiosk.flow.transition import session_number, transition
from tests.unit.flow.walks import EVENTS, numbered

NO_SESSION = (Starting, Idle, OutOfService, Diagnosing)


class FlowLaws(RuleBasedStateMachine):
    """Throws everything at the flow, mostly for the session that goes on, sometimes for another."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State = Starting()
        self.now = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
        self.policy = FlowPolicy()
        self.running: dict[ev.Timer, int] = {}
        self.submitted: set[tuple[int, int]] = set()
        self.commits: dict[int, int] = {}
        self.secrets_cleared_for: set[int] = set()
        self.ends_recorded: dict[int, int] = {}

    @initialize(
        allow_last=st.booleans(),
        registration=st.booleans(),
        limit=st.sampled_from(list(LimitStep)),
        surface=st.booleans(),
        items=st.lists(
            st.sampled_from([ConsentItem.TREATMENT_AND_MEDICINE, ConsentItem.CHECKUP, ConsentItem.SURGERY]),
            unique=True,
        ),
    )
    def choose_policy(
        self,
        *,
        allow_last: bool,
        registration: bool,
        limit: LimitStep,
        surface: bool,
        items: list[ConsentItem],
    ) -> None:
        self.policy = FlowPolicy(
            consent=ConsentPolicy(items=tuple(items), limit_step=limit),
            allow_last_pin_attempt=allow_last,
            offer_registration=registration,
            surface_camera=surface,
        )

    @rule(event=EVENTS, off=st.sampled_from([0, 0, 0, 0, -1, 1]))
    def something_happens(self, event: ev.Event, off: int) -> None:
        self.feed(numbered(event, session_number(self.state) + off))

    @rule(choice=st.integers(0, 5))
    def what_was_waited_for_happens(self, choice: int) -> None:
        """Keeps the walk from ending in the first few states: the event that leads on."""
        leading_on = self.leading_on()
        self.feed(leading_on[choice % len(leading_on)])

    def leading_on(self) -> list[ev.Event]:
        no = session_number(self.state)
        names = type(self.state).__name__
        yes = ev.ConsentDecided(session_no=no, decision=Decision.YES)
        back = ev.WentBack(session_no=no)
        table: dict[str, list[ev.Event]] = {
            "Starting": [ev.ServiceReady()],
            "OutOfService": [ev.ServiceReady()],
            "Diagnosing": [ev.DiagnosisEnded()],
            "Idle": [ev.CardInserted("S")],
            "Registering": [yes],
            "ChoosingVerification": [ev.FaceChosen(session_no=no), ev.PinChosen(session_no=no)],
            "FaceCapturing": [ev.PhotoOpened(session_no=no, age=50), ev.FaceMatched(session_no=no)],
            "PrintedFieldsEntry": [ev.FieldDigitEntered(session_no=no), ev.FieldSubmitted(session_no=no)],
            "PinPreparing": [ev.PinAttemptsRead(session_no=no, tries_left=3)],
            "PinEntry": [ev.PinDigitEntered(session_no=no), ev.PinSubmitted(session_no=no)],
            "PinChecking": [ev.PinAccepted(session_no=no)],
            "Matched": [
                ev.StatementSigned(session_no=no),
                ev.TimedOut(session_no=no, timer=ev.Timer.CONFIRMED),
            ],
            "Consenting": [yes, yes, back],
            "LimitChoosing": [yes, yes, back],
            "StillThere": [ev.StillHere(session_no=no)],
            "Clearing": [ev.SecretsCleared(session_no=no)],
            "TakeYourCard": [ev.CardRemoved()],
            "Submitting": [ev.ReceptionCommitted(session_no=no, number="A-001")],
            "Received": [ev.TimedOut(session_no=no, timer=ev.Timer.RESULT)],
        }
        return table.get(names, [ev.Continued(session_no=no)])

    def feed(self, event: ev.Event) -> None:
        before = self.state
        self.now += timedelta(seconds=1)
        self.state, effects = transition(before, event, self.now, self.policy)
        if isinstance(event, ev.SessionEvent) and event.session_no != session_number(before):
            assert self.state is before, "an event of another session changed something"
            assert effects == ()
        for effect in effects:
            self.check_effect(before, event, effect)
        self.check_step(before, event)

    def check_effect(self, before: State, event: ev.Event, effect: ef.Effect) -> None:
        match effect:
            case ef.SubmitPin(session_no=number, entry=entry):
                assert (number, entry) not in self.submitted, "a PIN was submitted twice in one entry"
                self.submitted.add((number, entry))
            case ef.CommitReception(session_no=number, session=session):
                assert number not in self.commits, "one session was committed twice"
                self.commits[number] = 1
                assert session.verified is not None, "a commit without verification"
                decided = {record.item for record in session.records}
                for question in due_questions(
                    self.policy.consent,
                    session.verified.age,
                    in_grace=session.card is not None and session.card.in_grace,
                ):
                    assert question.item in decided, "a due question was not decided"
                for item in self.policy.consent.items:
                    assert item in decided, "an item has neither an answer nor a reason"
                asked = [record.item for record in session.records]
                assert len(asked) == len(set(asked)), "one item has two decisions"
                if self.policy.consent.limit_step is LimitStep.ASK:
                    assert ConsentItem.LIMIT in decided
            case ef.ClearSecrets(session_no=number):
                self.secrets_cleared_for.add(number)
            case ef.RecordSessionEnd(session_no=number):
                assert number not in self.ends_recorded, "one session ended twice"
                self.ends_recorded[number] = 1
            case ef.StartTimer(timer=timer, session_no=number):
                self.running[timer] = number
            case ef.CancelTimer(timer=timer):
                self.running.pop(timer, None)
            case _:
                pass

    def check_step(self, before: State, event: ev.Event) -> None:
        after = self.state
        if isinstance(event, ev.TimedOut | ev.IdleTimedOut):
            timer = ev.Timer.IDLE if isinstance(event, ev.IdleTimedOut) else event.timer
            if after != before and waits(after, self.policy).key != waits(before, self.policy).key:
                pass
            elif timer not in waits(before, self.policy).timers:
                assert after == before, "a timer that does not run changed something"
        if isinstance(after, NO_SESSION) and not isinstance(before, NO_SESSION):
            number = session_number(after)
            assert number in self.secrets_cleared_for, "idle before the secrets were cleared"
            assert isinstance(before, Clearing | TakeYourCard)
        if isinstance(after, Received) and not isinstance(before, Received):
            assert isinstance(before, Submitting)
            committed = before.number or isinstance(event, ev.ReceptionCommitted)
            assert committed, "received before the commit"
            assert session_number(after) in self.commits
        if isinstance(after, PinChecking) and not isinstance(before, PinChecking):
            assert isinstance(event, ev.PinSubmitted)

    @invariant()
    def timers_are_those_of_the_state(self) -> None:
        wanted = set(waits(self.state, self.policy).timers)
        assert wanted <= set(self.running), "a state waits without a limit"

    @invariant()
    def there_is_a_way_out(self) -> None:
        """Staff can always end what is going on; what is committed or was ended stays so."""
        if isinstance(self.state, NO_SESSION):
            return
        after, _ = transition(self.state, ev.StaffReset("front desk"), self.now, self.policy)
        if isinstance(self.state, Submitting) and not self.state.number:
            assert isinstance(after, Submitting)
            assert after.ending is not None
            after, _ = transition(
                after,
                ev.ReceptionCommitted(session_no=session_number(after), number="A-9"),
                self.now,
                self.policy,
            )
        if isinstance(self.state, TakeYourCard) and self.state.cleared:
            assert after == self.state
            after, _ = transition(self.state, ev.CardRemoved(), self.now, self.policy)
            assert isinstance(after, Idle)
            return
        assert isinstance(after, Clearing)

    @invariant()
    def the_photos_number_is_presented_three_times_at_most(self) -> None:
        session = getattr(self.state, "session", None)
        if session is not None:
            assert 0 <= session.photo_openings_used <= self.policy.photo_openings

    @invariant()
    def nothing_is_committed_before_the_commit(self) -> None:
        if isinstance(self.state, BEFORE_COMMIT):
            assert session_number(self.state) not in self.commits


FlowLaws.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestFlowLaws = FlowLaws.TestCase
