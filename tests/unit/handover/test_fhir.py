# SPDX-License-Identifier: Apache-2.0
"""The FHIR bundle: what is in it, that it is R4, and that a repeated delivery makes nothing twice."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.bundle import Bundle

from kiosk.clock import SystemClock
from kiosk.eligibility.model import Answer, AnswerBody, AnswerHeader, ElderlyInfo, LimitInfo, Result
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.handover.fhir import CODES, FhirDelivery, FhirFolder, FhirServer
from kiosk.handover.fhir_bundle import AuditTrail, Sender, bundle_of
from kiosk.handover.fhir_parts import member_number
from kiosk.handover.web import ServerAccess, WebClient
from kiosk.ids import UlidFactory
from kiosk.outbox import checkpoint
from kiosk.outbox.model import HandOverProblem
from tests.fakes.clinic_servers import PASSWORD, USER, FakeFhir

ACT = datetime(2026, 6, 1, 0, 12, 5, tzinfo=UTC)
KEY = UlidFactory().new(ACT)
INSTITUTION = "1319999999"
SENDER = Sender(INSTITUTION, "kiosk-1")
SIGNER = Ed25519PrivateKey.generate()

PERSON = Result(
    name="試験　花子",
    name_kana="ｼｹﾝ ﾊﾅｺ",
    sex="2",
    birth_date="19760327",
    address="東京都架空区一丁目２番３号",
    post_number="100-0000",
    insurer_number="  138999",
    insurer_name="架空区",
    symbol="12-34",
    number="4260",
    branch="01",
    family="1",
    qualified_on="20260401",
    valid_to="20270331",
    limit=LimitInfo(limit_class="A03"),
    elderly=ElderlyInfo(ratio="020"),
    checkup_consent="1",
    checkup_consent_time="20260601091200",
    checkup_available="20260602091200",
    medicine_consent="1",
    medicine_consent_time="20260601091200",
    medicine_available="20260602091200",
    treatment_consent="2",
    surgery_consent="0",
    reference_number="00001234",
)
ANSWER = Answer(
    header=AnswerHeader(
        process_time="20260601091206",
        confirmation_date="20260601",
        institution_code=INSTITUTION,
        file_id=KEY,
        segment="1",
    ),
    body=AnswerBody(status="1", validity="1", results=(PERSON,)),
)

# The elements of R4 (4.0.1) as its specification lists them, beside those every resource has.
R4 = {
    "Bundle": "identifier type timestamp total link entry signature",
    "Patient": "identifier active name telecom gender birthDate deceasedBoolean deceasedDateTime address "
    "maritalStatus multipleBirthBoolean multipleBirthInteger photo contact communication "
    "generalPractitioner managingOrganization link",
    "Coverage": "identifier status type policyHolder subscriber subscriberId beneficiary dependent "
    "relationship period payor class order network costToBeneficiary subrogation contract",
    "CoverageEligibilityRequest": "identifier status priority purpose patient servicedDate servicedPeriod "
    "created enterer provider insurer facility supportingInfo insurance item",
    "CoverageEligibilityResponse": "identifier status purpose patient servicedDate servicedPeriod created "
    "requestor request outcome disposition insurer insurance preAuthRef form error",
    "Consent": "identifier status scope category patient dateTime performer organization sourceAttachment "
    "sourceReference policy policyRule verification provision",
    "Provenance": "target occurredPeriod occurredDateTime recorded policy location reason activity agent "
    "entity signature",
}
COMMON = {
    "id",
    "meta",
    "implicitRules",
    "language",
    "text",
    "contained",
    "extension",
    "modifierExtension",
}


def audit() -> AuditTrail:
    signed = checkpoint.sign(7, bytes(32), datetime(2026, 6, 1, tzinfo=UTC), SIGNER)
    return AuditTrail(signed.text, SIGNER.public_key().public_bytes_raw())


def made(answer: Answer = ANSWER, trail: AuditTrail | None = None) -> dict[str, list[dict[str, Any]]]:
    """The resources of a bundle by type, after R4B's own models have taken the whole."""
    bundle: Any = bundle_of(answer, ACT, SENDER, trail)
    Bundle.model_validate(bundle)
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in bundle["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def test_who_and_how_insured() -> None:
    found = made()
    (patient,), (coverage,) = found["Patient"], found["Coverage"]
    assert patient["identifier"] == [
        {"system": f"urn:oid:1.2.392.100495.20.3.51.1{INSTITUTION}", "value": "00001234"}
    ]
    assert [
        (name["family"], name["given"], name["extension"][0]["valueCode"]) for name in patient["name"]
    ] == [
        ("試験", ["花子"], "IDE"),
        ("シケン", ["ハナコ"], "SYL"),
    ]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1976-03-27")
    assert patient["address"][0]["postalCode"] == "100-0000"
    assert coverage["meta"]["profile"] == ["http://jpfhir.jp/fhir/core/StructureDefinition/JP_Coverage"]
    assert coverage["identifier"][0]["value"] == "00138999:１２－３４:４２６０:01"
    assert [one["valueString"] for one in coverage["extension"]] == ["12-34", "4260", "01"]
    assert coverage["period"] == {"start": "2026-04-01", "end": "2027-03-31"}
    assert coverage["payor"][0]["identifier"]["value"] == "138999"


def test_what_was_asked_and_answered() -> None:
    found = made()
    (request,), (response,) = found["CoverageEligibilityRequest"], found["CoverageEligibilityResponse"]
    assert (request["servicedDate"], request["created"]) == ("2026-06-01", "2026-06-01T09:12:05+09:00")
    assert response["outcome"] == "complete"
    (insurance,) = response["insurance"]
    assert insurance["inforce"] is True
    assert [item["benefit"][0]["allowedString"] for item in insurance["item"]] == ["A03", "020"]
    ids = {f"urn:uuid:{one['id']}" for all_of in found.values() for one in all_of}
    assert response["request"]["reference"] in ids
    assert insurance["coverage"]["reference"] in ids


def test_only_what_was_decided_is_a_consent_and_it_ends_after_a_day() -> None:
    consents = {one["category"][0]["coding"][0]["code"]: one["provision"] for one in made()["Consent"]}
    assert set(consents) == {"YZK", "TKK", "SHJ"}, "an expired consent was decided by nobody today"
    assert consents["YZK"] == {
        "type": "permit",
        "period": {"start": "2026-06-01T09:12:00+09:00", "end": "2026-06-02T09:12:00+09:00"},
    }
    assert consents["SHJ"] == {"type": "deny"}


def test_the_audit_checkpoint_goes_along_and_can_be_checked() -> None:
    (provenance,) = made(trail=audit())["Provenance"]
    text, key = (one["valueString"] for one in provenance["extension"])
    kept = checkpoint.parse(text)
    assert kept is not None
    assert kept.signed_by(Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)))
    assert len(provenance["target"]) == 2 + 3


