# SPDX-License-Identifier: Apache-2.0
"""How the simulated upstream answers: JSON, problem documents, and answers that are wrong on purpose."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from kiosk.errors import FailureCode
from kiosk.simulator.upstream.faults import FaultKind

_NOBODYS_INSTITUTION = "9999999999"


@dataclass(frozen=True, slots=True)
class Problem:
    """An RFC 9457 problem. `title` is a fixed sentence: nothing of the request comes back."""

    status: int
    kind: str
    title: str
    code: FailureCode | None = None
    places: tuple[str, ...] = ()


TROUBLES: Mapping[FaultKind, Problem] = {
    FaultKind.UNREACHABLE: Problem(503, "unavailable", "unreachable, as told"),
    FaultKind.UNAVAILABLE: Problem(503, "unavailable", "unavailable, as told"),
    FaultKind.TOO_MANY: Problem(429, "too-many", "too many requests, as told"),
    FaultKind.NOT_AUTHORISED: Problem(403, "not-authorised", "not authorised, as told"),
}


def refused(title: str, kind: str = "refused") -> Problem:
    """A request that will not be taken however often it is sent."""
    return Problem(422, kind, title, code=FailureCode.UPSTREAM_REFUSED)


def answer(
    value: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Plain JSON."""
    return Response(_text(value), status, dict(headers or {}), media_type="application/json")


def problem(what: Problem, retry_after: int | None = None) -> Response:
    """The problem document."""
    value: dict[str, object] = {
        "type": f"urn:uketsuke:problem:{what.kind}",
        "title": what.title,
        "status": what.status,
    }
    if what.code is not None:
        value["code"] = what.code.value
    if what.places:
        value["places"] = list(what.places)
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(_text(value), what.status, headers, media_type="application/problem+json")


def distorted(value: Mapping[str, object], fault: FaultKind, other_id: str) -> Response:
    """The answer, made wrong where that is the fault; what is stored stays right."""
    if fault is FaultKind.BROKEN:
        text = _text(value)
        return Response(text[: len(text) // 2], media_type="application/json")
    if "XmlMsg" in value and fault is FaultKind.UNKNOWN_CODES:
        newer: Any = copy.deepcopy(dict(value))
        body = newer["XmlMsg"]["MessageBody"]
        body["QualificationValidity"] = "8"
        body["NewClassification"] = "Z1"
        for entry in body.get("ResultList", []):
            entry["ResultOfQualificationConfirmation"]["InsuredCardClassification"] = "B7"
        return answer(newer)
    if "XmlMsg" in value and fault in (FaultKind.WRONG_ID, FaultKind.WRONG_INSTITUTION):
        wrong: Any = copy.deepcopy(dict(value))
        header = wrong["XmlMsg"]["MessageHeader"]
        if fault is FaultKind.WRONG_ID:
            header["ArbitraryFileIdentifier"] = other_id
        else:
            header["MedicalInstitutionCode"] = _NOBODYS_INSTITUTION
        return answer(wrong)
    return answer(value)


def _text(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
