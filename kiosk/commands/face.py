# SPDX-License-Identifier: Apache-2.0
"""``kiosk face``: how well faces are told apart, measured on pictures that somebody labelled."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import settings
from kiosk.auth.face.calibration import ThresholdTable
from kiosk.auth.face.compare import compare as compare_pictures
from kiosk.auth.face.evaluation import Evaluation, Wish, as_lines
from kiosk.auth.face.evaluation import evaluate as evaluate_pairs
from kiosk.auth.face.fitting import make_table
from kiosk.auth.face.liveness.evaluation import evaluate as evaluate_signs
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.auth.face.plot import check_plot_name, draw
from kiosk.clock import SystemClock, tokyo_date
from kiosk.commands.console import EXIT_DONE, EXIT_NO, Console
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.runtime.face_policy import face_policy

_TELL_EVERY: Final = 25


@dataclass(frozen=True, slots=True)
class Outputs:
    """What else an evaluation writes, where it is asked to."""

    plot: Path | None = None
    table: Path | None = None
    origin: str = ""


def compare(console: Console, config: Path | None, first: Path, second: Path) -> int:
    """Compare two pictures; 1 when they are not taken for one person."""
    found = compare_pictures(first, second, _policy(config))
    if found.distance is None:
        line = "No comparison: one of the pictures does not show exactly one usable face."
    else:
        word = "the same person" if found.match else "not confirmed as the same person"
        line = f"{word} (distance {found.distance:.3f}, at most {found.threshold:.3f} is allowed)"
    console.answer(found.as_dict(), [line])
    return EXIT_DONE if found.match else EXIT_NO


def evaluate(console: Console, config: Path | None, pairs: Path, wish: Wish, outputs: Outputs) -> int:
    """False matches and false non-matches over a file of pairs; 1 when no pair could be used."""
    if outputs.plot is not None:
        check_plot_name(outputs.plot)
    if outputs.table is not None and not outputs.table.absolute().parent.is_dir():
        detail = f"there is no folder for {outputs.table.name}"
        raise EnvironmentProblem(FailureCode.FOLDER_MISSING, detail=detail)
    clock = SystemClock()

    def tell(done: int, wanted: int) -> None:
        if done % _TELL_EVERY == 0 or done == wanted:
            console.note(f"{done} of {wanted} pictures")

    found = evaluate_pairs(pairs, _policy(config), wish, clock, tell)
    if outputs.table is not None:
        made = f"{tokyo_date(clock.now()):%Y-%m-%d}"
        _write(outputs.table, make_table(found.labels, found.gallery, origin=outputs.origin, made=made))
        console.note(f"{outputs.table.name}: thresholds for one to five frames")
    _plot(console, found, outputs.plot)
    console.answer(found.as_dict(), as_lines(found))
    return EXIT_DONE if found.usable else EXIT_NO


def evaluate_liveness(console: Console, manifest: Path) -> int:
    """Attacks that pass the passive signs and people who don't; 1 when no row showed a face."""
    found = evaluate_signs(manifest)
    console.answer(found.as_dict(), found.as_lines())
    return EXIT_DONE if found.usable else EXIT_NO


def _plot(console: Console, found: Evaluation, file: Path | None) -> None:
    if file is None:
        return
    if draw(found, file):
        console.note(f"{file.name}: the curve")
    else:
        console.note(f"{file.name}: not drawn, a curve needs pairs of both kinds")


def _policy(config: Path | None) -> MatchPolicy:
    return face_policy(settings.load(config))


def _write(file: Path, table: ThresholdTable) -> None:
    """Whole or not at all: half a table must not be found by the next start."""
    text = json.dumps(table.as_dict(), ensure_ascii=False, indent=1) + "\n"
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=file.absolute().parent, prefix=f".{file.name}.", delete=False
        ) as half:
            half.write(text)
        Path(half.name).chmod(0o644)
        os.replace(half.name, file)  # noqa: PTH105  # the other spelling hides that it is atomic
    except OSError as error:
        raise EnvironmentProblem(FailureCode.FOLDER_MISSING, detail=f"cannot write {file.name}") from error
