# SPDX-License-Identifier: Apache-2.0
"""A hand-over tells the moment of the patient's act, also after a clock that was ahead was put back."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from kiosk.clock import TOKYO
from kiosk.handover.face_file import mark_as_demo
from kiosk.ids import ulid_moment
from kiosk.outbox.model import OutboxKind
from kiosk.runtime.hand_overs import hand_overs_of
from kiosk.settings import load
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.outbox import answer, draft, open_store


def test_a_clock_that_was_put_back_dates_nothing_ahead(tmp_path: Path) -> None:
    folder = tmp_path / "fhir"
    mark_as_demo(folder)
    chosen = load(demo=True)
    fhir = chosen.handover.fhir.model_copy(update={"enabled": True, "folder": str(folder)})
    chosen = chosen.model_copy(
        update={"handover": chosen.handover.model_copy(update={"fhir": fhir})},
    )
    clock = FakeClock()
    store = open_store(tmp_path, clock)
    clock.jump(MORNING + timedelta(hours=9))  # a machine whose clock runs in Japan's time, taken for UTC
    store.commit(draft("S1", clock.now()))
    clock.jump(MORNING)
    key = store.commit(draft("S2", clock.now())).check_id
    assert ulid_moment(key) != MORNING  # keys only grow
    hand_overs = hand_overs_of(chosen, clock, lambda: store)
    institution = chosen.kiosk.institution_code
    hand_overs.deliver(OutboxKind.HANDOVER_FHIR, f"{key}:fhir", answer(key, institution=institution))
    bundle = json.loads((folder / f"uketsuke-{key}.fhir.json").read_text("utf-8"))
    assert bundle["timestamp"] == MORNING.astimezone(TOKYO).isoformat(timespec="seconds")
    store.close()
