# SPDX-License-Identifier: Apache-2.0
"""A report says what to do next, ends visibly, and gives nobody away."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.diagnostics.ports import ORDER, ProbeOutcome, ProbeResult, ProbeStatus
from kiosk.diagnostics.redaction import clean_facts, clean_setting
from kiosk.diagnostics.report import About, Report, versions
from kiosk.diagnostics.words import Words
from kiosk.errors import FailureCode

ROOT = Path(__file__).resolve().parents[3]
TEXTS = ROOT / "assets" / "i18n"
LANGUAGES = ["ja", "en"]

PLANTED = (
    "試験　花子",
    "ｼｹﾝ ﾊﾅｺ",
    "2580",
    "123456789012",
    "1234 5678 9012",
    "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa",
    "3B F8 13 00 00 81 31 FE 45 4A 43 4F 50 76 32 34 31 B7",
    "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "-----BEGIN PRIVATE KEY-----",
    "kiosk-user:hunter22",
    "東京都架空区一丁目２番３号",
)
FACT_NAMES = ("readers", "detail", "folder", "count", "kind", "families", "missing", "state", "name", "pin")


def words(language: str) -> Words:
    return Words.load(TEXTS, language)


def report(*outcomes: ProbeOutcome, settings: dict[str, str] | None = None) -> Report:
    about = About({"python": "3.11.2"}, uptime_s=61.0, settings=settings or {})
    return Report(datetime(2026, 11, 23, 3, 10, tzinfo=UTC), about, outcomes)


def step(code: FailureCode) -> str:
    return f"mend {code.value}"


GOOD = ProbeOutcome(
    "disk", ProbeResult(ProbeStatus.OK, "disk.ok", {"free_gb": "12.0", "total_gb": "50"}), 0.01
)
BAD = ProbeOutcome(
    "readers", ProbeResult(ProbeStatus.PROBLEM, "readers.none", {}, FailureCode.NO_READER), 0.2
)


def test_text_names_the_first_problem_its_code_and_the_next_step_and_ends_visibly() -> None:
    text = report(BAD, GOOD).text(words("en"), step)
    assert "Mend first: Card readers" in text
    assert "✗ Card readers: None found  [RDR-002]" in text
    assert "→ mend RDR-002" in text
    assert text.rstrip().endswith("---- end of the diagnosis ----")


def test_text_of_a_healthy_kiosk_says_so() -> None:
    text = report(GOOD).text(words("ja"), step)
    assert "すべて良好です" in text
    assert "空き 12.0 GB" in text


def test_json_is_one_document_with_an_end() -> None:
    document = json.loads(report(BAD, GOOD).json(words("en"), step))
    assert document["ok"] is False
    assert document["first_problem"] == "readers"
    assert [check["status"] for check in document["checks"]] == ["problem", "ok"]
    assert document["checks"][0]["next_step"] == "mend RDR-002"
    assert document["uptime_s"] == 61
    assert document["end"] is True


# four digits are a possible measurement, and plain words are what a device's name is made of
POSSIBLE = {("2580", name) for name in FACT_NAMES if name not in {"pin", "name"}} | {
    ("kiosk-user:hunter22", name) for name in ("detail", "readers", "families", "missing", "folder")
}


@pytest.mark.parametrize(
    ("planted", "name"),
    [(planted, name) for planted in PLANTED for name in FACT_NAMES if (planted, name) not in POSSIBLE],
)
def test_nothing_planted_in_a_fact_gets_into_a_report(name: str, planted: str) -> None:
    for summary in ("readers.ok", "problem.code", "handover.missing", "fonts.missing", "problem.broken"):
        outcome = ProbeOutcome("readers", ProbeResult(ProbeStatus.OK, summary, {name: planted}), 0.0)
        for language in LANGUAGES:
            made = report(outcome)
            assert planted not in made.text(words(language), step)
            assert planted not in made.json(words(language), step)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "upstream.url",
            "https://kiosk-user:hunter22@gate.example:8443/v1?token=abc",
            "https://gate.example:8443/v1",
        ),
        ("upstream.client_key", "/etc/uketsuke/client.pem", "(set)"),
        ("store.key_file", "", "(not set)"),
        ("staff.code", "2580", "(set)"),
        ("handover.folder", "/home/hanako/renkei", "~/renkei"),
        (
            "handover.folder",
            "/srv/reception-computer/handover/incoming",
            "/srv/reception-computer/handover/incoming",
        ),
        ("flow.idle_s", "45", "45"),
        ("notes", "123456789012", "(withheld)"),
    ],
)
def test_settings_are_masked(name: str, value: str, told: str) -> None:
    assert clean_setting(name, value) == told
    assert json.loads(report(GOOD, settings={name: value}).json(words("en"), step))["settings"] == {
        name: told
    }


def test_facts_that_help_get_through() -> None:
    facts = {
        "readers": "Gemalto PC Twin Reader (0123456789AB) 00 00",
        "folder": "/srv/reception-computer/handover/incoming",
        "median_ms": "12",
        "detail": "camera.device 0 is not there",
    }
    assert clean_facts(facts) == facts | {"readers": "Gemalto PC Twin Reader (…AB) 00 00"}


def test_unknown_facts_are_dropped() -> None:
    assert clean_facts({"holder": "x"}) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_summary_a_check_can_give_has_its_sentence(language: str) -> None:
    source = "".join(
        (ROOT / "kiosk" / "diagnostics" / name).read_text("utf-8")
        for name in ("probes.py", "camera.py", "upstream_probes.py", "server_probes.py", "runner.py")
    )
    prefixes = "|".join((*ORDER, "skipped", "problem"))
    keys = set(re.findall(rf'"((?:{prefixes})\.[a-z_]+)"', source))
    found = tomllib.loads((TEXTS / f"diagnostics.{language}.toml").read_text("utf-8"))
    assert len(keys) > 30
    assert keys == set(found["summaries"])
    assert set(found["titles"]) == set(ORDER)
    assert set(found["statuses"]) == {status.value for status in ProbeStatus}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_fact_leaves_a_dash_and_no_failure(language: str) -> None:
    for key in tomllib.loads((TEXTS / f"diagnostics.{language}.toml").read_text("utf-8"))["summaries"]:
        assert "{" not in words(language).summary(ProbeResult(ProbeStatus.OK, key))


def test_versions_name_the_program() -> None:
    assert {"python", "system", "uketsuke", "PySide6-Essentials"} <= set(versions())
