# SPDX-License-Identifier: Apache-2.0
"""How a command ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ended:
    """The exit status of a command, and what it said."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """Standard output as the one JSON document that it must be."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


Command = Callable[..., Ended]
