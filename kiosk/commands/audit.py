# SPDX-License-Identifier: Apache-2.0
"""``kiosk audit``: whether anybody changed what was written down."""

from __future__ import annotations

from pathlib import Path

from kiosk import settings
from kiosk.commands.console import EXIT_DONE, EXIT_NO, Console
from kiosk.commands.queue import visited
from kiosk.outbox.audit import AuditProblem

_BROKEN = {
    AuditProblem.MISSING: "an entry is missing",
    AuditProblem.CHANGED: "an entry was changed",
    AuditProblem.UNLINKED: "an entry does not follow the one before it",
    AuditProblem.NOTE_CHANGED: "a note was changed",
    AuditProblem.CUT: "entries were cut off at the end",
}


def verify(console: Console, config: Path | None) -> int:
    """Walk the chain from the first entry to the last; 1 where it does not hold.

    Records that are not there at all are no chain that holds: a failure of its own.
    """
    with visited(settings.load(config)) as store:
        report = store.verify_audit()
    document = {
        "ok": report.ok,
        "entries": report.entries,
        "problem": report.problem.value if report.problem else None,
        "at": report.at_seq,
    }
    if report.problem is None:
        console.answer(document, [f"The audit chain holds: {report.entries} entries."])
        return EXIT_DONE
    line = f"The audit chain is broken at entry {report.at_seq}: {_BROKEN[report.problem]}."
    console.answer(document, [line])
    return EXIT_NO
