# SPDX-License-Identifier: Apache-2.0
"""Makes the card of a fictional patient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kiosk.simulator.card.applications import card_manager, common, jpki, resident
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.foreign import ForeignCard
from kiosk.simulator.card.holder import Holder
from kiosk.simulator.card.options import CardOptions, TokenKind
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.card.printed import card_expiry, printed_fields
from kiosk.simulator.card.references import CounterStore
from kiosk.simulator.card.text import text
from kiosk.simulator.card.visual import visual
from kiosk.simulator.patients.people import CardQuirk, Patient


def build_card(
    patient: Patient,
    authority: TestAuthority,
    photo: NDArray[np.uint8],
    options: CardOptions | None = None,
    counters: CounterStore | None = None,
) -> VirtualCard | ForeignCard:
    """The card of that patient with `photo` (grey, height × width) on it.

    Without `counters` the tries are remembered as long as the object lives; the patient's quirk says how
    many a card that was never used has left.
    """
    if patient.quirk is CardQuirk.NOT_MY_NUMBER:
        return ForeignCard(patient.key)
    options = options or CardOptions()
    if patient.quirk is CardQuirk.ANDROID_PHONE and not options.token.is_phone:
        options = replace(options, token=TokenKind.ANDROID)
    today = authority.today()
    holder = Holder(
        patient=patient,
        options=options,
        material=authority.material(patient),
        anchors=authority.trust_anchors(),
        text_signer=authority.text_signer(),
        visual_signer=authority.visual_signer(),
        session_key=authority.session_key(),
        photo=photo,
        printed=printed_fields(patient, today),
        expiry=card_expiry(patient, today),
    )
    applications = [card_manager(holder), jpki(holder)]
    if not options.token.is_phone:
        applications += [text(holder), visual(holder), resident(holder), common(holder)]
    return VirtualCard(patient.key, applications, printed=holder.printed, options=options, counters=counters)
