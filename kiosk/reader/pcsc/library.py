# SPDX-License-Identifier: Apache-2.0
"""The part of pyscard's low-level interface that is used, and how it is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from kiosk.errors import EnvironmentProblem, FailureCode

SCOPE_SYSTEM = 2
SHARE_EXCLUSIVE = 1
PROTOCOL_ANY = 3  # T=0 or T=1
UNPOWER_CARD = 2

STATE_UNAWARE = 0x0000
STATE_PRESENT = 0x0020
STATE_MUTE = 0x0200
EVENT_COUNT_SHIFT = 16

PNP_READER = r"\\?PnP?\Notification"
"""A name that stands for *some reader came or went*; it is no reader."""


class ScardLibrary(Protocol):
    """`smartcard.scard`, as far as it is used. Each call returns its result code first."""

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]: ...  # noqa: D102, N802

    def SCardReleaseContext(self, context: int) -> int: ...  # noqa: D102, N802

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]: ...  # noqa: D102, N802

    def SCardGetStatusChange(  # noqa: D102, N802
        self, context: int, timeout_ms: int, states: list[tuple[str, int]]
    ) -> tuple[int, list[tuple[str, int, list[int]]]]: ...

    def SCardCancel(self, context: int) -> int: ...  # noqa: D102, N802

    def SCardConnect(  # noqa: D102, N802
        self, context: int, reader: str, share: int, protocols: int
    ) -> tuple[int, int, int]: ...

    def SCardBeginTransaction(self, card: int) -> int: ...  # noqa: D102, N802

    def SCardStatus(self, card: int) -> Sequence[object]: ...  # noqa: D102, N802

    def SCardTransmit(  # noqa: D102, N802
        self, card: int, protocol: int, command: list[int]
    ) -> tuple[int, list[int]]: ...

    def SCardDisconnect(self, card: int, disposition: int) -> int: ...  # noqa: D102, N802


def load_scard() -> ScardLibrary:
    """The installed library; raises `EnvironmentProblem` where there is none."""
    try:
        import smartcard.scard  # noqa: PLC0415  # a kiosk on simulated readers runs without it
    except ImportError as error:
        raise EnvironmentProblem(FailureCode.DEPENDENCY_MISSING, detail="PC/SC library") from error
    return cast("ScardLibrary", smartcard.scard)
