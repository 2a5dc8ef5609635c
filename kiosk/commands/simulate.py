# SPDX-License-Identifier: Apache-2.0
"""``kiosk simulate``: the simulators by themselves, and the hand that drives a running demo."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from kiosk import settings
from kiosk.clock import SystemClock
from kiosk.commands.console import ASSETS, EXIT_DONE, EXIT_NO, Console, sentence
from kiosk.errors import ConfigurationError, EnvironmentProblem, FailureCode
from kiosk.settings import Settings
from kiosk.simulator.card.factory import build_card
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.patients.drawing import card_photo
from kiosk.simulator.patients.people import PATIENTS, Patient
from kiosk.simulator.remote import control_socket, send_order
from kiosk.simulator.scenario import load_scenarios
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.server import UpstreamServer
from kiosk.simulator.vpcd import VpcdLink


def card(console: Console, config: Path | None, whose: str, vpcd: tuple[str, int] | None) -> int:
    """Lay a patient's card on the virtual reader, until interrupted or until the reader hangs up."""
    person = _person(whose)
    chosen = settings.load(config, demo=True)
    host, port = vpcd or _address(chosen)
    built = build_card(person, _authority(chosen), card_photo(person.key))
    with VpcdLink(host, port) as link:
        link.insert(built)
        console.line(
            {"card": person.key, "vpcd": f"{host}:{port}"},
            f"The card of {person.key} lies on the virtual reader at {host}:{port}; Ctrl-C takes it away.",
        )
        link.wait_until_dropped()
    raise EnvironmentProblem(
        FailureCode.READER_SERVICE_DOWN, detail=f"the virtual reader at {host}:{port} hung up"
    )


def upstream(console: Console, config: Path | None, port: int, control_port: int, state: Path | None) -> int:
    """Serve the simulated upstream until interrupted."""
    chosen = settings.load(config, demo=True)
    if state is not None and not state.parent.is_dir():
        raise EnvironmentProblem(FailureCode.FOLDER_MISSING, detail=f"There is no folder {state.parent}.")
    folder = _authority(chosen).trust_anchors().folder
    app = SimulatedUpstream(folder, SystemClock(), state)
    server = UpstreamServer(app, port=port or chosen.simulator.upstream_port, control_port=control_port)
    with server:
        urls = {"url": server.url, "control_url": server.control_url}
        console.line(urls, f"upstream {server.url} control {server.control_url}")
        threading.Event().wait()
    return EXIT_DONE


def control(console: Console, config: Path | None, socket: Path | None, order: Mapping[str, object]) -> int:
    """Tell a running demo to do something; 1 when it would not."""
    chosen = settings.load(config, demo=True)
    path = socket or control_socket(chosen.simulator.control_socket, chosen.paths.cache_folder())
    reply = send_order(path, order)
    if reply.get("ok") is True:
        lying, mode = reply.get("card") or "none", reply.get("upstream")
        console.answer(reply, [f"Done. Card on the reader: {lying}; upstream: {mode}."])
        return EXIT_DONE
    said = str(reply.get("error", ""))
    known = {code.value: code for code in FailureCode}.get(str(reply.get("code", "")))
    console.answer(reply, [sentence(known, said, console.language) if known else f"Not done: {said}."])
    return EXIT_NO


def _address(chosen: Settings) -> tuple[str, int]:
    host, _, port = chosen.simulator.vpcd.rpartition(":")
    return host, int(port)


def _authority(chosen: Settings) -> TestAuthority:
    """The same keys that the demo uses, so that each believes the other's cards."""
    return TestAuthority(chosen.paths.cache_folder() / "simulator", SystemClock())


def _person(whose: str) -> Patient:
    """A patient by name, or the one whose card a scenario lays down first."""
    people = {person.key: person for person in PATIENTS}
    if whose in people:
        return people[whose]
    scenarios = load_scenarios(ASSETS / "scenarios")
    scenario = scenarios.get(whose)
    laid = next((step.insert for step in scenario.steps if step.insert), None) if scenario else None
    if laid in people:
        return people[laid]
    known = f"Patients: {', '.join(people)}. Scenarios: {', '.join(scenarios)}."
    raise ConfigurationError(
        FailureCode.SCENARIO_UNKNOWN, detail=f"There is no patient or scenario of that name. {known}"
    )
