# SPDX-License-Identifier: Apache-2.0
"""What staff see of a person's limit: the class as returned, and yen where the day's table knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kiosk.eligibility.codes import plain
from kiosk.eligibility.limit.share import within
from kiosk.eligibility.limit.tables import Caps, LimitTables
from kiosk.eligibility.model import LimitInfo

LIMIT_CLASSES = {
    "A01": "ア",
    "A02": "イ",
    "A03": "ウ",
    "A04": "エ",
    "A05": "オ",
    "A06": "オ(境)",
    "B01": "現役並みⅢ",
    "B02": "現役並みⅡ",
    "B03": "現役並みⅠ",
    "B04": "一般",
    "B05": "低所得Ⅱ",
    "B06": "低所得Ⅰ",
    "B07": "低所得Ⅰ(老福)",
    "B08": "低所得Ⅰ(境)",
    "B09": "一般Ⅱ",
    "B10": "一般Ⅰ",
}
"""OQSCD012, 適用区分, by the names that people read. New codes may appear; they are shown as they came."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One person's limit on one day.

    `code` is what came, whatever it is; `label` is empty for a code that nobody knows, and `caps` None where
    no table of that day has the class: then it is shown as returned. `source` names the table.
    """

    code: str
    label: str
    caps: Caps | None
    source: str
    in_force: bool

    @property
    def as_returned(self) -> bool:
        """Whether nothing but the code itself can be shown."""
        return self.caps is None


def limit_on(info: LimitInfo | None, on: date, tables: LimitTables) -> Limit | None:
    """The limit of a record on a day (a Tokyo date); None where the record has none.

    That a record has a limit is the truth, not the consent's flag: what the flag holds since readers stopped
    asking is not public.
    """
    if info is None:
        return None
    code = plain(info.limit_class)
    table = tables.on(on)
    caps = table.classes.get(code) if table is not None else None
    return Limit(
        code=code,
        label=LIMIT_CLASSES.get(code, ""),
        caps=caps,
        source=table.source if table is not None and caps is not None else "",
        in_force=within(on, info.valid_from, info.valid_to),
    )
