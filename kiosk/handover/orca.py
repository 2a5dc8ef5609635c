# SPDX-License-Identifier: Apache-2.0
"""ORCA, the receipt computer: the patient is put on its reception list, once."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from kiosk.clock import TOKYO
from kiosk.eligibility.codes import plain
from kiosk.eligibility.model import Answer
from kiosk.errors import FailureCode
from kiosk.handover.web import ActMoment, ServerCodes, WebClient
from kiosk.ids import ulid_moment
from kiosk.outbox.model import HandOverProblem

CODES = ServerCodes(FailureCode.ORCA_UNREACHABLE, FailureCode.ORCA_NOT_AUTHORISED, FailureCode.ORCA_REFUSED)
_LIST = "/api01rv2/acceptlstv2?class=03"  # everybody of the day, also who has paid already
_REGISTER = "/orca11/acceptmodv2?class=01"
_DOCTORS = "/api01rv2/system01lstv2?class=02"
_XML = {"Content-Type": "application/xml; charset=UTF-8", "Accept": "application/xml"}

_REGISTERED = frozenset({"00", "0000", "K1", "K2", "K3"})  # K: registered, and something was filled in
_ALREADY = "16"
_NO_SUCH_PATIENT = "10"
_NOBODY_TODAY = "21"  # of the list
_PASSING = frozenset({"51", "52", "89", "90"})  # busy at another terminal, or trouble of its own
_CODE = re.compile(r"[0-9A-Z]{1,4}")
_LONGEST_NAME = 25
_UNWRITTEN = "●■〓"  # what stands where a character could not be carried

_log = logging.getLogger("kiosk.handover")

PatientFinder = Callable[[Answer], str]
"""The patient's number at this clinic; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class OrcaChoices:
    """With whom patients are registered, and what becomes of those without a number."""

    department: str
    physician: str
    medical_information: str = ""
    register_by_name: bool = False


@dataclass(frozen=True, slots=True)
class _Visitor:
    number: str
    name: str
    at: datetime


def by_reference_number(answer: Answer) -> str:
    """The number that the clinic registered for the person, which the answer then carries."""
    results = answer.results
    return plain(results[0].reference_number) if len(results) == 1 else ""


class OrcaDelivery:
    """Registers the reception of each answer.

    Lives on: the sync thread. The list of the day is asked first, so that a try whose answer was lost, or a
    patient whom the desk has registered meanwhile, leads to no second entry.
    """

    def __init__(
        self,
        web: WebClient,
        choices: OrcaChoices,
        find_patient: PatientFinder = by_reference_number,
        when: ActMoment = ulid_moment,
    ) -> None:
        self._web = web
        self._choices = choices
        self._find = find_patient
        self._when = when

    def deliver(self, answer: Answer) -> None:
        """Register, unless the patient is on the list; `HandOverProblem` where that did not work."""
        visitor = self._visitor(answer)
        if self._is_listed(visitor):
            _log.info("ORCA has the reception already")
            return
        result = self._ask(_REGISTER, "acceptreq", "acceptres", self._registration(visitor))
        code = _result_of(result)
        if code in _REGISTERED:
            _log.info("reception registered with ORCA (%s)", code)
        elif code == _ALREADY:
            _log.info("ORCA had the reception already")
        else:
            raise _refusal(code)

    def check(self) -> None:
        """Whether ORCA can be reached and lets us in, for a diagnosis; nothing is changed."""
        self._ask(_DOCTORS, "system01_managereq", "physicianres", {"Request_Number": "02"}, strict=False)

    def _visitor(self, answer: Answer) -> _Visitor:
        at = self._when(answer.header.file_id or "")
        if at is None:
            raise HandOverProblem(FailureCode.ORCA_REFUSED, detail="an answer without its key", final=True)
        number = self._find(answer)
        name = (answer.results[0].name or "").strip() if len(answer.results) == 1 else ""
        if not number and not (self._choices.register_by_name and name):
            raise HandOverProblem(FailureCode.ORCA_PATIENT_UNKNOWN, final=True)
        return _Visitor(number, name[:_LONGEST_NAME], at.astimezone(TOKYO))

    def _is_listed(self, visitor: _Visitor) -> bool:
        question = {
            "Acceptance_Date": visitor.at.strftime("%Y-%m-%d"),
            "Department_Code": self._choices.department,
        }
        result = self._ask(_LIST, "acceptlstreq", "acceptlstres", question)
        code = _result_of(result)
        if code == _NOBODY_TODAY:
            return False
        if code not in _REGISTERED:
            raise _refusal(code)
        entries = result.iter("Acceptlst_Information_child")
        return any(_is_same(entry, visitor, self._choices.department) for entry in entries)

    def _registration(self, visitor: _Visitor) -> dict[str, str]:
        who = {"Patient_ID": visitor.number} if visitor.number else {"WholeName": visitor.name}
        return {
            "Request_Number": "01",
            **who,
            "Acceptance_Date": visitor.at.strftime("%Y-%m-%d"),
            # the act's own second: by it a repeated try knows its entry again
            "Acceptance_Time": visitor.at.strftime("%H:%M:%S"),
            "Department_Code": self._choices.department,
            "Physician_Code": self._choices.physician,
            "Medical_Information": self._choices.medical_information,
        }

    def _ask(
        self, path: str, request: str, response: str, values: dict[str, str], *, strict: bool = True
    ) -> Element:
        reply = self._web.ask("POST", path, _document(request, values), _XML)
        if reply.status >= 300:
            raise HandOverProblem(FailureCode.ORCA_REFUSED, status=reply.status, final=True)
        try:
            root = fromstring(reply.body, forbid_dtd=True, forbid_entities=True, forbid_external=True)
        except (ParseError, DefusedXmlException, ValueError):
            raise HandOverProblem(FailureCode.ORCA_REFUSED, detail="an answer that cannot be read") from None
        found: Element | None = root.find(response)
        if found is None:
            if strict:
                raise HandOverProblem(FailureCode.ORCA_REFUSED, detail="the answer to another question")
            return Element(response)
        return found


