# SPDX-License-Identifier: Apache-2.0
"""The simulated surroundings of one kiosk: people, their cards, the reader, the camera and upstream."""

from __future__ import annotations

import threading
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from kiosk.clock import Clock
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.camera import SimulatedCamera
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.factory import build_card
from kiosk.simulator.card.foreign import ForeignCard, SimulatedCard
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.card.references import CounterStore, ReferenceName
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.patients.drawing import card_photo
from kiosk.simulator.patients.people import PATIENTS, CardQuirk, patient
from kiosk.simulator.surface import SimulatedSurface
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.faults import Fault, FaultKind
from kiosk.simulator.upstream.server import UpstreamServer

SLOW_S = 20.0


class UpstreamMode(StrEnum):
    """What upstream does."""

    NORMAL = "normal"
    SLOW = "slow"
    DOWN = "down"
    WRONG = "wrong"


_FAULTS = {
    UpstreamMode.NORMAL: Fault(),
    UpstreamMode.SLOW: Fault(kind=FaultKind.SLOW, seconds=SLOW_S),
    UpstreamMode.DOWN: Fault(kind=FaultKind.UNREACHABLE),
    UpstreamMode.WRONG: Fault(kind=FaultKind.WRONG_ID),
}

LIGHTS = {"good": 1.0, "dark": 0.1, "glaring": 2.0}


class Hand(Protocol):
    """Lays cards down and takes them away."""

    def insert(self, card: SimulatedCard) -> None:
        """Lay the card down."""
        ...

    def remove(self) -> None:
        """Take away what lies there."""
        ...


class DriverHand:
    """Lays cards on the simulated driver's first reader."""

    def __init__(self, driver: SimulatedDriver) -> None:
        self._driver = driver

    def insert(self, card: SimulatedCard) -> None:
        """Lay the card down."""
        self._driver.insert(card)

    def remove(self) -> None:
        """Take away what lies there."""
        self._driver.remove()


class SimulatedWorld:
    """Everything a demo or a scenario can be told to do.

    Lives on: any thread. `use` decides whether cards lie on the simulated driver or on a virtual reader.
    """

    def __init__(
        self,
        cache: Path,
        clock: Clock,
        *,
        counters: CounterStore | None = None,
        upstream_port: int = 0,
        upstream_state: Path | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._cards: dict[str, SimulatedCard] = {}
        self._lying: SimulatedCard | None = None
        self._follow = True
        self._hand: Hand | None = None
        self._counters = counters or CounterStore()
        self.authority = TestAuthority(cache, clock)
        self.anchors = self.authority.trust_anchors()
        self.driver = SimulatedDriver()
        self.camera = SimulatedCamera(clock)
        self.surface = SimulatedSurface(lambda: self._lying)
        self.upstream = SimulatedUpstream(self.anchors.folder, clock, upstream_state)
        self.server = UpstreamServer(self.upstream, port=upstream_port)
        self.use(DriverHand(self.driver))

    def use(self, hand: Hand) -> None:
        """Lay cards by this hand from now on."""
        with self._lock:
            self._hand = hand

    def start(self) -> None:
        """Open upstream's ports."""
        self.server.start()

    def stop(self) -> None:
        """Take the card away and close upstream; returns when both is done, or given up."""
        self.remove()
        self.server.stop()
        self.server.join(3.0)
        self.upstream.close()

    # --- what can be told ------------------------------------------------------------------------------

    def insert(self, key: str) -> None:
        """That patient's card is laid down; who stands at the camera follows, unless told otherwise."""
        card = self._card(key)
        with self._lock:
            self._lying = card
            if self._follow:
                self._stand(key)
        self._laid(card)

    def swap(self, key: str) -> None:
        """Another card lies there, before anyone looks."""
        self.insert(key)

    def remove(self) -> None:
        """The card is taken away."""
        with self._lock:
            self._lying = None
            hand = self._hand
        if hand is not None:
            hand.remove()

    def camera_shows(self, key: str | None) -> None:
        """That person stands at the camera from now on; None: again whoever lays a card down."""
        with self._lock:
            self._follow = key is None
            if key is not None:
                self._stand(key)
            elif self._lying is not None:
                self._stand(self._lying.key)

    def light(self, name: str) -> None:
        """The light of the room: one of `LIGHTS`."""
        self.camera.light(LIGHTS[name])

    def set_upstream(self, mode: UpstreamMode) -> None:
        """What upstream does from now on."""
        self.server.set_fault(_FAULTS[mode])

    def set_tries(self, key: str, reference: ReferenceName, tries: int) -> None:
        """So many tries are left on that patient's card."""
        card = self._card(key)
        if isinstance(card, VirtualCard):
            card.set_tries(reference, tries)

    def lying(self) -> str | None:
        """Whose card lies there."""
        with self._lock:
            return None if self._lying is None else self._lying.key

    def reset(self) -> None:
        """Everything as at the start: no card, fresh counters, good light, upstream well."""
        self.remove()
        with self._lock:
            for key in self._cards:
                self._counters.forget(key)
            self._cards.clear()
        self.camera_shows(None)
        self.camera.leave()
        self.light("good")
        self.set_upstream(UpstreamMode.NORMAL)

    def _laid(self, card: SimulatedCard) -> None:
        with self._lock:
            hand = self._hand
        if hand is not None:
            hand.insert(card)

    def _stand(self, key: str) -> None:
        drawn = patient(key).quirk is not CardQuirk.NOT_MY_NUMBER
        self.camera.stand(key if drawn else None)

    def _card(self, key: str) -> SimulatedCard:
        try:
            person = patient(key)
        except KeyError:
            names = ", ".join(known.key for known in PATIENTS)
            raise EnvironmentProblem(
                FailureCode.SCENARIO_INVALID, detail=f"there is no patient of that name; there are: {names}"
            ) from None
        with self._lock:
            if key not in self._cards:
                if person.quirk is CardQuirk.NOT_MY_NUMBER:
                    self._cards[key] = ForeignCard(key)
                else:
                    self._cards[key] = build_card(
                        person, self.authority, card_photo(key), counters=self._counters
                    )
            return self._cards[key]
