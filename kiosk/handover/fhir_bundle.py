# SPDX-License-Identifier: Apache-2.0
"""An answer as a FHIR R4 bundle: who, how insured, what was agreed to, and where it all comes from."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from kiosk.clock import TOKYO
from kiosk.eligibility.codes import ConsentFlag, ProcessingStatus, Segment, SexCode, Validity, plain
from kiosk.eligibility.decide import outcome_of
from kiosk.eligibility.model import Answer, Result
from kiosk.eligibility.outcome import OutcomeKind
from kiosk.handover import fhir_parts as fp
from kiosk.handover.fhir_parts import Json

_GENDERS: Final[dict[str, str]] = {
    SexCode.MALE: "male",
    SexCode.FEMALE: "female",
    SexCode.NOT_SET: "unknown",
}
_RELATIONSHIPS: Final = {"1": "被保険者", "2": "被扶養者"}
_RECORDS: Final = (
    # OQSCD036, and where the answer says what was decided
    ("YZK", "薬剤情報", "medicine_consent", "medicine_consent_time", "medicine_available"),
    ("SRJ", "診療情報", "treatment_consent", "treatment_consent_time", "treatment_available"),
    ("TKK", "健診情報", "checkup_consent", "checkup_consent_time", "checkup_available"),
    ("SHJ", "手術情報", "surgery_consent", "surgery_consent_time", "surgery_available"),
    ("TSR", "特定疾病情報", "disease_consent", "disease_consent_time", ""),
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose bundle it is: the institution's ten digits, and the kiosk's own name."""

    institution_code: str
    kiosk_id: str


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """A checkpoint of the kiosk's audit chain, and the Ed25519 key (32 bytes) it can be checked with."""

    checkpoint: str
    public_key: bytes


def bundle_of(
    answer: Answer, at: datetime, sender: Sender, audit: AuditTrail | None, *, member: str = fp.MEMBER
) -> Json:
    """The transaction: every part is created unless the receiver has it already, by key or number.

    `at` is the moment of the patient's act, the same for each try; `member` the system under which the
    receiver knows the insured person's number, empty to leave that number out.
    """
    key = answer.header.file_id or ""
    parts = _Parts(answer, key, at.astimezone(TOKYO), sender, member)
    return {
        "resourceType": "Bundle",
        "id": fp.deterministic_id(key, "bundle"),
        "type": "transaction",
        "timestamp": fp.instant(parts.at),
        "entry": [_entry(*part) for part in parts.all(audit)],
    }


def _entry(resource: Json, condition: str) -> Json:
    request = {"method": "POST", "url": resource["resourceType"], "ifNoneExist": condition}
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource, "request": request}


def _by(name: str, system: str, value: str) -> str:
    """A search that finds one part again."""
    return f"{name}={quote(system, safe=':')}|{quote(value, safe='')}"


