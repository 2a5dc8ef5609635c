# SPDX-License-Identifier: Apache-2.0
"""``kiosk audit``: whether anybody changed what was written down."""

from __future__ import annotations

from pathlib import Path

from kiosk import settings
from kiosk.commands.console import EXIT_DONE, EXIT_NO, EXIT_USAGE, Console
from kiosk.commands.queue import visited
from kiosk.errors import FailureCode
from kiosk.outbox.audit import AuditProblem
from kiosk.outbox.checkpoint import parse

_BROKEN = {
    AuditProblem.MISSING: "an entry is missing",
    AuditProblem.CHANGED: "an entry was changed",
    AuditProblem.UNLINKED: "an entry does not follow the one before it",
    AuditProblem.NOTE_CHANGED: "a note was changed",
    AuditProblem.CUT: "entries were cut off at the end",
    AuditProblem.NOT_AS_KEPT: "that checkpoint was made of another chain: records were put back or cut",
    AuditProblem.FALSE_CHECKPOINT: "that checkpoint was not signed by this kiosk",
}


def verify(console: Console, config: Path | None, checkpoint: str | None) -> int:
    """Walk the chain from the first entry to the last; 1 where it does not hold.

    `checkpoint` is one that somebody else kept, or a file with it: with it records that were put back from an
    old copy are found, too. Records that are not there at all are no chain that holds: a failure of its own.
    """
    kept = None
    if checkpoint is not None:
        kept = parse(_text_of(checkpoint))
        if kept is None:
            console.failure(FailureCode.CONFIG_INVALID, "That is no checkpoint of an audit trail.")
            return EXIT_USAGE
    with visited(settings.load(config)) as store:
        report = store.verify_audit(kept)
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


def checkpoint(console: Console, config: Path | None) -> int:
    """The trail as it stands, signed, for whoever keeps it elsewhere."""
    with visited(settings.load(config)) as store:
        made = store.upkeep.checkpoint()
        public = store.upkeep.public_key()
    document = {"checkpoint": made.text, "entry": made.seq, "public_key": public.hex()}
    console.answer(document, [made.text])
    return EXIT_DONE


def _text_of(given: str) -> str:
    path = Path(given)
    try:
        return path.read_text(encoding="ascii", errors="replace")[:1000] if path.is_file() else given
    except OSError:
        return given
