# SPDX-License-Identifier: Apache-2.0
"""The demo's cards on a virtual reader of a real pcscd: the same stories, through the real driver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import pcscd
from tests.fakes.programs import Program, clean_environment, settings_file

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(pcscd.missing() is not None, reason=pcscd.missing() or ""),
]


@pytest.fixture
def service() -> Iterator[pcscd.PrivatePcscd]:
    with pcscd.PrivatePcscd() as running:
        yield running


@pytest.mark.parametrize(("scenario", "way"), [("pin-ok", "pin"), ("face-ok", "face")])
def test_a_patient_is_received_over_pcsc(
    service: pcscd.PrivatePcscd, tmp_path: Path, scenario: str, way: str
) -> None:
    settings = settings_file(tmp_path, simulator={"vpcd": f"127.0.0.1:{service.port}"})
    words = ["demo", "--headless", "--reader", "pcsc", "--scenario", scenario, "--json", "--debug"]
    with Program(
        *words, "--config", settings, "--out", tmp_path / "out", environment=clean_environment(tmp_path / "t")
    ) as program:
        ended = program.wait()
        assert program.left_running() == {}
    assert ended.status == 0, ended.err
    document = ended.document
    assert document["ok"] is True
    assert document["outbox"] == {"pending": 0, "done": 2}
    scenarios = document["scenarios"]
    assert isinstance(scenarios, list)
    (played,) = scenarios
    assert (played["name"], played["outcome"], played["verification"]) == (scenario, "eligible", way)
    assert len(list((tmp_path / "out" / "handover").glob("OQSsiquc01res_face_*.xml"))) == 1
    # the card was really spoken to by way of the service, which knows no virtual reader of ours
    assert "reader: CardLaid" in ended.err
    assert "VERIFY (with data)" in ended.err
