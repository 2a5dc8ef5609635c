# SPDX-License-Identifier: Apache-2.0
"""The simulated upstream as ASGI applications: what kiosks ask, and, apart from it, how it is driven."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from kiosk.clock import Clock, tokyo_date
from kiosk.eligibility import codec_json
from kiosk.eligibility.request import number_request
from kiosk.errors import FailureCode
from kiosk.ids import UlidFactory
from kiosk.simulator.upstream.answers import CheckedRequest, answer_by_number, answer_for
from kiosk.simulator.upstream.evidence import EvidenceChecker, EvidenceRefused, Holder
from kiosk.simulator.upstream.faults import Fault, FaultKind
from kiosk.simulator.upstream.ledger import Entry, Ledger
from kiosk.simulator.upstream.provider import agreed, update_for
from kiosk.simulator.upstream.registry import Registry
from kiosk.simulator.upstream.replies import TROUBLES, Problem, answer, distorted, problem, refused
from kiosk.simulator.upstream.wire import ULID, ActIn, CardCheckIn, CheckIn, NumberCheckIn, UpdateIn

CHECKS = "/v1/qualification-checks"
USAGE = "/v1/usage-registrations"
UPDATES = "/v1/person-updates"
CHECKPOINT_HEADER = "Uketsuke-Audit-Checkpoint"
_BODY_LIMIT = 256 * 1024
_LATER = frozenset({429, 503})  # statuses that say when to ask again
_SLICE_S = 0.02  # a slow answer looks this often whether it may come after all

_log = logging.getLogger("kiosk.simulator.upstream")
_Handler = Callable[[Request], Awaitable[Response]]
_A = TypeVar("_A", bound=ActIn | NumberCheckIn | UpdateIn)


class SimulatedUpstream:
    """Checks evidence, answers for the fictional people, and does wrong when told to.

    Lives on: the loop of whoever serves `public`; the fault and the counts may be used from any thread.
    """

    def __init__(self, trust_dir: Path, clock: Clock, state_file: Path | None = None) -> None:
        """`trust_dir` holds anchors, CV issuers and, where it was written, who has which certificate."""
        self._clock = clock
        self._checker = EvidenceChecker(trust_dir)
        self._ledger = Ledger(state_file)
        self._ids = UlidFactory()
        self._lock = threading.Lock()
        self._fault = Fault()
        self._told = 0  # how often the fault was set
        self._checkpoint = ""
        self._running: dict[str, int] = {}  # accepted keys → how often they are still called running
        self._registry = Registry(trust_dir)
        self._requests: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._closing = False
        self.public = Starlette(
            routes=[
                Route("/v1/health", self._wrapped(self._health), methods=["GET"]),
                Route("/v1/registrations/{sha256}", self._wrapped(self._registration), methods=["GET"]),
                Route(CHECKS, self._wrapped(self._check), methods=["POST"]),
                *(
                    Route(path + "/{key}", self._wrapped(self._told_again), methods=["GET"])
                    for path in (CHECKS, USAGE, UPDATES)
                ),
                Route(USAGE, self._wrapped(self._register), methods=["POST"]),
                Route(UPDATES, self._wrapped(self._update), methods=["POST"]),
            ]
        )

    # --- driving it ----------------------------------------------------------------------------------------

    @property
    def fault(self) -> Fault:
        """What it does wrong just now."""
        with self._lock:
            return self._fault

    def set_fault(self, fault: Fault) -> None:
        """Do this wrong from now on; answers that are being held back come at once."""
        with self._lock:
            self._fault = fault
            self._told += 1

    def set_registered(self, patient_key: str, *, registered: bool) -> None:
        """Whether that person's card is registered for insurance use."""
        self._registry.set_registered(patient_key, registered=registered)

    def move(self, patient_key: str) -> None:
        """That person moves house, and gets another certificate."""
        self._registry.move(patient_key)

    def reset(self) -> None:
        """Everybody is as at the start; what was answered stays answered."""
        self._registry.reset()

    def state(self) -> dict[str, object]:
        """Counts and keys; nothing about a person."""
        with self._lock:
            counts: dict[str, object] = {
                "fault": self._fault.model_dump(mode="json"),
                "requests": dict(self._requests),
                "statuses": dict(self._statuses),
                "running": len(self._running),
                "checkpoint": self._checkpoint,
            }
        return counts | {"effects": self._ledger.effects(), "acts": self._ledger.by_path()}

    def close(self) -> None:
        """Hold nothing back any more, so that the server can stop."""
        self._closing = True

    def reopen(self) -> None:
        """Undo `close`."""
        self._closing = False

    # --- every request -------------------------------------------------------------------------------------

    def _wrapped(self, handler: _Handler) -> _Handler:
        async def handle(request: Request) -> Response:
            fault = self._next_fault()
            with self._lock:
                self._requests[f"{request.method} {request.scope['route'].path}"] += 1
                self._checkpoint = request.headers.get(CHECKPOINT_HEADER, self._checkpoint)
            trouble = TROUBLES.get(fault.kind)
            if trouble is not None:
                response = problem(trouble, fault.retry_after if trouble.status in _LATER else None)
            else:
                request.state.fault = fault
                response = await handler(request)
            if fault.kind is FaultKind.SLOW:
                await self._held_back(fault.seconds)
            with self._lock:
                self._statuses[str(response.status_code)] += 1
            _log.info("%s answered with %d", request.scope["route"].path, response.status_code)
            return response

        return handle

    def _next_fault(self) -> Fault:
        with self._lock:
            fault = self._fault
            if fault.times is not None:
                left = fault.times - 1
                self._fault = fault.model_copy(update={"times": left}) if left else Fault()
            return fault

    async def _held_back(self, seconds: float) -> None:
        told = self._told
        end = self._clock.monotonic() + seconds
        # polled: whoever sets another fault lives on another thread and knows no loop
        while self._clock.monotonic() < end and told == self._told and not self._closing:  # noqa: ASYNC110
            await asyncio.sleep(_SLICE_S)

    # --- what is asked -------------------------------------------------------------------------------------

    async def _health(self, _request: Request) -> Response:
        return answer({"status": "ok", "simulated": True})

    async def _registration(self, request: Request) -> Response:
        sha256 = str(request.path_params["sha256"]).lower()
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            return problem(Problem(400, "malformed", "no SHA-256 in hex"))
        if not self._registry.registered(sha256):
            return problem(Problem(404, "not-registered", "the card is not registered for insurance use"))
        return answer({"certificate_sha256": sha256, "registered": True})

    async def _told_again(self, request: Request) -> Response:
        key = str(request.path_params["key"])
        entry = self._ledger.find(key)
        if entry is None or f"{entry.path}/{key}" != request.url.path:
            return problem(Problem(404, "unknown-key", "no act of this kind has this key"))
        with self._lock:
            polls = self._running.get(key, 0)
            if polls > 0:
                self._running[key] = polls - 1
                return answer({"key": key, "status": "running"}, 202, {"Retry-After": "1"})
            self._running.pop(key, None)
        return distorted(entry.answer, self.fault.kind, self._ids.new(self._clock.now()))

    async def _check(self, request: Request) -> Response:
        def effect(
            body: CardCheckIn | NumberCheckIn, holder: Holder | None, key: str, now: datetime
        ) -> Mapping[str, object]:
            if isinstance(body, NumberCheckIn):
                value = body.model_dump(mode="json", exclude_none=True)
                return codec_json.to_value(answer_by_number(number_request(value, key), now))
            if holder is None:
                raise EvidenceRefused(FailureCode.UPSTREAM_REFUSED, "a check by card without a card")
            asked = CheckedRequest(
                key=key,
                institution_code=body.institution_code,
                confirmation_date=body.qualification_confirmation_date,
                consents=body.consents,
                limit_consent=body.limit_consent,
                occurred_at=body.occurred_at,
                in_grace=holder.in_grace,
            )
            known = self._registry.registered(holder.sha256)
            patient = self._registry.person(holder.sha256) if known else None
            return codec_json.to_value(answer_for(patient, asked, now))

        return await self._act(request, lambda raw: CheckIn.model_validate_json(raw).root, CHECKS, effect)

    async def _register(self, request: Request) -> Response:
        def effect(_body: ActIn, holder: Holder | None, _key: str, _now: datetime) -> Mapping[str, object]:
            sha256 = holder.sha256 if holder else ""
            patient = self._registry.person(sha256)
            if patient is not None:
                self._registry.set_registered(patient.key, registered=True)
            return {"certificate_sha256": sha256, "registered": patient is not None}

        return await self._act(request, ActIn.model_validate_json, USAGE, effect)

    async def _update(self, request: Request) -> Response:
        def effect(body: UpdateIn, _holder: Holder | None, _key: str, now: datetime) -> Mapping[str, object]:
            patient = self._registry.holder_of(int(body.certificate.serial, 16))
            moved = patient is not None and self._registry.moved(patient.key)
            return update_for(patient, body.certificate, now, moved=moved)

        return await self._act(request, UpdateIn.model_validate_json, UPDATES, effect)

    async def _act(
        self,
        request: Request,
        read: Callable[[bytes], _A],
        path: str,
        effect: Callable[[_A, Holder | None, str, datetime], Mapping[str, object]],
    ) -> Response:
        """One act, by its key: done once, told again to the same words, refused to others."""
        fault: Fault = request.state.fault
        key = request.headers.get("Idempotency-Key", "")
        if not ULID.fullmatch(key):
            return problem(Problem(400, "malformed", "the Idempotency-Key is no ULID"))
        try:
            raw = await _body(request)
            body = read(raw)
        except ValidationError as error:
            return problem(Problem(400, "malformed", "the body is not as agreed", places=_places(error)))
        except _TooLarge:
            return problem(Problem(413, "too-large", "the body is larger than any request"))
        except ClientDisconnect:  # nobody is there to be told, and nothing was taken
            return problem(Problem(400, "malformed", "the body did not come whole"))
        # nothing below waits, so that two requests with one key cannot both find it unused
        canonical = json.dumps(json.loads(raw), sort_keys=True).encode()
        digest = hashlib.sha256(canonical).hexdigest()
        known = self._ledger.find(key)
        if known is not None:
            return self._repeated(known, path, digest, fault)
        if fault.kind is FaultKind.REFUSE:
            return problem(refused("refused as told"))
        now = self._clock.now()
        try:
            holder = self._checker.check(body.evidence, now) if isinstance(body, ActIn) else None
            _consistent(body)
        except EvidenceRefused as refusal:
            return problem(Problem(422, "evidence", refusal.title, code=refusal.code))
        # nobody signed a check by number: nothing of it can be used under another key
        nonce = body.evidence.statement.nonce.hex() if isinstance(body, ActIn) else key
        if self._ledger.nonce_taken(path, nonce):
            return problem(refused("the statement belongs to another key"))
        entry = Entry(key, path, digest, nonce, effect(body, holder, key, now))
        self._ledger.take(entry)
        if fault.kind is FaultKind.LOST_ANSWER:
            return problem(_LOST)
        if fault.kind is FaultKind.ACCEPT_FIRST:
            with self._lock:
                self._running[key] = fault.polls
            location = {"Location": f"{path}/{key}", "Retry-After": str(fault.retry_after)}
            return answer({"key": key, "status": "accepted"}, 202, location)
        return distorted(entry.answer, fault.kind, self._ids.new(now))

    def _repeated(self, known: Entry, path: str, digest: str, fault: Fault) -> Response:
        if known.path != path or known.body_sha256 != digest:
            return problem(refused("the key belongs to another request", kind="key-reused"))
        with self._lock:
            if self._running.get(known.key, 0) > 0:
                return problem(Problem(409, "running", "the check is still running"), fault.retry_after)
        if fault.kind is FaultKind.LOST_ANSWER:
            return problem(_LOST)
        return distorted(known.answer, fault.kind, self._ids.new(self._clock.now()))


