# SPDX-License-Identifier: Apache-2.0
"""Lets the sounds be heard, where there is something to hear them with."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QLoggingCategory, QUrl

from kiosk.ui.sounds import FOLDER, AnySound, KeySound, every_sound

CARD_LEFT_STEPS: Final = (0.45, 0.6, 0.75, 0.9)
_LEVELS: Final = {KeySound.KEY: 0.35}
_LEVEL: Final = 0.6


class Voice(Protocol):
    """One sound that can be played; `QSoundEffect` is one."""

    def setVolume(self, volume: float) -> None:  # noqa: N802  # Qt's name
        """From 0 to 1."""
        ...

    def play(self) -> None:
        """From the beginning."""
        ...

    def stop(self) -> None:
        """Fall silent."""
        ...


def level(sound: AnySound, step: int, volume: float) -> float:
    """How loud: the call for a forgotten card grows with each step up to a limit, everything else stays."""
    if sound.value == "card_left":
        base = CARD_LEFT_STEPS[min(max(step, 0), len(CARD_LEFT_STEPS) - 1)]
    else:
        base = _LEVELS.get(sound, _LEVEL) if isinstance(sound, KeySound) else _LEVEL
    return min(1.0, max(0.0, base * volume))


class SoundPlayer:
    """Plays sounds, or keeps quiet where there is no loudspeaker.

    Lives on: the main thread.
    """

    def __init__(self, voices: dict[AnySound, Voice], volume: float = 1.0) -> None:
        """`volume` multiplies every level; 0 is silence."""
        self._voices = voices
        self._volume = volume

    def play(self, sound: AnySound, step: int = 0) -> None:
        """Let it be heard; `step` makes the ones that call get louder."""
        voice = self._voices.get(sound)
        if voice is not None and self._volume > 0:
            voice.setVolume(level(sound, step, self._volume))
            voice.play()

    def stop(self) -> None:
        """Fall silent and let go of the device."""
        for voice in self._voices.values():
            voice.stop()
        self._voices = {}


def make_player(*, enabled: bool = True, volume: float = 1.0, folder: Path = FOLDER) -> SoundPlayer:
    """A player with every sound loaded; a silent one where nothing could be heard."""
    return SoundPlayer(_load(folder) if enabled and _can_be_heard() else {}, volume)


def _can_be_heard() -> bool:
    # looked at first, because Qt's own search for a device warns on machines that have none
    sound_cards = Path("/proc/asound/cards")
    if sound_cards.exists() and "no soundcards" in sound_cards.read_text("ascii", "replace"):
        return False
    if Path("/proc").exists() and not sound_cards.exists():
        return False
    QLoggingCategory.setFilterRules("qt.multimedia.*.warning=false")  # of codecs nobody needs here
    from PySide6.QtMultimedia import QMediaDevices  # noqa: PLC0415  # starts the audio backend on import

    return bool(QMediaDevices.audioOutputs())


def _load(folder: Path) -> dict[AnySound, Voice]:
    from PySide6.QtMultimedia import QSoundEffect  # noqa: PLC0415  # as above

    voices: dict[AnySound, Voice] = {}
    for sound in every_sound():
        effect = QSoundEffect()
        effect.setSource(QUrl.fromLocalFile(str(folder / f"{sound.value}.wav")))
        voices[sound] = effect
    return voices
