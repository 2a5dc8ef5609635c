# SPDX-License-Identifier: Apache-2.0
"""What a row of looks at the readers means: cards laid, taken, exchanged; readers lost. No thread or card."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

from kiosk.errors import FailureCode
from kiosk.reader.ports import CardPresence, ReaderSnapshot, ReaderState


@dataclass(frozen=True, slots=True)
class CardLaid:
    """A card lies on a reader; one that was there at the start counts too."""

    reader: str


@dataclass(frozen=True, slots=True)
class CardTaken:
    """The card is gone, and stayed away."""


@dataclass(frozen=True, slots=True)
class CardExchanged:
    """Another card lies where the card was."""

    reader: str


@dataclass(frozen=True, slots=True)
class ReaderTrouble:
    """No reader can be used, and why; whatever card there was is gone with it."""

    code: FailureCode


@dataclass(frozen=True, slots=True)
class ReaderBack:
    """There is a reader to use: at the start, and after each trouble."""


def name_pattern(part: str) -> str:
    """What the readers meant by `part` of a name are called; nothing named means any, and ``*?`` work too."""
    return part if set("*?") & set(part) else f"*{glob.escape(part)}*"


@dataclass(frozen=True, slots=True)
class CardTakesLong:
    """A job with the card goes on for longer than people wait patiently: the card should be kept still.

    Told once a job; the job's own result ends it.
    """


CardEvent: TypeAlias = CardLaid | CardTaken | CardExchanged | ReaderTrouble | ReaderBack | CardTakesLong


@dataclass(frozen=True, slots=True)
class Probe:
    """To be found out: whether the card in that reader answers to our application."""

    reader: ReaderState


@dataclass(frozen=True, slots=True)
class Compare:
    """To be found out: whether the card that lies there again is the same."""

    reader: ReaderState


Finding: TypeAlias = CardEvent | Probe | Compare


@dataclass(slots=True)
class _Current:
    reader: str
    insertions: int
    foreign: bool = False
    gone_since: float | None = None


class CardWatch:
    """Follows one card at a time through snapshots.

    With one reader, whatever is laid there is the card. With more, the card that answers to our application
    is, so that a security key or an office card in another reader is left alone.
    Lives on: whichever thread holds its owner's lock.
    """

    def __init__(self, pattern: str, debounce_s: float) -> None:
        self._pattern = pattern
        self._debounce_s = debounce_s
        self._first_look = True
        self._problem: FailureCode | None = None
        self._current: _Current | None = None
        self._asked: dict[str, tuple[int, bool]] = {}  # readers probed: insertions, and laid before the start
        self._passed: dict[
            str, tuple[int, bool]
        ] = {}  # left alone: insertions, and whether it is one of ours

    @property
    def reader(self) -> str | None:
        """Where the card lies, or lay a moment ago."""
        return self._current.reader if self._current is not None else None

    @property
    def away(self) -> bool:
        """Whether the card was not there at the last look, and may yet be back."""
        return self._current is not None and self._current.gone_since is not None

    def deadline(self) -> float | None:
        """When to look again although nothing changes."""
        if self._current is None or self._current.gone_since is None:
            return None
        return self._current.gone_since + self._debounce_s

    def see(self, snapshot: ReaderSnapshot, now: float) -> list[Finding]:
        """Take in one look."""
        readers = [reader for reader in snapshot.readers if fnmatchcase(reader.name, self._pattern)]
        problem = snapshot.problem or (None if readers else FailureCode.NO_READER)
        first, self._first_look = self._first_look, False
        if problem is not None:
            changed = first or problem is not self._problem
            self._problem = problem
            self._forget()
            return [ReaderTrouble(problem)] if changed else []
        findings: list[Finding] = []
        anew = first or self._problem is not None
        if anew:
            self._problem = None
            findings.append(ReaderBack())
        findings += self._follow(readers, now)
        anew = anew or any(isinstance(finding, ReaderTrouble) for finding in findings)
        findings += self._notice(readers, at_start=anew)
        return findings

    def _forget(self) -> None:
        self._current = None
        self._asked.clear()
        self._passed.clear()

    def _follow(self, readers: list[ReaderState], now: float) -> list[Finding]:
        """What became of the card that is followed."""
        current = self._current
        if current is None:
            return []
        state = next((reader for reader in readers if reader.name == current.reader), None)
        if state is None:
            self._forget()
            return [ReaderTrouble(FailureCode.READER_LOST), ReaderBack()]
        if state.card is CardPresence.ABSENT:
            if current.gone_since is None:
                current.gone_since = now
            if now < current.gone_since + self._debounce_s:
                return []
            self._current = None
            # A card of ours that was left alone has its turn now; one that is none stays left alone.
            self._passed = {name: passed for name, passed in self._passed.items() if not passed[1]}
            return [CardTaken()]
        if current.gone_since is None and state.insertions == current.insertions:
            return []
        current.gone_since = None
        current.insertions = state.insertions
        return [Compare(state)]

    def _notice(self, readers: list[ReaderState], *, at_start: bool) -> list[Finding]:
        """Cards that were not there before."""
        findings: list[Finding] = []
        for state in readers:
            if state.card is CardPresence.ABSENT:
                self._asked.pop(state.name, None)
                self._passed.pop(state.name, None)
                continue
            if state.name == self.reader or self._passed.get(state.name, (None,))[0] == state.insertions:
                continue
            if len(readers) == 1:
                self._current = _Current(state.name, state.insertions)
                findings.append(CardLaid(state.name))
            elif self._asked.get(state.name, (None, False))[0] != state.insertions:
                self._asked[state.name] = (state.insertions, at_start)
                findings.append(Probe(state))
        return findings

    def probed(self, reader: ReaderState, *, answers: bool) -> list[Finding]:
        """The answer to `Probe`."""
        insertions, at_start = self._asked.pop(reader.name, (None, False))
        if insertions != reader.insertions:
            return []  # gone or exchanged in the meantime
        if self._current is not None and (not answers or not self._current.foreign):
            self._passed[reader.name] = (reader.insertions, answers)
            return []
        if not answers and at_start:
            self._passed[reader.name] = (reader.insertions, False)
            return []
        replaced = self._current
        self._current = _Current(reader.name, reader.insertions, foreign=not answers)
        if replaced is None:
            return [CardLaid(reader.name)]
        self._passed[replaced.reader] = (replaced.insertions, not replaced.foreign)
        return [CardExchanged(reader.name)]

    def compared(self, reader: ReaderState, *, same: bool) -> list[Finding]:
        """The answer to `Compare`."""
        current = self._current
        if (
            current is None
            or (current.reader, current.insertions) != (reader.name, reader.insertions)
            or same
        ):
            return []
        return [CardExchanged(reader.name)]