_LOST = Problem(504, "lost", "done, but the answer is lost, as told")


class _TooLarge(Exception):  # noqa: N818  # a verdict on a request
    """The body is larger than any request."""


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise _TooLarge
    return bytes(body)


def _places(error: ValidationError) -> tuple[str, ...]:
    """Where the body is not as agreed; names that are not ours stay out of it."""
    places = {
        ".".join(
            str(part)
            for part in (detail["loc"][:-1] if detail["type"] == "extra_forbidden" else detail["loc"])
        )
        for detail in error.errors(include_input=False, include_context=False)
    }
    return tuple(sorted(places)[:20])


def _consistent(body: ActIn | NumberCheckIn | UpdateIn) -> None:
    """The parts of one request must tell of one act."""
    if isinstance(body, ActIn) and body.evidence.statement.institution_code != body.institution_code:
        raise EvidenceRefused(FailureCode.UPSTREAM_REFUSED, "the statement names another institution")
    if isinstance(body, CardCheckIn | NumberCheckIn):
        day = tokyo_date(body.occurred_at).strftime("%Y%m%d")
        if body.qualification_confirmation_date != day:
            raise EvidenceRefused(FailureCode.UPSTREAM_REFUSED, "the date is not the day of the act")
    if isinstance(body, UpdateIn) and not agreed(body.consent):
        raise EvidenceRefused(FailureCode.UPSTREAM_REFUSED, "nobody agreed to it")
