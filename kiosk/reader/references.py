# SPDX-License-Identifier: Apache-2.0
"""Presenting a PIN or a printed code to the card, so that no try is ever spent by mistake."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.reader.apdu import CommandApdu, VerifyApdu
from kiosk.reader.errors import CardStatusError, UnsupportedCardError
from kiosk.reader.session import CardSession
from kiosk.reader.status import Meaning, TryCounter, meaning, tries_from_sw
from kiosk.secret import Secret


class Presented(StrEnum):
    """What became of a presentation."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    BLOCKED = "blocked"
    KEPT_BACK = "kept_back"  # not sent: too few tries left, or their number is not told
    WRONG_LENGTH = "wrong_length"  # not sent, or not looked at by the card: no try is spent


@dataclass(frozen=True, slots=True)
class Presentation:
    """The result, the card's counter as last told, and whether the secret went out."""

    result: Presented
    tries: TryCounter
    sent: bool = False


class Reference:
    """One reference of the currently selected application.

    Lives on: the reader thread.
    """

    def __init__(self, session: CardSession, file_id: int, *, length: int) -> None:
        self._session = session
        self._file_id = file_id
        self._length = length

    def tries(self) -> TryCounter:
        """What the card's counter says, by the VERIFY without data, which costs nothing."""
        if not self._session.select_file(self._file_id):
            raise UnsupportedCardError(detail="reference missing")
        response = self._session.send(CommandApdu.verify_query())
        counter = tries_from_sw(response.sw)
        if counter is None:
            raise CardStatusError(response.sw, command="VERIFY query")
        return counter

    def present(self, secret: Secret, *, keep: int) -> Presentation:
        """Present the secret once, where more than `keep` tries are left just now.

        A counter that is not told counts as too few, also where the card says instead that it was satisfied
        before: what it took then says nothing of what it will make of this. The secret stays the caller's.
        """
        counter = self.tries()
        if counter.blocked:
            return Presentation(Presented.BLOCKED, counter)
        if not counter.allows(keep + 1):
            return Presentation(Presented.KEPT_BACK, counter)
        if len(secret) != self._length:
            return Presentation(Presented.WRONG_LENGTH, counter)
        response = self._session.send(VerifyApdu.of(secret))
        said = meaning(response.sw)
        if said is Meaning.OK:
            return Presentation(Presented.ACCEPTED, counter, sent=True)
        if said is Meaning.WRONG_LENGTH:
            return Presentation(Presented.WRONG_LENGTH, counter, sent=True)
        after = tries_from_sw(response.sw)
        if after is None:
            raise CardStatusError(response.sw, command="VERIFY")
        return Presentation(Presented.BLOCKED if after.blocked else Presented.WRONG, after, sent=True)
