# SPDX-License-Identifier: Apache-2.0
"""Every patient's screen as a picture, to be looked at: ``python -m kiosk.ui.gallery FOLDER``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kiosk.auth.evidence import VerificationMethod
from kiosk.consent.items import ConsentItem, Question
from kiosk.eligibility.outcome import Outcome, OutcomeKind
from kiosk.errors import FailureCode
from kiosk.flow import states as s
from kiosk.flow.session import CardSummary, ClearReason, EndKind, PrintedField, Session, SessionEnd

ASSETS = Path(__file__).resolve().parents[2] / "assets"
NOW = datetime(2026, 11, 24, 0, 12, tzinfo=UTC)

_SESSION = Session(number=7, id="01JDEMO0000000000000000000", started_at=NOW, card=CardSummary(pin_tries=3))
_CALLED = Session(
    number=7,
    id="01JDEMO0000000000000000000",
    started_at=NOW,
    card=CardSummary(pin_tries=3),
    desk_called=True,
)
_QUESTIONS = (
    Question(ConsentItem.TREATMENT_AND_MEDICINE),
    Question(ConsentItem.CHECKUP),
    Question(ConsentItem.CHECKUP, age_unknown=True),
    Question(ConsentItem.SURGERY),
    Question(ConsentItem.SPECIFIC_DISEASE),
    Question(ConsentItem.PERSON_UPDATE),
)
_NUMBER = "A-123"
LONGEST_HINT = "mask"  # where it fits, every hint does
_CANCELLED = SessionEnd(EndKind.CLEARED, reason=ClearReason.CANCELLED)


def _received(kind: OutcomeKind, code: FailureCode | None = None, *, card_gone: bool = False) -> s.Received:
    return s.Received(_SESSION, Outcome(kind, code), _NUMBER, card_gone=card_gone)


def examples() -> Mapping[str, s.State]:
    """At least one state for each screen, by a name for its picture."""
    done = SessionEnd(EndKind.ELIGIBLE, number=_NUMBER)
    handed = SessionEnd(EndKind.HANDED_TO_STAFF, code=FailureCode.PIN_LAST_TRY)
    return {
        "starting": s.Starting(),
        "idle": s.Idle(),
        "reading": s.Reading(_SESSION),
        "reading-slow": s.Reading(replace(_SESSION, card_is_slow=True)),
        "card-not-read": s.CardProblem(_SESSION, FailureCode.CARD_UNREADABLE),
        "other-card": s.CardProblem(_SESSION, FailureCode.CARD_NOT_MY_NUMBER),
        "card-changed": s.TakeYourCard(
            _SESSION, SessionEnd(EndKind.CLEARED, reason=ClearReason.CARD_SWAPPED), cleared=True
        ),
        "grace": s.GraceNotice(_SESSION),
        "registration": s.Registering(_SESSION),
        "choose": s.ChoosingVerification(_SESSION),
        "choose-notice": s.ChoosingVerification(_CALLED, FailureCode.CAMERA_MISSING),
        "printed-birth_date": s.PrintedFieldsEntry(_SESSION, digits=3),
        "printed-again": s.PrintedFieldsEntry(_SESSION, again=True),
        "printed-expiry_year": s.PrintedFieldsEntry(_SESSION, PrintedField.EXPIRY_YEAR, digits=4),
        "printed-security_code": s.PrintedFieldsEntry(_SESSION, PrintedField.SECURITY_CODE),
        "face-preparing": s.FaceCapturing(_SESSION),
        "face": s.FaceCapturing(_SESSION, photo_open=True, good_frames=2),
        "face-hint": s.FaceCapturing(_SESSION, photo_open=True, hint=LONGEST_HINT, good_frames=1),
        "face-turn": s.FaceCapturing(
            _SESSION, photo_open=True, challenge="turn_left", good_frames=6, frames_wanted=12
        ),
        "face-look": s.FaceCapturing(
            _SESSION, photo_open=True, challenge="look_right", good_frames=9, frames_wanted=12
        ),
        "face-closer": s.FaceCapturing(
            _SESSION, photo_open=True, challenge="come_closer", good_frames=9, frames_wanted=12
        ),
        "face-failed": s.FaceFailed(_SESSION, FailureCode.FACE_NOT_CONFIRMED, may_retry=True),
        "face-unmoved": s.FaceFailed(_SESSION, FailureCode.FACE_NOT_CONFIRMED, may_retry=True, unmoved=True),
        "face-no-photo": s.FaceFailed(_SESSION, FailureCode.PHOTO_NOT_OPENED, may_retry=False),
        "face-western-date": s.FaceFailed(_SESSION, FailureCode.BIRTH_DATE_GREGORIAN, may_retry=False),
        "pin-preparing": s.PinPreparing(_SESSION),
        "pin": s.PinEntry(_SESSION, entry=1, tries_left=3, digits=2),
        "pin-full": s.PinEntry(_SESSION, entry=1, tries_left=2, digits=4),
        "pin-checking": s.PinChecking(_SESSION, entry=1),
        "pin-wrong": s.PinWrong(_SESSION, tries_left=2),
        "pin-last-try": s.PinUnavailable(_SESSION, FailureCode.PIN_LAST_TRY),
        "pin-blocked": s.PinUnavailable(_SESSION, FailureCode.PIN_BLOCKED),
        "staff-check": s.AwaitingStaffCheck(_CALLED),
        "matched-signing": s.Matched(_SESSION, VerificationMethod.FACE),
        "matched": s.Matched(_SESSION, VerificationMethod.FACE, signed=True),
        **{
            f"consent-{question.item.value}{'-unknown' if question.age_unknown else ''}": s.Consenting(
                _SESSION, _QUESTIONS, index
            )
            for index, question in enumerate(_QUESTIONS)
        },
        "limit": s.LimitChoosing(_SESSION),
        "sending": s.Submitting(_SESSION),
        "received": _received(OutcomeKind.ELIGIBLE),
        "received-gone": _received(OutcomeKind.ELIGIBLE, card_gone=True),
        "received-unconfirmed": _received(OutcomeKind.TO_BE_CONFIRMED, FailureCode.UPSTREAM_NO_ANSWER),
        "not-eligible": _received(OutcomeKind.NOT_ELIGIBLE, FailureCode.NOT_ELIGIBLE),
        "ask-staff": _received(OutcomeKind.ASK_STAFF, FailureCode.SEVERAL_RECORDS),
        "take-card": s.TakeYourCard(_SESSION, done, cleared=False),
        "take-card-again": s.TakeYourCard(_SESSION, _CANCELLED, cleared=True),
        "card-left": s.TakeYourCard(_SESSION, done, cleared=False, reminders=2),
        "hand-to-staff": s.HandToStaff(_SESSION, handed),
        "still-there": s.StillThere(s.ChoosingVerification(_SESSION)),
        "cleared": s.Clearing(_SESSION, _CANCELLED, card_lies=False),
        "out-of-service": s.OutOfService(FailureCode.NO_READER),
        "diagnostics": s.Diagnosing(by="技術者"),
    }


def hint_examples(names: Iterable[str]) -> Mapping[str, s.State]:
    """The face screen with each of these hints."""
    return {
        f"face-hint-{name}": s.FaceCapturing(_SESSION, photo_open=True, hint=name, good_frames=1)
        for name in names
    }


@dataclass(frozen=True, slots=True)
class Look:
    """One way of looking at the screens."""

    language: str = "ja"
    landscape: bool = False
    text_scale: float = 1.0
    contrast: bool = False

    @property
    def name(self) -> str:
        """For the folder of its pictures."""
        size = "landscape" if self.landscape else "portrait"
        scale = "" if self.text_scale == 1.0 else f"-x{self.text_scale:g}"
        return f"{self.language}-{size}{scale}{'-contrast' if self.contrast else ''}"


def looks() -> Iterator[Look]:
    """Both languages, both sizes; plain, in large text, and with high contrast."""
    for landscape in (False, True):
        for language in ("ja", "en"):
            yield Look(language, landscape)
            yield Look(language, landscape, text_scale=1.5)
            yield Look(language, landscape, contrast=True)


def main() -> int:
    """Draw the screens that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--look", help="only looks whose name contains this")
    parser.add_argument("--screen", help="only screens whose name contains this")
    parser.add_argument("--simulated", action="store_true", help="with the banner of a simulated run")
    wishes = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    from kiosk.ui.gallery_stage import Stage  # noqa: PLC0415  # Qt reads the two variables when it is loaded

    for look in looks():
        if wishes.look and wishes.look not in look.name:
            continue
        stage = Stage(look, ASSETS, NOW, simulated=wishes.simulated)
        pages = {page: s.Idle() for page in Stage.PAGES}
        for name, state in (*examples().items(), *hint_examples(stage.hints).items(), *pages.items()):
            if not wishes.screen or wishes.screen in name:
                stage.show(name, state)
                stage.picture(wishes.folder / look.name / f"{name}.png")
        stage.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
