# SPDX-License-Identifier: Apache-2.0
"""``kiosk queue answer``: what upstream answered, for the desk: codes as they came, the limit, the share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kiosk import settings
from kiosk.clock import SystemClock, tokyo_date
from kiosk.commands.console import EXIT_DONE, EXIT_NO, TEXTS, Console
from kiosk.commands.queue import records_exist, visited
from kiosk.commands.reference import document_of
from kiosk.commands.staff import known_person
from kiosk.eligibility import reading
from kiosk.eligibility.codec_json import parse_answer
from kiosk.eligibility.decide import outcome_of
from kiosk.eligibility.limit import tables
from kiosk.eligibility.outcome import Outcome
from kiosk.outbox.model import OutboxKind
from kiosk.settings import LIMITS_FOLDER, Settings
from kiosk.texts import Catalogue


def answer(console: Console, config: Path | None, item_id: str, staff: str) -> int:
    """The answer to a check or to a number's registration; 1 where there is none. Who looked is noted."""
    chosen = settings.load(config)
    who = known_person(chosen, staff)
    content: bytes | None = None
    kind = OutboxKind.QUALIFICATION_CHECK
    if records_exist(chosen):
        with visited(chosen) as store:
            item = store.show(item_id)
            if item is not None and item.kind in _READABLE:
                content = store.answer(item_id)
            if item is not None and content is not None:
                kind = item.kind
                store.record_staff_act(who, f"answer_read:{item_id}", item.session_id)
    if content is None:
        console.answer({"found": False, "id": item_id}, ["There is no answer to a check of that id."])
        return EXIT_NO
    if kind is OutboxKind.REFERENCE_NUMBER:
        document = document_of(item_id, content)
    else:
        document = _document(chosen, console.language, item_id, content)
    console.answer({"found": True, **document}, _lines(document))
    return EXIT_DONE


_READABLE = (OutboxKind.QUALIFICATION_CHECK, OutboxKind.REFERENCE_NUMBER)


def _document(chosen: Settings, language: str, item_id: str, content: bytes) -> Mapping[str, object]:
    found = parse_answer(content)
    outcome = outcome_of(found, chosen.kiosk.institution_code, item_id)
    on = reading.asked_day(found, tokyo_date(SystemClock().now()))
    known = tables.load(LIMITS_FOLDER)
    return {
        "id": item_id,
        "outcome": outcome.kind.value,
        "code": outcome.code.value if outcome.code else None,
        "reason": _reason(outcome, language),
        "codes": reading.codes_of(found),
        "people": [reading.person(result, on, known) for result in found.results],
        "not_understood": reading.not_understood(found),
    }


def _reason(outcome: Outcome, language: str) -> str | None:
    if outcome.code is None:
        return None
    return Catalogue.load(TEXTS, language).failure(outcome.code).staff


def _lines(document: Mapping[str, object]) -> list[str]:
    lines = []
    for name, value in document.items():
        if isinstance(value, Mapping):
            lines += [f"  {code:<28}{text}" for code, text in value.items()]
        elif name == "people" and isinstance(value, list):
            for number, one in enumerate(value, start=1):
                lines += [f"person {number}", *_person(one)]
        elif value:
            text = ", ".join(value) if isinstance(value, list) else str(value)
            lines.append(f"{name.replace('_', ' '):<18}{text}")
    return lines


def _person(one: Mapping[str, object]) -> list[str]:
    codes, limit, share, diseases = (one[name] for name in ("codes", "limit", "share", "specific_diseases"))
    lines = [f"  {code:<28}{text}" for code, text in codes.items()] if isinstance(codes, Mapping) else []
    if isinstance(limit, Mapping):
        lines.append(f"  {'limit':<28}{limit_words(limit)}")
    if isinstance(share, Mapping):
        lines.append(f"  {'share':<28}{share_words(share)}")
    if isinstance(diseases, list):
        lines += [
            f"  {'specific disease':<28}category {entry['category']}, {_yen(entry['cap'])} a month"
            for entry in diseases
        ]
    return lines


def limit_words(limit: Mapping[str, object]) -> str:
    """A limit in one line; what is not known is not said."""
    words = [f"{limit['class']} {limit['label'] or '(unknown code)'}"]
    if not limit["in_force"]:
        words.append("NOT IN FORCE on that day")
    if limit["as_returned"]:
        words.append("as returned; no caps known for that day")
        return ", ".join(words)
    if limit["month"] is not None:
        above = limit["one_per_cent_above"]
        more = "" if above is None else " + 1 % of the cost" + (f" above {_yen(above)}" if above else "")
        words.append(f"{_yen(limit['month'])}{more} a month")
    for name, text in (
        ("repeated", "from the 4th month"),
        ("outpatient", "outpatient, one person"),
        ("outpatient_year", "outpatient a year"),
        ("year", "a year"),
    ):
        if limit[name] is not None:
            words.append(f"{_yen(limit[name])} {text}")
    return ", ".join(words)


def share_words(share: Mapping[str, object]) -> str:
    """A share in one line."""
    possible = share["possible"]
    if share["raw"]:
        return f"{share['raw']} (unknown code, {share['source']})"
    if not isinstance(possible, list) or not possible:
        return f"- ({share['source']})"
    return f"{' or '.join(str(one) for one in possible)} % ({share['source']})"


def _yen(value: object) -> str:
    return f"{value:,} yen" if isinstance(value, int) else f"{value} yen"
