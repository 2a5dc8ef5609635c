# SPDX-License-Identifier: Apache-2.0
"""What the simulated upstream checks, and what it answers; every response is held against the contract."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from openapi_spec_validator import validate

from kiosk.auth.evidence import VerificationMethod
from kiosk.consent.items import ConsentItem, Decision
from kiosk.eligibility import codec_json
from kiosk.eligibility.decide import outcome_of
from kiosk.eligibility.model import Answer, Result
from kiosk.eligibility.outcome import OutcomeKind
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.patients.people import patient
from kiosk.simulator.upstream.app import CHECKS, SimulatedUpstream
from kiosk.simulator.upstream.faults import Fault, FaultKind
from tests.fakes import openapi
from tests.fakes.cards import authority, authority_at
from tests.fakes.checks import (
    FACE,
    INSTITUTION,
    PIN,
    STAFF,
    act_body,
    b64,
    check_body,
    evidence,
    key_no,
    update_question,
    yes_to,
)
from tests.fakes.clock import MORNING, FakeClock

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def upstream(clock: FakeClock) -> SimulatedUpstream:
    return SimulatedUpstream(authority().trust_anchors().folder, clock)


def send(
    upstream: SimulatedUpstream, method: str, path: str, body: object = None, key: str = key_no(1)
) -> httpx.Response:
    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(app=upstream.public)
        async with httpx.AsyncClient(transport=transport, base_url="http://upstream.test") as client:
            return await client.request(method, path, json=body, headers={"Idempotency-Key": key})

    response = asyncio.run(exchange())
    openapi.check_response(response)
    return response


def ask(upstream: SimulatedUpstream, body: object, key: str = key_no(1)) -> httpx.Response:
    return send(upstream, "POST", CHECKS, body, key)


def answered(response: httpx.Response) -> Answer:
    assert response.status_code == 200, response.text
    return codec_json.parse_answer(response.content)


def test_the_contract_is_valid_openapi() -> None:
    validate(openapi.document())


@pytest.mark.parametrize("method", [PIN, FACE, STAFF])
def test_evidence_of_each_way_is_taken(upstream: SimulatedUpstream, method: VerificationMethod) -> None:
    body = check_body(evidence("taro", method))
    openapi.conforms(body, openapi.schema_of("Check"))
    answer = answered(ask(upstream, body))
    assert outcome_of(answer, INSTITUTION, key_no(1)).kind is OutcomeKind.ELIGIBLE
    assert answer.results[0].name == "見本　太郎"
    assert answer.header.confirmation_date == "20260601"
    assert answer.header.process_time == "20260601091200"


def test_staff_without_the_card_face_is_the_certificate_alone(upstream: SimulatedUpstream) -> None:
    shown = evidence("taro", STAFF) | {
        "signature": None,
        "visual": None,
        "assurance": "certificate_only",
    }
    assert answered(ask(upstream, check_body(shown))).results
    nobody = check_body(shown | {"decided_by": ""})
    assert ask(upstream, nobody, key_no(2)).json()["code"] == FailureCode.SIGNATURE_INVALID


# --- the people ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "kind", "code"),
    [
        ("hanako", OutcomeKind.ELIGIBLE, None),
        ("taro", OutcomeKind.ELIGIBLE, None),
        ("tome", OutcomeKind.ELIGIBLE, None),
        ("kenichi", OutcomeKind.ELIGIBLE, None),
        ("ryoko", OutcomeKind.NOT_ELIGIBLE, FailureCode.NEW_INSURER),
        ("goro", OutcomeKind.ELIGIBLE, None),
        ("yuki", OutcomeKind.ELIGIBLE, None),
        ("masao", OutcomeKind.ELIGIBLE, None),
    ],
)
def test_the_cast(upstream: SimulatedUpstream, who: str, kind: OutcomeKind, code: FailureCode | None) -> None:
    answer = answered(ask(upstream, check_body(evidence(who, FACE), limit_consent=1)))
    outcome = outcome_of(answer, INSTITUTION, key_no(1))
    assert (outcome.kind, outcome.code) == (kind, code)


def test_what_is_special_about_some(upstream: SimulatedUpstream) -> None:
    def result(who: str, number: int) -> Result:
        shown = evidence(who, FACE, nonce=bytes([number]) * 32)
        return answered(ask(upstream, check_body(shown, limit_consent=1), key_no(number))).results[0]

    assert result("kenichi", 1).name == "●●　謙一"
    tome = result("tome", 2)
    assert (tome.partial_ratio, tome.insurer_number, tome.symbol) == ("010", "39138999", None)
    hanako = result("hanako", 3)
    assert hanako.limit is not None
    assert (hanako.insurer_number, hanako.limit.limit_class) == ("  138999", "A03")
    assert (hanako.limit.valid_from, hanako.limit.valid_to) == ("20250801", "20260731")
    ryoko = result("ryoko", 4)
    assert (ryoko.reason_of_loss, ryoko.limit, ryoko.limit_consent) == ("03", None, None)


def test_consents_come_back_as_flags(upstream: SimulatedUpstream) -> None:
    given = yes_to(ConsentItem.TREATMENT_AND_MEDICINE)
    (result,) = answered(ask(upstream, check_body(consents=given))).results
    assert (result.medicine_consent, result.treatment_consent) == ("1", "1")
    assert result.medicine_available == "20260602091200"
    assert (result.checkup_consent, result.limit_consent, result.limit) == ("0", "0", None)


def test_a_stranger_has_no_record(tmp_path: Path, clock: FakeClock) -> None:
    anchors = authority().trust_anchors()
    for name in ("user-ca.pem", "cv-issuers.json"):
        (tmp_path / name).write_bytes((anchors.folder / name).read_bytes())
    upstream = SimulatedUpstream(tmp_path, clock)
    answer = answered(ask(upstream, check_body()))
    assert outcome_of(answer, INSTITUTION, key_no(1)).code is FailureCode.NO_RECORD
    sha256 = _sha256("taro")
    assert send(upstream, "GET", f"/v1/registrations/{sha256}").status_code == 404
    (tmp_path / "people.json").write_text(json.dumps({sha256.upper(): "taro"}))
    assert send(upstream, "GET", f"/v1/registrations/{sha256}").json()["registered"] is True


def _sha256(who: str) -> str:
    return hashlib.sha256(base64.b64decode(evidence(who)["certificate"])).hexdigest()


def test_expired_within_grace_opens_no_medical_information(clock: FakeClock) -> None:
    shown = evidence("taro")
    last = _last_moment(shown)
    clock.jump(last + timedelta(days=10))
    upstream = SimulatedUpstream(authority().trust_anchors().folder, clock)
    shown = evidence("taro", at=clock.now(), issuer=_frozen())
    given = yes_to(ConsentItem.TREATMENT_AND_MEDICINE, at=clock.now())
    body = check_body(shown, given, limit_consent=1, at=clock.now())
    (result,) = answered(ask(upstream, body)).results
    assert (result.medicine_consent, result.limit_consent) == ("0", "1")


def test_expired_beyond_grace_is_refused_with_its_code(upstream: SimulatedUpstream) -> None:
    response = ask(upstream, check_body(evidence("akira")))
    assert response.status_code == 422
    assert response.json()["code"] == FailureCode.CERTIFICATE_EXPIRED
    assert upstream.state()["effects"] == {}


def _frozen() -> TestAuthority:
    return authority()  # still dated `MORNING`: it goes on using the certificates of that day


def _last_moment(shown: Mapping[str, Any]) -> datetime:
    return x509.load_der_x509_certificate(base64.b64decode(shown["certificate"])).not_valid_after_utc


# --- evidence that does not hold ---------------------------------------------------------------------------


def flip(name: str, *path: str) -> Change:
    """Change one bit near the end of a value in base64, which for what is signed is the signature."""

    def change(shown: dict[str, Any]) -> None:
        place = shown
        for step in path:
            place = place[step]
        data = bytearray(base64.b64decode(place[name]))
        data[-2] ^= 1
        place[name] = b64(bytes(data))

    return change


def put(name: str, value: object, *path: str) -> Change:
    def change(shown: dict[str, Any]) -> None:
        place = shown
        for step in path:
            place = place[step]
        place[name] = value

    return change


def as_another_authority(shown: dict[str, Any]) -> None:
    """The card face signed by somebody whose CV certificate names the known issuer."""
    shown["visual"]["cv_certificate"] = b64(
        base64.b64decode(shown["visual"]["cv_certificate"])[:9] + b"8" * 16 + b"\0" * 543
    )


def with_the_signature_certificate(shown: dict[str, Any]) -> None:
    shown["certificate"] = b64(authority().material(patient("taro")).sign_certificate)


@pytest.mark.parametrize(
    ("method", "change", "code"),
    [
        (PIN, flip("signature"), FailureCode.SIGNATURE_INVALID),
        (PIN, flip("nonce", "statement"), FailureCode.SIGNATURE_INVALID),
        (PIN, put("kiosk_id", "K2", "statement"), FailureCode.SIGNATURE_INVALID),
        (PIN, put("signature", None), FailureCode.SIGNATURE_INVALID),
        (PIN, put("assurance", "visual_key_same_session"), FailureCode.SIGNATURE_INVALID),
        (PIN, put("method", "face"), FailureCode.SIGNATURE_INVALID),
        (PIN, put("certificate", b64(b"0\x82")), FailureCode.CERTIFICATE_UNREADABLE),
        (PIN, flip("certificate"), FailureCode.CERTIFICATE_UNTRUSTED),
        (PIN, with_the_signature_certificate, FailureCode.CERTIFICATE_UNTRUSTED),
        (PIN, put("institution_code", "1310000000", "statement"), FailureCode.SIGNATURE_INVALID),
        (FACE, flip("signature"), FailureCode.SIGNATURE_INVALID),
        (FACE, put("visual", None), FailureCode.SIGNATURE_INVALID),
        (FACE, flip("photo_hash", "visual"), FailureCode.PHOTO_FORGED),
        (FACE, flip("images_hash", "visual"), FailureCode.PHOTO_FORGED),
        (FACE, flip("birth_date", "visual"), FailureCode.PHOTO_FORGED),
        (FACE, flip("public_key", "visual"), FailureCode.PHOTO_FORGED),
        (FACE, flip("signature", "visual"), FailureCode.PHOTO_FORGED),
        (FACE, flip("cv_certificate", "visual"), FailureCode.PHOTO_FORGED),
        (FACE, put("cv_certificate", "", "visual"), FailureCode.PHOTO_FORGED),
        (FACE, as_another_authority, FailureCode.PHOTO_FORGED),
    ],
)
def test_evidence_that_does_not_hold(
    upstream: SimulatedUpstream, method: VerificationMethod, change: Change, code: FailureCode
) -> None:
    shown = evidence("taro", method)
    change(shown)
    response = ask(upstream, check_body(shown))
    assert response.status_code == 422, response.text
    assert response.json()["code"] == code
    assert upstream.state()["effects"] == {}


@pytest.mark.parametrize(("hours", "status"), [(23.9, 200), (24.1, 422), (-0.05, 200), (-0.2, 422)])
def test_a_statement_is_good_for_a_day(
    upstream: SimulatedUpstream, clock: FakeClock, hours: float, status: int
) -> None:
    clock.jump(MORNING + timedelta(hours=hours))
    assert ask(upstream, check_body()).status_code == status


def test_the_parts_of_a_request_tell_of_one_act(upstream: SimulatedUpstream) -> None:
    other_day = check_body() | {"qualification_confirmation_date": "20260602"}
    other_place = check_body() | {"institution_code": "1310000000"}
    assert ask(upstream, other_day).status_code == ask(upstream, other_place).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        put("kind", "number"),
        put("limit_consent", 2),
        put("limit_consent", "1"),
        put("extra", "秘密の人"),
        put("occurred_at", "2026-06-01T09:12:00"),
        put("nonce", "AAAA", "evidence", "statement"),
        put("nonce", "秘密の人", "evidence", "statement"),
        put("version", "other", "evidence", "statement"),
        put("time", "2026-06-01T09:12:00+09:00", "evidence", "statement"),
        put("consents", [{"item": "秘密の人"}]),
    ],
)
def test_a_malformed_body_is_refused_without_being_quoted(
    upstream: SimulatedUpstream, change: Change
) -> None:
    body = check_body()
    change(body)
    response = ask(upstream, body)
    assert response.status_code == 400
    assert "秘密" not in response.text


def test_no_key_no_json_and_too_much(upstream: SimulatedUpstream) -> None:
    assert ask(upstream, check_body(), "not-a-ulid").status_code == 400
    assert ask(upstream, "x" * 300_000).status_code == 413
    assert send(upstream, "GET", "/v1/registrations/xyz").status_code == 400
    assert send(upstream, "GET", f"{CHECKS}/{key_no(7)}").status_code == 404


# --- once and only once ------------------------------------------------------------------------------------


def test_the_same_key_and_body_is_one_act(upstream: SimulatedUpstream, clock: FakeClock) -> None:
    first = ask(upstream, check_body())
    clock.advance(3600)
    again = ask(upstream, check_body())
    assert again.content == first.content
    assert upstream.state()["effects"] == {key_no(1): 1}
    assert ask(upstream, check_body(limit_consent=1)).json()["type"].endswith("key-reused")
    assert send(upstream, "POST", "/v1/person-updates", update_question()).status_code == 422


def test_one_statement_is_good_for_one_check(upstream: SimulatedUpstream) -> None:
    assert ask(upstream, check_body()).status_code == 200
    assert ask(upstream, check_body(), key_no(2)).status_code == 422
    fresh = check_body(evidence(nonce=b"m" * 32))
    assert ask(upstream, fresh, key_no(2)).status_code == 200


def test_a_registration_and_the_check_after_it_share_a_statement(upstream: SimulatedUpstream) -> None:
    upstream.set_registered("taro", registered=False)
    shown = evidence("taro")
    assert send(upstream, "GET", f"/v1/registrations/{_sha256('taro')}").status_code == 404
    body = act_body(shown, yes_to(ConsentItem.USAGE_REGISTRATION))
    openapi.conforms(body, openapi.schema_of("Act"))
    assert send(upstream, "POST", "/v1/usage-registrations", body, key_no(1)).json()["registered"] is True
    assert answered(ask(upstream, check_body(shown), key_no(2))).results


def test_news_of_a_person_rests_on_a_consent(upstream: SimulatedUpstream) -> None:
    body = update_question("kanae")
    openapi.conforms(body, openapi.schema_of("PersonUpdate"))
    told = send(upstream, "POST", "/v1/person-updates", body, key_no(1)).json()
    assert (told["changed"], told["person"], told["successor"]) == (False, None, None)
    upstream.move("kanae")
    # what was answered stays answered; a new question gets the new facts, and the certificate that came after
    assert send(upstream, "POST", "/v1/person-updates", body, key_no(1)).json() == told
    moved = send(upstream, "POST", "/v1/person-updates", body, key_no(2)).json()
    assert moved["certificate"] == body["certificate"]
    assert moved["person"]["address"] == patient("kanae").moves_to
    assert moved["person"]["birth_date"] == "19831203"
    after = send(
        upstream, "POST", "/v1/person-updates", body | {"certificate": moved["successor"]}, key_no(3)
    )
    assert (after.json()["changed"], after.json()["successor"]) == (False, None)
    for refused in (
        update_question("kanae", Decision.NO),
        update_question("kanae", item=ConsentItem.CHECKUP),
    ):
        assert send(upstream, "POST", "/v1/person-updates", refused, key_no(4)).status_code == 422
    upstream.reset()
    assert send(upstream, "POST", "/v1/person-updates", body, key_no(5)).json()["changed"] is False


def test_cards_are_as_at_the_start_again(upstream: SimulatedUpstream) -> None:
    nozomi = f"/v1/registrations/{_sha256('nozomi')}"
    assert send(upstream, "GET", nozomi).status_code == 404
    upstream.set_registered("nozomi", registered=True)
    assert send(upstream, "GET", nozomi).status_code == 200
    upstream.reset()
    assert send(upstream, "GET", nozomi).status_code == 404


def test_a_restart_forgets_nothing(tmp_path: Path, clock: FakeClock) -> None:
    folder, state = authority().trust_anchors().folder, tmp_path / "state" / "upstream.jsonl"
    first = ask(SimulatedUpstream(folder, clock, state), check_body())
    with state.open("ab") as file:
        file.write(b'{"key": "01KA')  # the machine went down in the middle of a line
    clock.advance(60)
    upstream = SimulatedUpstream(folder, clock, state)
    assert ask(upstream, check_body()).content == first.content
    assert ask(upstream, check_body(evidence(nonce=b"m" * 32)), key_no(2)).status_code == 200
    assert SimulatedUpstream(folder, clock, state).state()["effects"] == {key_no(1): 1, key_no(2): 1}
    assert state.stat().st_mode & 0o077 == 0


def test_folders_that_will_not_do(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(EnvironmentProblem):
        SimulatedUpstream(tmp_path / "gone", clock)
    (tmp_path / "cv-issuers.json").write_text("{}")
    with pytest.raises(EnvironmentProblem):
        SimulatedUpstream(tmp_path, clock)
    (tmp_path / "state").write_text("nonsense\n")
    with pytest.raises(EnvironmentProblem):
        SimulatedUpstream(authority().trust_anchors().folder, clock, tmp_path / "state")


# --- faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status", "effects"),
    [
        (FaultKind.UNAVAILABLE, 503, 0),
        (FaultKind.UNREACHABLE, 503, 0),
        (FaultKind.TOO_MANY, 429, 0),
        (FaultKind.NOT_AUTHORISED, 403, 0),
        (FaultKind.REFUSE, 422, 0),
        (FaultKind.LOST_ANSWER, 504, 1),
    ],
)
def test_faults_end_and_the_check_is_done_once(
    upstream: SimulatedUpstream, kind: FaultKind, status: int, effects: int
) -> None:
    upstream.set_fault(Fault(kind=kind, times=1, retry_after=7))
    response = ask(upstream, check_body())
    assert response.status_code == status
    assert response.headers.get("Retry-After", "7") == "7"
    assert upstream.state()["acts"] == ({CHECKS: 1} if effects else {})
    assert answered(ask(upstream, check_body())).results
    assert upstream.state()["effects"] == {key_no(1): 1}


@pytest.mark.parametrize("kind", [FaultKind.WRONG_ID, FaultKind.WRONG_INSTITUTION])
def test_a_wrong_answer_is_another_questions(upstream: SimulatedUpstream, kind: FaultKind) -> None:
    upstream.set_fault(Fault(kind=kind, times=1))
    wrong = outcome_of(answered(ask(upstream, check_body())), INSTITUTION, key_no(1))
    assert wrong.code is FailureCode.UPSTREAM_ANSWER_WRONG
    right = outcome_of(answered(ask(upstream, check_body())), INSTITUTION, key_no(1))
    assert right.kind is OutcomeKind.ELIGIBLE


def test_accepted_first_and_answered_when_asked(upstream: SimulatedUpstream) -> None:
    upstream.set_fault(Fault(kind=FaultKind.ACCEPT_FIRST, polls=1))
    accepted = ask(upstream, check_body())
    assert accepted.status_code == 202
    place = accepted.headers["Location"]
    assert ask(upstream, check_body()).status_code == 409
    assert send(upstream, "GET", place).status_code == 202
    answer = answered(send(upstream, "GET", place))
    assert outcome_of(answer, INSTITUTION, key_no(1)).kind is OutcomeKind.ELIGIBLE
    assert upstream.state()["effects"] == {key_no(1): 1}


def test_state_tells_nothing_about_a_person(upstream: SimulatedUpstream) -> None:
    ask(upstream, check_body())
    assert send(upstream, "GET", "/v1/health").json() == {"status": "ok", "simulated": True}
    text = json.dumps(upstream.state(), ensure_ascii=False)
    assert "見本" not in text
    assert "5181" not in text
    assert datetime(2026, 6, 1, tzinfo=UTC).date() == MORNING.date()
    assert authority_at(FakeClock()).today() == authority().today()
