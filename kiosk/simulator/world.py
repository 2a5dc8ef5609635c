# SPDX-License-Identifier: Apache-2.0
"""The simulated surroundings of one kiosk: people, their cards, the reader, the camera and upstream."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from kiosk.clock import Clock
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.acting import Presence
from kiosk.simulator.camera import SimulatedCamera
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.certificates import user_serial
from kiosk.simulator.card.factory import build_card
from kiosk.simulator.card.foreign import ForeignCard, MuteCard, SimulatedCard
from kiosk.simulator.card.options import CardOptions
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.card.references import CounterStore, ReferenceName
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.patients.covers import Cover
from kiosk.simulator.patients.drawing import card_photo, get_ready
from kiosk.simulator.patients.people import PATIENTS, CardQuirk, patient
from kiosk.simulator.revocation import RevocationDesk, RevocationFault, RevocationServer
from kiosk.simulator.stances import Device, Stance
from kiosk.simulator.surface import SimulatedSurface
from kiosk.simulator.tray.control import LIGHT_LEVELS, Light, UpstreamMode
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.faults import Fault, FaultKind
from kiosk.simulator.upstream.server import UpstreamServer

SLOW_S = 20.0


_FAULTS = {
    UpstreamMode.NORMAL: Fault(),
    UpstreamMode.SLOW: Fault(kind=FaultKind.SLOW, seconds=SLOW_S),
    UpstreamMode.DOWN: Fault(kind=FaultKind.UNREACHABLE),
    UpstreamMode.WRONG: Fault(kind=FaultKind.WRONG_ID),
    UpstreamMode.UNKNOWN: Fault(kind=FaultKind.UNKNOWN_CODES),
}


READERS = ("Simulated Reader 00", "Simulated Reader 01")
_SECOND = 1

VARIANTS = {
    "cloned": CardOptions(cloned=True),
    "forged-photo": CardOptions(forged_photo=True),
}
"""Cards of the same people that are not what they should be, as in ``hanako:cloned``."""

MUTE = "mute"
"""A card that does not answer: laid down the wrong way round, or without a chip."""


class ReaderOrder(StrEnum):
    """What can happen to the simulated readers."""

    UNPLUG = "unplug"
    PLUG = "plug"
    STOP_SERVICE = "stop-service"
    START_SERVICE = "start-service"
    PLUG_SECOND = "plug-second"


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
        self._stopped = threading.Event()
        self._drawings: list[threading.Thread] = []
        self._cards: dict[str, SimulatedCard] = {}
        self._lying: SimulatedCard | None = None
        self._follow = True
        self._hand: Hand | None = None
        self._listener: Callable[[], None] = lambda: None
        self._counters = counters or CounterStore()
        self.authority = TestAuthority(cache, clock)
        self.anchors = self.authority.trust_anchors()
        self.driver = SimulatedDriver(READERS)
        self.driver.unplug(_SECOND)
        self.camera = SimulatedCamera(clock)
        self.surface = SimulatedSurface(lambda: self._lying)
        self.upstream = SimulatedUpstream(self.anchors.folder, clock, upstream_state)
        self.server = UpstreamServer(self.upstream, port=upstream_port)
        self.revocation = RevocationServer(RevocationDesk(self.authority, clock))
        self.use(DriverHand(self.driver))

    def use(self, hand: Hand) -> None:
        """Lay cards by this hand from now on."""
        with self._lock:
            self._hand = hand

    def listen(self, listener: Callable[[], None]) -> None:
        """Tell `listener`, on whichever thread, that a card was laid down or taken away."""
        self._listener = listener

    def listen_to_tries(self, listener: Callable[[str, int], None]) -> None:
        """Tell `listener`, on whichever thread, how many tries of the PIN are left on whose card."""

        def hear(card: str, reference: ReferenceName, left: int) -> None:
            if reference is ReferenceName.JPKI_USER_PIN:
                listener(card, left)

        self._counters.listen(hear)

    def start(self) -> None:
        """Open the ports of upstream and of those who tell of revocations."""
        self.server.start()
        self.revocation.start()

    def stop(self) -> None:
        """Take the card away and close the ports; returns when all is done, or given up."""
        self._stopped.set()
        self.remove()
        self.server.stop()
        self.revocation.stop()
        self.server.join(3.0)
        self.revocation.join(3.0)
        self.upstream.close()
        for drawing in self._drawings:
            drawing.join(10.0)

    # --- what can be told --------------------------------------------------------------------------------

    def insert(self, key: str) -> None:
        """That patient's card is laid down; who stands at the camera follows, unless told otherwise."""
        if key == MUTE:
            self.driver.insert(MuteCard())
            return
        card = self._card(key)
        with self._lock:
            self._lying = card
            if self._follow:
                self._stand(card.key)
        self._laid(card)

    def insert_second(self, key: str) -> None:
        """A card is laid on the second reader, which somebody else uses."""
        self.driver.insert(self._card(key), _SECOND)

    def order(self, order: ReaderOrder) -> None:
        """Something happens to the simulated readers."""
        match order:
            case ReaderOrder.UNPLUG:
                self.driver.unplug()
            case ReaderOrder.PLUG:
                self.driver.plug()
            case ReaderOrder.STOP_SERVICE:
                self.driver.stop_service()
            case ReaderOrder.START_SERVICE:
                self.driver.start_service()
            case ReaderOrder.PLUG_SECOND:
                self.driver.plug(_SECOND)

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
        self._listener()

    def camera_shows(self, key: str | None) -> None:
        """That person stands at the camera from now on; None: again whoever lays a card down.

        With ``:print``, ``:screen``, ``:frozen`` or ``:loop`` behind the name it is only a picture of them;
        with ``:still`` they cannot move as the screen asks.
        """
        with self._lock:
            self._follow = key is None
            if key is not None:
                self._stand(key)
            elif self._lying is not None:
                self._stand(self._lying.key)

    def beside(self, key: str | None) -> None:
        """Somebody comes beside whoever stands at the camera, or goes away again."""
        first = next(iter(self.camera.scene.people), None)
        if first is not None and key is not None:
            self.camera.two(first, patient(key).key)
        else:
            self.camera.stand(first)

    def stance(self, name: str) -> None:
        """Whoever stands at the camera stands like that (`Stance`), or wears that (`Cover`)."""
        if name in set(Cover):
            self.camera.wear(Cover(name))
            return
        self.camera.take(Stance(name))
        if name == Stance.PLAIN:
            self.camera.wear(None)

    def soil_card(self, *, dirty: bool) -> None:
        """What is printed on the card can no longer be read by a camera, or again."""
        self.surface.dirty = dirty

    def light(self, light: Light) -> None:
        """The light of the room."""
        self.camera.light(LIGHT_LEVELS[light])

    def moves(self, key: str) -> None:
        """That person moves: the certificate ends, and upstream's provider knows the new address."""
        self.upstream.move(key)
        self.revocation.desk.revoked.add(user_serial(key))

    def set_upstream(self, mode: UpstreamMode) -> None:
        """What upstream does from now on."""
        self.server.set_fault(_FAULTS[mode])

    def upstream_does(self) -> str:
        """One of `UpstreamMode`, or the name of a fault that was set at upstream's own control port."""
        kind = self.upstream.fault.kind
        return next((mode.value for mode, fault in _FAULTS.items() if fault.kind is kind), kind.value)

    def set_tries(self, key: str, reference: ReferenceName, tries: int) -> None:
        """So many tries are left on that patient's card."""
        card = self._card(key)
        if isinstance(card, VirtualCard):
            card.set_tries(reference, tries)

    def lying(self) -> str | None:
        """Whose card lies there."""
        with self._lock:
            return None if self._lying is None else self._lying.key

    def printed(self) -> dict[str, str] | None:
        """What is printed on the card that lies there, field by field in the order of the screens."""
        with self._lock:
            printed = None if self._lying is None else self._lying.printed
        if printed is None:
            return None
        return {
            "birth_date": printed.era_birth,
            "expiry_year": printed.expiry_year,
            "security_code": printed.security_code,
        }

    def reset(self) -> None:
        """Everything as at the start: no card, fresh counters, good light, upstream well."""
        self.remove()
        with self._lock:
            for card in self._cards.values():
                self._counters.forget(card.key)
            self._cards.clear()
        self.driver.start_service()
        self.driver.plug()
        self.driver.remove(_SECOND)
        self.driver.unplug(_SECOND)
        self.camera_shows(None)
        self.camera.leave()
        self.stance(Stance.PLAIN)
        self.camera.become(Device.WELL)
        self.light(Light.GOOD)
        self.soil_card(dirty=False)
        self.set_upstream(UpstreamMode.NORMAL)
        self.upstream.reset()
        self.revocation.desk.reset()
        self.revocation.desk.fault = RevocationFault.NONE

    def _laid(self, card: SimulatedCard) -> None:
        with self._lock:
            hand = self._hand
        if hand is not None:
            hand.insert(card)
        self._listener()

    def _stand(self, key: str) -> None:
        name, _, what = key.partition(":")
        presence = Presence(what) if what in set(Presence) else Presence.PERSON
        drawn = patient(name).quirk is not CardQuirk.NOT_MY_NUMBER
        self.camera.stand(name if drawn else None, presence)
        if drawn:
            drawing = threading.Thread(
                target=get_ready, args=(name, self._stopped.is_set), name="drawing", daemon=True
            )
            self._drawings = [each for each in self._drawings if each.is_alive()] + [drawing]
            drawing.start()

    def _card(self, key: str) -> SimulatedCard:
        name, _, variant = key.partition(":")
        try:
            person = patient(name)
            options = VARIANTS[variant] if variant else None
        except KeyError:
            names = ", ".join(known.key for known in PATIENTS)
            raise EnvironmentProblem(
                FailureCode.SCENARIO_INVALID, detail=f"there is no patient of that name; there are: {names}"
            ) from None
        with self._lock:
            if key not in self._cards:
                if person.quirk is CardQuirk.NOT_MY_NUMBER:
                    self._cards[key] = ForeignCard(name)
                else:
                    self._cards[key] = build_card(
                        person, self.authority, card_photo(name), options, counters=self._counters
                    )
            return self._cards[key]


class WorldControl:
    """The tray's hand on the world. Lives on: main thread; what has to wait is done beside it."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world

    def insert(self, key: str) -> None:
        """Lay that patient's card down."""
        self._world.insert(key)

    def remove(self) -> None:
        """Take the card away."""
        self._world.remove()

    def swap(self, key: str) -> None:
        """Exchange the card that lies there."""
        self._world.swap(key)

    def camera(self, key: str | None) -> None:
        """That patient stands at the camera, or nobody."""
        if key is None:
            self._world.camera.leave()
        else:
            self._world.camera_shows(key)

    def light(self, name: str) -> None:
        """The light at the camera."""
        self._world.light(Light(name))

    def upstream(self, mode: str) -> None:
        """What upstream does; closing its port may take a moment."""
        wanted = UpstreamMode(mode)
        threading.Thread(
            target=self._world.set_upstream, args=(wanted,), name="tray-upstream", daemon=True
        ).start()

    def tries(self, ref: str, n: int) -> None:
        """The tries left of the card that lies there; the tray knows of the PIN's only."""
        key = self._world.lying()
        if key is not None and ref == "pin":
            self._world.set_tries(key, ReferenceName.JPKI_USER_PIN, n)
