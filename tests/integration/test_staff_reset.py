# SPDX-License-Identifier: Apache-2.0
"""Staff reset the session through the real corner, whatever it is at: soon, and nothing of it is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kiosk.flow.session import ClearReason, EndKind
from kiosk.flow.states import Idle, TakeYourCard
from tests.fakes.programs import settings_file
from tests.fakes.standing_kiosk import StandingKiosk
from tests.fakes.upstream_process import UpstreamProcess, upstream_process

pytestmark = pytest.mark.integration

SOON_S = 2.0


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UpstreamProcess]:
    with upstream_process(tmp_path_factory.mktemp("upstream") / "ledger.jsonl") as running:
        yield running


@pytest.fixture(scope="module")
def standing(
    qapp: object, tmp_path_factory: pytest.TempPathFactory, upstream: UpstreamProcess
) -> Iterator[StandingKiosk]:
    folder = tmp_path_factory.mktemp("kiosk")
    config = settings_file(
        folder,
        upstream={"url": upstream.url},
        flow={"answer_wait_s": 60},
        handover__face_file={"enabled": True, "folder": str(folder / "handover")},
    )
    with StandingKiosk(folder, config) as kiosk:
        yield kiosk


@pytest.fixture
def kiosk(standing: StandingKiosk, upstream: UpstreamProcess) -> Iterator[StandingKiosk]:
    upstream.fault("none")
    standing.rest()
    yield standing
    upstream.fault("none")
    standing.rest()


def choose(kiosk: StandingKiosk) -> None:
    kiosk.world.insert("taro")
    kiosk.at("choose")


def face(kiosk: StandingKiosk) -> None:
    kiosk.world.insert("hanako")
    kiosk.world.camera.leave()  # nobody is there to be found
    kiosk.at("choose")
    kiosk.tap("choose.face")
    kiosk.at("face")


def pin(kiosk: StandingKiosk) -> None:
    choose(kiosk)
    kiosk.tap("choose.pin")
    kiosk.at("pin")
    kiosk.type_pin("taro", digits=3)


def consent(kiosk: StandingKiosk) -> None:
    choose(kiosk)
    kiosk.tap("choose.pin")
    kiosk.type_pin("taro")
    kiosk.at("consent-treatment_and_medicine")


def limit(kiosk: StandingKiosk) -> None:
    consent(kiosk)
    kiosk.tap("consent.yes")
    kiosk.at("consent-checkup")
    kiosk.tap("consent.no")
    kiosk.at("limit")


def sending(kiosk: StandingKiosk) -> None:
    limit(kiosk)
    kiosk.tap("limit.yes")
    kiosk.at("sending")


def received(kiosk: StandingKiosk) -> None:
    limit(kiosk)
    kiosk.tap("limit.yes")
    kiosk.at("received")


def staff_check(kiosk: StandingKiosk) -> None:
    choose(kiosk)
    kiosk.tap("choose.staff")
    kiosk.at("staff-check")


def other_card(kiosk: StandingKiosk) -> None:
    kiosk.world.insert("licence")
    kiosk.at("other-card")


def to_the_desk(kiosk: StandingKiosk) -> None:
    kiosk.world.insert("akira")
    kiosk.at("hand-to-staff")


Way = Callable[[StandingKiosk], None]
NOTHING = (EndKind.CLEARED, ClearReason.STAFF_RESET, 0)


@pytest.mark.parametrize(
    ("way", "fault", "expected"),
    [
        pytest.param(choose, "none", NOTHING, id="choose"),
        pytest.param(face, "none", NOTHING, id="face"),
        pytest.param(pin, "none", NOTHING, id="pin"),
        pytest.param(consent, "none", NOTHING, id="consent"),
        pytest.param(limit, "none", NOTHING, id="limit"),
        pytest.param(staff_check, "none", NOTHING, id="staff-check"),
        pytest.param(other_card, "none", NOTHING, id="other-card"),
        # an outcome that stood already stays what it is
        pytest.param(to_the_desk, "none", (EndKind.ASK_STAFF, None, 0), id="hand-to-staff"),
        # after the commit the reset ends the session on the screen, and nothing else
        pytest.param(sending, "slow", (EndKind.TO_BE_CONFIRMED, None, 1), id="sending"),
        pytest.param(received, "none", (EndKind.ELIGIBLE, None, 1), id="received"),
    ],
)
@pytest.mark.allow_log("upstream")
def test_a_reset_ends_the_session_soon_and_leaves_nothing(
    kiosk: StandingKiosk,
    upstream: UpstreamProcess,
    way: Way,
    fault: str,
    expected: tuple[EndKind, ClearReason | None, int],
) -> None:
    kind, reason, committed = expected
    checks = len(kiosk.core.store.list(limit=1000))
    if fault != "none":
        upstream.fault(fault, seconds=60)
    way(kiosk)
    kiosk.sign_in()
    assert not kiosk.core.vault.is_empty() or way in {other_card, to_the_desk}
    kiosk.ends.clear()
    kiosk.tap("staff.reset")
    took = kiosk.wait(
        lambda: isinstance(kiosk.state, Idle | TakeYourCard) and kiosk.screen in {"idle", "take-card"},
        "an empty screen",
        SOON_S,
    )
    assert took < SOON_S
    assert [(end.kind, end.reason) for end in kiosk.ends] == [(kind, reason)]
    assert kiosk.core.vault.is_empty()
    assert kiosk.core.camera.wait_closed(SOON_S)
    assert kiosk.core.frames.get() is None
    assert kiosk.screen == "take-card"  # it still lies there
    kept = kiosk.core.store.list(limit=1000)
    assert bool(len(kept) - checks) == bool(committed)
    kiosk.world.remove()
    kiosk.at("idle")
