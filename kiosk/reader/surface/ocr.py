# SPDX-License-Identifier: Apache-2.0
"""Text recognition of one printed line by Debian's Tesseract.

The program is called as it is, the picture on its standard input and the text on its standard output: the
usual Python wrapper writes both into files, where a card's digits have no business. Another process also
keeps its pictures out of ours, and ends with them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import EnvironmentProblem, FailureCode

_PROGRAM: Final = "tesseract"
_PACKAGES: Final = "tesseract-ocr, tesseract-ocr-eng, tesseract-ocr-jpn"
_TIME_LIMIT_S: Final = 5.0
_MOST_TEXT: Final = 1024
_ONE_LINE: Final = "7"
_SPACES: Final = b" \r\n\t\f"


class Script(StrEnum):
    """What is to be recognised: the trained data, and the letters there can be."""

    DIGITS = "eng"
    BIRTH_LINE = "jpn"

    @property
    def letters(self) -> str:
        """The letters there can be."""
        return "0123456789" if self is Script.DIGITS else "0123456789年月日生明治大正昭和平成令元"


class LineReader(Protocol):
    """Recognises one line of print."""

    def read_line(self, image: NDArray[np.uint8], script: Script) -> bytearray:
        """The text without spaces, in UTF-8; whoever asked for it overwrites it."""
        ...


class Tesseract:
    """Debian's Tesseract 5, one process a line.

    Lives on: any thread, for as long as the recognition takes (a tenth of a second or two).
    """

    def __init__(self, program: str = _PROGRAM, *, time_limit_s: float = _TIME_LIMIT_S) -> None:
        self._name = program
        self._time_limit_s = time_limit_s

    def check(self) -> None:
        """Raise `EnvironmentProblem` where the program or its trained data are missing."""
        listed = subprocess.run(  # noqa: S603  # a program of the system, and nothing that anyone typed
            [self._program(), "--list-langs"], capture_output=True, check=False, timeout=self._time_limit_s
        )
        languages = (listed.stdout + listed.stderr).split()
        for script in Script:
            if script.value.encode() not in languages:
                raise EnvironmentProblem(FailureCode.DEPENDENCY_MISSING, detail=f"{self._name}: {_PACKAGES}")

    def read_line(self, image: NDArray[np.uint8], script: Script) -> bytearray:
        """The text without spaces; empty where nothing was recognised in time."""
        command = [
            self._program(),
            *("stdin", "stdout", "--psm", _ONE_LINE, "-l", script.value),
            *("-c", f"tessedit_char_whitelist={script.letters}"),
        ]
        with subprocess.Popen(  # noqa: S603  # a program of the system, and nothing that anyone typed
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=os.environ
            | {"OMP_THREAD_LIMIT": "1"},  # its threads wait for each other longer than they work
        ) as process:
            limit = threading.Timer(self._time_limit_s, process.kill)
            limit.start()
            try:
                text = _exchange(process, image)
                status = process.wait()
            finally:
                limit.cancel()
                process.kill()
        if status > 0:  # it was not killed; it could not do it
            text[:] = bytes(len(text))
            raise EnvironmentProblem(FailureCode.DEPENDENCY_MISSING, detail=f"{self._name}: {_PACKAGES}")
        return text

    def _program(self) -> str:
        program = shutil.which(self._name)
        if program is None:
            raise EnvironmentProblem(FailureCode.DEPENDENCY_MISSING, detail=f"{self._name}: {_PACKAGES}")
        return program


def _exchange(process: subprocess.Popen[bytes], image: NDArray[np.uint8]) -> bytearray:
    """Hand over the picture, and take the text into a buffer that can be overwritten."""
    sending, receiving = process.stdin, process.stdout
    text = bytearray(_MOST_TEXT)
    length = 0
    if sending is None or receiving is None:
        return bytearray()
    try:
        with sending:
            height, width = image.shape
            sending.write(b"P5 %d %d 255\n" % (width, height))
            rest = memoryview(np.ascontiguousarray(image).data).cast("B")
            while rest:
                rest = rest[sending.write(rest) or 0 :]
        with memoryview(text) as room:
            while length < _MOST_TEXT and (got := receiving.readinto(room[length:])):  # type: ignore[attr-defined]
                length += got
    except BrokenPipeError:
        length = 0  # it ended before it had the picture
    kept = bytearray(byte for byte in text[:length] if byte not in _SPACES)
    text[:] = bytes(_MOST_TEXT)
    return kept
