# SPDX-License-Identifier: Apache-2.0
"""CRL provision (CRL 提供方式): the list is downloaded daily, kept, and looked into without a network."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from cryptography import x509

from kiosk.auth.certificate.fetch import fetch, is_web_address, read_file
from kiosk.auth.certificate.signing import UNREADABLE, may, signed_with, spki
from kiosk.auth.certificate.standing import (
    CLOCKS_MAY_DIFFER,
    Obstacle,
    Source,
    Standing,
    StandingAnswer,
)
from kiosk.clock import Clock

MAX_CRL_BYTES = 64 * 1024 * 1024
MAX_LISTS = 256
REFRESHED_EVERY = timedelta(hours=24)
TRIED_AGAIN_AFTER = timedelta(hours=1)
_LOOKS_EVERY_S = 600.0

_PEM = re.compile(rb"-----BEGIN X509 CRL-----.+?-----END X509 CRL-----", re.DOTALL)
_KNOWN_CRITICAL = frozenset({x509.IssuingDistributionPoint.oid})

_log = logging.getLogger("kiosk.certificate")


ListedName: TypeAlias = tuple[str, int]
"""A certificate: its issuer's key as `key_name` names it, and its serial number."""


def key_name(issuer: x509.Certificate) -> str:
    """The SHA-256 of an authority's key, in hex: generations share one name, never one key."""
    return hashlib.sha256(spki(issuer)).hexdigest()


@dataclass(frozen=True, slots=True)
class RevocationList:
    """One list and the authority whose key signed it."""

    crl: x509.CertificateRevocationList = field(repr=False)
    issuer: x509.Certificate = field(repr=False)
    scope: x509.IssuingDistributionPoint | None = field(repr=False)

    def is_current(self, now: datetime, max_age: timedelta) -> bool:
        """Within its own time, and no older than is wanted here."""
        begun, ends = self.crl.last_update_utc, self.crl.next_update_utc
        if now + CLOCKS_MAY_DIFFER < begun or now - begun > max_age:
            return False
        return ends is None or now <= ends

    def covers(self, certificate: x509.Certificate) -> bool:
        """Whether the certificate would stand in this list, which may be that of one municipality only."""
        wanted = None if self.scope is None else self.scope.full_name
        if wanted is None:
            return True
        try:
            points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        except x509.ExtensionNotFound:
            return False
        return any(name in wanted for point in points for name in point.full_name or ())

    def is_whole(self) -> bool:
        """Whether absence says anything: a list of some reasons only does not tell of the others."""
        return self.scope is None or self.scope.only_some_reasons is None


def read_lists(
    content: bytes, authorities: Sequence[x509.Certificate]
) -> tuple[RevocationList, ...] | Obstacle:
    """One list in DER, or lists in PEM; what none of `authorities` signed is left out."""
    blocks: list[bytes] = _PEM.findall(content)
    if len(blocks) > MAX_LISTS:
        return Obstacle.TOO_LARGE
    found: list[RevocationList] = []
    try:
        lists = (
            [x509.load_pem_x509_crl(block) for block in blocks]
            if blocks
            else [x509.load_der_x509_crl(content)]
        )
        for crl in lists:
            known = _with_issuer(crl, authorities)
            if known is not None:
                found.append(known)
    except UNREADABLE:
        return Obstacle.MALFORMED
    return tuple(found) or Obstacle.WRONG_SIGNER


def _with_issuer(
    crl: x509.CertificateRevocationList, authorities: Sequence[x509.Certificate]
) -> RevocationList | None:
    scope: x509.IssuingDistributionPoint | None = None
    for extension in crl.extensions:
        if extension.critical and extension.oid not in _KNOWN_CRITICAL:
            return None  # as with a list of changes only, which says nothing by itself
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            scope = extension.value
    if scope is not None and (
        scope.indirect_crl
        or scope.only_contains_ca_certs
        or scope.only_contains_attribute_certs
        or scope.relative_name is not None
    ):
        return None
    digest = crl.signature_hash_algorithm
    for authority in authorities:
        # found by signature: a list of another generation bears the same name
        if may(authority, "crl_sign") and signed_with(
            authority, crl.signature, crl.tbs_certlist_bytes, digest
        ):
            return RevocationList(crl, authority, scope)
    return None


