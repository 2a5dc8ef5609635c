# SPDX-License-Identifier: Apache-2.0
"""Revocation lists: whose they are, what they cover, how old they may be, and how they are kept."""

from __future__ import annotations

import os
import queue
import threading
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from kiosk.auth.certificate import crl as crl_module
from kiosk.auth.certificate.crl import (
    CrlDownloads,
    CrlKeeper,
    RevocationList,
    key_name,
    read_lists,
    standing_in,
)
from kiosk.auth.certificate.standing import Obstacle, Source, Standing, StandingAnswer
from tests.fakes.clock import MORNING, FakeClock
from tests.fakes.revocation import DAY, certificate_of, issuer, revocation_list

TARO, MIDORI = certificate_of("taro"), certificate_of("midori")
AGE = timedelta(hours=48)


@cache
def stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def der(crl: x509.CertificateRevocationList) -> bytes:
    return crl.public_bytes(Encoding.DER)


def lists(*crls: x509.CertificateRevocationList) -> tuple[RevocationList, ...]:
    found = read_lists(b"".join(crl.public_bytes(Encoding.PEM) for crl in crls), [issuer()])
    assert isinstance(found, tuple)
    return found


def standing(
    *crls: x509.CertificateRevocationList, now: timedelta = timedelta(), of: x509.Certificate = TARO
) -> StandingAnswer:
    return standing_in(lists(*crls), of, issuer(), MORNING + now, AGE)


def test_who_is_in_the_list_is_revoked_and_who_is_not_is_good() -> None:
    crl = revocation_list([MIDORI.serial_number])
    assert standing(crl, of=MIDORI) == StandingAnswer(Standing.REVOKED, Source.CRL, as_of=MORNING)
    assert standing(crl) == StandingAnswer(Standing.GOOD, Source.CRL, as_of=MORNING)


@pytest.mark.parametrize(
    ("now", "good"),
    [
        (timedelta(minutes=-6), False),  # not begun
        (timedelta(minutes=-4), True),  # clocks differ
        (DAY, True),
        (DAY + timedelta(seconds=1), False),
    ],
)
def test_a_list_counts_within_its_own_time(now: timedelta, *, good: bool) -> None:
    answer = standing(revocation_list(), now=now)
    assert answer.standing is (Standing.GOOD if good else Standing.COULD_NOT_CHECK)
    assert answer.obstacle is (None if good else Obstacle.OUT_OF_TIME)


def test_a_list_that_gives_itself_years_is_too_old_here_all_the_same() -> None:
    crl = revocation_list(ends=MORNING + 3650 * DAY)
    assert standing(crl, now=AGE).standing is Standing.GOOD
    assert standing(crl, now=AGE + timedelta(seconds=1)).obstacle is Obstacle.OUT_OF_TIME


def test_what_an_old_list_calls_revoked_stays_so_but_not_what_was_only_on_hold() -> None:
    crl = revocation_list([TARO.serial_number])
    assert standing(crl, now=30 * DAY).standing is Standing.REVOKED
    held = revocation_list([TARO.serial_number], reason=x509.ReasonFlags.certificate_hold)
    assert standing(held).standing is Standing.REVOKED
    assert standing(held, now=30 * DAY).obstacle is Obstacle.OUT_OF_TIME


def test_the_list_of_another_authority_of_the_same_name_says_nothing() -> None:
    foreign = revocation_list([TARO.serial_number], key=stranger())
    assert read_lists(der(foreign), [issuer()]) is Obstacle.WRONG_SIGNER
    other = (
        x509.CertificateBuilder()
        .subject_name(issuer().subject)
        .issuer_name(issuer().subject)
        .public_key(stranger().public_key())
        .serial_number(2)
        .not_valid_before(MORNING - DAY)
        .not_valid_after(MORNING + DAY)
        .sign(stranger(), SHA256())
    )
    both = read_lists(der(foreign), [issuer(), other])
    assert isinstance(both, tuple)
    assert standing_in(both, TARO, issuer(), MORNING, AGE).obstacle is Obstacle.NOT_COVERED
    assert standing_in(both, TARO, other, MORNING, AGE).standing is Standing.REVOKED


def test_an_authority_that_may_not_sign_lists_signs_none() -> None:
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    limited = (
        x509.CertificateBuilder()
        .subject_name(issuer().subject)
        .issuer_name(issuer().subject)
        .public_key(stranger().public_key())
        .serial_number(3)
        .not_valid_before(MORNING - DAY)
        .not_valid_after(MORNING + DAY)
        .add_extension(usage, critical=True)
        .sign(stranger(), SHA256())
    )
    assert read_lists(der(revocation_list(key=stranger())), [limited]) is Obstacle.WRONG_SIGNER


def point(*, certificate: x509.Certificate = TARO, **kind: bool) -> x509.IssuingDistributionPoint:
    names = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0].full_name
    return scope(full_name=names, **kind)


