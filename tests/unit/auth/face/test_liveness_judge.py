# SPDX-License-Identifier: Apache-2.0
"""Challenges and verdicts over made-up series of frames: who answers is alive, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.auth.face.liveness import judge as judging
from kiosk.auth.face.liveness.border import Border
from kiosk.auth.face.liveness.challenges import TURNS, Challenge, ChallengeLimits, choose
from kiosk.auth.face.liveness.depth import Patch
from kiosk.auth.face.liveness.judge import LivenessJudge, LivenessPolicy, Verdict
from kiosk.auth.face.liveness.samples import Sample, Surround
from kiosk.auth.face.liveness.signs import Sign

STEP_S = 0.1
LIMITS = ChallengeLimits()
_PATCH = np.zeros((8, 8), dtype=np.uint8)

MOVES: dict[Challenge, dict[str, float]] = {
    Challenge.TURN_LEFT: {"turn": 0.3},
    Challenge.TURN_RIGHT: {"turn": -0.3},
    Challenge.COME_CLOSER: {"span": 130.0},
    Challenge.LOOK_LEFT: {"gaze": 0.3},
    Challenge.LOOK_RIGHT: {"gaze": -0.3},
}


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # a test must be able to do the same again


Person = Callable[[Challenge | None, float], dict[str, float]]


def sample(at: float, number: int, surround: Surround | None = None, **moved: float) -> Sample:
    chance = np.random.default_rng(number)
    return Sample(
        at=at,
        eyes=(moved.get("x", 640.0 + float(chance.normal(0, 6))), 300.0),
        span=moved.get("span", 100.0),
        face_width=200.0,
        turn=moved.get("turn", 0.0),
        gaze=moved.get("gaze", 0.0),
        surround=surround or Surround(None, 2.0),
        stamp=int(moved.get("stamp", number)),
        thumb=chance.normal(128, 1, (27, 48)).astype(np.float32),
        patch=Patch(_PATCH.copy(), 0, 0, (4.0, 4.0, 2.0, 2.0)),
    )


def obedient(asked: Challenge | None, since_s: float) -> dict[str, float]:
    return MOVES[asked] if asked is not None and since_s > 0.5 else {}


def still(_asked: Challenge | None, _since_s: float) -> dict[str, float]:
    return {}


@pytest.fixture(autouse=True)
def a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing else is said, what turns has depth."""
    monkeypatch.setattr(judging, "depth_shown", lambda _patches: 0.04)


def play(
    person: Person,
    *,
    seed: int = 0,
    policy: LivenessPolicy | None = None,
    seconds: float = 25.0,
    surround: Callable[[int], Surround] | None = None,
    step_s: float = STEP_S,
    screen_s: float | None = None,
) -> tuple[Verdict, float, list[Challenge], LivenessJudge]:
    """One try; with `screen_s` the screen asks so many seconds after the judge wants it to."""
    judge = LivenessJudge(policy or LivenessPolicy(), dice(seed))
    asked: Challenge | None = None
    asked_at, asked_all, number = 0.0, list[Challenge](), 0
    delay_s = screen_s or 0.0
    at = 100.0
    while at < 100.0 + seconds:
        shown = asked if asked is not None and at - asked_at >= delay_s else None
        moved = person(shown, at - asked_at - delay_s)
        on_screen = None if screen_s is None else "" if shown is None else shown.value
        around = surround(number) if surround is not None else None
        good = abs(moved.get("turn", 0.0)) < 0.1
        standing = judge.see(sample(at, number, around, **moved), good=good, on_screen=on_screen)
        if standing.verdict is not Verdict.GOING_ON:
            return standing.verdict, at - 100.0, asked_all, judge
        if standing.asked is not asked:
            asked, asked_at = standing.asked, at
            if asked is not None:
                asked_all.append(asked)
        at += step_s
        number += 1
    return Verdict.GOING_ON, seconds, asked_all, judge


@pytest.mark.parametrize("seed", range(12))
def test_whoever_does_as_asked_is_alive_within_seconds(seed: int) -> None:
    verdict, took, asked, _ = play(obedient, seed=seed)
    assert verdict is Verdict.ALIVE
    assert took < 5.0
    assert len(asked) == 2
    assert any(each in TURNS for each in asked)


def test_the_order_differs_from_session_to_session() -> None:
    assert len({tuple(play(obedient, seed=seed)[2]) for seed in range(40)}) > 6


def test_without_a_given_chance_the_system_chooses() -> None:
    assert isinstance(LivenessJudge(LivenessPolicy())._chance, random.SystemRandom)


def test_a_still_picture_is_never_alive_and_the_time_limits_hold() -> None:
    verdict, took, asked, _ = play(still)
    assert verdict is Verdict.NOT_SHOWN
    assert len(asked) == 2  # one, and another one in its place
    assert asked[0] != asked[1]
    assert took <= 2 * LIMITS.within_s + 2.0