def standing_in(
    lists: Sequence[RevocationList],
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    now: datetime,
    max_age: timedelta,
) -> StandingAnswer:
    """What the lists of its own issuer say about a certificate."""
    own = [item for item in lists if spki(item.issuer) == spki(issuer) and item.covers(certificate)]
    if not own:
        return StandingAnswer.unknown(Obstacle.NOT_COVERED, Source.CRL)
    for item in own:
        try:
            entry = item.crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
            held_only = entry is not None and _is_hold(entry)
        except UNREADABLE:
            return StandingAnswer.unknown(Obstacle.MALFORMED, Source.CRL)
        # what is revoked stays revoked however old the list is; only a hold may have been lifted
        if entry is not None and (not held_only or item.is_current(now, max_age)):
            return StandingAnswer(Standing.REVOKED, Source.CRL, as_of=item.crl.last_update_utc)
    current = [item for item in own if item.is_whole() and item.is_current(now, max_age)]
    if not current:
        return StandingAnswer.unknown(Obstacle.OUT_OF_TIME, Source.CRL)
    return StandingAnswer(Standing.GOOD, Source.CRL, as_of=max(item.crl.last_update_utc for item in current))


def _is_hold(entry: x509.RevokedCertificate) -> bool:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return False
    return reason is x509.ReasonFlags.certificate_hold


@dataclass(frozen=True, slots=True)
class CrlState:
    """How the kept list is doing, for the diagnostics: nothing of any person in it.

    `age` counts from the list's own date; `trouble` is what the latest download met.
    """

    lists: int = 0
    entries: int = 0
    age: timedelta | None = None
    ends: datetime | None = None
    usable: bool = False
    downloaded: datetime | None = None
    trouble: Obstacle | None = None