def scope(
    *, full_name: list[x509.GeneralName] | None = None, some: bool = False, **kind: bool
) -> x509.IssuingDistributionPoint:
    reasons = frozenset({x509.ReasonFlags.key_compromise}) if some else None
    switches = {"only_contains_user_certs": False, "only_contains_ca_certs": False, "indirect_crl": False}
    switches |= {"only_contains_attribute_certs": False} | kind
    return x509.IssuingDistributionPoint(
        full_name=full_name, relative_name=None, only_some_reasons=reasons, **switches
    )


def test_a_municipalitys_list_answers_for_its_own_cards_only() -> None:
    own = revocation_list(extensions=[(point(), True)])
    assert standing(own).standing is Standing.GOOD
    elsewhere = scope(full_name=[x509.DirectoryName(x509.Name([]))])
    assert standing(revocation_list(extensions=[(elsewhere, True)])).obstacle is Obstacle.NOT_COVERED


@pytest.mark.parametrize("kind", ["only_contains_ca_certs", "only_contains_attribute_certs", "indirect_crl"])
def test_lists_about_others_are_left_out(kind: str) -> None:
    crl = revocation_list(extensions=[(scope(full_name=point().full_name, **{kind: True}), True)])
    assert read_lists(der(crl), [issuer()]) is Obstacle.WRONG_SIGNER


def test_a_list_of_changes_or_with_unknown_demands_is_left_out() -> None:
    for extension in (
        x509.DeltaCRLIndicator(1),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.392.0.1"), b"\x05\x00"),
    ):
        crl = revocation_list(extensions=[(extension, True)])
        assert read_lists(der(crl), [issuer()]) is Obstacle.WRONG_SIGNER


def test_a_list_of_some_reasons_says_revoked_but_never_good() -> None:
    extensions = [(point(some=True), True)]
    assert standing(revocation_list(extensions=extensions)).obstacle is Obstacle.OUT_OF_TIME
    named = revocation_list([TARO.serial_number], extensions=extensions)
    assert standing(named).standing is Standing.REVOKED


