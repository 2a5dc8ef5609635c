# SPDX-License-Identifier: Apache-2.0
"""The passive signs measured on labelled pictures and clips: for technicians, never in a session."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.auth.face.engine import FaceEngine, Grey, to_grey
from kiosk.auth.face.liveness.rates import Outcome, apcer, bpcer
from kiosk.auth.face.liveness.samples import Sample, sample_of
from kiosk.auth.face.liveness.signs import DOUBT, SignLimits, read_signs, still_strength
from kiosk.auth.face.tracking import FaceTracker
from kiosk.errors import ConfigurationError, FailureCode

COLUMNS: Final = ("file", "live", "kind")
_VIDEO: Final = frozenset({".mp4", ".avi", ".mkv", ".mov", ".webm"})
_PICTURE: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
_FOLDER_FPS: Final = 10.0
_STEP_S: Final = 0.1
_LONGEST_S: Final = 30.0
_WINDOW_S: Final = 9.0
_SMALLEST: Final = 480  # the width at which edges are looked for


@dataclass(frozen=True, slots=True)
class Row:
    """One presentation of the manifest."""

    file: Path
    live: bool
    kind: str


@dataclass(frozen=True, slots=True)
class LivenessReport:
    """What came of every row."""

    rows: tuple[Row, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def usable(self) -> bool:
        """Whether any row showed a face."""
        return any(each.doubted is not None for each in self.outcomes)

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "signs": "passive only: nothing could be asked of a recording",
            "rows": len(self.rows),
            "without_face": sum(each.doubted is None for each in self.outcomes),
            "apcer": {kind: share.as_dict() for kind, share in apcer(self.outcomes).items()},
            "bpcer": bpcer(self.outcomes).as_dict(),
            "each": [
                {"file": row.file.name, "doubted": outcome.doubted, "signs": list(outcome.signs)}
                for row, outcome in zip(self.rows, self.outcomes, strict=True)
            ],
        }

    def as_lines(self) -> list[str]:
        """For people."""
        lines = [f"{'rows':<28}{len(self.rows)}"]
        lines.append(f"{'without a face':<28}{sum(each.doubted is None for each in self.outcomes)}")
        for kind, share in apcer(self.outcomes).items():
            lines.append(f"{'APCER, ' + kind:<28}{share.as_text()}")
        lines.append(f"{'BPCER':<28}{bpcer(self.outcomes).as_text()}")
        lines.append("Passive signs only: nothing can be asked of a recording. See docs/face.md.")
        return lines


def evaluate(manifest: Path, limits: SignLimits | None = None) -> LivenessReport:
    """Look at every row of ``file,live,kind``; `ConfigurationError` names the line that is wrong."""
    rows = tuple(_rows(manifest))
    if not rows:
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"{manifest.name} has no rows")
    engine = FaceEngine()
    wanted = limits or SignLimits()
    return LivenessReport(rows, tuple(_outcome(engine, row, wanted) for row in rows))


def _rows(manifest: Path) -> Iterator[Row]:
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                detail = f"{manifest.name}: columns needed: {','.join(COLUMNS)}"
                raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
            for row in reader:
                yield _row(manifest, reader.line_num, row)
    except OSError as error:
        detail = f"cannot read {manifest.name}"
        raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=detail) from error
    except (UnicodeDecodeError, csv.Error) as error:
        detail = f"{manifest.name} is no table in UTF-8"
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail) from error


def _row(manifest: Path, line: int, row: dict[str, str | None]) -> Row:
    name, live, kind = (row[column] for column in COLUMNS)

    def wrong(what: str) -> ConfigurationError:
        return ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"{manifest.name}, line {line}: {what}")

    if not name or "\0" in name or not kind:
        raise wrong("a row needs a file and a kind")
    if live is None or live.strip() not in {"0", "1"}:
        raise wrong("live must be 1 or 0")
    file = manifest.parent / name
    if not file.is_dir() and file.suffix.lower() not in _VIDEO | _PICTURE:
        raise wrong("neither a picture, nor a clip, nor a folder of pictures")
    if not file.exists():
        missing = f"there is no {file.name}"
        raise wrong(missing)
    return Row(file, live.strip() == "1", kind.strip())


def _outcome(engine: FaceEngine, row: Row, limits: SignLimits) -> Outcome:
    if not row.file.is_dir() and row.file.suffix.lower() in _PICTURE:
        return _picture(engine, row, limits)
    tracker = FaceTracker(engine)
    samples: list[Sample] = []
    ripples: list[float] = []
    found: set[str] = set()
    faces = 0
    for at, grey in _frames(row.file):
        view = tracker.see(grey, at)
        face = view.face
        if face is None:
            continue
        faces += 1
        sample = sample_of(at, grey, face, view.landmarks(grey, face), surround=faces % 2 == 1)
        samples = [each for each in samples if at - each.at <= _WINDOW_S] + [sample]
        if sample.surround is not None:
            ripples = [*ripples[-19:], sample.surround.ripple]
        readings = read_signs(samples, ripples, limits)
        found |= {each.sign.value for each in readings if each.strength >= DOUBT}
    return Outcome(row.live, row.kind, bool(found) if faces else None, tuple(sorted(found)))


def _picture(engine: FaceEngine, row: Row, limits: SignLimits) -> Outcome:
    grey = _read(row.file)
    faces = engine.find(grey)
    if not faces:
        return Outcome(row.live, row.kind, None)
    sample = sample_of(0.0, grey, faces[0], engine.landmarks(grey, faces[0]))
    found = {each.sign.value for each in still_strength(sample, limits) if each.strength >= DOUBT}
    return Outcome(row.live, row.kind, bool(found), tuple(sorted(found)))


def _frames(clip: Path) -> Iterator[tuple[float, Grey]]:
    """Ten frames a second of a clip, or all of a folder, at most half a minute."""
    if clip.is_dir():
        files = sorted(file for file in clip.iterdir() if file.suffix.lower() in _PICTURE)
        if not files:
            raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"no pictures in {clip.name}")
        for number, file in enumerate(files[: round(_LONGEST_S * _FOLDER_FPS)]):
            yield number / _FOLDER_FPS, _read(file)
        return
    source = cv2.VideoCapture(str(clip))
    try:
        rate = source.get(cv2.CAP_PROP_FPS) or 25.0
        number, due, any_frame = 0, 0.0, False
        while number / rate < _LONGEST_S:
            there, frame = source.read()
            if not there:
                break
            any_frame = True
            if number / rate >= due:
                due += _STEP_S
                yield number / rate, _enlarged(to_grey(np.asarray(frame, dtype=np.uint8)))
            number += 1
        if not any_frame:
            raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"not a clip: {clip.name}")
    finally:
        source.release()


def _read(file: Path) -> Grey:
    try:
        data = np.frombuffer(file.read_bytes(), dtype=np.uint8)
        grey = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    except (OSError, cv2.error) as error:
        raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=f"cannot read {file.name}") from error
    if grey is None:
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"not a picture: {file.name}")
    return _enlarged(np.asarray(grey, dtype=np.uint8))


def _enlarged(grey: Grey) -> Grey:
    """Small pictures enlarged, so that a face is found at all; for ripples they say little."""
    scale = _SMALLEST / grey.shape[1]
    if scale <= 1:
        return grey
    size = (_SMALLEST, max(1, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
