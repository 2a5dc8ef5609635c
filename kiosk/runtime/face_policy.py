# SPDX-License-Identifier: Apache-2.0
"""How faces are decided on, from the clinic's settings."""

from __future__ import annotations

from kiosk.auth.face.matcher import MatchPolicy, policy_for
from kiosk.settings import Settings


def face_policy(settings: Settings) -> MatchPolicy:
    """The policy of the wanted false match rate; `ConfigurationError` where it cannot be had."""
    section = settings.face
    return policy_for(section.thresholds, section.false_match_rate, section.tries)


def challenges(settings: Settings) -> int:
    """How many movements are asked for; none where liveness is off."""
    return settings.face.challenges if settings.face.liveness else 0