def test_movements_that_nobody_asked_for_are_doubtful_the_second_time() -> None:
    opposite = {
        Challenge.TURN_LEFT: Challenge.TURN_RIGHT,
        Challenge.TURN_RIGHT: Challenge.TURN_LEFT,
        Challenge.LOOK_LEFT: Challenge.LOOK_RIGHT,
        Challenge.LOOK_RIGHT: Challenge.LOOK_LEFT,
    }

    def contrary(asked: Challenge | None, since_s: float) -> dict[str, float]:
        if asked is None or since_s <= 0.5:
            return {}
        return {"span": 80.0} if asked is Challenge.COME_CLOSER else MOVES[opposite[asked]]

    assert play(contrary)[0] is Verdict.DOUBTFUL


def test_one_wrong_side_is_forgiven() -> None:
    wrongs = iter([{"turn": -0.3, "gaze": -0.3, "span": 80.0}] * 3)

    def confused(asked: Challenge | None, since_s: float) -> dict[str, float]:
        if asked is None or since_s <= 0.5:
            return {}
        if asked in (Challenge.TURN_LEFT, Challenge.LOOK_LEFT, Challenge.COME_CLOSER):
            wrong = next(wrongs, None)
            if wrong is not None:
                return wrong
        return MOVES[asked]

    assert play(confused, seed=1)[0] is Verdict.ALIVE


def test_late_answers_do_not_count() -> None:
    def slow(asked: Challenge | None, since_s: float) -> dict[str, float]:
        return MOVES[asked] if asked is not None and since_s > LIMITS.within_s + 0.05 else {}

    assert play(slow)[0] is Verdict.NOT_SHOWN


def within(delay_s: float) -> Person:
    """Somebody who answers so long after they are asked, and stays there."""

    def answers(asked: Challenge | None, since_s: float) -> dict[str, float]:
        return MOVES[asked] if asked is not None and since_s > delay_s else {}

    return answers


@pytest.mark.parametrize("seed", range(6))
def test_the_time_begins_when_the_screen_asks(seed: int) -> None:
    """A slow machine shows a prompt two seconds late: they are not the person's."""
    verdict, _, asked, _ = play(within(2.0), seed=seed, seconds=40.0, screen_s=2.0)
    assert verdict is Verdict.ALIVE
    assert len(asked) == 2


def test_three_seconds_after_the_screen_asks_it_is_late_all_the_same() -> None:
    assert play(within(LIMITS.within_s + 0.05), seconds=40.0, screen_s=1.0)[0] is Verdict.NOT_SHOWN


def test_a_movement_before_the_screen_asks_is_none_that_was_asked_for() -> None:
    judge = LivenessJudge(LivenessPolicy(), dice(3))
    for number in range(5):
        asked = judge.see(sample(100.0 + number * STEP_S, number), good=True, on_screen="").asked
    assert asked is not None
    for number in range(5, 12):  # somebody knew it, or a clip happens to do it
        assert judge.see(
            sample(100.0 + number * STEP_S, number, None, **MOVES[asked]), good=False, on_screen=""
        ).asked
    standing = judge.see(sample(101.2, 12, None, **MOVES[asked]), good=False, on_screen=asked.value)
    assert standing.asked is None
    assert standing.answered == 0


def test_a_prompt_that_never_comes_to_the_screen_is_withdrawn_and_never_answered() -> None:
    verdict, _, asked, judge = play(still, seconds=8.0, screen_s=60.0)
    assert verdict is Verdict.GOING_ON
    assert len(asked) == 3
    assert judge.standing.answered == 0


def test_a_machine_that_hardly_looks_holds_it_against_nobody() -> None:
    """Two frames a second: who answers is seen, who is slow is asked for something else, and not for ever."""
    verdict, _, asked, _ = play(within(0.8), seconds=40.0, step_s=0.5, screen_s=0.5)
    assert verdict is Verdict.ALIVE
    assert len(asked) == 2
    verdict, took, asked, _ = play(still, seconds=75.0, step_s=0.5, screen_s=0.5)
    assert verdict is Verdict.NOT_SHOWN
    assert took > 20.0
    assert len(asked) == 7


def test_whoever_hides_gets_no_other_prompt_for_it() -> None:
    judge = LivenessJudge(LivenessPolicy(), dice(3))
    at = 100.0
    for _ in range(2):
        while judge.standing.asked is None:
            judge.see(sample(at, round(at * 10)), good=True, on_screen="")
            at += 0.5
        asked = judge.standing.asked
        while judge.standing.asked is asked:
            judge.nobody(at, asked.value)
            at += 0.5
    assert judge.standing.verdict is Verdict.NOT_SHOWN


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "turn": st.floats(-0.17, 0.17),
                "gaze": st.floats(-0.14, 0.14),
                "span": st.floats(95.0, 105.0),
            }
        ),
        min_size=20,
        max_size=20,
    ),
    st.integers(0, 5),
)
def test_nobody_is_alive_without_an_answer(moves: list[dict[str, float]], seed: int) -> None:
    small = iter(moves * 20)

    def fidget(_asked: Challenge | None, _since_s: float) -> dict[str, float]:
        move = next(small)
        return {name: value / 2 if name != "span" else value for name, value in move.items()}

    assert play(fidget, seed=seed, seconds=15.0)[0] is not Verdict.ALIVE


