# SPDX-License-Identifier: Apache-2.0
"""``kiosk queue``: the outbox as staff and technicians see it, also while the kiosk runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from kiosk import settings
from kiosk.clock import SystemClock
from kiosk.commands.console import EXIT_DONE, EXIT_NO, Console, moment, stamp
from kiosk.commands.staff import known_person
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.outbox.damage import kept_aside
from kiosk.outbox.model import ItemState, OutboxItem, QueueStats, RetryResult, SettleResult
from kiosk.outbox.store import DATABASE_NAME, Access, Store
from kiosk.settings import Settings

NOBODY_NAMED = "command line"
EMPTY = QueueStats(0, 0, 0, 0, 0, 0, None, None, None)

_RETRIED = {
    RetryResult.QUEUED: "It is sent again now.",
    RetryResult.UNKNOWN: "There is no item of that id.",
    RetryResult.BUSY: "It is being sent, or waits for another item: nothing was changed.",
    RetryResult.FINISHED: "It is done already: nothing was changed.",
}
_SETTLED = {
    SettleResult.SETTLED: "It is settled, and will not be sent any more.",
    SettleResult.UNKNOWN: "There is no item of that id.",
    SettleResult.BUSY: "It is being sent: nothing was changed.",
    SettleResult.FINISHED: "It is done already: nothing was changed.",
}


def records_exist(chosen: Settings) -> bool:
    """Whether this kiosk has kept anything yet."""
    return (chosen.paths.state_folder() / DATABASE_NAME).is_file()


@contextmanager
def visited(chosen: Settings) -> Iterator[Store]:
    """The records, opened beside the kiosk that owns them."""
    if not records_exist(chosen):
        raise EnvironmentProblem(
            FailureCode.STORE_UNUSABLE, detail=f"There are no records yet in {chosen.paths.state_folder()}."
        )
    store = Store.open(
        chosen.paths.state_folder(),
        chosen.paths.records_key_file(),
        SystemClock(),
        chosen.kiosk.letter,
        access=Access.VISITOR,
    )
    try:
        yield store
    finally:
        store.close()


def stats(console: Console, config: Path | None) -> int:
    """The queue in numbers; a kiosk that has kept nothing yet has an empty one."""
    chosen = settings.load(config)
    exists = records_exist(chosen)
    found = EMPTY
    if exists:
        with visited(chosen) as store:
            found = store.stats()
    aside = [path.name for path in kept_aside(chosen.paths.state_folder())]
    numbers = {name: value for name, value in asdict(found).items() if isinstance(value, int)}
    document = {
        "records": exists,
        "kept_aside": aside,
        **numbers,
        "waiting": found.waiting,
        "oldest": stamp(found.oldest),
        "last_success": stamp(found.last_success),
        "last_error": found.last_error.value if found.last_error else None,
    }
    lines = [] if exists else [f"There are no records yet in {chosen.paths.state_folder()}."]
    lines += [f"{name.replace('_', ' '):<13}{number}" for name, number in numbers.items()]
    lines += [
        f"{'oldest':<13}{moment(found.oldest)}",
        f"{'last success':<13}{moment(found.last_success)}",
        f"{'last error':<13}{found.last_error.value if found.last_error else '-'}",
    ]
    lines += [f"The records were damaged: {name} was kept aside [OUT-006]." for name in aside]
    console.answer(document, lines)
    return EXIT_DONE


def listing(console: Console, config: Path | None, state: str, *, needs_staff: bool, limit: int) -> int:
    """The items in the order of their making."""
    chosen = settings.load(config)
    items: list[OutboxItem] = []
    exists = records_exist(chosen)
    if exists:
        with visited(chosen) as store:
            items = store.list(ItemState(state) if state else None, needs_staff=needs_staff, limit=limit)
    lines = [
        f"{item.id:<31} {item.kind.value:<20} {item.state.value:<9} "
        f"{'staff' if item.needs_staff else '-':<6}{item.attempts:>3}  {moment(item.occurred_at)}  "
        f"{item.last_error.value if item.last_error else '-'}"
        for item in items
    ]
    if lines:
        lines.insert(0, f"{'id':<31} {'kind':<20} {'state':<9} {'needs':<6}{'try':>3}  {'made':<19}  error")
    else:
        where = "" if exists else f" There are no records yet in {chosen.paths.state_folder()}."
        lines = [f"No items.{where}"]
    console.answer({"records": exists, "items": [_document(item) for item in items]}, lines)
    return EXIT_DONE


def show(console: Console, config: Path | None, item_id: str) -> int:
    """One item, without anything personal; 1 when there is none of that id."""
    chosen = settings.load(config)
    item: OutboxItem | None = None
    if records_exist(chosen):
        with visited(chosen) as store:
            item = store.show(item_id)
    if item is None:
        console.answer({"found": False, "id": item_id}, ["There is no item of that id."])
        return EXIT_NO
    document = _document(item)
    shown = document | {
        "occurred_at": moment(item.occurred_at),
        "next_attempt_at": moment(item.next_attempt_at),
        "acked_at": moment(item.acked_at),
    }
    lines = [
        f"{name.replace('_', ' '):<16}{'-' if value is None else value}" for name, value in shown.items()
    ]
    console.answer({"found": True, **document}, lines)
    return EXIT_DONE


def retry(console: Console, config: Path | None, item_id: str, staff: str) -> int:
    """Send an item again now; 1 when nothing came of it."""
    chosen = settings.load(config)
    who = known_person(chosen, staff) if staff else NOBODY_NAMED
    result = RetryResult.UNKNOWN
    if records_exist(chosen):
        with visited(chosen) as store:
            result = store.retry(item_id, who)
    console.answer({"id": item_id, "result": result.value}, [_RETRIED[result]])
    return EXIT_DONE if result is RetryResult.QUEUED else EXIT_NO


def settle(console: Console, config: Path | None, item_id: str, *, reason: str, staff: str) -> int:
    """Close an item that staff dealt with by other means; 1 when nothing came of it."""
    chosen = settings.load(config)
    who = known_person(chosen, staff)
    result = SettleResult.UNKNOWN
    if records_exist(chosen):
        with visited(chosen) as store:
            result = store.settle(item_id, reason=reason, staff=who)
    console.answer({"id": item_id, "result": result.value}, [_SETTLED[result]])
    return EXIT_DONE if result is SettleResult.SETTLED else EXIT_NO


def _document(item: OutboxItem) -> dict[str, object]:
    times = {
        "occurred_at": stamp(item.occurred_at),
        "next_attempt_at": stamp(item.next_attempt_at),
        "acked_at": stamp(item.acked_at),
    }
    return asdict(item) | times
