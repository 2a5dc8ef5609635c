# SPDX-License-Identifier: Apache-2.0
"""Registration of a clinic's own patient number (照会番号): what is sent, and what its answer says. Pure.

Programs that register it send no day, and one answer of the real system that was described repeats what was
registered. Which codes of errors there are is not public: whatever is not plainly done is for people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from kiosk.eligibility.codec_json import from_value
from kiosk.eligibility.codes import ProcessingStatus, Segment, plain
from kiosk.eligibility.message import MessageUnreadable, to_node
from kiosk.eligibility.model import RequestHeader, Result
from kiosk.eligibility.other_messages import ReferenceAnswer, ReferenceBody, ReferenceInfo, ReferenceRequest

# Fifty signs at most; which ones is not public. Only those that every encoding writes alike are taken.
_NUMBER = re.compile(r"[!-~]{1,50}")
_INSURER_PLACES = 8


class Registering(StrEnum):
    """How a registration stands."""

    DONE = "done"
    IN_PROCESS = "in_process"
    REFUSED = "refused"


def is_reference_number(text: str) -> bool:
    """Whether that can be registered."""
    return _NUMBER.fullmatch(text) is not None


def reference_body(result: Result, number: str, institution_code: str) -> dict[str, object]:
    """What is kept to be sent: the number beside the insurance as the check's answer has it."""
    info = ReferenceInfo(
        reference_number=number,
        insurer_number=plain(result.insurer_number).rjust(_INSURER_PLACES),
        symbol=result.symbol or None,
        number=result.number,
        branch=result.branch or None,
    )
    return {
        "registration": {node.name: node.text for node in to_node("registration", info).children},
        "institution_code": institution_code,
    }


def reference_request(body: Mapping[str, object], key: str) -> ReferenceRequest:
    """The XmlMsg request of such a body, under its key; raises `MessageUnreadable` for any other body."""
    info = _asked(body)
    if info.unknown or not (info.reference_number and info.insurer_number and info.number):
        raise MessageUnreadable("not the elements of a registration")
    header = RequestHeader(institution_code=str(body.get("institution_code", "")), file_id=key)
    return ReferenceRequest(header=header, body=ReferenceBody(info=info))


def asked_number(body: Mapping[str, object]) -> str:
    """The number that such a body registers."""
    return _asked(body).reference_number or ""


def reference_standing(body: Mapping[str, object], answer: ReferenceAnswer) -> Registering:
    """What the answer to that body says; raises `MessageUnreadable` where it repeats something else."""
    told = answer.body.info
    if told is not None and _person(told) != _person(_asked(body)):
        raise MessageUnreadable("the answer to another registration")
    segment = plain(answer.header.segment)
    if segment == Segment.IN_PROCESS:
        return Registering.IN_PROCESS
    done = segment == Segment.OK and plain(answer.body.status) == ProcessingStatus.OK
    return Registering.DONE if done and not plain(answer.header.error_code) else Registering.REFUSED


def _asked(body: Mapping[str, object]) -> ReferenceInfo:
    message = {"XmlMsg": {"MessageBody": {"ReferenceNumberRegistrationInfo": body.get("registration")}}}
    return from_value(ReferenceRequest, message).body.info


def _person(info: ReferenceInfo) -> tuple[str, ...]:
    """Whom it is about, without the padding that one side may leave out."""
    return (info.reference_number or "", plain(info.insurer_number), plain(info.number))
