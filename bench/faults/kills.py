# SPDX-License-Identifier: Apache-2.0
"""Killed at every commit boundary, at random instants, between hand-over and done; and two at once."""

from __future__ import annotations

import threading
from dataclasses import replace

from bench.faults.kiosk import CLOCK, CONTEXT, Orders, code_of, drain, inspect, live, start, told
from bench.faults.world import Counts, World, times
from kiosk.errors import FailureCode
from tests.fakes.outbox import open_store


def at_every_commit_boundary(world: World, share: float) -> Counts:
    """Before and after each transaction of two receptions, each with a registration that goes first."""
    counts = Counts()
    step = max(1, round(1 / share)) if share < 1 else 1
    seen: dict[str, int] = {}
    for side in ("before", "after"):
        number = 1
        while True:
            folder = world.place()
            orders = Orders(folder, world.url, world.bodies(2), registrations=True, die_at=(number, side))
            process = start(replace(orders, until_drained=True))
            process.join(120)
            died = process.exitcode == -9
            counts.want(died or process.exitcode == 0, f"ended with {process.exitcode} at {side} {number}")
            drain(folder, world.url)
            before, seen = seen, world.effects()
            counts.add(inspect(folder, {key: n for key, n in seen.items() if key not in before}))
            if not died:
                break
            counts.faults += 1
            counts.note(f"{side} the commit")
            number += step
    return counts


def at_random_instants(world: World, share: float) -> Counts:
    """One kiosk, killed over and over while it opens, receives, sends and hands over."""
    counts = Counts()
    folder = world.place()
    tick = threading.Event()
    while counts.faults < times(500, share, least=3):
        process = CONTEXT.Process(
            target=live, args=(Orders(folder, world.url, world.bodies(5), registrations=True, pause_s=0.05),)
        )
        (folder / "ready").unlink(missing_ok=True)
        process.start()
        tick.wait(world.chance.uniform(0.01, 0.8))
        at_work = process.is_alive()
        process.kill()
        process.join(10)
        counts.faults += at_work  # one that had ended by itself was not killed
        if at_work:
            counts.note("while receiving" if (folder / "ready").exists() else "while starting")
    drain(folder, world.url)
    counts.add(inspect(folder, world.effects()))
    return counts


def between_hand_over_and_done(world: World, share: float) -> Counts:
    """The file lies in the reception computer's folder, and the kiosk does not know it yet."""
    counts = Counts()
    seen: dict[str, int] = {}
    for _ in range(times(20, share)):
        folder = world.place()
        process = start(
            Orders(folder, world.url, world.bodies(1), die_after_hand_over=True, until_drained=True)
        )
        process.join(60)
        counts.faults += 1
        counts.want(process.exitcode == -9, "it was not killed")
        counts.want(len(list((folder / "faces").glob("OQS*"))) == 1, "no file before the kill")
        drain(folder, world.url)
        before, seen = seen, world.effects()
        counts.add(inspect(folder, {key: n for key, n in seen.items() if key not in before}))
    return counts


def two_on_one_database(world: World, share: float) -> Counts:
    """The second is refused with its own code; the lock goes with a killed process."""
    counts = Counts()
    folder = world.place()
    for _ in range(times(20, share)):
        counts.faults += 1
        first = start(Orders(folder, world.url, world.bodies(1), pause_s=60))
        code = code_of(lambda: open_store(folder, CLOCK))
        counts.want(code == FailureCode.STORE_TAKEN.value, f"the second was told {code!r}")
        tick = threading.Event()
        while first.is_alive() and len(told(folder)) < counts.faults:
            tick.wait(0.01)
        first.kill()
        first.join(10)
        after = code_of(lambda: open_store(folder, CLOCK).close())
        counts.want(not after, f"after the kill: {after!r}")
        counts.note("refused, then free")
    drain(folder, world.url)
    counts.add(inspect(folder, world.effects()))
    return counts
