# SPDX-License-Identifier: Apache-2.0
"""What each touch on the tray does to the demo's world."""

from __future__ import annotations

from datetime import date

from kiosk.simulator.patients.people import PATIENTS, patient
from kiosk.simulator.tray import scene as tray
from kiosk.simulator.tray.control import LIGHT_LEVELS, Light, UpstreamMode
from kiosk.simulator.tray.scene import TrayScene
from tests.fakes.demo_control import RecordingControl


def test_lay_on_the_empty_reader_inserts_and_brings_the_owner_to_the_camera() -> None:
    control = RecordingControl()
    scene = tray.lay(TrayScene(), "tome", control)
    assert control.done == [("insert", "tome"), ("camera", "tome")]
    assert (scene.lying, scene.standing) == ("tome", "tome")


def test_lay_on_another_card_swaps() -> None:
    control = RecordingControl()
    tray.lay(TrayScene(lying="tome", standing="tome"), "taro", control)
    assert control.done == [("swap", "taro"), ("camera", "taro")]


def test_lay_of_the_card_that_lies_there_takes_it() -> None:
    control = RecordingControl()
    scene = tray.lay(TrayScene(lying="tome", standing="tome"), "tome", control)
    assert control.done == [("remove",), ("camera", None)]
    assert scene.lying is None


def test_take_from_the_empty_reader_does_nothing() -> None:
    control = RecordingControl()
    assert tray.take(TrayScene(), control) == TrayScene()
    assert control.done == []


def test_stand_keeps_somebody_at_the_camera_whatever_card_is_laid() -> None:
    control = RecordingControl()
    scene = tray.stand(TrayScene(), "taro", control)
    scene = tray.lay(scene, "tome", control)
    assert control.done == [("camera", "taro"), ("insert", "tome")]
    assert (scene.lying, scene.standing, scene.follows) == ("tome", "taro", False)


def test_follow_brings_the_owner_back() -> None:
    control = RecordingControl()
    scene = tray.follow(TrayScene(lying="tome", standing="taro", follows=False), control)
    assert control.done == [("camera", "tome")]
    assert scene.follows


def test_light_and_upstream_are_passed_on() -> None:
    control = RecordingControl()
    scene = tray.answer(tray.shine(TrayScene(), Light.DARK, control), UpstreamMode.DOWN, control)
    assert control.done == [("light", "dark"), ("upstream", "down")]
    assert (scene.light, scene.upstream) == (Light.DARK, UpstreamMode.DOWN)
    assert set(LIGHT_LEVELS) == set(Light)


def test_age_before_and_on_the_birthday() -> None:
    assert tray.age(patient("hanako"), date(2026, 3, 26)) == 49
    assert tray.age(patient("hanako"), date(2026, 3, 27)) == 50


def test_tries_at_first_are_what_the_quirk_says() -> None:
    tries = {person.key: tray.tries_at_first(person) for person in PATIENTS}
    assert (tries["hanako"], tries["goro"], tries["yuki"], tries["masao"]) == (3, 1, 0, 0)
