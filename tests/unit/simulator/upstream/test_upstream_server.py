# SPDX-License-Identifier: Apache-2.0
"""The simulated upstream on real ports, driven from outside."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from kiosk.clock import SystemClock
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.upstream.app import CHECKS, SimulatedUpstream
from kiosk.simulator.upstream.server import LOOPBACK, UpstreamServer
from tests.fakes.cards import authority_at
from tests.fakes.checks import check_body, evidence, key_no
from tests.fakes.pcscd import wait_until


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    upstream = SimulatedUpstream(authority_at(SystemClock()).trust_anchors().folder, SystemClock())
    with UpstreamServer(upstream) as running:
        yield running


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10, trust_env=False) as one:
        yield one


def drive(server: UpstreamServer, client: httpx.Client, fault: dict[str, object]) -> None:
    client.put(f"{server.control_url}/control/fault", json=fault).raise_for_status()


def body() -> dict[str, object]:
    clock = SystemClock()
    now = clock.now().replace(microsecond=0)
    return check_body(evidence("taro", at=now, issuer=authority_at(clock)), at=now)


def test_a_check_over_a_real_port(server: UpstreamServer, client: httpx.Client) -> None:
    answer = client.post(server.url + CHECKS, json=body(), headers={"Idempotency-Key": key_no(1)})
    assert answer.status_code == 200
    state = client.get(f"{server.control_url}/control/state").json()
    assert state["effects"] == {key_no(1): 1}
    assert client.get(f"{server.url}/control/state").status_code == 404


def test_unreachable_closes_the_port_and_opens_it_again(server: UpstreamServer, client: httpx.Client) -> None:
    port = server.port
    assert client.get(f"{server.url}/v1/health").status_code == 200
    for _ in range(2):
        drive(server, client, {"kind": "unreachable"})
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.url}/v1/health", trust_env=False)
    drive(server, client, {"kind": "none"})
    assert server.port == port
    assert httpx.get(f"{server.url}/v1/health", trust_env=False).status_code == 200


def test_a_slow_answer_is_done_before_it_is_told(server: UpstreamServer, client: httpx.Client) -> None:
    drive(server, client, {"kind": "slow", "seconds": 60})
    asked = body()
    with pytest.raises(httpx.ReadTimeout):
        client.post(server.url + CHECKS, json=asked, headers={"Idempotency-Key": key_no(1)}, timeout=0.5)

    def effects() -> object:
        return client.get(f"{server.control_url}/control/state").json()["effects"]

    assert wait_until(lambda: effects() == {key_no(1): 1}, 20)  # a third of the time that the answer takes
    drive(server, client, {"kind": "none"})
    again = client.post(server.url + CHECKS, json=asked, headers={"Idempotency-Key": key_no(1)})
    assert again.status_code == 200
    assert client.get(f"{server.control_url}/control/state").json()["effects"] == {key_no(1): 1}


def test_a_held_back_answer_comes_when_the_fault_ends(server: UpstreamServer, client: httpx.Client) -> None:
    drive(server, client, {"kind": "slow", "seconds": 60})
    statuses: list[int] = []

    def wait() -> None:
        statuses.append(httpx.get(f"{server.url}/v1/health", trust_env=False, timeout=30).status_code)

    thread = threading.Thread(target=wait)
    thread.start()
    while "GET /v1/health" not in client.get(f"{server.control_url}/control/state").json()["requests"]:
        pass
    drive(server, client, {"kind": "none"})
    thread.join(10)
    assert statuses == [200]


def test_driving_it_wrongly(server: UpstreamServer, client: httpx.Client) -> None:
    control = f"{server.control_url}/control"
    assert client.put(f"{control}/fault", json={"kind": "other"}).status_code == 400
    assert client.put(f"{control}/registrations/taro", json={"registered": 1}).status_code == 400
    assert client.put(f"{control}/registrations/nobody", json={"registered": True}).status_code == 404
    assert client.put(f"{control}/registrations/taro", json={"registered": False}).status_code == 200


def test_a_taken_port_is_told() -> None:
    upstream = SimulatedUpstream(authority_at(SystemClock()).trust_anchors().folder, SystemClock())
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        for server in (UpstreamServer(upstream, port=port), UpstreamServer(upstream, control_port=port)):
            with pytest.raises(EnvironmentProblem) as caught:
                server.start()
            assert caught.value.code is FailureCode.PORT_TAKEN
            server.stop()
            assert server.join(5)


def test_ports_close_when_it_ends(client: httpx.Client) -> None:
    upstream = SimulatedUpstream(authority_at(SystemClock()).trust_anchors().folder, SystemClock())
    with UpstreamServer(upstream) as server:
        assert client.get(f"{server.url}/v1/health").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/v1/health", trust_env=False)


def test_a_client_that_dies_in_the_middle_is_no_fault_of_the_server(
    server: UpstreamServer, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"POST {CHECKS} HTTP/1.1\r\nHost: {LOOPBACK}\r\nIdempotency-Key: {key_no(1)}\r\n"
    with socket.create_connection((LOOPBACK, server.port), timeout=10) as dying:
        dying.sendall(f'{head}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{{"kind"'.encode())
        client.get(f"{server.url}/v1/health").raise_for_status()
    # the server closes what is left of it before it answers others' later questions
    assert wait_until(lambda: client.get(f"{server.url}/v1/health").status_code == 200, 20)
    drive(server, client, {"kind": "none"})
    assert client.get(f"{server.control_url}/control/state").json()["effects"] == {}
    assert [record for record in caplog.records if record.exc_info] == []
