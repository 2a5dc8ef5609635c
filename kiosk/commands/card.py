# SPDX-License-Identifier: Apache-2.0
"""``kiosk card``: what answers on the readers; nothing personal is read, and no try is spent."""

from __future__ import annotations

from pathlib import Path

from kiosk import settings
from kiosk.app import reader_driver, trust_of
from kiosk.auth.certificate.chain import check_certificate
from kiosk.clock import SystemClock
from kiosk.commands.console import EXIT_BROKEN, EXIT_DONE, EXIT_NO, Console, hint, sentence
from kiosk.reader.info import CardInfo, ReaderInfo, card_info
from kiosk.reader.ports import CardPresence
from kiosk.reader.watch import name_pattern


def info(console: Console, config: Path | None, reader: str) -> int:
    """Readers, the cards on them, and tries left; 1 when no My Number Card answers, 3 without a reader."""
    chosen = settings.load(config)
    trust, clock = trust_of(chosen, None), SystemClock()
    driver = reader_driver(chosen, None)
    try:
        found = card_info(
            driver,
            name_pattern(reader or chosen.reader.name_pattern),
            lambda der: check_certificate(der, trust, clock.now()).verdict.value,
        )
    finally:
        driver.close()
    lines = [line for one in found.readers for line in _lines(one, console.language)]
    if found.found and not trust.authorities:
        lines.append(
            "No certificate authorities are set ([trust] user_ca_files): no certificate is believed."
        )
    console.answer(found.document(), lines)
    if found.problem is not None:
        console.note(f"kiosk: {sentence(found.problem, '', console.language)}")
    return _status(found)


def _status(found: CardInfo) -> int:
    if found.found:
        return EXIT_DONE
    return EXIT_BROKEN if found.problem is not None else EXIT_NO


def _lines(reader: ReaderInfo, language: str) -> list[str]:
    lines = [reader.name]
    if reader.card is CardPresence.ABSENT:
        return [*lines, "  no card"]
    if reader.problem is not None:
        return [*lines, f"  {hint(reader.problem, language)} [{reader.problem.value}]"]
    tries = (f"{name} {'not told' if left is None else left}" for name, left in reader.tries)
    return [
        *lines,
        f"  token         {reader.token}",
        f"  applications  {', '.join(reader.applications)}",
        f"  certificate   {reader.certificate}",
        f"  tries left    {', '.join(tries)}",
    ]
