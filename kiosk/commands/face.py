# SPDX-License-Identifier: Apache-2.0
"""``kiosk face``: how well faces are told apart, measured on pictures that somebody labelled."""

from __future__ import annotations

from pathlib import Path

from kiosk import settings
from kiosk.auth.face.compare import compare as compare_pictures
from kiosk.auth.face.compare import evaluate as evaluate_pairs
from kiosk.auth.face.matcher import MatchPolicy
from kiosk.commands.console import EXIT_DONE, EXIT_NO, Console


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


def evaluate(console: Console, config: Path | None, pairs: Path) -> int:
    """False matches and false non-matches over a file of pairs; 1 when no pair could be used."""
    found = evaluate_pairs(pairs, _policy(config))
    lines = [f"{name.replace('_', ' '):<22}{_figure(value)}" for name, value in found.items()]
    console.answer(found, lines)
    return EXIT_NO if found["fnmr"] is None and found["fmr"] is None else EXIT_DONE


def _policy(config: Path | None) -> MatchPolicy:
    return MatchPolicy(threshold=settings.load(config).face.threshold)


def _figure(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
