# SPDX-License-Identifier: Apache-2.0
"""Sounds are short and soft, the files are what the code makes, and a silent machine stays silent."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from kiosk.flow.effects import Sound
from kiosk.ui import sound_player
from kiosk.ui.sound_player import SoundPlayer, level, make_player
from kiosk.ui.sounds import FOLDER, RATE, AnySound, KeySound, every_sound, samples, wav, write_all


def numbers(data: bytes) -> list[int]:
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return [int(value) for value in np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")]


@pytest.mark.parametrize("sound", every_sound(), ids=str)
def test_sound_is_short_soft_and_ends_in_silence(sound: AnySound) -> None:
    made = samples(sound)
    assert len(made) / RATE <= 0.6
    assert np.max(np.abs(made)) <= 0.51
    assert abs(made[0]) < 0.01
    assert abs(made[-1]) < 0.01
    assert np.max(np.abs(np.diff(made))) < 0.35  # no jump that would be heard as a click


@pytest.mark.parametrize("sound", every_sound(), ids=str)
def test_file_is_what_the_code_makes(sound: AnySound) -> None:
    kept, made = numbers((FOLDER / f"{sound.value}.wav").read_bytes()), numbers(wav(sound))
    assert len(kept) == len(made)
    assert max(abs(a - b) for a, b in zip(kept, made, strict=True)) <= 2  # sines differ by a hair elsewhere


def test_write_all_writes_each(tmp_path: Path) -> None:
    write_all(tmp_path)
    assert {file.stem for file in tmp_path.iterdir()} == {sound.value for sound in every_sound()}


def test_sounds_can_be_told_apart() -> None:
    made = [wav(sound) for sound in every_sound()]
    assert len(set(made)) == len(made)


class RecordingVoice:
    def __init__(self) -> None:
        self.heard: list[float] = []
        self.volume = 0.0
        self.stopped = False

    def setVolume(self, volume: float) -> None:  # noqa: N802  # Qt's name
        self.volume = volume

    def play(self) -> None:
        self.heard.append(self.volume)

    def stop(self) -> None:
        self.stopped = True


def test_call_for_a_forgotten_card_grows_to_a_limit() -> None:
    voice = RecordingVoice()
    player = SoundPlayer({Sound.CARD_LEFT: voice})
    for step in range(8):
        player.play(Sound.CARD_LEFT, step)
    assert voice.heard == sorted(voice.heard)
    assert voice.heard[0] < voice.heard[3] == voice.heard[7] <= 1.0


def test_other_sounds_do_not_grow() -> None:
    assert level(Sound.DONE, 0, 1.0) == level(Sound.DONE, 5, 1.0)
    assert level(KeySound.KEY, 0, 1.0) < level(Sound.DONE, 0, 1.0)


def test_volume_of_nothing_is_silence_and_stop_lets_go() -> None:
    voice = RecordingVoice()
    silent = SoundPlayer({Sound.DONE: voice}, volume=0.0)
    silent.play(Sound.DONE)
    assert voice.heard == []
    silent.stop()
    assert voice.stopped


def test_machine_without_loudspeaker_keeps_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_player, "_can_be_heard", lambda: False)
    player = make_player()
    player.play(Sound.DONE)
    player.stop()


def test_switched_off_asks_for_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> bool:
        raise AssertionError

    monkeypatch.setattr(sound_player, "_can_be_heard", never)
    make_player(enabled=False).play(Sound.READ)
