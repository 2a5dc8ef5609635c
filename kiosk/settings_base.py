# SPDX-License-Identifier: Apache-2.0
"""What every table of the settings has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

WebAddress = Annotated[
    str,
    Field(
        pattern=r"^(https?://[^\s/@]+(/\S*)?)?$",
        description="an http or https address without a password in it",
    ),
]


class Section(BaseModel):
    """One table of the file: closed, unchanging, and without numbers that are none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)
