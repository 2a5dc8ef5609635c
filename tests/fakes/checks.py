# SPDX-License-Identifier: Apache-2.0
"""Evidence and bodies of checks as a kiosk would send them, made with the keys of the simulated cards."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.auth.evidence import Statement, VerificationMethod
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision
from kiosk.eligibility.request import card_check_body
from kiosk.outbox.person_updates import CertificateName, update_body
from kiosk.simulator.card import cvc
from kiosk.simulator.card.certificates import user_serial
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.patients.people import patient
from tests.fakes.cards import authority
from tests.fakes.clock import MORNING

INSTITUTION = "1319999999"
SESSION = "01KAQ0000000000000000000SS"
PIN, FACE, STAFF = VerificationMethod.PIN, VerificationMethod.FACE, VerificationMethod.STAFF


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def key_no(number: int) -> str:
    """The n-th idempotency key."""
    return f"01KAQ00000000000000000{number:04d}"


def evidence(
    who: str = "taro",
    method: VerificationMethod = PIN,
    *,
    at: datetime = MORNING,
    nonce: bytes = b"n" * 32,
    issuer: TestAuthority | None = None,
) -> dict[str, Any]:
    """What the card of that person would have signed; staff had the card face open."""
    issuer = issuer or authority()
    issuer.trust_anchors()
    holder = issuer.material(patient(who))
    statement = Statement(INSTITUTION, "K1", SESSION, nonce, method, at)
    by_pin = method is PIN
    signed = _sign(holder.user_key if by_pin else holder.visual_key, statement.digest())
    return {
        "method": method.value,
        "assurance": "user_key_signature" if by_pin else "visual_key_same_session",
        "certificate": b64(holder.user_certificate),
        "statement": {
            "version": "uketsuke-v1",
            "institution_code": INSTITUTION,
            "kiosk_id": "K1",
            "session": SESSION,
            "nonce": b64(nonce),
            "method": method.value,
            "time": statement.time_text(),
        },
        "signature": b64(signed),
        "visual": None if by_pin else visual(who, issuer),
        "decided_by": "佐藤" if method is STAFF else "",
        "reason": "",
    }


def visual(who: str, issuer: TestAuthority) -> dict[str, Any]:
    person = patient(who)
    holder = issuer.material(person)
    signer = issuer.visual_signer()
    birth = _tlv(0xDF22, f"{person.birth:%Y%m%d}".encode())
    sex = _tlv(0xDF23, person.sex.value.encode())
    key = _tlv(0xDF24, cvc.public_key_value(holder.visual_key.public_key()))
    images, photo = b"images", b"photo"
    return {
        "birth_date": b64(birth),
        "sex": b64(sex),
        "public_key": b64(key),
        "images_hash": b64(hashlib.sha256(images).digest()),
        "photo_hash": b64(hashlib.sha256(photo).digest()),
        "signature": b64(cvc.sign_three_hashes(signer.key, birth + sex + key, images, photo)),
        "cv_certificate": b64(signer.cv_certificate),
    }


def yes_to(*items: ConsentItem, at: datetime = MORNING) -> tuple[ConsentRecord, ...]:
    return tuple(ConsentRecord(item, Decision.YES, "2024-06", "ja", at) for item in items)


def check_body(
    shown: dict[str, Any] | None = None,
    consents: Sequence[ConsentRecord] = (),
    limit_consent: int = 0,
    at: datetime = MORNING,
) -> dict[str, Any]:
    return card_check_body(shown or evidence(), consents, limit_consent, at, INSTITUTION)


def act_body(shown: dict[str, Any], consents: Sequence[ConsentRecord] = ()) -> dict[str, Any]:
    """The body of a usage registration."""
    body = check_body(shown, consents)
    return {name: body[name] for name in ("evidence", "consents", "occurred_at", "institution_code")}


def update_question(
    who: str = "taro", decision: Decision = Decision.YES, item: ConsentItem = ConsentItem.PERSON_UPDATE
) -> dict[str, Any]:
    """The body of a question for news of a person."""
    consent = ConsentRecord(item, decision, "2024-06", "ja", MORNING)
    name = CertificateName("ab" * 32, user_serial(who))
    body: dict[str, Any] = json.loads(update_body(name, consent, MORNING, INSTITUTION))
    return body


def _tlv(tag: int, value: bytes) -> bytes:
    size = bytes((len(value),)) if len(value) < 0x80 else b"\x82" + len(value).to_bytes(2, "big")
    return tag.to_bytes(2, "big") + size + value


def _sign(key: RSAPrivateKey, digest: bytes) -> bytes:
    return key.sign(digest, PKCS1v15(), Prehashed(SHA256()))
