# SPDX-License-Identifier: Apache-2.0
"""The one verdict on a certificate, with list and responder asked over a real port of this machine."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.auth.certificate.chain import CertificateCheck, Verdict
from kiosk.auth.certificate.fetch import fetch
from kiosk.auth.certificate.ocsp import OcspClient
from kiosk.auth.certificate.revocation import RevocationCheck, RevocationMode, judge, revocation_check
from kiosk.auth.certificate.standing import NOT_ASKED, Obstacle, Source, Standing, StandingAnswer
from kiosk.auth.certificate.trust import Trust
from kiosk.errors import FailureCode
from kiosk.simulator.card.pki import TestAuthority
from kiosk.simulator.patients.people import patient
from kiosk.simulator.revocation import RevocationDesk, RevocationFault, RevocationServer
from tests.fakes.cards import authority
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.revocation import certificate_of
from tests.fakes.trust import demo_trust

CLOCK = FakeClock()


@pytest.fixture(scope="module")
def _running() -> Iterator[RevocationServer]:
    with RevocationServer(RevocationDesk(authority(), CLOCK)) as server:
        yield server


@pytest.fixture
def server(_running: RevocationServer) -> Iterator[RevocationServer]:
    yield _running
    _running.desk.fault = RevocationFault.NONE


def checks(
    mode: RevocationMode, folder: Path, *, crl: str = "", ocsp: str = "", limit_s: float = 2.0
) -> RevocationCheck:
    check = revocation_check(
        mode, demo_trust(), CLOCK, folder, crl_source=crl, ocsp_url=ocsp, ocsp_limit_s=limit_s
    )
    assert check is not None
    return check


def judged(key: str, check: RevocationCheck | None, now: datetime = MORNING) -> CertificateCheck:
    return judge(authority().material(patient(key)).user_certificate, demo_trust(), check, now)


def test_off_asks_nobody(tmp_path: Path) -> None:
    assert revocation_check("off", demo_trust(), CLOCK, tmp_path, crl_source="x", ocsp_url="x") is None
    check = judged("midori", None)
    assert (check.verdict, check.revocation) == (Verdict.VALID, NOT_ASKED)


@pytest.mark.parametrize("source", [Source.CRL, Source.OCSP])
def test_revoked_and_good_either_way(server: RevocationServer, tmp_path: Path, source: Source) -> None:
    if source is Source.OCSP:
        check = checks("ocsp", tmp_path, ocsp=server.ocsp_url)
    else:
        check = checks("crl", tmp_path, crl=server.crl_url)
        assert check.crl is not None
        assert check.crl.refresh() is None
    revoked, good = judged("midori", check), judged("taro", check)
    assert revoked.verdict is Verdict.REVOKED
    assert revoked.verdict.failure is FailureCode.CERTIFICATE_REVOKED
    assert not revoked.verdict.counts
    assert (good.verdict, good.revocation.standing, good.revocation.source) == (
        Verdict.VALID,
        Standing.GOOD,
        source,
    )


def test_the_address_in_the_certificate_is_asked_where_none_is_set(
    tmp_path: Path,
) -> None:
    with RevocationServer(RevocationDesk(TestAuthority(tmp_path, CLOCK), CLOCK)) as own:
        told = TestAuthority(tmp_path, CLOCK, ocsp_url=own.ocsp_url)
        certificate = told.material(patient("midori"))
        trust = Trust.load([told.trust_anchors().user_ca_file], None, allow_test=True)
        check = judge(certificate.user_certificate, trust, RevocationCheck(OcspClient(), None), CLOCK.now())
    assert check.verdict is Verdict.REVOKED


def test_without_a_responder_anywhere_it_could_not_be_checked(tmp_path: Path) -> None:
    check = judged("taro", checks("ocsp", tmp_path))  # the simulated certificate's address is nowhere
    assert check.verdict is Verdict.VALID
    assert check.revocation.obstacle in {Obstacle.UNREACHABLE, Obstacle.TOO_SLOW}
    nobody = judged("taro", checks("crl", tmp_path))
    assert nobody.revocation == StandingAnswer.unknown(Obstacle.NO_SOURCE)


@pytest.mark.parametrize(
    ("fault", "obstacle"),
    [
        (RevocationFault.UNAVAILABLE, Obstacle.REFUSED),
        (RevocationFault.MOVED, Obstacle.REFUSED),
        (RevocationFault.GARBAGE, Obstacle.MALFORMED),
        (RevocationFault.CUT_OFF, Obstacle.MALFORMED),
        (RevocationFault.TOO_LARGE, Obstacle.TOO_LARGE),
        (RevocationFault.STRANGER, Obstacle.WRONG_SIGNER),
        (RevocationFault.WRONG_NONCE, Obstacle.WRONG_NONCE),
        (RevocationFault.OUT_OF_TIME, Obstacle.OUT_OF_TIME),
    ],
)
def test_a_responder_that_gives_no_answer_that_counts_is_followed_by_the_list(
    server: RevocationServer, tmp_path: Path, fault: RevocationFault, obstacle: Obstacle
) -> None:
    check = checks("ocsp", tmp_path, crl=server.crl_url, ocsp=server.ocsp_url)
    server.desk.fault = fault
    nothing_kept = judged("midori", check)
    assert nothing_kept.verdict is Verdict.VALID  # goes on: could not check is neither good nor revoked
    assert nothing_kept.revocation == StandingAnswer.unknown(obstacle, Source.OCSP)
    server.desk.fault = RevocationFault.NONE
    assert check.crl is not None
    assert check.crl.refresh() is None
    server.desk.fault = fault
    assert judged("midori", check).verdict is Verdict.REVOKED
    assert judged("taro", check).revocation.source is Source.CRL


@pytest.mark.parametrize("fault", [RevocationFault.SLOW, RevocationFault.DRIPPING])
def test_nobody_waits_longer_than_the_limit(
    server: RevocationServer, tmp_path: Path, fault: RevocationFault
) -> None:
    server.desk.fault = fault
    check = checks("ocsp", tmp_path, ocsp=server.ocsp_url, limit_s=0.3)
    start = time.monotonic()
    answer = judged("taro", check)
    assert time.monotonic() - start < 3.5  # the answer itself takes four, on an idle machine
    assert answer.revocation == StandingAnswer.unknown(Obstacle.TOO_SLOW, Source.OCSP)


def test_a_responder_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        answer = judged("taro", checks("ocsp", tmp_path, ocsp=url))
    assert answer.revocation == StandingAnswer.unknown(Obstacle.UNREACHABLE, Source.OCSP)


@pytest.mark.parametrize("url", ["http://", "http://[", "ftp://example.invalid/", "http://\x00/", ""])
def test_addresses_that_are_none(url: str) -> None:
    assert fetch(url, limit_s=2, limit_bytes=10) is Obstacle.UNREACHABLE


@pytest.mark.parametrize(
    ("fault", "obstacle"),
    [
        (RevocationFault.UNAVAILABLE, Obstacle.REFUSED),
        (RevocationFault.GARBAGE, Obstacle.MALFORMED),
        (RevocationFault.CUT_OFF, Obstacle.MALFORMED),
        (RevocationFault.STRANGER, Obstacle.WRONG_SIGNER),
        (RevocationFault.TOO_LARGE, Obstacle.TOO_LARGE),
    ],
)
def test_lists_that_are_not_taken(
    server: RevocationServer, tmp_path: Path, fault: RevocationFault, obstacle: Obstacle
) -> None:
    check = checks("crl", tmp_path, crl=server.crl_url)
    assert check.crl is not None
    server.desk.fault = fault
    assert check.crl.refresh() is obstacle
    assert judged("midori", check).revocation == StandingAnswer.unknown(Obstacle.NO_SOURCE, Source.CRL)


@pytest.mark.parametrize("fault", [RevocationFault.OUT_OF_TIME, RevocationFault.NOT_YET])
def test_a_list_out_of_its_time_is_kept_and_says_nothing_good(
    server: RevocationServer, tmp_path: Path, fault: RevocationFault
) -> None:
    check = checks("crl", tmp_path, crl=server.crl_url)
    assert check.crl is not None
    server.desk.fault = fault
    assert check.crl.refresh() is None
    assert judged("taro", check).revocation.obstacle is Obstacle.OUT_OF_TIME
    assert judged("midori", check).verdict is Verdict.REVOKED
    assert not check.crl.state().usable


def test_of_a_certificate_past_its_end_only_revoked_is_believed(
    server: RevocationServer, tmp_path: Path
) -> None:
    check = judged("isamu", checks("ocsp", tmp_path, ocsp=server.ocsp_url))
    assert check.verdict is Verdict.GRACE
    assert check.revocation == StandingAnswer.unknown(Obstacle.ENDED, Source.OCSP)
    end = certificate_of("midori").not_valid_after_utc
    revoked = StandingAnswer(Standing.REVOKED, Source.CRL)

    class Revoked:
        def ask(self, *_: object) -> StandingAnswer:
            return revoked

    assert judged_by(Revoked(), end + timedelta(days=1)).verdict is Verdict.REVOKED


def judged_by(asked: object, now: datetime) -> CertificateCheck:
    certificate = certificate_of("midori").public_bytes(Encoding.DER)
    return judge(certificate, demo_trust(), asked, now)  # type: ignore[arg-type]  # any that can be asked


def test_who_is_not_trusted_or_expired_is_not_asked_about() -> None:
    class Never:
        def ask(self, *_: object) -> StandingAnswer:
            raise AssertionError

    nobody = Trust.of((), {}, allow_test=True)
    stranger = certificate_of("taro").public_bytes(Encoding.DER)
    assert judge(stranger, nobody, Never(), MORNING).verdict is Verdict.UNTRUSTED
    expired = certificate_of("akira").public_bytes(Encoding.DER)
    assert judge(expired, demo_trust(), Never(), MORNING).verdict is Verdict.EXPIRED
    assert judge(b"", demo_trust(), Never(), MORNING).verdict is Verdict.UNREADABLE


def test_the_responders_list_is_signed_for_the_authority_not_for_the_responder(
    server: RevocationServer,
) -> None:
    crl = x509.load_der_x509_crl(server.desk.crl())
    assert crl.issuer == authority().user_issuer().certificate.subject
    assert [entry.serial_number for entry in crl] == [certificate_of("midori").serial_number]
