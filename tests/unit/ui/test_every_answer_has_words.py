# SPDX-License-Identifier: Apache-2.0
"""Whatever upstream's codes say together: an outcome, the patient's own sentence, and the staff's reason."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.consent.texts import ConsentTexts
from kiosk.eligibility.codes import ProcessingStatus, Segment, Validity
from kiosk.eligibility.decide import outcome_of
from kiosk.eligibility.model import Answer, AnswerBody, AnswerHeader, Result
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.flow.policy import FlowPolicy
from kiosk.flow.session import Session
from kiosk.flow.states import Received
from kiosk.texts import Catalogue
from kiosk.ui.viewmodels.context import PresentContext
from kiosk.ui.viewmodels.present import present
from kiosk.ui.viewmodels.screen import Tone

ASSETS = Path(__file__).resolve().parents[3] / "assets"
LANGUAGES = Catalogue.languages(ASSETS / "i18n")
OURS, KEY = "1319999999", "01KAQ0000000000000000000AA"
SESSION = Session(1, "S", datetime(2026, 1, 1, tzinfo=UTC))

# Every code there is, one that nobody has defined, an empty one, and none at all.
SEGMENTS = (*Segment, "7", "", None)
STATUSES = (*ProcessingStatus, "7", "", None)
VALIDITIES = (*Validity, "9", "", None)
COUNTS = (0, 1, 2)


def answer(segment: str | None, status: str | None, validity: str | None, count: int) -> Answer:
    return Answer(
        header=AnswerHeader(institution_code=OURS, file_id=KEY, segment=segment),
        body=AnswerBody(status=status, validity=validity, results=(Result(),) * count),
    )


PRODUCT = {
    codes: outcome_of(answer(*codes), OURS, KEY)
    for codes in itertools.product(SEGMENTS, STATUSES, VALIDITIES, COUNTS)
}
STRANGE = outcome_of(answer("1", "1", "1", 1), OURS, "another question")
OUTCOMES = sorted({*PRODUCT.values(), STRANGE}, key=repr)


def expected(segment: str | None, status: str | None, validity: str | None, count: int) -> Outcome:
    """The contract's table once more, as a list read from the top."""
    rows = [
        (segment == "2", OutcomeKind.TO_BE_CONFIRMED, FailureCode.UPSTREAM_NO_ANSWER),
        (segment == "9", OutcomeKind.ASK_STAFF, FailureCode.CHECK_ABNORMAL),
        (segment != "1", OutcomeKind.ASK_STAFF, FailureCode.CODE_UNKNOWN),
        (status == "2", OutcomeKind.ASK_STAFF, FailureCode.CHECK_ABNORMAL),
        (status != "1", OutcomeKind.ASK_STAFF, FailureCode.CODE_UNKNOWN),
        (count > 1, OutcomeKind.ASK_STAFF, FailureCode.SEVERAL_RECORDS),
        (validity == "1" and count == 1, OutcomeKind.ELIGIBLE, None),
        (validity == "1", OutcomeKind.ASK_STAFF, FailureCode.ANSWER_CONTRADICTS),
        (validity == "2", OutcomeKind.NOT_ELIGIBLE, FailureCode.NOT_ELIGIBLE),
        (validity == "3", OutcomeKind.NOT_ELIGIBLE, FailureCode.NEW_INSURER),
        (validity == "4", OutcomeKind.ASK_STAFF, FailureCode.NO_RECORD),
        (validity == "5", OutcomeKind.ASK_STAFF, FailureCode.SEVERAL_RECORDS),
        (validity == "6", OutcomeKind.ASK_STAFF, FailureCode.NOT_REGISTERED),
        (True, OutcomeKind.ASK_STAFF, FailureCode.CODE_UNKNOWN),
    ]
    return next(Outcome(kind, code) for holds, kind, code in rows if holds)


def test_the_whole_product_ends_by_the_contract() -> None:
    assert len(PRODUCT) == len(SEGMENTS) * len(STATUSES) * len(VALIDITIES) * 3
    assert {codes: got for codes, got in PRODUCT.items() if got != expected(*codes)} == {}


def test_one_combination_alone_is_eligible() -> None:
    assert [codes for codes, got in PRODUCT.items() if got.kind is OutcomeKind.ELIGIBLE] == [
        ("1", "1", "1", 1)
    ]


def sentences(outcome: Outcome, language: str, *, gone: bool = False) -> tuple[str, ...]:
    words = Catalogue.load(ASSETS / "i18n", language)
    policy = FlowPolicy()
    texts = ConsentTexts.load(ASSETS / "consent", policy.consent.text_version)
    view = present(Received(SESSION, outcome, "A-001", gone), PresentContext(words, texts, policy))
    assert view.number == "A-001"
    assert (view.tone is Tone.GOOD) is (outcome.kind is OutcomeKind.ELIGIBLE)
    return (view.heading, *view.sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_has_its_sentence_for_the_patient_and_its_reason_for_staff(language: str) -> None:
    words = Catalogue.load(ASSETS / "i18n", language)
    shown: dict[tuple[str, ...], Outcome] = {}
    reasons: dict[str, FailureCode] = {}
    for outcome in OUTCOMES:
        for gone in (False, True):
            said = sentences(outcome, language, gone=gone)
            assert all(sentence.strip() for sentence in said)
        assert said not in shown, f"{outcome} reads like {shown.get(said)}"
        shown[said] = outcome
        if outcome.code is not None:
            reason = words.failure(outcome.code).staff
            assert reason.strip()
            assert reasons.setdefault(reason, outcome.code) is outcome.code
    assert len(shown) == len(OUTCOMES) == 11


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_stands_behind_the_patient_learns_nothing(language: str) -> None:
    """No screen tells of public assistance, nor that somebody is not insured."""
    for outcome in OUTCOMES:
        text = " ".join(sentences(outcome, language)).lower()
        for word in (
            "扶助",
            "生活保護",
            "無保険",
            "資格がありません",
            "welfare",
            "aid",
            "not insured",
            "uninsured",
        ):
            assert word not in text, (outcome, word)
