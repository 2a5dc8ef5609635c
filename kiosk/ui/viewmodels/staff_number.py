# SPDX-License-Identifier: Apache-2.0
"""A check by number as staff make it in their corner: what is typed field by field, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from kiosk.eligibility.outcome import Outcome
from kiosk.errors import FailureCode
from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.screen import Button, ButtonKind
from kiosk.ui.viewmodels.staff import StaffStage, StaffView


class NumberField(StrEnum):
    """What is typed off a paper certificate, in its order."""

    INSURER = "insurer"
    SYMBOL = "symbol"
    NUMBER = "number"
    BRANCH = "branch"
    BIRTH = "birth"


_FIELDS = tuple(NumberField)
_LENGTHS = {
    NumberField.INSURER: (6, 8),
    NumberField.SYMBOL: (0, 20),
    NumberField.NUMBER: (1, 20),
    NumberField.BRANCH: (0, 2),
    NumberField.BIRTH: (8, 8),
}


@dataclass(frozen=True, slots=True)
class TypedNumbers:
    """Everything that was typed, and the patient's spoken consent to the limit."""

    insurer: str = field(repr=False)
    symbol: str = field(repr=False)
    number: str = field(repr=False)
    branch: str = field(repr=False)
    birth: str = field(repr=False)
    limit: bool = False


@dataclass(frozen=True, slots=True)
class NumberProgress:
    """How far a check has come: kept under a reception number, answered, or not even kept."""

    reception: str = ""
    outcome: Outcome | None = None
    failed: FailureCode | None = None


@dataclass(frozen=True, slots=True)
class NumberForm:
    """How far the typing is; after the last field comes the question about the limit, then the answer."""

    typed: tuple[str, ...] = field(default=("",) * len(_FIELDS), repr=False)
    step: int = 0
    wrong: bool = False
    sent: bool = False
    progress: NumberProgress = NumberProgress()

    @property
    def typing(self) -> NumberField | None:
        """The field that takes digits now."""
        return _FIELDS[self.step] if self.step < len(_FIELDS) else None

    def with_digit(self, digit: int) -> NumberForm:
        """One digit more, as far as the field goes."""
        if self.typing is None or len(self.typed[self.step]) >= _LENGTHS[self.typing][1]:
            return self
        return self._with(self.typed[self.step] + str(digit))

    def without_last(self) -> NumberForm:
        """One digit less; from an empty field back to the one before."""
        if self.typing is None:
            return self
        if not self.typed[self.step] and self.step:
            return replace(self, step=self.step - 1, wrong=False)
        return self._with(self.typed[self.step][:-1])

    def submitted(self) -> NumberForm:
        """On to the next field, unless what is typed cannot be one."""
        if self.typing is None:
            return self
        if not _possible(self.typing, self.typed[self.step]):
            return replace(self, wrong=True)
        return replace(self, step=self.step + 1, wrong=False)

    def numbers(self, *, limit: bool) -> TypedNumbers:
        """What was typed, as a whole."""
        insurer, symbol, number, branch, birth = self.typed
        return TypedNumbers(insurer, symbol, number, branch, birth, limit)

    def _with(self, text: str) -> NumberForm:
        typed = (*self.typed[: self.step], text, *self.typed[self.step + 1 :])
        return replace(self, typed=typed, wrong=False)


def _possible(which: NumberField, text: str) -> bool:
    shortest, longest = _LENGTHS[which]
    if not shortest <= len(text) <= longest:
        return False
    if which is NumberField.INSURER:
        return len(text) in {6, 8}
    if which is NumberField.BIRTH:
        try:
            datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007  # a day, not a moment
        except ValueError:
            return False
    return True


def number_view(form: NumberForm, words: Catalogue) -> StaffView:
    """The corner while numbers are typed and answered."""
    which = form.typing
    if which is not None:
        return StaffView(
            StaffStage.NUMBER,
            words.get(f"number.{which.value}"),
            words.get(f"number.{which.value}_sentence"),
            words.get(f"number.{which.value}_wrong") if form.wrong else "",
            keys_live=True,
            typed=form.typed[form.step],
            screen=f"staff-number-{which.value}",
        )
    close = Button("staff.close", words.get("action.close"), "close", ButtonKind.QUIET)
    if not form.sent:
        choices = (
            Button("staff.limit.yes", words.get("number.limit_yes"), "yes"),
            Button("staff.limit.no", words.get("number.limit_no"), "no"),
            close,
        )
        return StaffView(
            StaffStage.MENU,
            words.get("number.limit"),
            situation=words.get("number.limit_sentence"),
            actions=choices,
            screen="staff-number-limit",
        )
    progress = form.progress
    number = words.get("number.reception", number=progress.reception) if progress.reception else ""
    code = progress.failed or (progress.outcome.code if progress.outcome else None)
    if progress.failed is not None:
        end = "not_kept"
    else:
        end = progress.outcome.kind.value if progress.outcome else "waiting"
    return StaffView(
        StaffStage.MENU,
        words.get(f"number.{end}"),
        who=number,
        situation=words.get(f"number.{end}_sentence"),
        code=code.value if code else "",
        hint=words.failure(code).staff if code else "",
        actions=(close,),
        screen=f"staff-number-{end.replace('_', '-')}",
    )
