# SPDX-License-Identifier: Apache-2.0
"""What a technician may know of the cards that lie there: nothing personal, and no try is spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from kiosk.errors import FailureCode, KioskError
from kiosk.reader.cards.applications import Application
from kiosk.reader.cards.common import CommonCard
from kiosk.reader.cards.jpki import JpkiCard
from kiosk.reader.cards.text import TextCard
from kiosk.reader.cards.visual import VisualCard
from kiosk.reader.errors import CardStatusError, UnsupportedCardError
from kiosk.reader.ports import CardPresence, ReaderDriver, ReaderState
from kiosk.reader.session import CardSession
from kiosk.reader.status import Meaning, TryCounter, meaning


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """One reader and the card in it; `tries` has None where the card does not tell."""

    name: str
    card: CardPresence
    token: str | None = None
    applications: tuple[str, ...] = ()
    certificate: str | None = None
    tries: tuple[tuple[str, int | None], ...] = ()
    problem: FailureCode | None = None

    def document(self) -> dict[str, object]:
        """The same for JSON."""
        return {
            "name": self.name,
            "card": self.card.value,
            "token": self.token,
            "applications": list(self.applications),
            "certificate": self.certificate,
            "tries": dict(self.tries),
            "problem": self.problem.value if self.problem is not None else None,
        }


@dataclass(frozen=True, slots=True)
class CardInfo:
    """All readers that were asked for."""

    readers: tuple[ReaderInfo, ...]
    problem: FailureCode | None = None

    @property
    def found(self) -> bool:
        """A My Number Card lies in one of them and answers."""
        return any(reader.token is not None and reader.problem is None for reader in self.readers)

    def document(self) -> dict[str, object]:
        """The same for JSON."""
        return {
            "readers": [reader.document() for reader in self.readers],
            "problem": self.problem.value if self.problem is not None else None,
            "found": self.found,
        }


def card_info(driver: ReaderDriver, pattern: str, certificate_state: Callable[[bytes], str]) -> CardInfo:
    """Look at each reader whose name matches; `certificate_state` says in a word what a certificate is worth.

    Lives on: any thread, with a driver of its own.
    """
    snapshot = driver.snapshot()
    readers = [reader for reader in snapshot.readers if fnmatchcase(reader.name, pattern)]
    problem = snapshot.problem or (None if readers else FailureCode.NO_READER)
    return CardInfo(
        tuple(_look(driver, reader, certificate_state) for reader in readers),
        problem,
    )


def _look(driver: ReaderDriver, reader: ReaderState, certificate_state: Callable[[bytes], str]) -> ReaderInfo:
    if reader.card is CardPresence.ABSENT:
        return ReaderInfo(reader.name, reader.card)
    if reader.card is CardPresence.MUTE:
        return ReaderInfo(reader.name, reader.card, problem=FailureCode.CARD_UNREADABLE)
    try:
        with driver.connect(reader.name) as connection:
            session = CardSession(connection)
            session.begin_job()
            return _read(reader, session, certificate_state)
    except KioskError as error:
        return ReaderInfo(reader.name, reader.card, problem=error.code)


def _read(
    reader: ReaderState,
    session: CardSession,
    certificate_state: Callable[[bytes], str],
) -> ReaderInfo:
    jpki, visual, text = JpkiCard(session), VisualCard(session), TextCard(session)
    if not _answers(jpki):
        return ReaderInfo(reader.name, reader.card, problem=FailureCode.CARD_NOT_MY_NUMBER)
    kind = jpki.token_kind()
    try:
        certificate = certificate_state(jpki.read_certificate())
    except KioskError:
        certificate = "unreadable"
    applications = [Application.JPKI]
    tries = [("user_pin", _told(jpki.pin_tries))]
    if visual.select():
        applications.append(Application.VISUAL)
        tries.append(("lookup_b", _told(visual.lookup_tries)))
    if text.select():
        applications.append(Application.TEXT)
        tries.append(("text_pin", _told(text.pin_tries)))
    if CommonCard(session).select():
        applications.append(Application.COMMON)
    return ReaderInfo(
        name=reader.name,
        card=reader.card,
        token=kind.name.lower(),
        applications=tuple(application.name.lower() for application in applications),
        certificate=certificate,
        tries=tuple(tries),
    )


def _answers(jpki: JpkiCard) -> bool:
    """Whether it is a card for us: others refuse an application in many words, not all of them `6A82`."""
    try:
        return jpki.select()
    except CardStatusError as error:
        if meaning(error.sw) is Meaning.CARD_TROUBLE:
            raise
        return False


def _told(counter: Callable[[], TryCounter]) -> int | None:
    """Tries left, or None: a card that says something else of one counter may still tell the rest."""
    try:
        return counter().left
    except (CardStatusError, UnsupportedCardError):
        return None
