# SPDX-License-Identifier: Apache-2.0
"""The effects of the house: the vault, wiping, the desk, sounds and diagnostics."""

from __future__ import annotations

import logging

from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.states import Reading, State
from kiosk.reader.service import CardService
from kiosk.runtime.face_effects import FaceEffects
from kiosk.runtime.ports import Post, Surfaces
from kiosk.runtime.vault import SessionVault

_LOGGER = logging.getLogger("kiosk.runtime")


class HouseEffects:
    """Keeps the vault, and empties it at the end of each session.

    Lives on: main thread.
    """

    def __init__(
        self,
        vault: SessionVault,
        service: CardService,
        face: FaceEffects,
        post: Post,
        surfaces: Surfaces,
    ) -> None:
        self._vault = vault
        self._service = service
        self._face = face
        self._post = post
        self._surfaces = surfaces

    def on_state(self, _before: State, _event: ev.Event, after: State) -> None:
        """A new session begins with an empty vault."""
        if isinstance(after, Reading) and self._vault.session_no != after.session.number:
            self._vault.open(after.session.number, after.session.id)

    def perform(self, effect: ef.Effect) -> bool:
        """Do what has to be done about the house."""
        match effect:
            case ef.ErasePinDigits():
                self._vault.pin.clear()
            case ef.EraseFieldDigits():
                self._vault.fields.clear()
            case ef.ClearSecrets(session_no=number):
                self._clear(number)
            case ef.PlaySound(sound=sound, step=step):
                self._surfaces.play(sound.value, step)
            case ef.CallDesk(code=code):
                _LOGGER.info("the desk is called: %s", code.value if code else "a patient asks for a person")
                self._surfaces.call_desk(code)
            case ef.RunDiagnosis():
                self._surfaces.diagnose()
            case _:
                return False
        return True

    def _clear(self, number: int) -> None:
        self._face.forget()
        self._vault.clear()
        self._service.power_off(lambda: self._post(ev.SecretsCleared(session_no=number)))