class CrlKeeper:
    """The lists of one source, as they were downloaded last.

    Lives on: any thread. `refresh` waits for the network and belongs on a thread that may wait; `ask` and
    `state` do not.
    """

    def __init__(  # each a setting or a part it plays with
        self,
        source: str,
        folder: Path,
        authorities: Sequence[x509.Certificate],
        clock: Clock,
        *,
        max_age: timedelta = timedelta(hours=48),
        limit_s: float = 60.0,
    ) -> None:
        """`folder` keeps the list over restarts; the source's name makes the file's."""
        self._source = source
        name = hashlib.sha256(source.encode()).hexdigest()[:16]
        self._file = folder / f"revocation-{name}.crl"
        self._authorities = tuple(authorities)
        self._clock = clock
        self._max_age = max_age
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._lists: tuple[RevocationList, ...] = ()
        self._downloaded: datetime | None = None
        self._tried: datetime | None = None
        self._trouble: Obstacle | None = None
        self._load()

    def ask(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> StandingAnswer:
        """What the kept lists say; nothing is downloaded for it."""
        with self._lock:
            lists = self._lists
        if not lists:
            return StandingAnswer.unknown(Obstacle.NO_SOURCE, Source.CRL)
        return standing_in(lists, certificate, issuer, now, self._max_age)

    def listed(self, certificates: Iterable[ListedName]) -> dict[ListedName, datetime]:
        """Which of these stand in the kept lists for good, with the date of the list."""
        with self._lock:
            lists = self._lists
        by_issuer: dict[str, list[RevocationList]] = {}
        for item in lists:
            by_issuer.setdefault(key_name(item.issuer), []).append(item)
        found: dict[ListedName, datetime] = {}
        for name in certificates:
            for item in by_issuer.get(name[0], ()):
                try:
                    entry = item.crl.get_revoked_certificate_by_serial_number(name[1])
                    if entry is not None and not _is_hold(entry):
                        found[name] = item.crl.last_update_utc
                except UNREADABLE:
                    continue
        return found

    def due_in(self) -> timedelta:
        """How long until the next download; zero or less where it is due."""
        now = self._clock.now()
        with self._lock:
            fresh = None if self._downloaded is None else self._downloaded + REFRESHED_EVERY - now
            again = None if self._tried is None else self._tried + TRIED_AGAIN_AFTER - now
        if fresh is not None and timedelta() < fresh <= REFRESHED_EVERY:
            return fresh
        # due; but a source that failed is not asked all the time, nor is a clock set back waited for
        return again if again is not None and timedelta() < again <= TRIED_AGAIN_AFTER else timedelta()

    def refresh(self) -> Obstacle | None:
        """Download, check and keep the list; the reason where the one before stays."""
        content = self._fetched()
        trouble = content if isinstance(content, Obstacle) else self._take(content)
        with self._lock:
            self._tried = self._clock.now()
            self._trouble = trouble
        if trouble is None:
            _log.info("revocation list downloaded")
        else:
            _log.info("no new revocation list: %s", trouble.value)
        return trouble

    def state(self) -> CrlState:
        """How old the list is, and whether it still answers."""
        now = self._clock.now()
        with self._lock:
            lists, downloaded, trouble = self._lists, self._downloaded, self._trouble
        if not lists:
            return CrlState(trouble=trouble, downloaded=downloaded)
        oldest = min(lists, key=lambda item: item.crl.last_update_utc)
        ends = [end for item in lists if (end := item.crl.next_update_utc) is not None]
        return CrlState(
            lists=len(lists),
            entries=sum(len(item.crl) for item in lists),
            age=now - oldest.crl.last_update_utc,
            ends=min(ends, default=None),
            usable=all(item.is_current(now, self._max_age) for item in lists),
            downloaded=downloaded,
            trouble=trouble,
        )

    def _fetched(self) -> bytes | Obstacle:
        if is_web_address(self._source):
            return fetch(self._source, limit_s=self._limit_s, limit_bytes=MAX_CRL_BYTES)
        return read_file(Path(self._source), limit_bytes=MAX_CRL_BYTES)

    def _take(self, content: bytes) -> Obstacle | None:
        lists = read_lists(content, self._authorities)
        if isinstance(lists, Obstacle):
            return lists
        with self._lock:
            held = self._lists
        if any(_older(new, old) for new in lists for old in held):
            return Obstacle.OUT_OF_TIME  # an old list played again would bring revoked cards back to life
        now = self._clock.now()
        try:
            self._write(content, now)
        except OSError:
            return Obstacle.NOT_KEPT
        with self._lock:
            self._lists, self._downloaded = lists, now
        return None

    def _write(self, content: bytes, now: datetime) -> None:
        """Whole or not at all, whenever the power goes; the file's time is that of the download."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._file.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.utime(temporary, (now.timestamp(), now.timestamp()))
            Path(temporary).replace(self._file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _load(self) -> None:
        """What an earlier run kept, checked as if it had just come: the folder is no authority."""
        content = read_file(self._file, limit_bytes=MAX_CRL_BYTES)
        if isinstance(content, Obstacle):
            return
        lists = read_lists(content, self._authorities)
        if isinstance(lists, Obstacle):
            _log.info("the kept revocation list is of no use: %s", lists.value)
            return
        self._lists = lists
        self._downloaded = datetime.fromtimestamp(self._file.stat().st_mtime, UTC)


def _older(new: RevocationList, old: RevocationList) -> bool:
    return (
        spki(new.issuer) == spki(old.issuer)
        and new.scope == old.scope
        and new.crl.last_update_utc < old.crl.last_update_utc
    )


class CrlDownloads:
    """Sees to it that the list is downloaded daily, and after a failure an hour later.

    Lives on: a thread of its own between `start` and `stop`; `now` and `stop` may be called from any thread.
    `after` is called on the thread once at the start, and after each new list.
    """

    def __init__(self, keeper: CrlKeeper, after: Callable[[], None] = lambda: None) -> None:
        self._keeper = keeper
        self._after = after
        self._ended = threading.Event()
        self._wanted = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crl-downloads", daemon=True)

    def start(self) -> None:
        """Begin, with a download at once where one is due."""
        self._thread.start()

    def now(self) -> None:
        """Download at once, whether it is due or not."""
        self._wanted.set()
        self._wake.set()

    def stop(self) -> None:
        """Ask it to end; returns at once."""
        self._ended.set()
        self._wake.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; whether it came in time."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._told()
        while not self._ended.is_set():
            self._wake.clear()
            wait = self._keeper.due_in()
            if self._wanted.is_set() or wait <= timedelta():
                self._wanted.clear()
                if self._keeper.refresh() is None:
                    self._told()
                wait = self._keeper.due_in()
            if not self._ended.is_set() and not self._wanted.is_set():
                # in slices, since clocks are set and machines sleep
                self._wake.wait(min(max(wait.total_seconds(), 1.0), _LOOKS_EVERY_S))

    def _told(self) -> None:
        try:
            self._after()
        except Exception as error:  # whoever listens must not stop the downloads
            _log.error("a listener of the revocation list failed: %s", type(error).__name__)  # not its text
