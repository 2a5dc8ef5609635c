# SPDX-License-Identifier: Apache-2.0
"""What the tray's window sees and does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, cast

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.clock import Clock, tokyo_date
from kiosk.simulator.patients.people import PATIENTS, CardQuirk, Patient, patient
from kiosk.simulator.tray import scene as tray
from kiosk.simulator.tray.control import DemoControl, Light, UpstreamMode
from kiosk.simulator.tray.scene import TrayScene
from kiosk.texts import Catalogue

_MAP: Final = cast("type", "QVariantMap")  # Qt knows these types by their names only
_LIST: Final = cast("type", "QVariantList")


class TrayBridge(QObject):
    """The tray of a windowed demo.

    Lives on: the main thread.
    """

    changed = Signal()
    wordsChanged = Signal()  # noqa: N815  # Qt's own way of naming signals

    def __init__(
        self, control: DemoControl, catalogues: Mapping[str, Catalogue], clock: Clock, language: str = "ja"
    ) -> None:
        """`catalogues` hold ``tray.*.toml`` by language."""
        super().__init__()
        self._control = control
        self._catalogues = dict(catalogues)
        self._clock = clock
        self._language = language
        self._scene = TrayScene()
        self._tries = {person.key: tray.tries_at_first(person) for person in PATIENTS}

    # --- what others did to the world ---------------------------------------------------------------------

    def card_is(self, key: str | None) -> None:
        """Somebody else, as ``kiosk simulate ctl``, laid a card down or took it away."""
        self._set(replace(self._scene, lying=key))

    def camera_shows(self, key: str | None) -> None:
        """Somebody else sent a person before the camera."""
        self._set(replace(self._scene, standing=key, follows=key == self._scene.lying))

    def tries_are(self, key: str, left: int) -> None:
        """That card has so many PIN tries left, after what happened at the kiosk."""
        self._tries[key] = left
        self.changed.emit()

    # --- what QML does ------------------------------------------------------------------------------------

    @Slot(str)
    def lay(self, key: str) -> None:
        """A patient's card was touched."""
        self._set(tray.lay(self._scene, key, self._control))

    @Slot()
    def take(self) -> None:
        """The card on the reader was touched."""
        self._set(tray.take(self._scene, self._control))

    @Slot(str)
    def stand(self, key: str) -> None:
        """Who stands at the camera: a patient, ``nobody``, or ``card`` for the card's owner."""
        if key == "card":
            self._set(tray.follow(self._scene, self._control))
        else:
            self._set(tray.stand(self._scene, None if key == "nobody" else key, self._control))

    @Slot(str)
    def shine(self, name: str) -> None:
        """The light at the camera."""
        self._set(tray.shine(self._scene, Light(name), self._control))

    @Slot(str)
    def answer(self, mode: str) -> None:
        """What upstream does."""
        self._set(tray.answer(self._scene, UpstreamMode(mode), self._control))

    @Slot(int)
    def setTries(self, left: int) -> None:  # noqa: N802
        """The PIN tries left of the card that lies there."""
        lying = self._scene.lying
        if lying is not None and 0 <= left <= tray.FULL_TRIES:
            self._control.tries("pin", left)
            self._tries[lying] = left
            self.changed.emit()

    @Slot()
    def switchLanguage(self) -> None:  # noqa: N802
        """The next language of the tray's own labels."""
        languages = list(self._catalogues)
        self._language = languages[(languages.index(self._language) + 1) % len(languages)]
        self.wordsChanged.emit()
        self.changed.emit()

    # --- what QML sees ------------------------------------------------------------------------------------

    def _set(self, scene: TrayScene) -> None:
        if scene != self._scene:
            self._scene = scene
            self.changed.emit()

    @property
    def _words(self) -> Catalogue:
        return self._catalogues[self._language]

    def _card(self, person: Patient) -> dict[str, object]:
        words, real = self._words, tray.has_face(person)
        years = tray.age(person, tokyo_date(self._clock.now()))
        name = person.name if real else words.get("other_card.name")
        note = (
            words.get(f"note.{person.quirk.value}")
            if person.quirk
            else words.texts.get(f"note.{person.key}", "")
        )
        lying = self._scene.lying == person.key
        return {
            "key": person.key,
            "name": name,
            "age": words.get("age", years=years) if real else "",
            "pin": person.pin if real and person.quirk is not CardQuirk.NO_PIN else "",
            "note": note,
            "face": f"image://faces/{person.key}" if real else "",
            "lying": lying,
            "spoken": words.get("spoken.take" if lying else "spoken.lay", name=name),
        }

    def _get_cards(self) -> list[dict[str, object]]:
        return [self._card(person) for person in PATIENTS]

    def _get_lying(self) -> dict[str, object]:
        lying = self._scene.lying
        return self._card(patient(lying)) if lying else {}

    def _get_tries(self) -> int:
        lying = self._scene.lying
        return self._tries[lying] if lying and tray.has_face(patient(lying)) else -1

    def _get_people(self) -> list[dict[str, object]]:
        standing, follows = self._scene.standing, self._scene.follows
        chosen = "card" if follows else standing or "nobody"
        entries: list[dict[str, object]] = [
            {"key": key, "name": self._words.get(f"camera.{key}"), "face": "", "chosen": chosen == key}
            for key in ("card", "nobody")
        ]
        entries += [
            {
                "key": person.key,
                "name": person.name,
                "face": f"image://faces/{person.key}",
                "chosen": chosen == person.key,
            }
            for person in PATIENTS
            if tray.has_face(person) and not person.face  # with a card and a phone, one still stands once
        ]
        return entries

    def _get_standing(self) -> str:
        return self._scene.standing or ""

    def _choices(self, group: str, names: list[str], chosen: str) -> list[dict[str, object]]:
        return [
            {"key": name, "name": self._words.get(f"{group}.{name}"), "chosen": name == chosen}
            for name in names
        ]

    def _get_lights(self) -> list[dict[str, object]]:
        return self._choices("light", list(Light), self._scene.light)

    def _get_upstreams(self) -> list[dict[str, object]]:
        return self._choices("upstream", list(UpstreamMode), self._scene.upstream)

    def _get_texts(self) -> dict[str, str]:
        return dict(self._words.texts)

    cards = Property(_LIST, _get_cards, notify=changed)
    lyingCard = Property(_MAP, _get_lying, notify=changed)  # noqa: N815
    tries = Property(int, _get_tries, notify=changed)
    people = Property(_LIST, _get_people, notify=changed)
    standing = Property(str, _get_standing, notify=changed)
    lights = Property(_LIST, _get_lights, notify=changed)
    upstreams = Property(_LIST, _get_upstreams, notify=changed)
    texts = Property(_MAP, _get_texts, notify=wordsChanged)
