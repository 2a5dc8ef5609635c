# SPDX-License-Identifier: Apache-2.0
"""The ways to upstream that the settings name, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.clock import Clock
from kiosk.eligibility.codec_xml import Encoding
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.handover.face_file import check_folder
from kiosk.outbox.folders import FolderLimits, FolderUpstream
from kiosk.outbox.model import OutboxKind
from kiosk.outbox.tls import Standing, TlsFiles, standing_of, tls_context
from kiosk.outbox.upstream import HttpUpstream, TimeLimits, UpstreamClient
from kiosk.settings import Settings, UpstreamSection

ENDPOINT = "upstream"
TERMINAL = "terminal"


def gateway(settings: Settings, clock: Clock, simulated_url: str | None) -> HttpUpstream:
    """The client for checks by card; `simulated_url` is where a demo's upstream listens."""
    section = settings.upstream
    url = section.url
    if section.kind == "simulator" and not url:
        if simulated_url is None:
            raise ConfigurationError(
                FailureCode.CONFIG_INVALID, detail="[upstream] kind is the simulator, but no demo runs."
            )
        url = simulated_url
    limits = TimeLimits(
        connect_s=section.connect_timeout_s,
        read_s=min(section.answer_timeout_s, TimeLimits().read_s),
        whole_s=section.answer_timeout_s,
    )
    return HttpUpstream(url, clock, limits=limits, tls=tls_context(tls_files(section)))


def endpoint_for_numbers(settings: Settings) -> str:
    """The place that checks by number are meant for; empty where they are switched off."""
    return {"off": "", "gateway": ENDPOINT, "folder": TERMINAL}[settings.terminal.way]


def folder_exchange(settings: Settings, clock: Clock) -> FolderUpstream | None:
    """The folders of a qualification terminal, where the settings name them."""
    section = settings.terminal
    if section.way != "folder":
        return None
    limits = FolderLimits(
        poll_s=section.poll_s,
        stable_polls=section.stable_polls,
        wait_s=section.wait_s,
        lost_after_s=section.lost_after_s,
        reach_s=section.reach_s,
    )
    return FolderUpstream(
        Path(section.request_folder),
        Path(section.answer_folder),
        settings.kiosk.institution_code,
        clock,
        encoding=Encoding(section.encoding),
        limits=limits,
    )


def places(
    settings: Settings, upstream: UpstreamClient, terminal: FolderUpstream | None
) -> dict[str, UpstreamClient]:
    """Who takes the items of which place.

    Registered numbers have a place of their own at the terminal: switched off, what waits for it stays. With
    a simulated upstream, numbers of patients that do not exist must not get to a real terminal.
    """
    found: dict[str, UpstreamClient] = {ENDPOINT: upstream}
    if terminal is not None:
        found[TERMINAL] = terminal
        if settings.handover.reference_number.enabled:
            if settings.upstream.kind == "simulator":
                check_folder(Path(settings.terminal.request_folder), simulated=True)
            found[OutboxKind.REFERENCE_NUMBER.value] = terminal
    return found


def own_certificate(settings: Settings, clock: Clock) -> Callable[[], Standing] | None:
    """How the kiosk's own certificate stands; None where it has none."""
    file = settings.upstream.client_certificate_file
    return (lambda: standing_of(Path(file), clock.now())) if file else None


def tls_files(section: UpstreamSection) -> TlsFiles:
    """The files of the settings."""
    return TlsFiles(
        section.ca_file,
        section.client_certificate_file,
        section.client_key_file,
        section.client_key_password.get_secret_value(),
    )
