# SPDX-License-Identifier: Apache-2.0
"""Consents as the answer carries them: flag, time, and until when."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from kiosk.clock import TOKYO
from kiosk.eligibility.codes import ConsentFlag
from kiosk.eligibility.model import Answer, Result

AVAILABLE_FOR = timedelta(hours=24)

# item → the records of the answer it stands for (the first is one question about two of them)
_RECORDS: dict[str, tuple[str, ...]] = {
    "treatment_and_medicine": ("medicine", "treatment"),
    "checkup": ("checkup",),
    "surgery": ("surgery",),
    "specific_disease": ("disease",),
    "limit": ("limit",),
}
_UNTIL = frozenset({"medicine", "treatment", "checkup", "surgery"})  # the others hold without an end


class DecidedConsent(Protocol):
    """One decision; a `ConsentRecord` is one."""

    @property
    def item(self) -> str:
        """The kind of information."""
        ...

    @property
    def decision(self) -> str:
        """What was decided."""
        ...

    @property
    def decided_at(self) -> datetime:
        """When, aware of its zone."""
        ...


def xml_time(moment: datetime) -> str:
    """A moment as the messages have it: Tokyo, ``yyyyMMddHHmmss``."""
    return moment.astimezone(TOKYO).strftime("%Y%m%d%H%M%S")


def apply_consents(
    answer: Answer, consents: Iterable[DecidedConsent], *, limit_consent: int, occurred_at: datetime
) -> Answer:
    """The answer with the flags of the request's consents; all else is flagged as not agreed.

    The limit's flag is the request's own, since it may stand by rule; its time the decision's or the act's.
    """
    agreed = {consent.item: consent.decided_at for consent in consents if consent.decision == "yes"}
    if limit_consent:
        agreed.setdefault("limit", occurred_at)
    else:
        agreed.pop("limit", None)
    changes: dict[str, str | None] = {}
    for item, records in _RECORDS.items():
        moment = agreed.get(item)
        for record in records:
            changes[f"{record}_consent"] = ConsentFlag.NONE if moment is None else ConsentFlag.AGREED
            changes[f"{record}_consent_time"] = None if moment is None else xml_time(moment)
            if record in _UNTIL:
                changes[f"{record}_available"] = None if moment is None else xml_time(moment + AVAILABLE_FOR)
    if "limit" not in agreed:
        changes["limit"] = None
    if "specific_disease" not in agreed:
        changes["diseases"] = None
    results = tuple(_with(result, changes) for result in answer.results)
    return dataclasses.replace(answer, body=dataclasses.replace(answer.body, results=results or None))


def _with(result: Result, changes: dict[str, str | None]) -> Result:
    return dataclasses.replace(result, **changes)  # type: ignore[arg-type]  # names of leaves, all `str | None`
