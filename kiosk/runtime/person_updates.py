# SPDX-License-Identifier: Apache-2.0
"""From the list of revocations to the question: which watched certificates changed."""

from __future__ import annotations

import logging

from kiosk.auth.certificate.chain import CertificateCheck
from kiosk.auth.certificate.crl import CrlDownloads, CrlKeeper, key_name
from kiosk.auth.certificate.revocation import RevocationCheck
from kiosk.errors import KioskError
from kiosk.outbox.person_updates import CertificateName
from kiosk.outbox.store import Store
from kiosk.outbox.worker import SyncWorker

_LOGGER = logging.getLogger("kiosk.outbox")


def certificate_name(check: CertificateCheck) -> CertificateName | None:
    """What the records call a card's certificate; None where it is not one of a known authority."""
    if check.certificate is None or check.issuer is None:
        return None
    return CertificateName(key_name(check.issuer), check.certificate.serial_number)


class UpdateWatch:
    """Asks the provider about every watched certificate that the newest list names.

    The outbox knows nothing of lists, and the list nothing of patients: names of certificates are what passes
    between them. Lives on: the thread of the downloads, which calls it after each list.
    """

    def __init__(
        self, crl: CrlKeeper, store: Store, sync: SyncWorker, endpoint: str, institution_code: str
    ) -> None:
        self._crl = crl
        self._store = store
        self._sync = sync
        self._endpoint = endpoint
        self._institution_code = institution_code

    def __call__(self) -> None:
        """Look once."""
        try:
            asked = self._look()
        except KioskError as error:
            _LOGGER.error("news of people could not be looked for: %s", error.code.value)  # noqa: TRY400
            return
        if asked:
            _LOGGER.info("certificates that changed: %d; the provider is asked", asked)
            self._sync.notify()

    def _look(self) -> int:
        watched = {
            (one.certificate.issuer, one.certificate.serial): one.id
            for one in self._store.updates.subscribed()
        }
        if not watched:
            return 0
        items = [
            self._store.updates.ask(watched[name], self._endpoint, self._institution_code)
            for name in self._crl.listed(watched)
        ]
        return sum(item is not None for item in items)


def downloads(
    revocation: RevocationCheck | None,
    store: Store,
    sync: SyncWorker,
    endpoint: str,
    institution_code: str,
) -> CrlDownloads | None:
    """The daily download, with what looks into each new list; None where no list is kept."""
    if revocation is None or revocation.crl is None:
        return None
    watch = UpdateWatch(revocation.crl, store, sync, endpoint, institution_code)
    return CrlDownloads(revocation.crl, after=watch)
