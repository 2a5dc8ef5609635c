# SPDX-License-Identifier: Apache-2.0
"""From the list to the question: only watched certificates that it names are asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.auth.certificate.chain import CertificateCheck, Verdict
from kiosk.auth.certificate.crl import CrlKeeper
from kiosk.consent.items import ConsentItem, ConsentRecord, Decision
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.model import OutboxKind
from kiosk.outbox.store import Store
from kiosk.outbox.worker import SyncWorker
from kiosk.runtime.person_updates import UpdateWatch, certificate_name
from kiosk.simulator.patients.people import patient
from tests.fakes.cards import authority
from tests.fakes.clock import FakeClock
from tests.fakes.outbox import GATEWAY, INSTITUTION, FakeHandOver, FakeUpstream, draft, open_store
from tests.fakes.revocation import revocation_list


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()


def certificate(who: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(authority().material(patient(who)).user_certificate)


def agree(store: Store, clock: FakeClock, who: str) -> None:
    check = CertificateCheck(
        Verdict.VALID, certificate=certificate(who), issuer=authority().user_issuer().certificate
    )
    yes = ConsentRecord(ConsentItem.PERSON_UPDATE, Decision.YES, "2024-06", "ja", clock.now())
    made = replace(draft(who, clock.now(), items=()), consents=(yes,), certificate=certificate_name(check))
    store.commit(made)


def test_only_what_the_list_names_is_asked_about_and_once(
    tmp_path: Path, store: Store, clock: FakeClock
) -> None:
    source = tmp_path / "from.crl"
    numbers = [certificate(who).serial_number for who in ("kanae", "midori")]
    source.write_bytes(revocation_list(numbers).public_bytes(Encoding.DER))
    issuer = authority().user_issuer().certificate
    crl = CrlKeeper(str(source), tmp_path / "state", [issuer], clock, max_age=timedelta(hours=48))
    sync = SyncWorker(store, {GATEWAY: FakeUpstream()}, FakeHandOver(), AnswerReader(INSTITUTION), clock)
    watch = UpdateWatch(crl, store, sync, GATEWAY, INSTITUTION)
    watch()  # nobody is watched, and no list is there
    agree(store, clock, "kanae")
    agree(store, clock, "taro")
    watch()
    assert store.list() == []
    assert crl.refresh() is None
    watch()
    watch()
    assert [(item.kind, item.session_id) for item in store.list()] == [(OutboxKind.PERSON_UPDATE, "kanae")]


def test_a_certificate_of_nobody_known_has_no_name() -> None:
    assert certificate_name(CertificateCheck(Verdict.UNTRUSTED)) is None


@pytest.mark.expect_log("news of people could not be looked for: OUT-001")
def test_trouble_with_the_records_ends_nothing(tmp_path: Path, store: Store, clock: FakeClock) -> None:
    crl = CrlKeeper("/nowhere", tmp_path / "state", [], clock)
    sync = SyncWorker(store, {}, FakeHandOver(), AnswerReader(INSTITUTION), clock)
    watch = UpdateWatch(crl, store, sync, GATEWAY, INSTITUTION)
    with store.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE person_updates")
    watch()
