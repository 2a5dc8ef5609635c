# SPDX-License-Identifier: Apache-2.0
"""What a video device is: its name, its driver, and whether there is a lens behind it."""

from __future__ import annotations

import fcntl
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SYSFS: Final = Path("/sys/class/video4linux")
_QUERYCAP: Final = 0x80685600  # VIDIOC_QUERYCAP
_CAPABILITY: Final = struct.Struct("16s32s32s4I3I")
_VIRTUAL_WORDS: Final = ("loopback", "virtual", "dummy", "vivid", "akvcam", "obs cam", "obs virtual", "fake")


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """As the kernel knows the device; empty where it does not tell."""

    card: str = ""
    driver: str = ""
    bus: str = ""
    virtual: bool = False


def identify(device: str, sysfs: Path = _SYSFS) -> DeviceIdentity:
    """What that device is, by the kernel's files and, where it can be opened, by its driver's own answer.

    The question does not start the camera, so its light stays off.
    """
    path = Path(f"/dev/video{device}" if device.isdigit() else device)
    entry = sysfs / os.path.realpath(path).rpartition("/")[2]
    card = _line(entry / "name")
    link = entry / "device" / "driver"
    driver = link.resolve().name if link.exists() else ""
    place = str(entry.resolve()) if entry.exists() else ""
    answer = _capability(path)
    if answer is not None:
        card, driver, bus = answer.card or card, answer.driver or driver, answer.bus
    else:
        bus = ""
    return DeviceIdentity(card, driver, bus, "/devices/virtual/" in place or is_virtual(card, driver, bus))


def is_virtual(card: str, driver: str, bus: str) -> bool:
    """Whether these are the names of a device that plays what a program gives it."""
    words = f"{card} {driver} {bus}".lower()
    return any(word in words for word in _VIRTUAL_WORDS)


def read_capability(answer: bytes) -> DeviceIdentity:
    """The names in the kernel's ``struct v4l2_capability``."""
    driver, card, bus, *_ = _CAPABILITY.unpack(answer)
    texts = [part.split(b"\0", 1)[0].decode("utf-8", "replace") for part in (driver, card, bus)]
    return DeviceIdentity(card=texts[1], driver=texts[0], bus=texts[2])


def _capability(path: Path) -> DeviceIdentity | None:
    answer = bytearray(_CAPABILITY.size)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.ioctl(descriptor, _QUERYCAP, answer)
    except OSError:
        return None  # no video device at all
    finally:
        os.close(descriptor)
    return read_capability(bytes(answer))


def _line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
