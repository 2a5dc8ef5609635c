# SPDX-License-Identifier: Apache-2.0
"""Holds the simulated upstream against docs/upstream-api.yaml: python -m bench.contract.fuzzing"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup

from kiosk.clock import SystemClock
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.server import UpstreamServer

DOCUMENT = Path(__file__).parents[2] / "docs" / "upstream-api.yaml"

HELD = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
)
"""What must hold of every answer; not that an allowed body is taken, since evidence is signed by a card."""

_REJECTION = "negative_data_rejection"
_TIMEOUT_S = 10.0


@dataclass(slots=True)
class Report:
    """What was asked, and what went against the document."""

    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def fuzz(base_url: str, examples: int, start: int | None = None) -> Report:
    """So many requests of each operation, half of them as the document has it, half against it."""
    load_all_checks()
    schema = schemathesis.openapi.from_path(str(DOCUMENT))
    checks = CHECKS.get_by_names(list(HELD))
    report = Report()
    with requests.Session() as session:
        session.trust_env = False
        for found in schema.get_all_operations():
            operation: Any = found.ok()  # type: ignore[union-attr]  # the document is valid, which a test says
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _ask(operation, mode, base_url, session, checks, examples // 2, start, report)
    return report


def _ask(  # one cell of a table
    operation: Any,  # noqa: ANN401  # schemathesis tells no types for its own
    mode: GenerationMode,
    base_url: str,
    session: requests.Session,
    checks: list[Any],
    examples: int,
    start: int | None,
    report: Report,
) -> None:
    name = operation.label

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=start is None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:  # noqa: ANN401
        response = case.call(base_url=base_url, session=session, timeout=_TIMEOUT_S)
        report.asked[name] += 1
        report.statuses[response.status_code] += 1
        if mode is GenerationMode.POSITIVE and response.status_code == 400:
            report.failures.append(
                f"{name} 400: allowed by the document, malformed to the simulator: {response.text}"
            )
        # too large is refused before it is read, which schemathesis does not count as refused
        held = [check for check in checks if response.status_code != 413 or check.__name__ != _REJECTION]
        try:
            case.validate_response(response, checks=held)
        except (Failure, FailureGroup) as failure:
            told = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            report.failures.extend(
                f"{name} {response.status_code}: {one.title}: {one.message}" for one in told
            )

    with suppress(Unsatisfiable):  # a question without parameters cannot be asked wrongly
        (one if start is None else seed(start)(one))()


def main() -> int:
    """Ask a simulator of its own, and tell what went against the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="requests of each operation")
    parser.add_argument("--seed", type=int, default=None, help="where to begin; always the same without")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        authority = TestAuthority(Path(folder), SystemClock())
        upstream = SimulatedUpstream(authority.trust_anchors().folder, SystemClock())
        with UpstreamServer(upstream) as server:
            report = fuzz(server.url, chosen.examples, chosen.seed)
    for name, count in report.asked.items():
        sys.stdout.write(f"{count:6} {name}\n")
    sys.stdout.write("answers: " + ", ".join(f"{n} x {s}" for s, n in sorted(report.statuses.items())) + "\n")
    for failure in dict.fromkeys(report.failures):
        sys.stdout.write(f"AGAINST THE DOCUMENT: {failure}\n")
    return 1 if report.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
