# SPDX-License-Identifier: Apache-2.0
"""Asks, watches, and says whether a person stands there: frame by frame, from samples alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from secrets import SystemRandom
from typing import Final

from kiosk.auth.face.liveness.challenges import (
    TURNS,
    Answer,
    Baseline,
    Challenge,
    ChallengeLimits,
    Chance,
    answer_of,
    baseline_of,
    choose,
)
from kiosk.auth.face.liveness.depth import depth_shown
from kiosk.auth.face.liveness.samples import Sample
from kiosk.auth.face.liveness.signs import DOUBT, WEAK, Reading, Sign, SignLimits, flatness, read_signs

KEPT_S: Final = 9.0
_MOST_KEPT: Final = 150
_MOST_RESTARTS: Final = 6
_RIPPLES_KEPT: Final = 20
_BASE_FRAMES: Final = 3
_BASE_SPAN_S: Final = 2.4  # twice as long as two frames of one face may be apart: a slow machine can ask, too
_FEWEST_LOOKS: Final = 8  # in three seconds: with fewer, whoever is a little slow is hardly seen to answer
_AHEAD: Final = 0.6  # of a turn that counts: so far may the head still be turned when the next one is asked


class Verdict(StrEnum):
    """How it stands."""

    GOING_ON = "going_on"
    ALIVE = "alive"
    NOT_SHOWN = "not_shown"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class LivenessPolicy:
    """What is asked for. Every number of challenges is at least one, and one of them is a turn."""

    challenges: int = 2
    spare: int = 1  # for one that was not answered, another one
    asking: ChallengeLimits = field(default_factory=ChallengeLimits)
    signs: SignLimits = field(default_factory=SignLimits)


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands, what is asked just now, and how much of it is done; `signs` are those that count."""

    verdict: Verdict = Verdict.GOING_ON
    asked: Challenge | None = None
    answered: int = 0
    wanted: int = 0
    signs: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class _Open:
    """The challenge that waits for its answer: chosen with the frame `ahead`, asked when the screen asks."""

    challenge: Challenge
    base: Baseline
    ahead: Sample
    asked_at: float | None = None
    hidden: bool = False  # a frame since then showed nobody

    def seen(self, at: float, on_screen: str | None) -> _Open:
        """The same after a frame with that on the screen when it was taken; None asks without a screen."""
        if self.asked_at is not None:
            return self
        if on_screen is None:
            return replace(self, asked_at=self.ahead.at)
        return replace(self, asked_at=at) if on_screen == self.challenge.value else self


