# SPDX-License-Identifier: Apache-2.0
"""``kiosk updates``: news of the four basic facts, for the desk: listed, read once, withdrawn."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from kiosk import settings
from kiosk.commands.console import EXIT_DONE, EXIT_NO, Console, moment, stamp
from kiosk.commands.queue import records_exist, visited
from kiosk.commands.staff import known_person
from kiosk.outbox.person_updates import PersonChange, Subscription, WithdrawResult

_SEX = {"1": "male", "2": "female"}
_NOBODY = {True: "No news.", False: "Nobody has agreed to be kept up to date."}
_WITHDRAWN = {
    WithdrawResult.WITHDRAWN: "It has ended: nothing more is asked, and the serial number is erased.",
    WithdrawResult.UNKNOWN: "There is no such consent.",
    WithdrawResult.ENDED: "It had ended before: nothing was changed.",
}


def listing(console: Console, config: Path | None, *, news_only: bool) -> int:
    """Consents to be kept up to date, without anything personal."""
    chosen = settings.load(config)
    found: list[Subscription] = []
    if records_exist(chosen):
        with visited(chosen) as store:
            found = store.updates.list(news_only=news_only)
    lines = [
        f"{one.id:<28}{one.day} {one.number:<8}{one.state.value:<9}{moment(one.agreed_at):<21}"
        f"{moment(one.changed_at):<21}{one.taken_by or '-'}"
        for one in found
    ]
    head = f"{'id':<28}{'last seen as':<19}{'state':<9}{'agreed':<21}{'changed':<21}read by"
    console.answer(
        {"subscriptions": [_document(one) for one in found]},
        [head, *lines] if lines else [_NOBODY[news_only]],
    )
    return EXIT_DONE


def show(console: Console, config: Path | None, reference: str, staff: str) -> int:
    """The news, for the one time that it is shown; 1 where there is none."""
    chosen = settings.load(config)
    who = known_person(chosen, staff)
    change: PersonChange | None = None
    if records_exist(chosen):
        with visited(chosen) as store:
            found = store.updates.find(reference)
            change = None if found is None else store.updates.take(found, who)
    if change is None:
        console.answer(
            {"found": False, "id": reference}, ["There is no news under that id, or it was read before."]
        )
        return EXIT_NO
    lines = [
        f"{'name':<14}{change.name}",
        f"{'address':<14}{change.address}",
        f"{'birth date':<14}{change.birth_date}",
        f"{'sex':<14}{_SEX.get(change.sex, change.sex)}",
        f"{'source':<14}{change.source}, as of {change.as_of}",
        "It is shown this once: write it into the patient's record now.",
    ]
    console.answer({"found": True, "id": reference, **asdict(change)}, lines)
    return EXIT_DONE


def withdraw(console: Console, config: Path | None, reference: str, staff: str) -> int:
    """End a consent at the patient's wish; 1 when nothing came of it."""
    chosen = settings.load(config)
    who = known_person(chosen, staff)
    result = WithdrawResult.UNKNOWN
    if records_exist(chosen):
        with visited(chosen) as store:
            found = store.updates.find(reference)
            result = WithdrawResult.UNKNOWN if found is None else store.updates.withdraw(found, who)
    console.answer({"id": reference, "result": result.value}, [_WITHDRAWN[result]])
    return EXIT_DONE if result is WithdrawResult.WITHDRAWN else EXIT_NO


def _document(one: Subscription) -> dict[str, object]:
    times = {
        name: stamp(getattr(one, name)) for name in ("agreed_at", "changed_at", "taken_at", "withdrawn_at")
    }
    return asdict(one) | times | {"day": one.day.isoformat(), "state": one.state.value}
