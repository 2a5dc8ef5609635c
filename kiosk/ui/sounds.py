# SPDX-License-Identifier: Apache-2.0
"""The kiosk's sounds, made by code: short, soft, and each with a twin on the screen.

``python -m kiosk.ui.sounds`` writes them anew into ``assets/sounds``.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.flow.effects import Sound

RATE: Final = 22_050
FOLDER: Final = Path(__file__).resolve().parents[2] / "assets" / "sounds"
_PEAK: Final = 0.5  # of full scale: loudness is the player's and the room's business

_G5, _A5, _C6, _D6, _E6, _G6 = 783.99, 880.0, 1046.5, 1174.66, 1318.51, 1567.98

Samples = NDArray[np.float64]


class KeySound(StrEnum):
    """What a touch sounds like, which the flow knows nothing of."""

    KEY = "key"


AnySound = Sound | KeySound


def samples(sound: AnySound) -> Samples:
    """The sound as numbers from -1 to 1."""
    made = _MAKERS[sound]()
    loudest = float(np.max(np.abs(made)))
    return made * (_PEAK / loudest)


def wav(sound: AnySound) -> bytes:
    """The sound as a WAV file, one channel of 16 bits."""
    numbers = np.round(samples(sound) * 32767).astype("<i2")
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(numbers.tobytes())
    return target.getvalue()


def every_sound() -> tuple[AnySound, ...]:
    """All of them."""
    return (*Sound, *KeySound)


def write_all(folder: Path = FOLDER) -> None:
    """Write each sound into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for sound in every_sound():
        (folder / f"{sound.value}.wav").write_bytes(wav(sound))


def _tone(frequency: float, seconds: float, *, attack: float = 0.012, decay: float = 5.0) -> Samples:
    """A struck bar: a quick soft start, a few overtones, a fall to silence."""
    time = np.arange(int(RATE * seconds)) / RATE
    body = (
        np.sin(2 * np.pi * frequency * time)
        + 0.22 * np.sin(2 * np.pi * 2 * frequency * time) * np.exp(-9 * time)
        + 0.07 * np.sin(2 * np.pi * 3 * frequency * time) * np.exp(-16 * time)
    )
    rise = 0.5 - 0.5 * np.cos(np.pi * np.minimum(time / attack, 1.0))
    rest = np.minimum((seconds - time) / 0.03, 1.0)  # ends in silence, so that nothing clicks
    return np.asarray(body * rise * np.exp(-decay * time) * rest, dtype=np.float64)


def _sequence(seconds: float, *notes: tuple[float, Samples]) -> Samples:
    """Notes laid over each other, each at its start."""
    whole = np.zeros(int(RATE * seconds))
    for start, note in notes:
        first = int(RATE * start)
        length = min(len(note), len(whole) - first)
        whole[first : first + length] += note[:length]
    return whole


def _read() -> Samples:
    return _sequence(0.38, (0.0, _tone(_G5, 0.22)), (0.12, _tone(_C6, 0.26)))


def _done() -> Samples:
    return _sequence(
        0.58,
        (0.0, _tone(_C6, 0.3)),
        (0.12, _tone(_E6, 0.3)),
        (0.24, _tone(_G6, 0.34, decay=6.0)),
    )


def _attention() -> Samples:
    soft = {"attack": 0.04, "decay": 4.0}
    return _sequence(0.56, (0.0, _tone(_A5, 0.28, **soft)), (0.24, _tone(_G5, 0.32, **soft)))


def _card_left() -> Samples:
    return _sequence(0.58, (0.0, _tone(_E6, 0.2)), (0.17, _tone(_D6, 0.2)), (0.34, _tone(_E6, 0.24)))


def _key() -> Samples:
    """A knock on wood, not a beep: a hundred of them must not tire anybody."""
    time = np.arange(int(RATE * 0.035)) / RATE
    knock = np.sin(2 * np.pi * 420 * time) + 0.4 * np.sin(2 * np.pi * 1130 * time)
    rise = np.minimum(time / 0.0015, 1.0)
    rest = np.minimum((0.035 - time) / 0.005, 1.0)
    return np.asarray(knock * rise * np.exp(-120 * time) * rest, dtype=np.float64)


_MAKERS: Final[Mapping[AnySound, Callable[[], Samples]]] = {
    Sound.READ: _read,
    Sound.DONE: _done,
    Sound.ATTENTION: _attention,
    Sound.CARD_LEFT: _card_left,
    KeySound.KEY: _key,
}


if __name__ == "__main__":
    write_all()
