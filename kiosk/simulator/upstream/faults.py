# SPDX-License-Identifier: Apache-2.0
"""What the simulated upstream can be told to do wrong."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    """The faults; what each does stands in docs/upstream-api.yaml."""

    NONE = "none"
    SLOW = "slow"  # everything is done at once, and answered late
    UNREACHABLE = "unreachable"  # the port is closed: connection refused
    UNAVAILABLE = "unavailable"  # 503 with Retry-After
    TOO_MANY = "too_many"  # 429 with Retry-After
    NOT_AUTHORISED = "not_authorised"  # 403
    REFUSE = "refuse"  # 422 to whatever is asked
    ACCEPT_FIRST = "accept_first"  # 202, and the answer when asked again
    LOST_ANSWER = "lost_answer"  # done, but answered with 504
    WRONG_ID = "wrong_id"  # the answer to another question
    WRONG_INSTITUTION = "wrong_institution"
    UNKNOWN_CODES = "unknown_codes"  # codes and elements of a version that the kiosk does not know
    BROKEN = "broken"  # an answer that ends in the middle


class Fault(BaseModel):
    """One fault; `times` is how many requests it still meets, None being all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind = FaultKind.NONE
    seconds: Annotated[float, Field(ge=0, le=600)] = 0.0
    times: Annotated[int, Field(ge=1)] | None = None
    retry_after: Annotated[int, Field(ge=0, le=3600)] = 1
    polls: Annotated[int, Field(ge=0, le=100)] = 1