def test_a_turn_without_depth_is_doubtful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "depth_shown", lambda _patches: 0.004)
    verdict, _, _, judge = play(obedient)
    assert verdict is Verdict.DOUBTFUL
    assert Sign.FLAT in {reading.sign for reading in judge.standing.signs}


def test_a_turn_that_nobody_could_follow_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "depth_shown", lambda _patches: None)
    assert play(obedient)[0] is Verdict.NOT_SHOWN


def test_the_same_picture_for_a_second_is_doubtful() -> None:
    verdict, took, _, judge = play(lambda _asked, _since: {"stamp": 7})
    assert verdict is Verdict.DOUBTFUL
    assert took < 1.5
    assert Sign.FROZEN in {reading.sign for reading in judge.standing.signs}


def test_pictures_that_come_again_are_doubtful() -> None:
    stamps = iter([n % 14 for n in range(400)])
    verdict, _, _, judge = play(lambda _asked, _since: {"stamp": next(stamps)})
    assert verdict is Verdict.DOUBTFUL
    assert Sign.LOOPED in {reading.sign for reading in judge.standing.signs}


def _sway(number: int) -> float:
    return 640.0 + 25.0 * float(np.sin(number * 0.5))


def test_a_frame_that_moves_with_the_face_is_doubtful_and_a_door_behind_it_is_not() -> None:
    numbers = iter(range(400))

    def swaying(asked: Challenge | None, since_s: float) -> dict[str, float]:
        return {**obedient(asked, since_s), "x": _sway(next(numbers))}

    def held(number: int) -> Surround:
        return Surround(Border(_sway(number) + 3.0, 40.0, 500.0, 4), 2.0)

    def door(_number: int) -> Surround:
        return Surround(Border(640.0, 40.0, 500.0, 4), 2.0)

    assert play(swaying, surround=held)[0] is Verdict.DOUBTFUL
    numbers = iter(range(400))
    assert play(swaying, surround=door)[0] is Verdict.ALIVE


def test_ripples_are_doubtful_and_weak_ones_cost_one_more_answer() -> None:
    assert play(obedient, surround=lambda _n: Surround(None, 30.0))[0] is Verdict.DOUBTFUL
    verdict, _, asked, _ = play(obedient, surround=lambda _n: Surround(None, 10.0))
    assert verdict is Verdict.ALIVE
    assert len(asked) == 3
    assert play(still, surround=lambda _n: Surround(None, 10.0))[0] is Verdict.DOUBTFUL


def test_another_face_begins_all_over_but_not_for_ever() -> None:
    judge = LivenessJudge(LivenessPolicy(), dice(3))
    for number in range(5):
        judge.see(sample(100.0 + number * STEP_S, number), good=True)
    verdicts: list[Verdict] = []
    asked = [judge.standing.asked]
    for _ in range(6):
        judge.another_face()
        asked.append(judge.standing.asked)
        verdicts.append(judge.standing.verdict)
    judge.another_face()
    assert asked[0] is not None
    assert asked[1:] == [None] * 6
    assert [*verdicts, judge.standing.verdict] == [Verdict.GOING_ON] * 6 + [Verdict.NOT_SHOWN]


def test_what_is_kept_of_frames_is_overwritten() -> None:
    judge = LivenessJudge(LivenessPolicy(), dice(3))
    kept = sample(100.0, 1)
    kept.patch.image.fill(9)
    judge.see(kept, good=True)
    judge.begin()
    assert not kept.thumb.any()
    assert not kept.patch.image.any()


@given(st.integers(0, 10_000), st.integers(1, 3), st.booleans())
def test_a_turn_comes_in_time_and_nothing_is_asked_twice(seed: int, wanted: int, eyes_seen: bool) -> None:
    chance, asked, shown = dice(seed), list[Challenge](), False
    for left in range(wanted, 0, -1):
        chosen = choose(chance, asked, turn_shown=shown, left=left, eyes_seen=eyes_seen)
        assert chosen not in asked
        asked.append(chosen)
        shown = shown or chosen in TURNS
    assert shown
    assert eyes_seen or not _looks(asked)


def _looks(asked: Sequence[Challenge]) -> list[Challenge]:
    return [each for each in asked if each in (Challenge.LOOK_LEFT, Challenge.LOOK_RIGHT)]
