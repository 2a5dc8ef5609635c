# SPDX-License-Identifier: Apache-2.0
"""Whatever patients are and type stays inside: no log, report, record or picture file tells it."""

from __future__ import annotations

import base64
import os
import re
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kiosk.simulator.patients.people import patient
from tests.fakes.leaks import leaks_below, leaks_in_bytes, leaks_in_database, leaks_in_text
from tests.fakes.one_demo import Played, all_scenarios
from tests.fakes.pcscd import wait_until
from tests.fakes.programs import Program, clean_environment, run, settings_file
from tests.fakes.upstream_process import upstream_process

pytestmark = [pytest.mark.integration, pytest.mark.timeout(2000)]

TARO = patient("taro")
# Names are what these files are for.
HANDED_OVER = "handover/OQSsiquc01res_face_*.xml"


@pytest.fixture(scope="module")
def played() -> Played:
    return all_scenarios()


# --- the search itself --------------------------------------------------------------------------------------

WRITTEN: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "euc-jp": lambda text: text.encode("euc_jp", "xmlcharrefreplace"),
    "as JSON": lambda text: text.encode("ascii", "backslashreplace"),
    "as bytes in a log": lambda text: repr(text.encode()).encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "base64": lambda text: base64.b64encode(b"ab" + text.encode() + b"cd"),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_the_search_finds_a_name_however_it_is_written(how: str) -> None:
    for text in (TARO.name, TARO.name.replace("　", ""), TARO.kana, TARO.address, "ミホン タロウ"):
        assert leaks_in_bytes(b"\0\xff some " + WRITTEN[how](text) + b" thing"), text
    assert not leaks_in_bytes(b"\0\xff some " + WRITTEN[how]("山田　次郎") + b" thing")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PIN 1470 accepted", True),
        ("pin=1470", True),
        ('{"tries": 3, "code": "3377"}', True),
        ("number b 10070520353377.", True),
        ("the 00912345 of somebody", True),
        ("born 1998-07-05", True),
        ("at 20261470123456", False),
        ("item 01M83AVGM21470A6PM14Q70386", False),
        ("accepted01M83AVGM21470A6PM14Q70386eligible", False),
        ("2026-11-29T06:30:00Z01M83AVGM21470A6PM14Q70386A-036:pin", False),
        ("accepted01M83AVGM2A470A6PM14Q70386$1470$", True),
        ("sha256 9f86d081884c7d65-1470a", True),
        ("digest 9f86d081884c7d659a2feaa0c55ad0151470a", False),
        ("READ BINARY 00 B0 01 00 Le=256", False),
    ],
)
def test_the_search_finds_numbers(text: str, found: bool) -> None:
    assert bool(leaks_in_text(text)) == found


def test_the_search_looks_into_records(tmp_path: Path) -> None:
    file = tmp_path / "some.sqlite3"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE rows (id INTEGER, value TEXT)")
        database.execute("INSERT INTO rows VALUES (1, 'harmless')")
        database.commit()
        assert not leaks_in_database(file)
        database.execute("INSERT INTO rows VALUES (2, '1470')")
    database.close()
    assert leaks_in_database(file)
    assert list(leaks_below(tmp_path)) == ["some.sqlite3"]
    assert not leaks_below(tmp_path, "*.sqlite3")
    Image.new("L", (4, 4)).save(tmp_path / "plain.png")
    noted = PngInfo()
    noted.add_text("Comment", TARO.name)
    Image.new("L", (4, 4)).save(tmp_path / "noted.png", pnginfo=noted)
    assert list(leaks_below(tmp_path, "*.sqlite3")) == ["noted.png"]
    (tmp_path / "noted.png").unlink()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / f"{TARO.name}.txt").touch()
    assert len(leaks_below(tmp_path, "*.sqlite3")) == 1


# --- what every scenario leaves -----------------------------------------------------------------------------


def test_no_log_line_tells_anything(played: Played) -> None:
    assert "DEBUG" in played.ended.err
    assert leaks_in_text(played.ended.err) == []


def test_no_answer_of_the_demo_tells_anything(played: Played) -> None:
    assert leaks_in_text(played.ended.out) == []


