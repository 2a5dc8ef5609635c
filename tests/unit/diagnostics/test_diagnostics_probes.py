# SPDX-License-Identifier: Apache-2.0
"""What each check says of what it finds."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from kiosk.camera.device import DeviceIdentity
from kiosk.camera.health import CameraSample
from kiosk.diagnostics import probes
from kiosk.diagnostics.camera import CameraChecks, camera_probe
from kiosk.diagnostics.ports import ORDER, ProbeStatus
from kiosk.diagnostics.probes import OutboxFigures, RevocationFigures
from kiosk.diagnostics.server_probes import server_probe
from kiosk.diagnostics.upstream_probes import TerminalFigures, certificate_probe, terminal_probe
from kiosk.errors import FailureCode
from kiosk.reader.ports import CardPresence, ReaderSnapshot, ReaderState

OK, WARNING, PROBLEM, SKIPPED = (
    ProbeStatus.OK,
    ProbeStatus.WARNING,
    ProbeStatus.PROBLEM,
    ProbeStatus.SKIPPED,
)
DOWN = ReaderSnapshot(problem=FailureCode.READER_SERVICE_DOWN)
NONE = ReaderSnapshot(problem=FailureCode.NO_READER)
ONE = ReaderSnapshot((ReaderState("Some Reader 00 00", CardPresence.PRESENT),))
MUTE = ReaderSnapshot((ReaderState("Some Reader 00 00", CardPresence.MUTE),))


@pytest.mark.parametrize(
    ("snapshot", "service", "readers"),
    [
        (DOWN, (PROBLEM, FailureCode.READER_SERVICE_DOWN), (PROBLEM, FailureCode.READER_SERVICE_DOWN)),
        (NONE, (OK, None), (PROBLEM, FailureCode.NO_READER)),
        (ONE, (OK, None), (OK, None)),
        (MUTE, (OK, None), (WARNING, FailureCode.CARD_UNREADABLE)),
    ],
)
def test_service_and_readers_are_told_apart(
    snapshot: ReaderSnapshot,
    service: tuple[ProbeStatus, FailureCode | None],
    readers: tuple[ProbeStatus, FailureCode | None],
) -> None:
    first = probes.card_service_probe(lambda: snapshot).run()
    second = probes.readers_probe(lambda: snapshot).run()
    assert (first.status, first.code) == service
    assert (second.status, second.code) == readers


def test_card_dialogue_tells_median_and_longest() -> None:
    result = probes.card_dialogue_probe(lambda: [0.01] * 9 + [0.2]).run()
    assert (result.status, result.facts["median_ms"], result.facts["worst_ms"]) == (OK, "10", "200")


def test_card_dialogue_of_a_slow_card_is_a_warning() -> None:
    assert probes.card_dialogue_probe(lambda: [0.4] * 10).run().status is WARNING


def test_card_dialogue_without_a_card_is_no_fault() -> None:
    assert probes.card_dialogue_probe(lambda: None).run().status is SKIPPED


def camera(sample: CameraSample, *, virtual: bool = False) -> CameraChecks:
    identity = DeviceIdentity("Plain Camera", "uvcvideo", virtual=virtual)
    return CameraChecks(lambda _: sample, (1280, 720), lambda: identity)


@pytest.mark.parametrize(
    ("sample", "status", "code"),
    [
        (CameraSample(30, 1.0, 1280, 720), OK, None),
        (CameraSample(0, 1.0), PROBLEM, FailureCode.CAMERA_NO_FRAMES),
        (CameraSample(5, 1.0, 1280, 720), WARNING, FailureCode.CAMERA_SLOW),
        (CameraSample(30, 1.0, 640, 480), WARNING, FailureCode.CAMERA_SMALL),
        (CameraSample(30, 1.0, 1280, 720, black=True), PROBLEM, FailureCode.CAMERA_BLACK),
    ],
)
def test_a_camera_by_its_pictures(
    sample: CameraSample, status: ProbeStatus, code: FailureCode | None
) -> None:
    result = camera_probe(camera(sample)).run()
    assert (result.status, result.code) == (status, code)
    assert result.facts["device"] == "Plain Camera"


def test_a_virtual_camera_is_named() -> None:
    result = camera_probe(camera(CameraSample(30, 1.0, 1280, 720), virtual=True)).run()
    assert (result.status, result.code) == (WARNING, FailureCode.CAMERA_VIRTUAL)


def test_camera_and_face_switched_off_are_not_asked() -> None:
    def never() -> float:
        raise AssertionError

    assert camera_probe(None).run().status is SKIPPED
    assert probes.face_process_probe(never, enabled=False).run().status is SKIPPED


@pytest.mark.parametrize(("seconds", "status"), [(0.3, OK), (5.0, WARNING)])
def test_slow_answers_are_warnings(seconds: float, status: ProbeStatus) -> None:
    assert probes.face_process_probe(lambda: seconds).run().status is status
    assert probes.upstream_probe(lambda: seconds).run().status is status


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("free", "status"), [(10**8, PROBLEM), (5 * 10**8, WARNING), (10**10, OK)])
def test_disk_by_room_left(
    free: int, status: ProbeStatus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10**11, 10**11 - free, free))
    assert probes.disk_probe(tmp_path).run().status is status


@pytest.mark.parametrize(
    ("figures", "status"),
    [
        (OutboxFigures(0, 0), OK),
        (OutboxFigures(3, 0, 60.0), OK),
        (OutboxFigures(3, 0, 7200.0), WARNING),
        (OutboxFigures(1, 1, 60.0), WARNING),
    ],
)
def test_outbox_by_what_waits(figures: OutboxFigures, status: ProbeStatus) -> None:
    assert probes.outbox_probe(lambda: figures).run().status is status


def test_handover_folder_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    assert probes.handover_probe(tmp_path).run().status is OK
    assert list(tmp_path.iterdir()) == []


def test_handover_folder_missing(tmp_path: Path) -> None:
    assert probes.handover_probe(tmp_path / "x").run().code is FailureCode.HANDOVER_FOLDER_MISSING


def test_handover_folder_not_writable(tmp_path: Path) -> None:
    in_the_way = tmp_path / f".uketsuke-check-{os.getpid()}"
    in_the_way.mkdir()  # stands in for missing rights, which root does not lack
    assert probes.handover_probe(tmp_path).run().code is FailureCode.HANDOVER_WRITE_FAILED


@pytest.mark.parametrize(
    ("age", "usable", "status", "summary"),
    [
        (timedelta(hours=3), True, OK, "revocation.ok"),
        (timedelta(hours=90), False, WARNING, "revocation.old"),
        (None, False, WARNING, "revocation.none"),
    ],
)
def test_the_revocation_list_by_its_age(
    age: timedelta | None, *, usable: bool, status: ProbeStatus, summary: str
) -> None:
    result = probes.revocation_probe(lambda: RevocationFigures(age, usable=usable, trouble="too_slow")).run()
    assert (result.status, result.summary) == (status, summary)
    assert result.facts["state"] == "too_slow"
    assert result.facts.get("age_h") == (None if age is None else f"{age.total_seconds() / 3600:.0f}")


@pytest.mark.parametrize(
    ("skew", "status"),
    [
        (None, SKIPPED),
        (timedelta(seconds=5), OK),
        (timedelta(hours=9), PROBLEM),
        (-timedelta(hours=9), PROBLEM),
    ],
)
def test_clock_by_its_distance_from_upstream(skew: timedelta | None, status: ProbeStatus) -> None:
    assert probes.clock_probe(lambda: skew).run().status is status


@pytest.mark.parametrize(
    ("installed", "status"),
    [
        (None, SKIPPED),
        ({"BIZ UDPGothic", "Noto Sans CJK JP"}, OK),
        ({"Noto Sans CJK JP"}, WARNING),
        ({"DejaVu Sans"}, PROBLEM),
    ],
)
def test_fonts_need_one_japanese_family(installed: set[str] | None, status: ProbeStatus) -> None:
    assert probes.fonts_probe(lambda: installed).run().status is status


def test_configuration_doubts_are_a_warning() -> None:
    assert probes.configuration_probe(lambda: ["flow.idle_s"]).run().status is WARNING
    assert probes.configuration_probe(list).run().status is OK


def test_display_absent_on_a_remote_line_is_no_fault() -> None:
    assert probes.display_probe({}).run().status is SKIPPED
    assert probes.display_probe({"DISPLAY": ":0"}).run().status is OK


def test_store_opens() -> None:
    assert probes.store_probe(lambda: None).run().status is OK


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("valid", OK),
        ("expiring", WARNING),
        ("expired", PROBLEM),
        ("not_yet", PROBLEM),
        ("unreadable", PROBLEM),
    ],
)
def test_our_certificate_in_words(word: str, status: ProbeStatus) -> None:
    result = certificate_probe(lambda: word).run()
    assert (result.status, result.summary, dict(result.facts)) == (status, f"certificate.{word}", {})
    assert (result.code is None) == (status is OK)


@pytest.mark.parametrize(
    ("figures", "status", "summary"),
    [
        (TerminalFigures(waiting=2), OK, "terminal.ok"),
        (TerminalFigures(missing=("req",)), PROBLEM, "terminal.missing"),
        (TerminalFigures(not_writable=("res",)), PROBLEM, "terminal.not_writable"),
        (TerminalFigures(remains=3), WARNING, "terminal.remains"),
        (TerminalFigures(one_file_system=False), WARNING, "terminal.apart"),
    ],
)
def test_the_terminals_folders(figures: TerminalFigures, status: ProbeStatus, summary: str) -> None:
    result = terminal_probe(lambda: figures).run()
    assert (result.status, result.summary) == (status, summary)


def test_folders_that_do_not_answer() -> None:
    def hang() -> TerminalFigures:
        raise TimeoutError

    assert terminal_probe(hang).run().code is FailureCode.TERMINAL_FOLDER


def test_each_check_has_its_place_in_the_order(tmp_path: Path) -> None:
    built = [
        probes.configuration_probe(list),
        probes.card_service_probe(lambda: ONE),
        probes.readers_probe(lambda: ONE),
        probes.card_dialogue_probe(lambda: None),
        camera_probe(None),
        probes.face_process_probe(lambda: 1.0),
        probes.disk_probe(tmp_path),
        probes.store_probe(lambda: None),
        probes.outbox_probe(lambda: OutboxFigures(0, 0)),
        probes.handover_probe(tmp_path),
        server_probe("orca", lambda: None, 1.0),
        server_probe("fhir", lambda: None, 1.0),
        server_probe("printer", lambda: None, 1.0),
        probes.revocation_probe(lambda: RevocationFigures(None, usable=False)),
        certificate_probe(lambda: "valid"),
        probes.upstream_probe(lambda: 1.0),
        terminal_probe(TerminalFigures),
        probes.clock_probe(lambda: None),
        probes.fonts_probe(lambda: None),
        probes.display_probe({}),
    ]
    assert tuple(probe.id for probe in built) == ORDER
    for probe in built:
        assert set(probe.needs) <= set(ORDER[: ORDER.index(probe.id)])
