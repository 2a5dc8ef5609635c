# SPDX-License-Identifier: Apache-2.0
"""What the simulated upstream knows about the fictional people."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kiosk.clock import tokyo_date
from kiosk.consent.items import ConsentItem
from kiosk.eligibility.codes import (
    CardClass,
    CharacterCode,
    ProcessingStatus,
    Reference,
    Segment,
    TicketType,
    TreatmentType,
    Validity,
    plain,
)
from kiosk.eligibility.consents import apply_consents, xml_time
from kiosk.eligibility.model import (
    Answer,
    AnswerBody,
    AnswerHeader,
    ElderlyInfo,
    LimitInfo,
    MedicalTicket,
    NumberRequest,
    PublicExpense,
    Result,
    SearchInfo,
    SpecificDisease,
)
from kiosk.simulator.patients.people import PATIENTS, Patient
from kiosk.simulator.upstream.wire import ConsentIn

_OTHER_INSURANCE = "03"
_DISEASE_CAP = "10000"
_REDUCED = frozenset({"A05", "A06", "B05", "B06", "B07", "B08"})  # those whose meals cost less, too


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """A check by card whose evidence holds."""

    key: str
    institution_code: str
    confirmation_date: str
    consents: Sequence[ConsentIn]
    limit_consent: int
    occurred_at: datetime
    in_grace: bool


def answer_for(patient: Patient | None, request: CheckedRequest, now: datetime) -> Answer:
    """The answer for that person; None is somebody whom no insurer has."""
    header = AnswerHeader(
        process_time=xml_time(now),
        confirmation_date=request.confirmation_date,
        institution_code=request.institution_code,
        file_id=request.key,
        reference=Reference.CARD,
        segment=Segment.OK,
        character_code=CharacterCode.UTF_8,
    )
    validity = Validity.NO_RECORD if patient is None else patient.insurance.validity
    body = AnswerBody(status=ProcessingStatus.OK, validity=validity)
    if patient is None or validity in (Validity.NO_RECORD, Validity.SEVERAL):
        return Answer(header=header, body=body)
    today = tokyo_date(now)
    if validity != Validity.VALID:
        body = AnswerBody(status=ProcessingStatus.OK, validity=validity, results=(_former(patient, today),))
        return Answer(header=header, body=body)
    body = AnswerBody(status=ProcessingStatus.OK, validity=validity, results=(_current(patient, today),))
    # past the certificate's end the card proves eligibility, but opens no medical information
    consents = [
        consent for consent in request.consents if not request.in_grace or consent.item is ConsentItem.LIMIT
    ]
    return apply_consents(
        Answer(header=header, body=body),
        consents,
        limit_consent=request.limit_consent,
        occurred_at=request.occurred_at,
    )


def answer_by_number(request: NumberRequest, now: datetime) -> Answer:
    """The answer for whoever has those numbers; a search that lacks any of them finds nobody."""
    search = request.body.search
    person = next((one for one in PATIENTS if one.kana and _fits(one, search)), None)
    asked = CheckedRequest(
        key=request.header.file_id or "",
        institution_code=request.header.institution_code or "",
        confirmation_date=request.header.confirmation_date or "",
        consents=(),
        limit_consent=int(search.limit_consent == "1"),
        occurred_at=now,
        in_grace=False,
    )
    answer = answer_for(person, asked, now)
    return dataclasses.replace(
        answer,
        header=dataclasses.replace(answer.header, reference=Reference.NUMBER),
        body=dataclasses.replace(answer.body, search=search),
    )


def _fits(patient: Patient, search: SearchInfo) -> bool:
    insurance = patient.insurance
    wanted = (insurance.insurer_number, insurance.number, _text(patient.birth))
    given = (search.insurer_number, search.number, search.birth_date)
    return all(plain(one) == plain(other) for one, other in zip(wanted, given, strict=True))


def _current(patient: Patient, today: date) -> Result:
    insurance = patient.insurance
    start = _insurance_year(today, month=4)
    return Result(
        card_class=insurance.card_class,
        insurer_number=insurance.insurer_number,
        symbol=insurance.symbol or None,
        number=insurance.number,
        branch=insurance.branch or None,
        family=insurance.family,
        name=insurance.answered_name or patient.name,
        name_kana=patient.kana,
        sex=patient.sex.value,
        birth_date=_text(patient.birth),
        address=patient.address,
        post_number="100-0000",
        issued=_text(start),
        valid_from=_text(start),
        partial_ratio=insurance.partial_ratio or None,
        insurer_name=insurance.insurer_name,
        elderly=_elderly(insurance.elderly_ratio, today),
        limit=_limit(insurance.limit_class, today),
        diseases=_diseases(insurance.disease, today),
        public_expense=_tickets(insurance.card_class, today),
        ticket_count="1" if insurance.card_class == CardClass.PUBLIC_ASSISTANCE else None,
    )


def _former(patient: Patient, today: date) -> Result:
    """What is told about an insurance that has ended."""
    insurance = patient.insurance
    return Result(
        insurer_number=insurance.insurer_number,
        number=insurance.number,
        birth_date=_text(patient.birth),
        name=insurance.answered_name or patient.name,
        name_kana=patient.kana,
        disqualified_on=_text(today.replace(day=1)),
        reason_of_loss=_OTHER_INSURANCE if insurance.validity == Validity.NEW_INSURER else None,
    )


def _limit(limit_class: str, today: date) -> LimitInfo | None:
    if not limit_class:
        return None
    start, end = _limit_year(today)
    return LimitInfo(
        classification="02" if limit_class in _REDUCED else "01",
        limit_class=limit_class,
        issued=_text(start),
        valid_from=_text(start),
        valid_to=_text(end),
    )


def _diseases(category: str, today: date) -> tuple[SpecificDisease, ...] | None:
    if not category:
        return None
    start, end = _limit_year(today)
    return (
        SpecificDisease(
            category=category,
            issued=_text(start),
            valid_from=_text(start),
            valid_to=_text(end),
            self_pay=_DISEASE_CAP,
        ),
    )


def _tickets(card_class: str, today: date) -> PublicExpense | None:
    """The month's ticket of public assistance, for outpatient care without a share of one's own."""
    if card_class != CardClass.PUBLIC_ASSISTANCE:
        return None
    first = today.replace(day=1)
    last = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1) - timedelta(days=1)
    ticket = MedicalTicket(
        kind=TicketType.MEDICAL,
        valid_from=_text(first),
        valid_to=_text(last),
        issue_number="00012345",
        month=first.strftime("%Y%m"),
        treatment=TreatmentType.OUTPATIENT,
        self_pay="0",
    )
    return PublicExpense(tickets=(ticket,))


def _elderly(ratio: str, today: date) -> ElderlyInfo | None:
    if not ratio:
        return None
    start, end = _limit_year(today)
    return ElderlyInfo(issued=_text(start), valid_from=_text(start), valid_to=_text(end), ratio=ratio)


def _limit_year(today: date) -> tuple[date, date]:
    """From August to July, as incomes are looked at anew each summer."""
    start = _insurance_year(today, month=8)
    return start, date(start.year + 1, 7, 31)


def _insurance_year(today: date, month: int) -> date:
    return date(today.year if today.month >= month else today.year - 1, month, 1)


def _text(day: date) -> str:
    return day.strftime("%Y%m%d")