def test_no_file_tells_anything(played: Played) -> None:
    files = {file.name for file in played.folder.rglob("*")}
    assert {"outbox.sqlite3", "records.key", "staff.json", "summary.json", "01-idle.png"} <= files
    assert leaks_below(played.folder, HANDED_OVER) == {}
    # the search is good for something: where the names may be, it finds them
    assert leaks_below(played.out / "handover")


def test_no_cached_file_but_the_simulators_cards_tells_anything(played: Played) -> None:
    cache = Path(os.environ["XDG_CACHE_HOME"]) / "uketsuke"
    assert (cache / "simulator").is_dir()
    found = leaks_below(cache)
    assert found  # a signature certificate holds the name
    assert {name for name in found if not name.startswith("simulator/")} == set()


@pytest.mark.parametrize(
    "words",
    [
        ("queue", "list", "--json"),
        ("queue", "stats"),
        ("audit", "verify"),
        ("staff", "list", "--json"),
        ("config", "show", "--demo"),
    ],
    ids=" ".join,
)
def test_no_command_tells_anything(played: Played, words: tuple[str, ...]) -> None:
    ended = run(*words, "--config", played.settings)
    assert ended.status == 0, ended.err
    assert ended.out
    assert leaks_in_text(ended.out + ended.err) == []


def test_no_item_of_the_queue_tells_anything(played: Played) -> None:
    listed = run("queue", "list", "--json", "--config", played.settings).document["items"]
    assert isinstance(listed, list)
    for kind in ("qualification_check", "handover_face_file"):
        item = next(item for item in listed if item["kind"] == kind)
        ended = run("queue", "show", item["id"], "--config", played.settings)
        assert ended.status == 0
        assert item["id"] in ended.out
        assert leaks_in_text(ended.out + ended.err) == []


def test_no_diagnosis_tells_anything(played: Played, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    ended = run("diagnose", "--config", played.settings, "--report", report)
    assert ended.status in {0, 3}  # there is neither reader nor camera here
    assert report.read_text("utf-8") == ended.out
    assert len(ended.out) > 500
    assert leaks_in_text(ended.out + ended.err) == []


# --- a PIN that comes from outside, and answers that cannot be used -----------------------------------------


def test_a_typed_pin_and_a_broken_answer_are_nowhere(tmp_path: Path) -> None:
    """Upstream breaks off in the middle of the answer: what chokes on it must not quote it."""
    place = tmp_path / "kiosk"
    place.mkdir()
    with upstream_process(tmp_path / "ledger.jsonl") as upstream:
        settings = settings_file(place, upstream={"url": upstream.url}, log={"level": "debug"})
        upstream.fault("broken")
        words = ["demo", "--headless", "--scenario", "pin-ok", "--pin-stdin"]
        with Program(
            *words,
            "--config",
            settings,
            "--out",
            place / "out",
            stdin=f"{TARO.pin}\n".encode(),
            environment=clean_environment(place / "tmp"),
        ) as kiosk:
            arguments = Path(f"/proc/{kiosk.process.pid}/cmdline").read_bytes()
            surroundings = Path(f"/proc/{kiosk.process.pid}/environ").read_bytes()
            assert not re.search(rb"(?<!\d)" + TARO.pin.encode() + rb"(?!\d)", arguments + surroundings)
            # the first answer to the check breaks off, the next is whole
            assert wait_until(lambda: bool(upstream.effects()), 200)
            upstream.fault("none")
            kiosk.wait_for("Submitting -> Received")
            # as it lies there while it runs, with what was written a moment ago still beside the database
            kiosk.signal(signal.SIGSTOP)
            assert (place / "state" / "outbox.sqlite3-wal").stat().st_size > 0
            for file in (place / "state").glob("outbox*"):
                assert leaks_in_bytes(file.read_bytes()) == [], file.name
            kiosk.signal(signal.SIGCONT)
            ended = kiosk.wait()
        assert upstream.state()["statuses"]["200"] > 2  # look-up, broken answer, answer
    assert ended.status == 0, ended.err
    assert leaks_in_text(ended.out + ended.err) == []
    assert leaks_below(place, HANDED_OVER) == {}
    assert list((place / "tmp").iterdir()) == []
    assert len(list((place / "out" / "handover").glob("OQSsiquc01res_face_*.xml"))) == 1