@pytest.mark.parametrize(
    "content", [b"", b"\x30\x00", bytes(1000), b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----"]
)
def test_what_is_no_list(content: bytes) -> None:
    assert read_lists(content, [issuer()]) is Obstacle.MALFORMED


def test_too_many_lists_are_not_looked_through() -> None:
    one = b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"
    assert read_lists(one * 257, [issuer()]) is Obstacle.TOO_LARGE


@given(st.binary(max_size=400))
def test_garbage_is_only_malformed(content: bytes) -> None:
    assert read_lists(content, [issuer()]) is Obstacle.MALFORMED


WHOLE = der(revocation_list([MIDORI.serial_number], extensions=[(point(), True)]))


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_no_damage_raises_or_passes(position: int, change: int) -> None:
    content = bytearray(WHOLE)
    content[position] ^= change
    assert isinstance(read_lists(bytes(content), [issuer()]), Obstacle)


# --- kept ------------------------------------------------------------------------------------------------


def keeper(source: Path, folder: Path, clock: FakeClock) -> CrlKeeper:
    return CrlKeeper(str(source), folder, [issuer()], clock, max_age=AGE)


def test_a_list_is_kept_over_a_restart_and_answers_without_its_source(tmp_path: Path) -> None:
    clock, source, folder = FakeClock(), tmp_path / "from.crl", tmp_path / "state"
    source.write_bytes(der(revocation_list([MIDORI.serial_number])))
    first = keeper(source, folder, clock)
    assert first.ask(TARO, issuer(), clock.now()).obstacle is Obstacle.NO_SOURCE
    assert first.due_in() == timedelta()
    assert first.refresh() is None
    assert first.due_in() == DAY
    source.unlink()
    clock.advance(3600)
    second = keeper(source, folder, clock)
    assert second.ask(MIDORI, issuer(), clock.now()).standing is Standing.REVOKED
    assert second.ask(TARO, issuer(), clock.now()).standing is Standing.GOOD
    assert second.due_in() == timedelta(hours=23)
    state = second.state()
    assert (state.age, state.usable, state.entries) == (timedelta(hours=1), True, 1)
    assert [file.name[:10] for file in folder.iterdir()] == ["revocation"]


def test_a_failed_download_leaves_the_list_and_is_tried_again_in_an_hour(tmp_path: Path) -> None:
    clock, source = FakeClock(), tmp_path / "from.crl"
    source.write_bytes(der(revocation_list(ends=MORNING + 9 * DAY)))
    kept = keeper(source, tmp_path / "state", clock)
    assert kept.refresh() is None
    clock.advance(25 * 3600)
    source.write_bytes(b"garbage")
    assert kept.due_in() == timedelta()
    assert kept.refresh() is Obstacle.MALFORMED
    assert kept.due_in() == timedelta(hours=1)
    assert kept.state().trouble is Obstacle.MALFORMED
    assert kept.ask(TARO, issuer(), clock.now()).standing is Standing.GOOD
    source.unlink()
    assert kept.refresh() is Obstacle.UNREACHABLE
    clock.jump(MORNING - DAY)  # someone sets the clock back: that is no reason to wait for days
    assert kept.due_in() == timedelta()


def test_an_older_list_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    clock, source = FakeClock(), tmp_path / "from.crl"
    source.write_bytes(der(revocation_list([TARO.serial_number])))
    kept = keeper(source, tmp_path / "state", clock)
    assert kept.refresh() is None
    source.write_bytes(der(revocation_list(begins=MORNING - DAY)))
    assert kept.refresh() is Obstacle.OUT_OF_TIME
    assert kept.ask(TARO, issuer(), clock.now()).standing is Standing.REVOKED


def test_a_kept_list_that_was_changed_on_the_disk_is_not_believed(tmp_path: Path) -> None:
    clock, source, folder = FakeClock(), tmp_path / "from.crl", tmp_path / "state"
    source.write_bytes(der(revocation_list([TARO.serial_number])))
    assert keeper(source, folder, clock).refresh() is None
    next(folder.iterdir()).write_bytes(der(revocation_list(key=stranger())))
    again = keeper(source, folder, clock)
    assert again.ask(TARO, issuer(), clock.now()).obstacle is Obstacle.NO_SOURCE
    assert not again.state().usable


def test_sources_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    assert keeper(tmp_path, tmp_path / "state", clock).refresh() is Obstacle.UNREACHABLE  # a folder
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert keeper(pipe, tmp_path / "state", clock).refresh() is Obstacle.UNREACHABLE
    large = tmp_path / "large"
    large.write_bytes(bytes(2000))
    monkeypatch.setattr(crl_module, "MAX_CRL_BYTES", 1999)
    assert keeper(large, tmp_path / "state", clock).refresh() is Obstacle.TOO_LARGE


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_half_kept(tmp_path: Path) -> None:
    source, folder = tmp_path / "from.crl", tmp_path / "state"
    source.write_bytes(der(revocation_list()))
    folder.write_text("a file where the folder should be")
    kept = keeper(source, folder, FakeClock())
    assert kept.refresh() is Obstacle.NOT_KEPT
    assert kept.state().lists == 0


def test_downloads_come_by_themselves_and_end_when_told(tmp_path: Path) -> None:
    source = tmp_path / "from.crl"
    source.write_bytes(der(revocation_list()))
    done = threading.Event()

    class Told(CrlKeeper):
        def refresh(self) -> Obstacle | None:
            result = super().refresh()
            done.set()
            return result

    kept = Told(str(source), tmp_path / "state", [issuer()], FakeClock(), max_age=AGE)
    downloads = CrlDownloads(kept)
    assert CrlDownloads(kept).join(0)  # never started
    downloads.start()
    assert done.wait(10)
    downloads.stop()
    assert downloads.join(10)
    assert kept.state().usable


def test_watched_certificates_are_found_by_issuer_and_number(tmp_path: Path) -> None:
    source = tmp_path / "from.crl"
    source.write_bytes(der(revocation_list([MIDORI.serial_number])))
    kept = keeper(source, tmp_path / "state", FakeClock())
    ours, others = key_name(issuer()), "00" * 32
    names = [(ours, MIDORI.serial_number), (ours, TARO.serial_number), (others, MIDORI.serial_number)]
    assert kept.listed(names) == {}  # no list yet
    assert kept.refresh() is None
    assert kept.listed(names) == {names[0]: MORNING}
    # a hold may be lifted: it is no sign of a new card
    source.write_bytes(der(revocation_list([MIDORI.serial_number], reason=x509.ReasonFlags.certificate_hold)))
    assert kept.refresh() is None
    assert kept.listed(names) == {}


@pytest.mark.expect_log("a listener of the revocation list failed: ValueError")
def test_whoever_watches_is_told_of_each_list_and_can_have_one_now(tmp_path: Path) -> None:
    source = tmp_path / "from.crl"
    source.write_bytes(der(revocation_list()))
    kept = keeper(source, tmp_path / "state", FakeClock())
    told: queue.Queue[int] = queue.Queue()

    def hear() -> None:
        told.put(kept.state().entries)
        raise ValueError("a listener's mistake ends nothing")

    downloads = CrlDownloads(kept, hear)
    downloads.start()
    # at the start, and after the first download
    assert [told.get(timeout=10), told.get(timeout=10)] == [0, 0]
    source.write_bytes(der(revocation_list([MIDORI.serial_number])))
    downloads.now()
    assert told.get(timeout=10) == 1
    downloads.stop()
    assert downloads.join(10)
