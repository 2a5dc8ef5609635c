# SPDX-License-Identifier: Apache-2.0
"""The steps of a scenario that change the simulated surroundings."""

from __future__ import annotations

from kiosk.simulator.scenario import Step
from kiosk.simulator.stances import Device
from kiosk.simulator.tray.control import Light, UpstreamMode
from kiosk.simulator.world import ReaderOrder, SimulatedWorld

NOBODY = "nobody"


def change_world(world: SimulatedWorld, step: Step) -> bool:
    """Carry out one step of a scenario; False where it is none of the world's."""
    match step:
        case Step(insert=str(key)):
            world.insert(key)
        case Step(swap=str(key)):
            world.swap(key)
        case Step(remove=True):
            world.remove()
        case Step(second=str(key)):
            world.insert_second(key)
        case Step(reader=str(order)):
            world.order(ReaderOrder(order))
        case Step(camera=str(key)):
            world.camera_shows(key)
        case Step(surface=str(surface)):
            world.soil_card(dirty=surface == "dirty")
        case Step(light=str(level)):
            world.light(Light(level))
        case Step(beside=str(key)):
            world.beside(None if key == NOBODY else key)
        case Step(stance=str(name)):
            world.stance(name)
        case Step(device=str(name)):
            world.camera.become(Device(name))
        case Step(upstream=str(mode)):
            world.set_upstream(UpstreamMode(mode))
        case _:
            return False
    return True
