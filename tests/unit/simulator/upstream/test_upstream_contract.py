# SPDX-License-Identifier: Apache-2.0
"""The document and the simulator agree about anything that may be asked; bench/contract asks much longer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.responses import Response

from bench.contract.fuzzing import fuzz
from kiosk.clock import SystemClock
from kiosk.simulator.upstream import app
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.server import UpstreamServer
from tests.fakes.cards import authority


@pytest.fixture(scope="module")
def server() -> Iterator[UpstreamServer]:
    with UpstreamServer(SimulatedUpstream(authority().trust_anchors().folder, SystemClock())) as served:
        yield served


# as long as the slowest: drawing bodies of three levels against a schema takes most of it
@pytest.mark.timeout(120)
def test_the_simulator_keeps_to_the_document(server: UpstreamServer) -> None:
    report = fuzz(server.url, 4)
    assert report.failures == []
    assert len(report.asked) == 8  # every operation
    assert report.statuses[400]
    assert report.statuses[404]


def test_what_goes_against_the_document_is_seen(
    server: UpstreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def teapot(*_: object) -> Response:
        return Response(b"{}", 418)

    monkeypatch.setattr(app, "answer", teapot)
    report = fuzz(server.url, 2)
    assert any("418" in failure for failure in report.failures)