class LivenessJudge:
    """One try's challenges and signs.

    The rule. *Alive*: all challenges were answered, a turn that showed depth among them, and no sign is
    definite. *Doubtful*: a sign is definite; or a challenge stays unanswered after the spare ones while a
    sign is weak or movements were made that nobody asked for. *Not shown*: nothing speaks against it, but
    the challenges were not answered: perhaps somebody cannot turn, and PIN and staff are there. A weak sign
    costs one more challenge. Once said, a verdict stays.

    The time for an answer begins when the screen asks: how long the machine takes to get there is not the
    person's. Whoever moves before that moved unasked. A challenge during which the machine itself looked too
    seldom is withdrawn and another one asked, a few times.

    Lives on: the face process's only thread.
    """

    def __init__(self, policy: LivenessPolicy, chance: Chance | None = None) -> None:
        self._policy = policy
        self._chance = chance or SystemRandom()
        self._samples: deque[Sample] = deque()
        self.begin()

    def begin(self) -> None:
        """A new try; what is kept of frames is overwritten."""
        self._open: _Open | None = None
        self._asked: list[Challenge] = []
        self._failed = 0
        self._wrong = 0
        self._raised = False
        self._restarts = -1  # the first face is no other one
        self._ripples: deque[float] = deque(maxlen=_RIPPLES_KEPT)
        self._verdict = Verdict.GOING_ON
        self.another_face()

    def another_face(self) -> None:
        """Begin all over, but for what was not answered: stepping away gives no more tries."""
        for sample in self._samples:
            sample.wipe()
        self._samples.clear()
        self._good: list[Sample] = []
        self._front: Baseline | None = None
        self._open = None
        self._begun_again()
        self._answered = 0
        self._turn_shown = False
        self._flat: Reading | None = None
        self._seen: tuple[Reading, ...] = ()

    @property
    def standing(self) -> Standing:
        """How it stands."""
        asked = self._open.challenge if self._open is not None else None
        return Standing(self._verdict, asked, self._answered, self._wanted, self._signs())

    @property
    def frame_to_keep(self) -> bool:
        """Whether the frame just seen is the one that a challenge begins with: matching must look at it too.

        Otherwise one face could be compared, and another one answer.
        """
        return self._open is not None and bool(self._samples) and self._samples[-1] is self._open.ahead

    def see(self, sample: Sample, *, good: bool, on_screen: str | None = None) -> Standing:
        """The next frame; `good` says that it shows a face that looks ahead, well lit and sharp.

        `on_screen` is what the screen asked for at that moment; None where nothing but this asks.
        """
        if self._verdict is not Verdict.GOING_ON:
            sample.wipe()
            return self.standing
        self._keep(sample)
        if sample.surround is not None:
            self._ripples.append(sample.surround.ripple)
        self._seen = read_signs(tuple(self._samples), tuple(self._ripples), self._policy.signs)
        signs = self._signs()
        if any(reading.strength >= DOUBT for reading in signs):
            return self._end(Verdict.DOUBTFUL)
        if not self._raised and any(reading.strength >= WEAK for reading in signs):
            self._raised = True
        if self._open is not None:
            self._open = self._open.seen(sample.at, on_screen)
            self._judge(self._open, sample)
        elif good:
            self._settle(sample)
        return self.standing

    def nobody(self, at: float, on_screen: str | None = None) -> Standing:
        """A frame without a face: a challenge may run out meanwhile."""
        if self._open is not None:
            waiting = self._open = replace(self._open.seen(at, on_screen), hidden=True)
            since = waiting.ahead.at if waiting.asked_at is None else waiting.asked_at
            if at - since > self._policy.asking.within_s:
                self._failed_one()
        return self.standing

    # --- asking ------------------------------------------------------------------------------------------

    @property
    def _wanted(self) -> int:
        return self._policy.challenges + self._raised

    def _settle(self, sample: Sample) -> None:
        """Ask once there are a few frames of a person who looks ahead."""
        middle = self._front.turn if self._front is not None else 0.0
        reach = self._policy.asking.turn
        if abs(sample.turn - middle) > (_AHEAD * reach if self._front is not None else reach):
            return  # still on the way back from the last answer
        self._good = [each for each in self._good if sample.at - each.at <= _BASE_SPAN_S]
        self._good.append(sample)
        if len(self._good) < _BASE_FRAMES:
            return
        base = baseline_of(self._good)
        if self._front is None:
            self._front = base
        chosen = choose(
            self._chance,
            self._asked,
            turn_shown=self._turn_shown,
            left=self._wanted - self._answered,
            eyes_seen=base.gaze is not None,
        )
        self._asked.append(chosen)
        self._open = _Open(chosen, base, sample)
        self._good = []

    def _judge(self, waiting: _Open, sample: Sample) -> None:
        since = [each for each in self._samples if each.at > waiting.ahead.at]
        asked_at, limits = waiting.asked_at, self._policy.asking
        if asked_at is None:
            if sample.at - waiting.ahead.at > limits.within_s:
                self._ran_out(waiting, looks=0)
            return
        match answer_of(waiting.challenge, asked_at, waiting.base, since, limits):
            case Answer.WAITING:
                return
            case Answer.RIGHT if waiting.challenge in TURNS:
                self._turned(waiting, since, sample.at - asked_at)
            case Answer.RIGHT:
                self._answered_one()
            case Answer.WRONG:
                self._wrong += 1
                self._failed_one()
            case Answer.LATE:
                looks = sum(0 <= each.at - asked_at <= limits.within_s for each in since)
                self._ran_out(waiting, looks)

    def _turned(self, waiting: _Open, since: Sequence[Sample], after_s: float) -> None:
        depth = depth_shown([waiting.ahead.patch, *(each.patch for each in since)])
        reading = flatness(depth, self._policy.signs)
        if reading.strength >= DOUBT:
            self._flat = reading
            self._end(Verdict.DOUBTFUL)
        elif reading.strength >= WEAK:
            if after_s < self._policy.asking.within_s:
                return  # points were lost; the next frame may show them again
            self._failed_one()
        else:
            self._turn_shown = True
            self._answered_one()

    def _answered_one(self) -> None:
        self._answered += 1
        self._open = None
        if self._answered >= self._wanted and self._turn_shown:
            self._end(Verdict.ALIVE)

    def _failed_one(self) -> None:
        self._open = None
        self._failed += 1
        if self._failed <= self._policy.spare:
            return
        suspicious = self._raised or self._wrong > self._policy.spare
        self._end(Verdict.DOUBTFUL if suspicious else Verdict.NOT_SHOWN)

    def _ran_out(self, waiting: _Open, looks: int) -> None:
        """Not done in time; asked for in vain where the machine was too slow to see whether it was."""
        if waiting.hidden or looks >= _FEWEST_LOOKS:
            self._failed_one()
            return
        self._open = None
        self._begun_again()

    def _begun_again(self) -> None:
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS and self._verdict is Verdict.GOING_ON:
            self._end(Verdict.DOUBTFUL if self._raised else Verdict.NOT_SHOWN)

    def _end(self, verdict: Verdict) -> Standing:
        self._verdict = verdict
        self._open = None
        return self.standing

    # --- what is kept ------------------------------------------------------------------------------------

    def _keep(self, sample: Sample) -> None:
        self._samples.append(sample)
        while len(self._samples) > _MOST_KEPT or sample.at - self._samples[0].at > KEPT_S:
            self._samples.popleft().wipe()

    def _signs(self) -> tuple[Reading, ...]:
        found = (*self._seen, *([] if self._flat is None else [self._flat]))
        return tuple(reading for reading in found if reading.strength >= WEAK)


def names_of(signs: Sequence[Reading]) -> tuple[Sign, ...]:
    """Which signs they are."""
    return tuple(reading.sign for reading in signs)
