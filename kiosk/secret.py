# SPDX-License-Identifier: Apache-2.0
"""Digits and keys that must not outlive their use."""

from __future__ import annotations

import ctypes
from typing import Final, NoReturn, Self

_M_MMAP_THRESHOLD: Final = -3  # names of mallopt(3)
_M_PERTURB: Final = -6
_OVERWRITE_WITH: Final = 0xA5
_OWN_PAGES_FROM: Final = 256 * 1024

# The same for a process that is started: there small blocks do not escape it either. Large blocks get no
# pages of their own in it: a network's layers come and go by the thousand, and new pages cost a tenth of it.
HYGIENIC_ENVIRONMENT: Final = {
    "GLIBC_TUNABLES": f"glibc.malloc.perturb={_OVERWRITE_WITH}:glibc.malloc.tcache_count=0"
}


def overwrite_freed_memory() -> bool:
    """Have this process overwrite memory as it is given back; False where that cannot be had (not glibc).

    Libraries leave copies of pictures behind that nobody can reach to overwrite them. From now on blocks of
    about a kilobyte and more are overwritten when they are freed, and large ones (frames) leave the process
    at once. To be called once, before there is anything to protect.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_PERTURB, _OVERWRITE_WITH)) and bool(mallopt(_M_MMAP_THRESHOLD, _OWN_PAGES_FROM))


class Secret:
    """Mutable bytes that are overwritten on `clear`, never printed, pickled, copied, hashed or compared.

    The buffer is reserved once at its largest size, so that growing it leaves no copy behind.
    """

    __slots__ = ("_buffer", "_length")

    def __init__(self, capacity: int = 16) -> None:
        """Reserve room for `capacity` bytes; the secret is empty until bytes are appended."""
        self._buffer = bytearray(capacity)
        self._length = 0

    @classmethod
    def of(cls, data: bytes | bytearray) -> Self:
        """A secret holding a copy of `data`; whoever holds `data` must clear it."""
        secret = cls(len(data))
        secret._buffer[:] = data
        secret._length = len(data)
        return secret

    def append(self, byte: int) -> None:
        """Add one byte; raises `OverflowError` when the reserved room is used up."""
        if self._length >= len(self._buffer):
            raise OverflowError
        self._buffer[self._length] = byte
        self._length += 1

    def erase_last(self) -> None:
        """Overwrite and drop the last byte; nothing happens to an empty secret."""
        if self._length:
            self._length -= 1
            self._buffer[self._length] = 0

    def view(self) -> memoryview:
        """The bytes in place, without a copy; release it before `clear`."""
        return memoryview(self._buffer)[: self._length]

    def clear(self) -> None:
        """Overwrite everything with zeros."""
        for index in range(len(self._buffer)):
            self._buffer[index] = 0
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __repr__(self) -> str:
        return "Secret(…)"

    __hash__ = None  # type: ignore[assignment]  # a hash of four digits gives the digits away

    def __eq__(self, _other: object) -> NoReturn:
        raise TypeError

    def __reduce__(self) -> NoReturn:
        raise TypeError

    def __copy__(self) -> NoReturn:
        raise TypeError

    def __deepcopy__(self, _memo: object) -> NoReturn:
        raise TypeError
