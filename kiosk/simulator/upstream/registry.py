# SPDX-License-Identifier: Apache-2.0
"""Whose certificate is whose, and who is registered for insurance use."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path

from kiosk.simulator.card.certificates import user_serial
from kiosk.simulator.patients.people import EVERYBODY, Patient

_ISSUED = "certificates"  # where the test authority keeps what it issued, as ``<patient>-user.der``
_SUFFIX = "-user.der"


class Registry:
    """The fictional people by the SHA-256 of their user-authentication certificate. Any thread.

    The trust folder is looked at anew each time, since cards are made while upstream runs.
    """

    def __init__(self, trust_dir: Path) -> None:
        """`trust_dir` may also hold ``people.json`` (SHA-256 → patient's key), which comes first."""
        self._folder = trust_dir
        self._lock = threading.Lock()
        self._unregistered = _unknown_at_first()
        self._moved: set[str] = set()

    def person(self, sha256: str) -> Patient | None:
        """Who has that certificate; None for a stranger."""
        key = self._named().get(sha256) or self._issued(sha256)
        return next((patient for patient in EVERYBODY if patient.key == key), None)

    def registered(self, sha256: str) -> bool:
        """Whether that person's card is registered for insurance use."""
        person = self.person(sha256)
        with self._lock:
            return person is not None and person.key not in self._unregistered

    def set_registered(self, patient_key: str, *, registered: bool) -> None:
        """Register the person's card, or forget that it was."""
        with self._lock:
            if registered:
                self._unregistered.discard(patient_key)
            else:
                self._unregistered.add(patient_key)

    def holder_of(self, serial: int) -> Patient | None:
        """Who has, or had, the user-authentication certificate of that serial number."""
        return next(
            (
                patient
                for patient in EVERYBODY
                if serial in (user_serial(patient.key), renewed_serial(patient.key))
            ),
            None,
        )

    def moved(self, patient_key: str) -> bool:
        """Whether the person has moved, and has a new certificate since."""
        with self._lock:
            return patient_key in self._moved

    def move(self, patient_key: str) -> None:
        """The person moves: another address from now on, and another certificate."""
        with self._lock:
            self._moved.add(patient_key)

    def reset(self) -> None:
        """Everybody is as at the start."""
        with self._lock:
            self._unregistered = _unknown_at_first()
            self._moved.clear()

    def _named(self) -> Mapping[str, str]:
        try:
            content = json.loads((self._folder / "people.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return (
            {str(key).lower(): str(value) for key, value in content.items()}
            if isinstance(content, dict)
            else {}
        )

    def _issued(self, sha256: str) -> str | None:
        for file in (self._folder / _ISSUED).glob(f"*{_SUFFIX}"):
            if hashlib.sha256(file.read_bytes()).hexdigest() == sha256:
                return file.name.removesuffix(_SUFFIX)
        return None


def renewed_serial(patient_key: str) -> int:
    """The serial number of the certificate that comes after the person has moved."""
    return user_serial(f"{patient_key}-renewed")


def _unknown_at_first() -> set[str]:
    return {patient.key for patient in EVERYBODY if not patient.registered}
