# SPDX-License-Identifier: Apache-2.0
"""Evidence in the form in which it is sent (``docs/upstream-api.yaml``)."""

from __future__ import annotations

from base64 import b64encode

from kiosk.auth.evidence import STATEMENT_VERSION, Evidence, VisualEvidence


def evidence_value(evidence: Evidence) -> dict[str, object]:
    """The JSON value of one verification's evidence."""
    statement = evidence.statement
    return {
        "method": statement.method.value,
        "assurance": evidence.assurance.value,
        "certificate": _base64(evidence.certificate),
        "statement": {
            "version": STATEMENT_VERSION,
            "institution_code": statement.institution_code,
            "kiosk_id": statement.kiosk_id,
            "session": statement.session_id,
            "nonce": _base64(statement.nonce),
            "method": statement.method.value,
            "time": statement.time_text(),
        },
        "signature": None if evidence.signature is None else _base64(evidence.signature),
        "visual": None if evidence.visual is None else _visual_value(evidence.visual),
        "decided_by": evidence.decided_by,
        "reason": evidence.reason,
        "revocation": evidence.revocation.value,
    }


def _visual_value(visual: VisualEvidence) -> dict[str, str]:
    return {
        "birth_date": _base64(visual.birth_date),
        "sex": _base64(visual.sex),
        "public_key": _base64(visual.public_key),
        "images_hash": _base64(visual.images_hash),
        "photo_hash": _base64(visual.photo_hash),
        "signature": _base64(visual.signature),
        "cv_certificate": _base64(visual.cv_certificate),
    }


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