@pytest.mark.parametrize(
    ("body", "inforce", "outcome"),
    [
        (AnswerBody(status="1", validity="2", results=(PERSON,)), False, "complete"),
        (AnswerBody(status="1", validity="1", results=(PERSON, PERSON)), None, "complete"),
        (AnswerBody(status="2", result_code="E1", result_message="異常", validity="9"), None, "error"),
        (AnswerBody(), None, "error"),
    ],
)
def test_other_answers_are_no_insurance_in_force(
    body: AnswerBody, inforce: bool | None, outcome: str
) -> None:
    found = made(dataclasses.replace(ANSWER, body=body))
    (response,) = found["CoverageEligibilityResponse"]
    assert response["outcome"] == outcome
    assert [one["inforce"] for one in response.get("insurance", [])] == ([] if inforce is None else [inforce])
    if body.result_code:
        assert response["error"][0]["code"]["coding"][0]["code"] == "E1"
    if len(body.results or ()) != 1:
        assert "name" not in found["Patient"][0], "nobody knows which of several it was"


@pytest.mark.parametrize("kind", R4)
def test_r4_and_r4b_have_the_same_elements_here_and_only_those_are_used(kind: str) -> None:
    r4b = set(get_fhir_model_class(kind).elements_sequence())
    r4 = set(R4[kind].split()) | COMMON - (
        {"text", "contained", "extension", "modifierExtension"} if kind == "Bundle" else set()
    )
    assert r4b == r4, "docs/handover.md says that these do not differ"
    bundle: Any = bundle_of(ANSWER, ACT, SENDER, audit())
    used = [bundle] if kind == "Bundle" else made(trail=audit())[kind]
    assert {name for one in used for name in one} - {"resourceType"} <= r4


def test_a_repeated_delivery_makes_nothing_twice() -> None:
    server = FakeFhir()
    with server.running():
        web = WebClient(ServerAccess(server.url, USER, PASSWORD), CODES, SystemClock())
        lost = iter(["drop"])
        server.after = lambda _path: next(lost, None)
        delivery = FhirDelivery(FhirServer(web), SENDER, audit)
        with pytest.raises(HandOverProblem) as caught:
            delivery.deliver(ANSWER)
        assert (caught.value.code, caught.value.server_gone) == (FailureCode.FHIR_UNREACHABLE, True)
        delivery.deliver(ANSWER)
        counts = {kind: len(made) for kind, made in server.store.items()}
        assert counts == {
            "Patient": 1,
            "Coverage": 1,
            "CoverageEligibilityRequest": 1,
            "CoverageEligibilityResponse": 1,
            "Consent": 3,
            "Provenance": 1,
        }
        again = dataclasses.replace(
            ANSWER,
            header=dataclasses.replace(
                ANSWER.header, file_id=UlidFactory().new(datetime(2026, 6, 1, 5, tzinfo=UTC))
            ),
        )
        delivery.deliver(again)
        assert len(server.store["CoverageEligibilityRequest"]) == 2
        assert len(server.store["Patient"]) == 1, "the same number is the same patient"
        FhirServer(web).check()


