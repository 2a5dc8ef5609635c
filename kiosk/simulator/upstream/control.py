# SPDX-License-Identifier: Apache-2.0
"""The endpoint by which the simulated upstream is driven. It is bound to the loopback interface only."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kiosk.simulator.patients.people import PATIENTS
from kiosk.simulator.upstream.app import SimulatedUpstream
from kiosk.simulator.upstream.faults import Fault
from kiosk.simulator.upstream.replies import Problem, answer, problem

_MALFORMED = Problem(400, "malformed", "the body is not as agreed")
_UNKNOWN = Problem(404, "unknown-person", "nobody has this key")


class _Registered(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    registered: bool


def control_app(upstream: SimulatedUpstream, apply: Callable[[Fault], None]) -> Starlette:
    """``GET /control/state``, ``PUT /control/fault``, ``PUT /control/registrations/{patient}``.

    `apply` sets a fault; it may wait, since a port has to be closed or opened.
    """

    async def state(_request: Request) -> Response:
        return answer(upstream.state())

    async def fault(request: Request) -> Response:
        try:
            wanted = Fault.model_validate_json(await request.body())
        except ValidationError:
            return problem(_MALFORMED)
        await run_in_threadpool(apply, wanted)
        return answer(upstream.state())

    async def registration(request: Request) -> Response:
        key = str(request.path_params["patient"])
        try:
            wanted = _Registered.model_validate_json(await request.body())
        except ValidationError:
            return problem(_MALFORMED)
        if all(patient.key != key for patient in PATIENTS):
            return problem(_UNKNOWN)
        upstream.set_registered(key, registered=wanted.registered)
        return answer(upstream.state())

    return Starlette(
        routes=[
            Route("/control/state", state, methods=["GET"]),
            Route("/control/fault", fault, methods=["PUT"]),
            Route("/control/registrations/{patient}", registration, methods=["PUT"]),
        ]
    )
