# SPDX-License-Identifier: Apache-2.0
"""Where things lie and who stands where, as a value, and what each touch on the tray changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from kiosk.simulator.patients.people import CardQuirk, Patient, patient
from kiosk.simulator.tray.control import DemoControl, Light, UpstreamMode

FULL_TRIES = 3


@dataclass(frozen=True, slots=True)
class TrayScene:
    """The demo's world. `follows` says that whoever owns the card also stands at the camera."""

    lying: str | None = None
    standing: str | None = None
    follows: bool = True
    light: Light = Light.GOOD
    upstream: UpstreamMode = UpstreamMode.NORMAL


def lay(scene: TrayScene, key: str, control: DemoControl) -> TrayScene:
    """A card was touched: lay it down, exchange it for the one that lies there, or take it away again."""
    if scene.lying == key:
        return take(scene, control)
    if scene.lying is None:
        control.insert(key)
    else:
        control.swap(key)
    return _followed(replace(scene, lying=key), control)


def take(scene: TrayScene, control: DemoControl) -> TrayScene:
    """The card on the reader was touched."""
    if scene.lying is None:
        return scene
    control.remove()
    return _followed(replace(scene, lying=None), control)


def stand(scene: TrayScene, key: str | None, control: DemoControl) -> TrayScene:
    """Somebody else, or nobody, comes before the camera and stays there."""
    control.camera(key)
    return replace(scene, standing=key, follows=False)


def follow(scene: TrayScene, control: DemoControl) -> TrayScene:
    """From now on the card's owner stands at the camera."""
    return _followed(replace(scene, follows=True), control)


def shine(scene: TrayScene, light: Light, control: DemoControl) -> TrayScene:
    """Another light."""
    control.light(light.value)
    return replace(scene, light=light)


def answer(scene: TrayScene, mode: UpstreamMode, control: DemoControl) -> TrayScene:
    """Another upstream."""
    control.upstream(mode.value)
    return replace(scene, upstream=mode)


def age(person: Patient, today: date) -> int:
    """In years, as people say it."""
    before_birthday = (today.month, today.day) < (person.birth.month, person.birth.day)
    return today.year - person.birth.year - int(before_birthday)


def tries_at_first(person: Patient) -> int:
    """The tries with which that patient's card comes."""
    if person.quirk is CardQuirk.PIN_LAST_TRY:
        return 1
    return 0 if person.quirk in {CardQuirk.PIN_BLOCKED, CardQuirk.NO_PIN} else FULL_TRIES


def has_face(person: Patient) -> bool:
    """Whether that card belongs to somebody who is drawn; the card of another kind belongs to nobody."""
    return person.quirk is not CardQuirk.NOT_MY_NUMBER


def _followed(scene: TrayScene, control: DemoControl) -> TrayScene:
    owner = scene.lying if scene.lying and has_face(patient(scene.lying)) else None
    if not scene.follows or scene.standing == owner:
        return scene
    control.camera(owner)
    return replace(scene, standing=owner)