@pytest.mark.parametrize(
    ("status", "code", "final"),
    [
        (401, FailureCode.FHIR_NOT_AUTHORISED, False),
        (412, FailureCode.FHIR_REFUSED, True),
        (422, FailureCode.FHIR_REFUSED, True),
        (302, FailureCode.FHIR_REFUSED, False),
        (503, FailureCode.FHIR_UNREACHABLE, False),
    ],
)
def test_what_a_server_refuses(status: int, code: FailureCode, final: bool) -> None:
    server = FakeFhir()
    with server.running():
        server.before = lambda _path: status
        web = WebClient(ServerAccess(server.url, USER, PASSWORD), CODES, SystemClock())
        with pytest.raises(HandOverProblem) as caught:
            FhirDelivery(FhirServer(web), SENDER).deliver(ANSWER)
    assert (caught.value.code, caught.value.status, caught.value.final) == (code, status, final)


@pytest.mark.parametrize("taken", ["none", "fewer", "more"])
def test_what_is_not_taken_as_a_whole_is_not_taken(taken: str) -> None:
    server = FakeFhir()
    more = {"none": -99, "fewer": -1, "more": 1}[taken]
    server.distort = lambda statuses: (statuses * 2)[: max(len(statuses) + more, 0)]
    with server.running():
        web = WebClient(ServerAccess(server.url, USER, PASSWORD), CODES, SystemClock())
        with pytest.raises(HandOverProblem) as caught:
            FhirDelivery(FhirServer(web), SENDER).deliver(ANSWER)
    assert (caught.value.code, caught.value.final) == (FailureCode.FHIR_REFUSED, True)


def test_the_moment_is_that_of_the_act_and_not_of_its_key() -> None:
    """A key's own time stays ahead for as long as the clock was, once it has been put back."""
    carried: list[dict[str, Any]] = []
    at = datetime(2026, 5, 31, 15, 30, tzinfo=UTC)

    def carry(_key: str, content: bytes) -> None:
        carried.append(json.loads(content))

    FhirDelivery(carry, SENDER, when=lambda key: at if key == KEY else None).deliver(ANSWER)
    assert carried[0]["timestamp"] == "2026-06-01T00:30:00+09:00"
    with pytest.raises(HandOverProblem) as caught:
        FhirDelivery(carry, SENDER, when=lambda _key: None).deliver(ANSWER)
    assert caught.value.final


def addresses(value: object) -> set[str]:
    """Every system, profile and extension within."""
    if isinstance(value, list):
        return {each for one in value for each in addresses(one)}
    if not isinstance(value, dict):
        return set()
    own = {str(value[name]) for name in ("system", "url") if name in value} | set(value.get("profile", ()))
    return {each for each in own if ":" in each} | {each for one in value.values() for each in addresses(one)}


def test_every_address_is_told_with_where_it_was_read() -> None:
    told = (Path(__file__).parents[3] / "docs" / "handover.md").read_text("utf-8")
    bundle: Any = bundle_of(ANSWER, ACT, SENDER, audit())
    used = {each.removesuffix(INSTITUTION) for each in addresses(bundle)}
    assert len(used) > 12
    core = "http://jpfhir.jp/fhir/core/"
    for address in used:
        tail = address.removeprefix(f"{core}StructureDefinition/").removeprefix(
            f"{core}Extension/StructureDefinition/JP_Coverage_InsuredPerson"
        )
        assert f"`{address}`" in told or (tail != address and f"…{tail}`" in told.replace("…/", "…")), address


def test_the_insured_persons_number_goes_by_the_receivers_name_or_not_at_all() -> None:
    for system, wanted in (
        ("urn:x:member", ["urn:x:member", "urn:uketsuke:check"]),
        ("", ["urn:uketsuke:check"]),
    ):
        bundle: Any = bundle_of(ANSWER, ACT, SENDER, None, member=system)
        Bundle.model_validate(bundle)
        (coverage,) = (
            entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Coverage"
        )
        assert [one["system"] for one in coverage["identifier"]] == wanted


def test_a_folder_gets_one_whole_file(tmp_path: Path) -> None:
    delivery = FhirDelivery(FhirFolder(tmp_path), SENDER, audit)
    delivery.deliver(ANSWER)
    delivery.deliver(ANSWER)
    (file,) = tmp_path.iterdir()
    assert file.name == f"uketsuke-{KEY}.fhir.json"
    Bundle.model_validate(json.loads(file.read_text(encoding="utf-8")))
    with pytest.raises(EnvironmentProblem) as caught:
        FhirDelivery(FhirFolder(tmp_path / "gone"), SENDER).deliver(ANSWER)
    assert caught.value.code is FailureCode.HANDOVER_FOLDER_MISSING


@pytest.mark.parametrize(
    ("parts", "number"),
    [
        (("00012345", "あいう", "187", "5"), "00012345:あいう:１８７:05"),
        (("39131234", None, "12345678", None), "39131234::１２３４５６７８:"),
        (("A1234", "1", "2", "3"), ""),
        (("12345", "1:2", "3", ""), ""),
        (("12345", "1", "3", "123"), ""),
    ],
)
def test_the_membership_number(parts: tuple[str, str | None, str, str | None], number: str) -> None:
    assert member_number(*parts) == number
