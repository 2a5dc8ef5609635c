# SPDX-License-Identifier: Apache-2.0
"""A card that follows a script, and dies on anything else."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from kiosk.reader.apdu import CommandApdu, ResponseApdu, encoded

Answer = str | BaseException


class ScriptedCard:
    """A `CardConnection` for one dialogue; each step is a command and its answer, both in hex.

    An answer may be an exception. Leaving the block with steps left over is a failure too.
    """

    def __init__(self, steps: Sequence[tuple[str, Answer]]) -> None:
        self._steps = [(bytes.fromhex(command), answer) for command, answer in steps]
        self._at = 0

    @property
    def atr(self) -> bytes:
        return b""

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        with encoded(command) as wire:
            sent = bytes(wire)
        assert self._at < len(self._steps), f"step {self._at}: nothing expected, got {sent.hex()}"
        expected, answer = self._steps[self._at]
        assert sent == expected, f"step {self._at}: expected {expected.hex()}, got {sent.hex()}"
        self._at += 1
        if isinstance(answer, BaseException):
            raise answer
        response = ResponseApdu.parse(bytes.fromhex(answer))
        assert response is not None, f"step {self._at}: the script has no status word"
        return response

    def close(self) -> None:
        """Nothing to power off."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            left = len(self._steps) - self._at
            assert not left, f"step {self._at}: {left} steps were not reached"


class AnsweringCard:
    """A `CardConnection` that gives one answer after another whatever is asked, and keeps the commands."""

    def __init__(self, answers: Sequence[ResponseApdu | BaseException], *, then: ResponseApdu) -> None:
        self._answers = list(answers)
        self.then = then
        self.sent: list[bytes] = []

    @property
    def atr(self) -> bytes:
        return b""

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        with encoded(command) as wire:
            self.sent.append(bytes(wire))
        answer = self._answers.pop(0) if self._answers else self.then
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        """Nothing to power off."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
