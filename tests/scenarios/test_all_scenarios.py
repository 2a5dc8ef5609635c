# SPDX-License-Identifier: Apache-2.0
"""Every scenario from the card on the reader to the file for the reception computer, as a user runs it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from tests.fakes.one_demo import Played, all_scenarios

pytestmark = [pytest.mark.integration, pytest.mark.timeout(2000)]


@dataclass(frozen=True)
class Expected:
    """How a scenario ends, as the contract has it; written here again, so that no scenario file decides.

    Scenarios that later work adds must end as they say, too; what more is to be seen of them their own tests
    tell.
    """

    end: str
    way: str | None
    name: str = ""  # in the hand-over file; empty where there is no check
    limit: str | None = None
    code: str | None = None
    result: str = "received"  # the screen that tells the patient, before the card is taken


EXPECTED = {
    "address-changed": Expected("eligible", "pin", "移川　香苗", "yes"),
    "card-pulled": Expected("cleared", "pin", result="consent-treatment_and_medicine"),
    "cert-expired": Expected("ask_staff", None, code="CRT-001", result="hand-to-staff"),
    "face-mismatch": Expected("handed_to_staff", None, code="FAC-001", result="hand-to-staff"),
    "face-ok": Expected("eligible", "face", "試験　花子", "yes"),
    "new-insurer": Expected("not_eligible", "face", "仮野　涼子", "yes", "ELG-002", "ask-staff"),
    "no-pin-card": Expected("eligible", "face", "空木　正夫", "yes"),
    "not-eligible": Expected("not_eligible", "pin", "仮野　涼子", "yes", "ELG-002", "ask-staff"),
    "other-card": Expected("cleared", None, result="other-card"),
    "pin-blocked": Expected("eligible", "face", "架川　雪", "yes"),
    "pin-last-try": Expected("handed_to_staff", None, code="PIN-001", result="hand-to-staff"),
    "pin-ok": Expected("eligible", "pin", "見本　太郎", "no"),
    "pin-wrong-then-ok": Expected("eligible", "pin", "見本　太郎", "yes"),
    "public-assistance": Expected("eligible", "face", "扶川　武雄", "no"),
    "rare-kanji": Expected("eligible", "face", "●●　謙一", "yes"),
    "senior-75": Expected("eligible", "face", "例山　トメ", "yes"),
    "specific-disease": Expected("eligible", "face", "透野　静江", "yes"),
    "staff-reset": Expected("cleared", "pin", result="consent-treatment_and_medicine"),
    "unregistered": Expected("eligible", "pin", "初瀬　望", "yes"),
    "upstream-down": Expected(
        "to_be_confirmed", "pin", "見本　太郎", "yes", "UPS-001", "received-unconfirmed"
    ),
    "upstream-slow": Expected(
        "to_be_confirmed", "pin", "見本　太郎", "yes", "UPS-002", "received-unconfirmed"
    ),
    "upstream-wrong-answer": Expected(
        "to_be_confirmed", "pin", "見本　太郎", "yes", "UPS-002", "received-unconfirmed"
    ),
    "worker-killed": Expected("eligible", "face", "試験　花子", "yes"),
}
# What staff do at the idle screen once the patient has gone.
AFTERWARDS = {
    "address-changed": [f"staff-news-{screen}" for screen in ("list", "ask", "facts", "list")] + ["idle"],
}
# Answers that find nobody, too many, or nothing that this version knows.
FOR_PEOPLE = {"multiple-records": "ELG-004", "no-record": "ELG-003", "unknown-codes": "ELG-007"}
CHECKED = [name for name, expected in EXPECTED.items() if expected.name]
KEYS = {
    "name", "expected", "outcome", "ok", "verification", "consents", "limit", "qualification", "screens",
    "seconds",
}  # fmt: skip


@pytest.fixture(scope="module")
def played() -> Played:
    return all_scenarios()


@pytest.fixture(scope="module")
def document(played: Played) -> dict[str, object]:
    return played.ended.document


@pytest.fixture(scope="module")
def by_name(document: dict[str, object]) -> dict[str, dict[str, object]]:
    scenarios = document["scenarios"]
    assert isinstance(scenarios, list)
    return {scenario["name"]: scenario for scenario in scenarios}


def stranger(file: Path) -> dict[str, list[str]]:
    """Every element with text, by name, as somebody reads the file who has never seen this program."""
    found: dict[str, list[str]] = {}
    text = file.read_bytes().decode("utf-8")
    for name, value in re.findall(r"<(\w+)>([^<]*)</\1>", text):
        found.setdefault(name, []).append(value)
    return found


@pytest.fixture(scope="module")
def files(played: Played, by_name: dict[str, dict[str, object]]) -> dict[str, dict[str, list[str]]]:
    """The hand-over files by scenario: keys are in the order of their making, as the scenarios are played."""
    found = [stranger(file) for file in (played.out / "handover").glob("*.xml")]
    found.sort(key=lambda file: file["ArbitraryFileIdentifier"][0])
    answered = answers(by_name)
    assert len(found) == len(answered)
    return dict(zip(answered, found, strict=True))


def answers(by_name: dict[str, dict[str, object]]) -> list[str]:
    """The scenarios whose check got an answer, in the order in which they are played."""
    return [name for name, scenario in by_name.items() if scenario["qualification"]]


def screens_of(scenario: dict[str, object]) -> list[str]:
    screens = scenario["screens"]
    assert isinstance(screens, list)
    return screens


# --- the document -------------------------------------------------------------------------------------------


def test_everything_ends_well(
    played: Played, document: dict[str, object], by_name: dict[str, dict[str, object]]
) -> None:
    assert played.ended.status == 0, played.ended.err
    assert document["ok"] is True
    assert {name for name in EXPECTED if by_name[name]["qualification"]} == set(CHECKED)
    # each check, and its hand-over; a registration before, a question about who moved after
    more = [
        sum(item in asked(scenario) for scenario in by_name.values())
        for item in ("usage_registration", "person_update")
    ]
    assert more == [1, 1]
    assert document["outbox"] == {"pending": 0, "done": 2 * len(answers(by_name)) + sum(more)}


def test_the_document_has_the_agreed_shape(
    document: dict[str, object], by_name: dict[str, dict[str, object]]
) -> None:
    assert set(document) == {"scenarios", "outbox", "ok"}
    assert set(by_name) >= set(EXPECTED)
    assert list(by_name) == sorted(by_name)
    for scenario in by_name.values():
        assert scenario["ok"] is True
        assert scenario["outcome"] == scenario["expected"]
        assert set(scenario) >= KEYS
        assert "problem" not in scenario
        assert isinstance(scenario["consents"], dict)
        assert isinstance(scenario["seconds"], float)
        assert scenario["seconds"] > 0


def test_the_summary_is_what_was_said(played: Played, document: dict[str, object]) -> None:
    assert json.loads((played.out / "summary.json").read_text("utf-8")) == document


def test_standard_error_holds_log_lines_only(played: Played) -> None:
    line = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING) +[a-z.]+: .+\n?")
    lines = played.ended.err.splitlines()
    assert len(lines) > 50
    assert [text for text in lines if not line.fullmatch(text)] == []
    # what goes wrong on purpose and is not the patient's: upstream is down
    assert any("WARNING outbox: upstream cannot be reached" in text for text in lines)


def test_nothing_is_left_running_or_lying_about(played: Played) -> None:
    assert played.left_running == {}
    assert list((played.folder / "tmp").iterdir()) == []
    assert not list(played.folder.rglob("core*"))
    assert not list((played.out / "handover").glob("*.part"))


# --- each scenario ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED)
def test_ends_as_the_contract_has_it(by_name: dict[str, dict[str, object]], name: str) -> None:
    scenario, expected = by_name[name], EXPECTED[name]
    assert scenario["ok"] is True
    assert scenario["expected"] == scenario["outcome"] == expected.end
    assert scenario["verification"] == expected.way
    assert scenario["limit"] == expected.limit
    assert scenario["code"] == expected.code
    # what upstream said in the end, also where the patient had to go on without it
    answered = {"to_be_confirmed": "eligible"}.get(expected.end, expected.end)
    assert scenario["qualification"] == (answered if expected.name else None)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_screens_come_in_order(by_name: dict[str, dict[str, object]], name: str) -> None:
    screens, expected = screens_of(by_name[name]), EXPECTED[name]
    assert screens[0] == screens[-1] == "idle"
    assert screens.count(expected.result) == 1
    after = screens[screens.index(expected.result) + 1 :]
    takes_card = bool(expected.name) or name == "staff-reset"
    assert after == (["take-card", "idle"] if takes_card else ["idle"]) + AFTERWARDS.get(name, [])
    if expected.name:
        way = "pin" if expected.way == "pin" else "face"
        questions = ["consent-treatment_and_medicine", "limit"]
        places = [screens.index(screen) for screen in ["choose", way, "matched", *questions, expected.result]]
        assert places == sorted(places)
    assert ("consent-checkup" in screens) == ("checkup" in asked(by_name[name]))


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_what_decides_nothing_is_for_people(by_name: dict[str, dict[str, object]], name: str) -> None:
    scenario = by_name[name]
    assert scenario["outcome"] == scenario["qualification"] == "ask_staff"
    assert scenario["code"] == FOR_PEOPLE[name]
    assert "ask-staff" in screens_of(scenario)


def test_staff_check_by_number_through_the_folders(by_name: dict[str, dict[str, object]]) -> None:
    scenario = by_name["terminal-folder"]
    assert scenario["verification"] == "number"
    assert scenario["outcome"] == scenario["qualification"] == "eligible"


def asked(scenario: dict[str, object]) -> set[str]:
    consents = scenario["consents"]
    assert isinstance(consents, dict)
    return {item for item, decision in consents.items() if decision in {"yes", "no"}}


def test_the_checkup_question_follows_the_age(by_name: dict[str, dict[str, object]]) -> None:
    assert by_name["face-ok"]["consents"] == {"treatment_and_medicine": "yes", "checkup": "yes"}
    # 22 years old, and the card says so
    assert by_name["pin-blocked"]["consents"] == {"treatment_and_medicine": "yes", "checkup": "not_due"}
    # by PIN the age is not known, so everybody is asked
    assert by_name["pin-ok"]["consents"] == {"treatment_and_medicine": "yes", "checkup": "no"}


# --- pictures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED)
def test_each_screen_has_its_picture(
    played: Played, by_name: dict[str, dict[str, object]], name: str
) -> None:
    screens = screens_of(by_name[name])
    wanted = [f"{number:02}-{screen}.png" for number, screen in enumerate(screens, start=1)]
    assert sorted(file.name for file in (played.out / name).iterdir()) == wanted
    for file in wanted:
        with Image.open(played.out / name / file) as image:
            picture = image.convert("RGB")
        assert picture.size == (1080, 1920)
        # something is on it, below the banner
        colours = picture.crop((0, 100, 1080, 1920)).getcolors(maxcolors=1080 * 1920)
        assert colours is not None
        assert len(colours) > 50, file
        assert max(count for count, _ in colours) < 0.99 * 1080 * 1820, file
        assert says_simulation(picture), file


def says_simulation(picture: Image.Image) -> bool:
    """Whether the banner lies across the top: its yellow at both ends, dark writing in the middle."""
    yellow, brown = (0xFB, 0xF5, 0xE0), (0x6E, 0x56, 0x00)
    ends = [picture.crop(box).getcolors() for box in ((0, 0, 120, 36), (960, 0, 1080, 36))]
    middle = picture.crop((200, 0, 880, 40)).getcolors(maxcolors=100_000) or []
    written = sum(count for count, colour in middle if colour == brown)
    return all(found == [(120 * 36, yellow)] for found in ends) and written > 500


def test_a_picture_without_the_banner_would_be_seen() -> None:
    assert not says_simulation(Image.new("RGB", (1080, 1920), (0xFB, 0xF5, 0xE0)))
    assert not says_simulation(Image.new("RGB", (1080, 1920), (0xFF, 0xFF, 0xFF)))


# --- hand-over ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKED)
def test_one_file_for_each_answer(
    files: dict[str, dict[str, list[str]]], by_name: dict[str, dict[str, object]], name: str
) -> None:
    file, expected = files[name], EXPECTED[name]
    assert file["Name"] == [expected.name]
    assert file["MedicalInstitutionCode"] == ["0000000000"]
    insured = expected.end != "not_eligible"
    assert file["QualificationValidity"] == ["1" if insured else "3"]
    consents = by_name[name]["consents"]
    assert isinstance(consents, dict)
    if insured:  # who is not insured has agreed to nothing that could be given
        agreed = "1" if consents["treatment_and_medicine"] == "yes" else "0"
        assert file["PharmacistsInfoConsFlg"] == file["DiagnosisInfoConsFlg"] == [agreed]
        assert file["SpecificHealthCheckupsInfoConsFlg"] == ["1" if consents["checkup"] == "yes" else "0"]


def test_files_are_named_as_the_reception_computer_expects(
    played: Played, by_name: dict[str, dict[str, object]]
) -> None:
    names = [file.name for file in (played.out / "handover").glob("*.xml")]
    pattern = re.compile(r"OQSsiquc01res_face_0000000000[0-9a-f]{20}_\d{14}\.xml")
    assert all(pattern.fullmatch(name) for name in names)
    assert len(set(names)) == len(answers(by_name))
    others = {file.name for file in (played.out / "handover").iterdir()} - set(names)
    assert others == {"UKETSUKE-DEMO"}


@pytest.mark.parametrize("name", CHECKED)
def test_limit_information_comes_only_with_consent(files: dict[str, dict[str, list[str]]], name: str) -> None:
    given = [element for element in files[name] if element.startswith("LimitApplicationCertificateClass")]
    agreed = EXPECTED[name].limit == "yes" and EXPECTED[name].end != "not_eligible"
    assert bool(given) == agreed


def test_what_is_special_about_some(files: dict[str, dict[str, list[str]]]) -> None:
    assert files["rare-kanji"]["Name"][0].count("●") == 2
    assert files["senior-75"]["InsuredPartialContributionRatio"] == ["010"]
    assert files["no-pin-card"]["InsuredPartialContributionRatio"] == ["020"]
    assert "InsuredPartialContributionRatio" not in files["pin-ok"]
    assert files["pin-ok"]["InsurerNumber"] == ["  138999"]  # spaces in front are part of the number
    assert files["public-assistance"]["InsuredCardClassification"] == ["A1"]
    assert files["public-assistance"]["TicketType"] == ["01"]
    assert files["specific-disease"]["SpecificDiseasesSelfPay"] == ["10000"]
    assert files["specific-disease"]["SpecificDiseasesCertificateRelatedConsFlg"] == ["1"]
    assert files["new-insurer"]["ReasonOfLoss"] == ["03"]


@pytest.mark.parametrize(
    ("name", "way", "code", "validity"),
    [("multiple-records", "face", "ELG-004", "5"), ("no-record", "pin", "ELG-003", "4")],
)
def test_nobody_is_called_uninsured_by_a_machine(
    by_name: dict[str, dict[str, object]],
    files: dict[str, dict[str, list[str]]],
    name: str,
    way: str,
    code: str,
    validity: str,
) -> None:
    scenario = by_name[name]
    assert (scenario["outcome"], scenario["verification"], scenario["code"]) == ("ask_staff", way, code)
    assert screens_of(scenario)[-3:] == ["ask-staff", "take-card", "idle"]
    assert files[name]["QualificationValidity"] == [validity]
    assert "Name" not in files[name]


def test_the_card_is_registered_before_anything_else_is_asked(by_name: dict[str, dict[str, object]]) -> None:
    assert by_name["unregistered"]["consents"] == {
        "usage_registration": "yes",
        "treatment_and_medicine": "yes",
        "checkup": "no",
    }
    screens = screens_of(by_name["unregistered"])
    assert screens.index("registration") < screens.index("choose")
    assert screens_of(by_name["specific-disease"]).count("consent-specific_disease") == 1
