# SPDX-License-Identifier: Apache-2.0
"""``kiosk card``, ``kiosk face`` and ``kiosk diagnose``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest

from kiosk.simulator.card.foreign import ForeignCard
from kiosk.simulator.card.references import MAX_TRIES, CounterStore, ReferenceName
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.patients.drawing import card_photo
from kiosk.simulator.patients.people import patient
from tests.fakes.cards import authority_at, card_of
from tests.fakes.clock import FakeClock
from tests.fakes.commands import Command

WriteSettings = Callable[[str], Path]
ROOT = Path(__file__).resolve().parents[3]
WITHOUT_DEVICES = '[camera]\ndriver = "off"\n'


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> SimulatedDriver:
    """Stands where the card service would be."""
    made = SimulatedDriver()
    monkeypatch.setattr(made, "close", lambda: None)  # it outlives the command here
    for command in ("card", "diagnose"):
        monkeypatch.setattr(f"kiosk.commands.{command}.reader_driver", lambda _settings, _world: made)
    return made


# --- card ---------------------------------------------------------------------------------------------------


def test_card_is_told_without_anything_personal(kiosk: Command, driver: SimulatedDriver) -> None:
    counters = CounterStore()
    driver.insert(card_of("hanako", counters=counters))
    ended = kiosk("card", "info")
    assert ended.status == 0
    for word in ("jpki, visual, text, common", "user_pin 3", "untrusted", "user_ca_files"):
        assert word in ended.out, word
    person = patient("hanako")
    for personal in (*person.name.split("　"), person.pin, f"{person.birth:%Y%m%d}", "1976", person.address):
        assert personal not in ended.out
    tries = counters.tries("hanako", ReferenceName.JPKI_USER_PIN, MAX_TRIES[ReferenceName.JPKI_USER_PIN])
    assert tries == 3


def test_card_document(
    kiosk: Command, driver: SimulatedDriver, settings_file: WriteSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    monkeypatch.setattr("kiosk.commands.card.SystemClock", lambda: clock)
    anchors = authority_at(clock).trust_anchors()
    file = settings_file(
        f'[trust]\nallow_test = true\nuser_ca_files = ["{anchors.user_ca_file}"]\n'
        '[upstream]\nkind = "simulator"\n'
    )
    driver.insert(card_of("hanako"))
    document: dict[str, Any] = dict(kiosk("card", "info", "--json", "--config", file).document)
    assert document["found"] is True
    assert document["readers"][0]["certificate"] == "valid"
    assert document["readers"][0]["tries"]["user_pin"] == 3


@pytest.mark.parametrize(("reader", "status"), [("", 0), ("Nothing of that name", 3), ("[", 3), ("*", 0)])
def test_reader_is_chosen_by_a_part_of_its_name(
    kiosk: Command, driver: SimulatedDriver, reader: str, status: int
) -> None:
    driver.insert(card_of("hanako"))
    assert kiosk("card", "info", "--reader", reader).status == status
    name = driver.snapshot().readers[0].name
    assert kiosk("card", "info", "--reader", name[1:6]).status == 0


def test_reader_whose_name_looks_like_a_pattern(kiosk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = SimulatedDriver(("ACS ACR39U [ICC] 00 00",))
    driver.insert(card_of("hanako"))
    monkeypatch.setattr("kiosk.commands.card.reader_driver", lambda _settings, _world: driver)
    assert kiosk("card", "info", "--reader", "[ICC]").status == 0


def test_no_card_and_another_card_are_a_no(kiosk: Command, driver: SimulatedDriver) -> None:
    assert kiosk("card", "info").status == 1
    driver.insert(ForeignCard("licence"))
    ended = kiosk("card", "info")
    assert ended.status == 1
    assert "[CRD-002]" in ended.out


def test_no_reader_service(kiosk: Command, driver: SimulatedDriver) -> None:
    driver.stop_service()
    ended = kiosk("card", "info")
    assert ended.status == 3
    assert ended.err.endswith("[RDR-001]\n")
    assert kiosk("card", "info", "--json").document["problem"] == "RDR-001"


# --- face ---------------------------------------------------------------------------------------------------


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    for key in ("hanako", "goro"):
        cv2.imwrite(str(tmp_path / f"{key}.png"), card_photo(key))
    return tmp_path


def test_two_pictures_are_compared(kiosk: Command, portraits: Path) -> None:
    hanako, goro = portraits / "hanako.png", portraits / "goro.png"
    same = kiosk("face", "compare", hanako, hanako, "--json")
    assert (same.status, same.document["match"]) == (0, True)
    other = kiosk("face", "compare", hanako, goro)
    assert other.status == 1
    assert "not confirmed" in other.out


def test_pictures_that_are_none(kiosk: Command, portraits: Path) -> None:
    hanako, nothing = portraits / "hanako.png", portraits / "nothing.png"
    assert kiosk("face", "compare", hanako, nothing).err.endswith("[CFG-001]\n")
    nothing.write_bytes(b"not a picture")
    ended = kiosk("face", "compare", hanako, nothing)
    assert ended.status == 2
    assert ended.err.endswith("[CFG-002]\n")


def test_pairs_are_evaluated(kiosk: Command, portraits: Path) -> None:
    pairs = portraits / "pairs.csv"
    pairs.write_text("img1,img2,same\nhanako.png,hanako.png,1\nhanako.png,goro.png,0\n", encoding="utf-8")
    ended = kiosk("face", "evaluate", pairs, "--json", "--plot", portraits / "det.png")
    document = ended.document
    assert (document["pairs_same"], document["pairs_different"], document["pairs_left_out"]) == (0, 1, 1)
    assert document["fmr"] == {"rate": 0.0, "low": 0.0, "high": 1.0, "errors": 0, "of": 1}
    assert "2 of 2 pictures" in ended.err
    assert "a curve needs pairs of both kinds" in ended.err
    assert "false match rate          0.000000" in kiosk("face", "evaluate", pairs, "--card").out
    assert kiosk("face", "evaluate", pairs, "--probe-images", "6").status == 2
    assert kiosk("face", "evaluate", pairs, "--plot", portraits / "det.odt").status == 2
    few = kiosk("face", "evaluate", pairs, "--table", portraits / "own.json")
    assert few.status == 2
    assert "at least 50 people; there are 2" in few.err
    assert not (portraits / "own.json").exists()
    pairs.write_text("img1,img2,same\n", encoding="utf-8")
    assert kiosk("face", "evaluate", pairs).status == 1
    pairs.write_text("a,b\n", encoding="utf-8")
    assert kiosk("face", "evaluate", pairs).status == 2


# --- diagnose -----------------------------------------------------------------------------------------------


def checks(document: dict[str, object]) -> dict[str, dict[str, Any]]:
    found = document["checks"]
    assert isinstance(found, list)
    return {check["id"]: check for check in found}


def test_no_service_and_nothing_set_yet(
    kiosk: Command, driver: SimulatedDriver, settings_file: WriteSettings
) -> None:
    driver.stop_service()
    ended = kiosk("diagnose", "--json", "--config", settings_file(WITHOUT_DEVICES))
    assert ended.status == 3
    found = checks(ended.document)
    assert ended.document["first_problem"] == "card_service"
    assert found["card_service"]["code"] == "RDR-001"
    assert found["readers"]["status"] == "skipped"
    assert "kiosk.institution_code, upstream.url" in found["configuration"]["summary"]
    assert found["upstream"]["code"] == "CFG-002"
    assert found["camera"]["status"] == "skipped"
    # a kiosk that was never started has no records, which is no fault
    assert (found["store"]["status"], found["store"]["summary"][:4]) == ("ok", "None")
    assert found["outbox"]["status"] == "ok"
    assert found["configuration"]["next_step"]


def test_camera_that_is_not_there(
    kiosk: Command, driver: SimulatedDriver, settings_file: WriteSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.commands.diagnose._face_round_trip", lambda _settings, _clock: 0.1)
    file = settings_file('[camera]\ndevice = "/dev/video987"\n')
    found = checks(kiosk("diagnose", "--json", "--config", file).document)
    assert found["camera"]["code"] == "CAM-001"
    assert found["face_process"]["status"] == "ok"


def test_broken_settings_are_a_finding_and_the_rest_goes_on(
    kiosk: Command, driver: SimulatedDriver, settings_file: WriteSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.commands.diagnose._face_round_trip", lambda _settings, _clock: 0.1)
    driver.insert(card_of("hanako"))
    ended = kiosk("diagnose", "--config", settings_file("[flow]\nidle_s = 1\n"))
    assert ended.status == 3
    assert ended.out.splitlines()[1] == "Mend first: Configuration"
    assert "idle_s" in ended.out
    assert "10 commands: median" in ended.out


def test_diagnosis_in_japanese(kiosk: Command, driver: SimulatedDriver, settings_file: WriteSettings) -> None:
    ended = kiosk("--lang", "ja", "diagnose", "--config", settings_file(WITHOUT_DEVICES))
    assert "まだありません" in ended.out


def test_report_is_what_was_shown(
    kiosk: Command, driver: SimulatedDriver, settings_file: WriteSettings, folders: Path
) -> None:
    file = folders / "report.txt"
    ended = kiosk("diagnose", "--report", file, "--config", settings_file(WITHOUT_DEVICES))
    assert file.read_text(encoding="utf-8") == ended.out
    assert "---- end of the diagnosis ----" in ended.out


def test_report_in_a_folder_that_is_not_there(kiosk: Command, driver: SimulatedDriver, folders: Path) -> None:
    ended = kiosk("diagnose", "--report", folders / "nowhere" / "report.txt")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.endswith("[CFG-006]\n")


def test_simulated_surroundings_are_well(kiosk: Command, folders: Path) -> None:
    ended = kiosk("diagnose", "--json", "--config", ROOT / "config" / "demo.toml")
    found = checks(ended.document)
    for name in (
        "configuration",
        "card_service",
        "readers",
        "camera",
        "face_process",
        "store",
        "upstream",
        "clock",
    ):
        assert found[name]["status"] == "ok", found[name]
