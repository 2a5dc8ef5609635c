# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between the kiosk and a card; nothing read off a card is ever in the text."""

from __future__ import annotations

from kiosk.errors import EnvironmentProblem, FailureCode


class ReaderError(EnvironmentProblem):
    """The service or the reader, not the card."""


class ReaderServiceDownError(ReaderError):
    """The card service does not run, or went away while it was used."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.READER_SERVICE_DOWN, detail=detail)


class NoReaderError(ReaderError):
    """The service runs and knows no reader."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.NO_READER, detail=detail)


class ReaderLostError(ReaderError):
    """The reader that was in use is gone."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.READER_LOST, detail=detail)


class ReaderBusyError(ReaderError):
    """Another program holds the reader."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.READER_BUSY, detail=detail)


class CardError(EnvironmentProblem):
    """The card, or the talk with it."""


class CardRemovedError(CardError):
    """The card was taken away."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.CARD_REMOVED, detail=detail)


class CardUnreadableError(CardError):
    """Something lies there that does not answer: wrong way round, or no chip."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.CARD_UNREADABLE, detail=detail)


class UnsupportedCardError(CardError):
    """A card of another kind."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.CARD_NOT_MY_NUMBER, detail=detail)


class CardResetError(CardError):
    """Somebody reset the card; what was selected and verified is gone."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.CARD_COMMUNICATION, detail=detail)


class CardCommunicationError(CardError):
    """A command got no answer, or none that makes sense."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.CARD_COMMUNICATION, detail=detail)


class CardTooSlowError(CardCommunicationError):
    """A job took more commands or more time than any good card needs."""


class MalformedDataError(CardError):
    """What a card holds cannot be read as what it should be: cut off, lying about its length, too large."""

    def __init__(self, *, detail: str = "") -> None:
        super().__init__(FailureCode.CARD_COMMUNICATION, detail=detail)


class CardStatusError(CardError):
    """The card answered with a status word that the step has no use for."""

    def __init__(self, sw: int, *, command: str) -> None:
        super().__init__(FailureCode.CARD_COMMUNICATION, detail=f"{command} answered {sw:04X}")
        self.sw = sw
