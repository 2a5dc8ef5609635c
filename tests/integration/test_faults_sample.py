# SPDX-License-Identifier: Apache-2.0
"""A few of each fault that the outbox must survive; bench/faults makes them by the hundred."""

from __future__ import annotations

import pytest

from bench.faults.__main__ import FAULTS, run
from bench.faults.world import Counts

pytestmark = [pytest.mark.integration, pytest.mark.allow_log(".")]

SAMPLE = {
    "kill -9 at every commit boundary": 0.08,
    "kill -9 at random instants under load": 0.006,
    "power cut between hand-over and done": 0.05,
    "power cut inside a commit (log cut anywhere)": 0.02,
    "power cut under load (file system shut down)": 0.02,
    "two processes on one database": 0.05,
    "disk full": 0.1,
    "disk read-only": 0.1,
    "database locked by another process": 0.2,
    "clock set back and forward": 0.03,
    "line: anything by chance": 0.1,
    "TLS: the gateway's certificate has another name": 0.1,
    "TLS: our certificate has expired": 0.1,
    "DNS gone": 0.1,
}


@pytest.mark.parametrize("name", SAMPLE)
def test_each_check_that_was_told_takes_effect_once(name: str) -> None:
    counts = run(name, SAMPLE[name], seed=1)
    if isinstance(counts, str):
        pytest.skip(counts)
    assert isinstance(counts, Counts)
    assert counts.faults
    assert counts.broken == []


def test_the_sample_names_faults_that_there_are() -> None:
    assert set(SAMPLE) <= set(FAULTS)
