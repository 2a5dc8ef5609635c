# SPDX-License-Identifier: Apache-2.0
"""How the kiosk and its face process talk: small JSON messages, and pictures in nameless shared memory.

JSON and not pickle: the worker decodes pictures from strangers' cards, and what it says must not be able to
run code in the kiosk. The memory has no name and no file, so nothing of a patient outlives the two processes.
"""

from __future__ import annotations

import json
import mmap
import os
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import Final

import numpy as np
from numpy.typing import NDArray

LARGEST_PHOTO_BYTES: Final = 64 * 1024
LARGEST_FRAME_PIXELS: Final = 1920 * 1080
_MEMORY_BYTES: Final = LARGEST_PHOTO_BYTES + LARGEST_FRAME_PIXELS
_LONGEST_MESSAGE: Final = 512


class Verb(StrEnum):
    """What a message is about; the kiosk says the first ones, the worker the others."""

    REFERENCE = "reference"
    FRAME = "frame"
    FORGET = "forget"
    PING = "ping"
    STOP = "stop"

    READY = "ready"
    PONG = "pong"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SEEN = "seen"
    MATCHED = "matched"
    NOT_CONFIRMED = "not_confirmed"
    NOT_SHOWN = "not_shown"
    DOUBTED = "doubted"
    FORGOTTEN = "forgotten"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    `ticket` numbers the reference or the try it belongs to, so that late answers are known; a frame with a
    higher one begins a new try.
    """

    verb: Verb
    ticket: int = 0
    size: int = 0  # bytes of a photo
    width: int = 0
    height: int = 0
    good: int = 0
    wanted: int = 0
    taken_at: float = 0.0  # monotonic seconds, one clock for all processes of the machine
    note: str = ""  # a hint's name, or the kind of an error; never anything read off a card
    prompt: str = ""  # what to ask of the person, to show that they live; with a frame, what was being asked
    face_x: float = 0.0  # where a face is, in shares of the picture
    face_y: float = 0.0
    face_height: float = 0.0  # 0: there is none


_KINDS: Final[dict[str, type | tuple[type, ...]]] = {
    "verb": str,
    **dict.fromkeys(("ticket", "size", "width", "height", "good", "wanted"), int),
    **dict.fromkeys(("taken_at", "face_x", "face_y", "face_height"), (int, float)),
    **dict.fromkeys(("note", "prompt"), str),
}


def send(connection: Connection, message: Message) -> None:
    """Send one message; raises `OSError` when the other side has gone."""
    connection.send_bytes(json.dumps(asdict(message)).encode())


def receive(connection: Connection) -> Message:
    """Wait for a message; `EOFError` or `OSError` when the other side has gone, `ValueError` for nonsense."""
    read = json.loads(connection.recv_bytes(_LONGEST_MESSAGE))
    if not isinstance(read, dict) or read.keys() != {field.name for field in fields(Message)}:
        raise ValueError
    if not all(isinstance(read[name], kind) for name, kind in _KINDS.items()):
        raise ValueError
    return Message(**{**read, "verb": Verb(read["verb"])})


class SharedPictures:
    """Room for one photo and one frame, seen by both processes."""

    def __init__(self, descriptor: int | None = None) -> None:
        """Make the memory, or map the one behind a descriptor that was handed over."""
        if descriptor is None:
            self.descriptor = os.memfd_create("uketsuke-face", os.MFD_CLOEXEC)
            os.ftruncate(self.descriptor, _MEMORY_BYTES)
        else:
            self.descriptor = descriptor
        self._memory = mmap.mmap(self.descriptor, _MEMORY_BYTES)

    def put_photo(self, photo: bytes | bytearray) -> None:
        """Write a photo's file."""
        memoryview(self._memory)[: len(photo)] = photo

    def photo(self, size: int) -> bytearray:
        """A copy of the photo's file, which the caller overwrites."""
        if not 0 <= size <= LARGEST_PHOTO_BYTES:
            raise ValueError
        return bytearray(memoryview(self._memory)[:size])

    def put_frame(self, grey: NDArray[np.uint8]) -> None:
        """Write a grey frame."""
        if grey.size > LARGEST_FRAME_PIXELS:
            raise ValueError
        room: NDArray[np.uint8] = np.frombuffer(
            self._memory, dtype=np.uint8, count=grey.size, offset=LARGEST_PHOTO_BYTES
        )
        room.reshape(grey.shape)[:] = grey

    def frame(self, width: int, height: int) -> NDArray[np.uint8]:
        """The frame in place; gone with the next one."""
        if width < 1 or height < 1 or width * height > LARGEST_FRAME_PIXELS:
            raise ValueError
        room: NDArray[np.uint8] = np.frombuffer(
            self._memory, dtype=np.uint8, count=width * height, offset=LARGEST_PHOTO_BYTES
        )
        return room.reshape(height, width)

    def wipe_photo(self) -> None:
        """Overwrite the photo."""
        np.frombuffer(self._memory, dtype=np.uint8, count=LARGEST_PHOTO_BYTES)[:] = 0

    def wipe(self) -> None:
        """Overwrite everything."""
        np.frombuffer(self._memory, dtype=np.uint8)[:] = 0

    def close(self) -> None:
        """Overwrite everything and let go of the memory."""
        self.wipe()
        self._memory.close()
        os.close(self.descriptor)
