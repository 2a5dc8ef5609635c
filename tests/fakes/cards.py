# SPDX-License-Identifier: Apache-2.0
"""Simulated cards for tests: one authority for the whole run, since making keys is slow."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.clock import Clock
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.factory import build_card
from kiosk.simulator.card.options import CardOptions
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.card.references import CounterStore
from kiosk.simulator.patients.people import Patient, patient
from tests.fakes.clock import FakeClock


@cache
def authority() -> TestAuthority:
    """Test authorities of this run, at `tests.fakes.clock.MORNING`."""
    return authority_at(FakeClock())


def authority_at(clock: Clock) -> TestAuthority:
    """Test authorities with this run's keys, at another time."""
    return TestAuthority(Path(os.environ["XDG_CACHE_HOME"]) / "test-authority", clock)


@cache
def grey_photo() -> NDArray[np.uint8]:
    """A smooth picture of the size of a card's photo."""
    rows, columns = np.ogrid[0:400, 0:300]
    picture: NDArray[np.uint8] = ((rows * 3 + columns * 2) // 8 % 256).astype(np.uint8)
    return picture


def card_of(
    key: str = "hanako",
    options: CardOptions | None = None,
    counters: CounterStore | None = None,
    *,
    person: Patient | None = None,
) -> VirtualCard:
    """That patient's card, not powered yet."""
    card = build_card(person or patient(key), authority(), grey_photo(), options, counters)
    assert isinstance(card, VirtualCard)
    return card


class Talk:
    """Says commands in hex to a powered card and takes the answers apart."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        card.power_on()

    def send(self, command: str) -> tuple[bytes, int]:
        """Data and status word."""
        answer = self.card.transmit(bytes.fromhex(command))
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def sw(self, command: str) -> int:
        """The status word; data is not looked at."""
        return self.send(command)[1]

    def select(self, aid: bytes, file: int | None = None) -> None:
        """Select an application, and a file in it."""
        assert self.sw(f"00A4040C{len(aid):02X}{aid.hex()}") == 0x9000
        if file is not None:
            assert self.sw(f"00A4020C02{file:04X}") == 0x9000

    def verify(self, value: bytes, p2: int = 0x80) -> int:
        """Present something."""
        return self.sw(f"002000{p2:02X}{len(value):02X}{value.hex()}")

    def read(self, aid: bytes, file: int) -> bytes:
        """The whole file in steps of 256, with nothing presented but what was before."""
        self.select(aid)
        return self.read_file(file)

    def read_file(self, file: int) -> bytes:
        """The whole file of the selected application."""
        assert self.sw(f"00A4020C02{file:04X}") == 0x9000
        content = b""
        while True:
            part, sw = self.send(f"00B0{len(content):04X}00")
            content += part
            if sw == 0x6B00:
                return content
            assert sw == 0x9000
            if len(part) < 256:
                return content