class _Parts:
    """The resources of one answer. Lives on: the sync thread, for the time of one delivery."""

    def __init__(self, answer: Answer, key: str, at: datetime, sender: Sender, member: str) -> None:
        self._answer = answer
        self._key = key
        self.at = at
        self._institution = sender.institution_code
        self._kiosk_id = sender.kiosk_id
        self._member = member
        # with several results nobody knows yet who of them was here
        self._person = answer.results[0] if len(answer.results) == 1 else Result()
        self._clinic = fp.organisation(fp.INSTITUTION, sender.institution_code)
        self._insurer = fp.organisation(
            fp.INSURER, plain(self._person.insurer_number), (self._person.insurer_name or "").strip()
        )

    def all(self, audit: AuditTrail | None) -> Iterator[tuple[Json, str]]:
        """Each resource with the search that tells whether the receiver has it."""
        yield self._patient()
        yield self._request(), self._by_key("request")
        coverage = self._coverage()
        if coverage is not None:
            yield coverage, self._by_key("coverage")
        yield self._response(insured=coverage is not None), self._by_key("response")
        consents = dict(self._consents())
        for what, consent in consents.items():
            yield consent, self._by_key(what)
        # a Provenance has no identifier to be found by; its tag is the check's key
        provenance = self._provenance(audit, [self._id(what) for what in consents])
        yield provenance, _by("_tag", fp.KEY, self._key)

    def _by_key(self, what: str) -> str:
        return _by("identifier", fp.KEY, f"{self._key}:{what}")

    def _id(self, what: str) -> str:
        return fp.deterministic_id(self._key, what)

    def _own(self, what: str) -> Json:
        return fp.identifier(fp.KEY, f"{self._key}:{what}")

    def _patient(self) -> tuple[Json, str]:
        person = self._person
        number = plain(person.reference_number)
        who = fp.identifier(fp.PATIENT_NUMBER + self._institution, number) if number else self._own("patient")
        address = fp.filled(
            text=(person.address or "").strip(), postalCode=plain(person.post_number), country="JP"
        )
        patient = fp.resource(
            "Patient",
            self._id("patient"),
            self._key,
            profile=fp.JP_CORE + "JP_Patient",
            identifier=[who],
            name=[*_name(person.name, "IDE"), *_name(_full_kana(person.name_kana), "SYL")],
            gender=_GENDERS.get(plain(person.sex)),
            birthDate=fp.day_of(person.birth_date),
            address=[address] if len(address) > 1 else None,
        )
        return patient, _by("identifier", str(who["system"]), str(who["value"]))

    def _request(self) -> Json:
        return fp.resource(
            "CoverageEligibilityRequest",
            self._id("request"),
            self._key,
            identifier=[self._own("request")],
            status="active",
            purpose=["validation", "benefits"],
            patient=fp.reference(self._id("patient")),
            servicedDate=fp.day_of(self._answer.header.confirmation_date) or self.at.date().isoformat(),
            created=fp.instant(self.at),
            provider=self._clinic,
            insurer=self._insurer,
        )

    def _coverage(self) -> Json | None:
        person = self._person
        if not plain(person.insurer_number):
            return None
        parts = (("Symbol", person.symbol), ("Number", person.number), ("SubNumber", person.branch))
        member = fp.member_number(person.insurer_number, person.symbol, person.number, person.branch)
        relationship = plain(person.family)
        valid = plain(self._answer.body.validity) == Validity.VALID
        return fp.resource(
            "Coverage",
            self._id("coverage"),
            self._key,
            profile=fp.JP_CORE + "JP_Coverage",
            extension=[
                fp.extension(f"{fp.JP_EXTENSION}JP_Coverage_InsuredPerson{name}", text.strip())
                for name, text in parts
                if text and text.strip()
            ],
            # the kiosk's own comes last: by it a repeated delivery is known again, while the membership
            # number may belong to an older record of the receiver's
            identifier=[
                *([fp.identifier(self._member, member)] if member and self._member else []),
                self._own("coverage"),
            ],
            status="active" if valid else "cancelled",
            beneficiary=fp.reference(self._id("patient")),
            dependent=plain(person.branch),
            relationship=fp.coded(fp.RELATIONSHIP, relationship, _RELATIONSHIPS[relationship])
            if relationship in _RELATIONSHIPS
            else None,
            period=fp.filled(
                start=fp.day_of(person.qualified_on) or fp.day_of(person.valid_from),
                end=fp.day_of(person.disqualified_on) or fp.day_of(person.valid_to),
            ),
            payor=[self._insurer],
        )

    def _response(self, *, insured: bool) -> Json:
        body, header = self._answer.body, self._answer.header
        outcome = outcome_of(self._answer, self._institution, self._key)
        insurance = fp.filled(
            coverage=fp.reference(self._id("coverage")),
            inforce=outcome.kind is OutcomeKind.ELIGIBLE,
            item=[*self._benefits()],
        )
        done = plain(header.segment) == Segment.OK and plain(body.status) == ProcessingStatus.OK
        return fp.resource(
            "CoverageEligibilityResponse",
            self._id("response"),
            self._key,
            identifier=[self._own("response")],
            status="active",
            purpose=["validation", "benefits"],
            patient=fp.reference(self._id("patient")),
            servicedDate=fp.day_of(header.confirmation_date) or self.at.date().isoformat(),
            created=fp.moment_of(header.process_time) or fp.instant(self.at),
            request=fp.reference(self._id("request")),
            outcome="complete" if done else "error",
            # in the answer's own words, and its code as it came where a list has none
            disposition=" ".join(filter(None, (plain(body.validity), body.result_message))),
            insurer=self._insurer,
            insurance=[insurance] if insured else None,
            error=[
                {"code": fp.coded(f"{fp.OQS_CODE}result", code, text=message or "")}
                for code, message in (
                    (plain(header.error_code), header.error_message),
                    (plain(body.result_code), body.result_message),
                )
                if code and not done
            ],
        )

    def _benefits(self) -> Iterator[Json]:
        """The limit's class, as it was returned; what it is in yen is the receiver's table to know."""
        limit = self._person.limit
        code = plain(limit.limit_class) if limit else ""
        if code:
            kind = fp.coded(f"{fp.OQS_CODE}OQSCD012", code, text="限度額適用区分")
            yield {"category": {"text": "高額療養費"}, "benefit": [{"type": kind, "allowedString": code}]}
        ratio = plain(self._person.partial_ratio) or plain(
            self._person.elderly.ratio if self._person.elderly else None
        )
        if ratio:
            kind = {"text": "負担割合"}
            yield {"category": {"text": "一部負担金"}, "benefit": [{"type": kind, "allowedString": ratio}]}

    def _consents(self) -> Iterator[tuple[str, Json]]:
        for code, words, flag_name, time_name, until_name in _RECORDS:
            flag = plain(getattr(self._person, flag_name))
            if flag not in {ConsentFlag.AGREED, ConsentFlag.NONE}:
                continue  # expired or hard to obtain: nobody decided anything here
            agreed = flag == ConsentFlag.AGREED
            since = fp.moment_of(getattr(self._person, time_name)) or fp.instant(self.at)
            until = fp.moment_of(getattr(self._person, until_name)) if until_name else None
            yield (
                f"consent-{code}",
                fp.resource(
                    "Consent",
                    self._id(f"consent-{code}"),
                    self._key,
                    identifier=[self._own(f"consent-{code}")],
                    status="active",
                    scope=fp.coded(fp.CONSENT_SCOPE, "patient-privacy"),
                    category=[fp.coded(f"{fp.OQS_CODE}OQSCD036", code, words)],
                    patient=fp.reference(self._id("patient")),
                    dateTime=since,
                    organization=[self._clinic],
                    policyRule={"text": "オンライン資格確認における情報提供の同意"},
                    provision=fp.filled(
                        type="permit" if agreed else "deny",
                        period=fp.filled(start=since, end=until) if agreed else None,
                    ),
                ),
            )

    def _provenance(self, audit: AuditTrail | None, consents: list[str]) -> Json:
        targets = [self._id("request"), self._id("response"), *consents]
        extensions: list[Json] = []
        if audit is not None:
            extensions = [
                fp.extension("urn:uketsuke:audit-checkpoint", audit.checkpoint),
                fp.extension("urn:uketsuke:audit-key", audit.public_key.hex()),
            ]
        return fp.resource(
            "Provenance",
            self._id("provenance"),
            self._key,
            extension=extensions,
            target=[fp.reference(target) for target in targets],
            occurredDateTime=fp.instant(self.at),
            recorded=fp.instant(self.at),
            agent=[
                {
                    "type": fp.coded(fp.PARTICIPANT, "assembler"),
                    "who": {"identifier": fp.identifier("urn:uketsuke:kiosk", self._kiosk_id)},
                    "onBehalfOf": self._clinic,
                }
            ],
        )


def _name(text: str | None, writing: str) -> list[Json]:
    """A name as it came; family and given name apart where one space parts them."""
    whole = (text or "").strip()
    if not whole:
        return []
    parts = whole.split()
    return [
        fp.filled(
            extension=[fp.extension(fp.NAME_WRITING, writing, kind="valueCode")],
            use="official",
            text=whole,
            family=parts[0] if len(parts) == 2 else None,
            given=parts[1:] if len(parts) == 2 else None,
        )
    ]


def _full_kana(text: str | None) -> str:
    """Half-width kana in full width, as names are written in FHIR."""
    return unicodedata.normalize("NFKC", text or "")
