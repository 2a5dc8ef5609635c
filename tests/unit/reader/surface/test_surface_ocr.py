# SPDX-License-Identifier: Apache-2.0
"""Tesseract is called without files, within a time, and missed in plain words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.reader.surface.ocr import Script, Tesseract

BLANK = np.full((64, 300), 245, dtype=np.uint8)


def line(text: str) -> NDArray[np.uint8]:
    picture = Image.new("L", (40 + 40 * len(text), 64), 245)
    font = ImageFont.truetype("BIZUDGothic-Regular.ttf", 42)
    ImageDraw.Draw(picture).text((20, 10), text, fill=20, font=font)
    return np.asarray(picture, dtype=np.uint8)


def program(folder: Path, script: str) -> str:
    file = folder / "recogniser"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def test_it_is_there_and_reads_a_line() -> None:
    tesseract = Tesseract()
    tesseract.check()
    assert tesseract.read_line(line("5103272030"), Script.DIGITS) == b"5103272030"
    assert tesseract.read_line(line("昭和51年3月27日生"), Script.BIRTH_LINE) == "昭和51年3月27日生".encode()


def test_nothing_is_read_where_nothing_is() -> None:
    assert Tesseract().read_line(BLANK, Script.DIGITS) == b""


def test_pictures_and_texts_are_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Tesseract().read_line(line("1029"), Script.DIGITS)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_program_is_named_with_its_packages() -> None:
    tesseract = Tesseract("no-such-program")
    for call in (tesseract.check, lambda: tesseract.read_line(BLANK, Script.DIGITS)):
        with pytest.raises(EnvironmentProblem) as caught:
            call()
        assert caught.value.code is FailureCode.DEPENDENCY_MISSING
        assert "tesseract-ocr-jpn" in str(caught.value)


def test_missing_trained_data_are_missing_packages(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem):
        Tesseract(program(tmp_path, "echo eng")).check()
    with pytest.raises(EnvironmentProblem) as caught:
        Tesseract(program(tmp_path, "cat >/dev/null; echo 4711; exit 1")).read_line(BLANK, Script.DIGITS)
    assert "4711" not in str(caught.value)


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    hanging = Tesseract(program(tmp_path, "exec sleep 60"), time_limit_s=0.2)
    assert hanging.read_line(BLANK, Script.DIGITS) == b""


def test_a_program_that_talks_without_end_is_not_listened_to(tmp_path: Path) -> None:
    talking = Tesseract(program(tmp_path, "cat >/dev/null; exec yes 1"), time_limit_s=2)
    assert len(talking.read_line(BLANK, Script.DIGITS)) <= 1024
