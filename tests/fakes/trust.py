# SPDX-License-Identifier: Apache-2.0
"""Trust in the simulator's own authorities."""

from __future__ import annotations

from functools import cache

from kiosk.auth.certificate.trust import Trust
from tests.fakes.cards import authority


@cache
def demo_trust() -> Trust:
    """As a demo has it: read from the files that the simulator writes."""
    anchors = authority().trust_anchors()
    return Trust.load([anchors.user_ca_file], anchors.cv_issuers_file, allow_test=True)