def _document(request: str, values: dict[str, str]) -> bytes:
    root = Element("data")
    record = SubElement(root, request, type="record")
    for name, value in values.items():
        SubElement(record, name, type="string").text = _writable(value)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _writable(value: str) -> str:
    """The text without what XML cannot hold at all."""
    return "".join(one for one in value if unicodedata.category(one) not in {"Cc", "Cs", "Cn"})


def _result_of(result: Element) -> str:
    code = (result.findtext("Api_Result") or "").strip()
    if not _CODE.fullmatch(code):
        raise HandOverProblem(FailureCode.ORCA_REFUSED, detail="an answer without its result")
    return code


def _refusal(code: str) -> HandOverProblem:
    """The problem behind a result; one that is in no list is told as it came and is a person's to settle."""
    _log.warning("ORCA answered Api_Result %s", code)
    failure = FailureCode.ORCA_PATIENT_UNKNOWN if code == _NO_SUCH_PATIENT else FailureCode.ORCA_REFUSED
    return HandOverProblem(
        failure,
        detail=f"Api_Result {code}",
        status=int(code) if code.isdigit() else None,
        final=code not in _PASSING,
    )


def _is_same(entry: Element, visitor: _Visitor, department: str) -> bool:
    """Whether an entry is this reception, or one of the same patient who still waits."""
    if (entry.findtext("Department_Code") or "").strip() not in {"", department}:
        return False
    same_moment = (entry.findtext("Acceptance_Time") or "").strip() == visitor.at.strftime("%H:%M:%S")
    if not visitor.number:
        return same_moment and _same_name(entry.findtext("Patient_Information/WholeName") or "", visitor.name)
    number = plain(entry.findtext("Patient_Information/Patient_ID"))
    if number.lstrip("0") != visitor.number.lstrip("0"):
        return False
    # who has paid and comes again on the same day is a new reception
    return same_moment or not (entry.findtext("Account_Time") or "").strip()


def _same_name(theirs: str, ours: str) -> bool:
    """Names without their spaces; a character that one side could not carry is taken for the other's."""
    left, right = ("".join(unicodedata.normalize("NFKC", name).split()) for name in (theirs, ours))
    return len(left) == len(right) and all(
        a == b or a in _UNWRITTEN or b in _UNWRITTEN for a, b in zip(left, right, strict=True)
    )
