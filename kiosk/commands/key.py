# SPDX-License-Identifier: Apache-2.0
"""``kiosk key``: a new key for the records."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk import settings
from kiosk.clock import SystemClock
from kiosk.commands.console import EXIT_DONE, EXIT_USAGE, Console
from kiosk.commands.queue import records_exist
from kiosk.commands.staff import known_person
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.outbox.key_file import find_key
from kiosk.outbox.store import Access, Store


def rotate(console: Console, config: Path | None, staff: str, to: Path | None) -> int:
    """Seal everything with a new key. The kiosk must not run meanwhile: it would hold on to the old one."""
    chosen = settings.load(config)
    if not records_exist(chosen):
        raise EnvironmentProblem(
            FailureCode.STORE_UNUSABLE, detail=f"There are no records yet in {chosen.paths.state_folder()}."
        )
    who = known_person(chosen, staff)
    place = find_key(chosen.paths.records_key_file(), os.environ)
    if place.credential != (to is not None):
        console.failure(
            FailureCode.STORE_KEY_UNUSABLE,
            "The key is a credential: name a file for the new one with --to."
            if place.credential
            else "The key is a file and is exchanged in its place: --to is for credentials.",
        )
        return EXIT_USAGE
    store = Store.open(
        chosen.paths.state_folder(),
        chosen.paths.records_key_file(),
        SystemClock(),
        chosen.kiosk.letter,
        access=Access.OWNER,
    )
    try:
        count = store.upkeep.change_key(place, who, to=to)
    finally:
        store.close()
    lines = [f"The records have a new key; {count} values were sealed anew. The old one opens nothing more."]
    if to is not None:
        lines.append(f"The new key is in {to}: put it in the credential's place, then destroy the file.")
    console.answer({"ok": True, "resealed": count, "new_key": str(to) if to else None}, lines)
    return EXIT_DONE
