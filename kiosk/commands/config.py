# SPDX-License-Identifier: Apache-2.0
"""``kiosk config``: the settings in force, and whether a kiosk can run with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from kiosk import settings
from kiosk.commands.console import EXIT_DONE, EXIT_USAGE, Console
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.runtime.face_policy import face_policy

_BETWEEN_SENTENCES = re.compile(r"(?<=\.) (?=\[)")  # each begins with its table


def check(console: Console, file: Path | None, *, demo: bool) -> int:
    """Read every setting, and say line by line which does not fit; 2 where one does not."""
    try:
        chosen = settings.load(file, demo=demo)
        face_policy(chosen)  # also reads the table of thresholds
    except ConfigurationError as error:
        if error.code is not FailureCode.CONFIG_INVALID:
            raise
        return _refused(console, _BETWEEN_SENTENCES.split(error.detail))
    missing = settings.lacking(chosen)
    if missing:
        return _refused(console, missing)
    simulated = chosen.is_simulated()
    lines = ["The settings fit."]
    if simulated:
        lines.append("They are for a simulation: no patient can be received with them.")
    console.answer({"ok": True, "simulated": simulated, "changed": settings.changed(chosen)}, lines)
    return EXIT_DONE


def _refused(console: Console, sentences: Sequence[str]) -> int:
    code = FailureCode.CONFIG_INVALID.value
    console.answer({"ok": False, "code": code, "problems": list(sentences)}, ())
    for sentence in sentences:
        console.note(f"kiosk: {sentence} [{code}]")
    return EXIT_USAGE


def show(console: Console, file: Path | None, *, demo: bool) -> int:
    """The settings in force, as a file could hold them; secrets are masked."""
    chosen = settings.load(file, demo=demo)
    console.answer(chosen.model_dump(mode="json"), settings.as_toml(chosen).splitlines())
    return EXIT_DONE
