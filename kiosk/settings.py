# SPDX-License-Identifier: Apache-2.0
"""The clinic's settings: typed, checked when read, and never changed while the kiosk runs.

`config/default.toml` says what each key means. Values come from there, then from `config/demo.toml` in a
demo, then from the clinic's own file. The environment is not asked, so that a look at the file tells all.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from kiosk.errors import ConfigurationError, FailureCode
from kiosk.settings_base import Section, WebAddress
from kiosk.settings_handover import HandoverSection, PrintingSection
from kiosk.settings_words import as_toml, changed, sentences

__all__ = ["Settings", "as_toml", "changed", "lacking", "load", "unset"]

_CONFIG_FOLDER = Path(__file__).resolve().parents[1] / "config"
DEFAULT_FILE = _CONFIG_FOLDER / "default.toml"
DEMO_FILE = _CONFIG_FOLDER / "demo.toml"
LIMITS_FOLDER = _CONFIG_FOLDER / "limits"

LimitStepName = Literal["ask", "inform", "off"]
ConsentItemName = Literal["treatment_and_medicine", "checkup", "surgery", "specific_disease", "person_update"]


class KioskSection(Section):
    """Who this kiosk is."""

    id: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9-]{1,32}$", description="1 to 32 letters, digits and hyphens")
    ] = "kiosk-1"
    letter: Annotated[str, Field(pattern=r"^[A-Z]$", description="one capital letter")] = "A"
    institution_code: Annotated[str, Field(pattern=r"^([0-9]{10})?$", description="ten digits")] = ""
    clinic_name_ja: Annotated[str, Field(max_length=60)] = ""
    clinic_name_en: Annotated[str, Field(max_length=80)] = ""
    language: Literal["ja", "en"] = "ja"


class DisplaySection(Section):
    """The screen patients touch."""

    width_px: Annotated[int, Field(ge=640, le=7680)] = 1080
    height_px: Annotated[int, Field(ge=480, le=7680)] = 1920
    width_mm: Annotated[float, Field(ge=100, le=2000)] = 268.0
    fullscreen: bool = True


class SoundSection(Section):
    """What patients hear."""

    enabled: bool = True
    volume: Annotated[float, Field(ge=0, le=1)] = 0.7


class ReaderSection(Section):
    """The card reader."""

    driver: Literal["pcsc", "simulator"] = "pcsc"
    name_pattern: Annotated[str, Field(max_length=200)] = ""


class CameraSection(Section):
    """The camera that looks at the patient."""

    driver: Literal["v4l2", "simulator", "off"] = "v4l2"
    device: Annotated[
        str, Field(pattern=r"^([0-9]{1,3}|/dev/.+)$", description="a number or a path below /dev")
    ] = "/dev/video0"
    width: Annotated[int, Field(ge=320, le=3840)] = 1280
    height: Annotated[int, Field(ge=240, le=2160)] = 720
    fps: Annotated[int, Field(ge=5, le=60)] = 30
    rotation: Literal[0, 90, 180, 270] = 0
    mirrored: bool = False


class SurfaceSection(Section):
    """The camera over the reader, which reads the card's printed face."""

    driver: Literal["v4l2", "simulator", "off"] = "off"
    device: Annotated[
        str, Field(pattern=r"^([0-9]{1,3}|/dev/.+)$", description="a number or a path below /dev")
    ] = "/dev/video1"


class FaceSection(Section):
    """Verification by face."""

    false_match_rate: Annotated[float, Field(ge=0.0001, le=0.00333)] = 0.0003
    thresholds: str = ""
    tries: Annotated[int, Field(ge=1, le=3)] = 3
    try_s: Annotated[float, Field(ge=5, le=120)] = 25.0
    liveness: bool = True
    challenges: Annotated[int, Field(ge=1, le=2)] = 2


class PinSection(Section):
    """Verification by PIN."""

    allow_last_attempt: bool = False


class ConsentSection(Section):
    """What patients are asked."""

    items: tuple[ConsentItemName, ...] = ("treatment_and_medicine", "checkup")
    checkup_age: Annotated[int, Field(ge=0, le=120)] = 40
    text_version: Annotated[
        str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", description="a year and a month, as 2024-06")
    ] = "2024-06"


class FlowSection(Section):
    """The course of a reception; all times in seconds."""

    limit_step: LimitStepName = "ask"
    staff_check: bool = True
    offer_registration: bool = True
    idle_s: Annotated[float, Field(ge=10, le=600)] = 60.0
    warning_s: Annotated[float, Field(ge=5, le=120)] = 20.0
    unhurried_factor: Annotated[float, Field(ge=1, le=10)] = 3.0
    answer_wait_s: Annotated[float, Field(ge=1, le=60)] = 10.0
    result_s: Annotated[float, Field(ge=8, le=120)] = 8.0
    reminder_s: Annotated[float, Field(ge=1, le=60)] = 5.0
    confirmed_s: Annotated[float, Field(ge=0.5, le=10)] = 1.2
    staff_wait_s: Annotated[float, Field(ge=10, le=900)] = 180.0
    handed_s: Annotated[float, Field(ge=5, le=120)] = 20.0
    card_s: Annotated[float, Field(ge=5, le=120)] = 30.0
    photo_s: Annotated[float, Field(ge=5, le=120)] = 30.0
    registration_s: Annotated[float, Field(ge=0.5, le=2)] = 2.0
    commit_s: Annotated[float, Field(ge=1, le=30)] = 5.0
    clearing_s: Annotated[float, Field(ge=1, le=30)] = 5.0


class UpstreamSection(Section):
    """Who answers qualification checks, and how the kiosk shows who it is."""

    kind: Literal["http", "simulator"] = "http"
    url: WebAddress = ""
    connect_timeout_s: Annotated[float, Field(ge=0.5, le=30)] = 3.0
    answer_timeout_s: Annotated[float, Field(ge=1, le=120)] = 10.0
    ca_file: str = ""
    client_certificate_file: str = ""
    client_key_file: str = ""
    client_key_password: SecretStr = SecretStr("")


class TerminalSection(Section):
    """Checks by number, as staff make them: who answers them, and the folders of a qualification terminal."""

    way: Literal["off", "gateway", "folder"] = "off"
    request_folder: str = ""
    answer_folder: str = ""
    encoding: Literal["utf-8", "cp932"] = "utf-8"
    poll_s: Annotated[float, Field(ge=0.05, le=5)] = 0.3
    stable_polls: Annotated[int, Field(ge=2, le=20)] = 2
    wait_s: Annotated[float, Field(ge=0, le=20)] = 3.0
    lost_after_s: Annotated[float, Field(ge=10, le=3600)] = 120.0
    reach_s: Annotated[float, Field(ge=1, le=30)] = 5.0


class OutboxSection(Section):
    """How what must reach upstream is sent again."""

    first_retry_s: Annotated[float, Field(ge=0.1, le=60)] = 0.5
    longest_retry_s: Annotated[float, Field(ge=10, le=3600)] = 300.0


class RevocationSection(Section):
    """Whether it is asked if a card's certificate was revoked, and whom."""

    mode: Literal["off", "crl", "ocsp"] = "off"
    crl_source: Annotated[
        str,
        Field(
            pattern=r"^(https?://[^\s/@]+(/\S*)?|/.+)?$",
            description="an http or https address, or a file with its whole path",
        ),
    ] = ""
    ocsp_url: WebAddress = ""
    max_crl_age_h: Annotated[float, Field(ge=1, le=720)] = 48.0
    ocsp_limit_s: Annotated[float, Field(ge=0.2, le=5)] = 2.0


class TrustSection(Section):
    """Whose certificates are believed."""

    user_ca_files: tuple[str, ...] = ()
    cv_issuers_file: str = ""
    allow_test: bool = False
    revocation: RevocationSection = RevocationSection()


class SimulatorSection(Section):
    """The simulated hardware and upstream."""

    upstream_port: Annotated[int, Field(ge=0, le=65535)] = 0
    control_socket: str = ""
    vpcd: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]+:[0-9]{1,5}$", description="host:port")] = (
        "127.0.0.1:35963"
    )


class LogSection(Section):
    """What is written about the kiosk's own work."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class RetentionSection(Section):
    """How long is kept."""

    personal_days: Annotated[int, Field(ge=1, le=366)] = 7
    records_years: Annotated[int, Field(ge=1, le=30)] = 5


class PathsSection(Section):
    """Where things are kept; an empty value means the usual folder of the user who runs the kiosk."""

    state: str = ""
    data: str = ""
    cache: str = ""

    def state_folder(self) -> Path:
        """The outbox, the audit chain and the counters."""
        return _folder(self.state, "XDG_STATE_HOME", ".local/state")

    def data_folder(self) -> Path:
        """Staff codes, keys and the like."""
        return _folder(self.data, "XDG_DATA_HOME", ".local/share")

    def records_key_file(self) -> Path:
        """The key that seals the records; kept apart from them."""
        return self.data_folder() / "records.key"

    def staff_file(self) -> Path:
        """Who may sign in."""
        return self.data_folder() / "staff.json"

    def cache_folder(self) -> Path:
        """What can be made again, such as the simulator's keys."""
        return _folder(self.cache, "XDG_CACHE_HOME", ".cache")


def _folder(configured: str, variable: str, below_home: str) -> Path:
    if configured:
        return Path(configured).expanduser()
    base = os.environ.get(variable, "")
    # The XDG specification: a relative path in the variable is to be ignored.
    root = Path(base) if base.startswith("/") else Path.home() / below_home
    return root / "uketsuke"


class Settings(BaseSettings):
    """All settings in force."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True
    )

    kiosk: KioskSection = KioskSection()
    display: DisplaySection = DisplaySection()
    sound: SoundSection = SoundSection()
    reader: ReaderSection = ReaderSection()
    camera: CameraSection = CameraSection()
    surface: SurfaceSection = SurfaceSection()
    face: FaceSection = FaceSection()
    pin: PinSection = PinSection()
    consent: ConsentSection = ConsentSection()
    flow: FlowSection = FlowSection()
    upstream: UpstreamSection = UpstreamSection()
    terminal: TerminalSection = TerminalSection()
    outbox: OutboxSection = OutboxSection()
    retention: RetentionSection = RetentionSection()
    handover: HandoverSection = HandoverSection()
    printing: PrintingSection = PrintingSection()
    trust: TrustSection = TrustSection()
    simulator: SimulatorSection = SimulatorSection()
    log: LogSection = LogSection()
    paths: PathsSection = PathsSection()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the base class names it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` has read: no environment variable changes a kiosk unseen."""
        return (init_settings,)

    def is_simulated(self) -> bool:
        """Whether any part is a simulator, so that every screen has to say so."""
        kinds = (self.reader.driver, self.camera.driver, self.surface.driver, self.upstream.kind)
        return "simulator" in kinds or self.trust.allow_test


def load(file: Path | None = None, *, demo: bool = False) -> Settings:
    """The settings in force; raises `ConfigurationError` with one sentence for each thing wrong."""
    files = [DEFAULT_FILE] if DEFAULT_FILE.is_file() else []  # an installed kiosk may have none
    if demo:
        files.append(_readable(DEMO_FILE))
    if file is not None:
        files.append(_readable(file))
    for path in files:
        _check_toml(path)
    values = TomlConfigSettingsSource(Settings, files, deep_merge=True)() if files else {}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID, detail=" ".join(sentences(error, Settings))
        ) from None
    problems = list(_contradictions(settings))
    if problems:
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=" ".join(problems))
    return settings


def lacking(settings: Settings) -> list[str]:
    """What a kiosk on real hardware needs and nobody has set yet; a demo needs none of it."""
    return [f"[{section}] {key} is not set: {what}." for section, key, what in _needs(settings)]


def unset(settings: Settings) -> list[str]:
    """The same by name only, as `section.key`."""
    return [f"{section}.{key}" for section, key, _ in _needs(settings)]


def _needs(settings: Settings) -> Iterator[tuple[str, str, str]]:
    if not settings.kiosk.institution_code:
        yield "kiosk", "institution_code", "the clinic's ten digits"
    if settings.upstream.kind == "http" and not settings.upstream.url:
        yield "upstream", "url", "who answers qualification checks"
    if not settings.trust.user_ca_files and not settings.trust.allow_test:
        yield "trust", "user_ca_files", "whose user certificates are believed"


def _readable(file: Path) -> Path:
    if not file.is_file():
        raise ConfigurationError(FailureCode.CONFIG_MISSING, detail=f"There is no settings file {file}.")
    return file


def _check_toml(file: Path) -> None:
    """Say where a file is broken before its values are looked at."""
    try:
        # as bytes: reading as text would mend line ends that whoever reads the values trips over
        tomllib.loads(file.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID, detail=f"{file} cannot be read: {reason}."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=f"{file} is not TOML: {error}.") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets nested without end
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID, detail=f"{file} holds a value that no setting can have."
        ) from None


def _contradictions(settings: Settings) -> Iterator[str]:
    """What each key allows by itself, but not together."""
    yield from settings.handover.contradictions()
    if bool(settings.upstream.client_certificate_file) != bool(settings.upstream.client_key_file):
        yield "[upstream] client_certificate_file and client_key_file go together."
    terminal = settings.terminal
    if terminal.way == "folder" and not (terminal.request_folder and terminal.answer_folder):
        yield '[terminal] way = "folder" needs request_folder and answer_folder.'
    if terminal.request_folder and terminal.request_folder == terminal.answer_folder:
        yield "[terminal] request_folder and answer_folder are one folder."
    if settings.handover.reference_number.enabled and terminal.way != "folder":
        yield '[handover.reference_number] enabled needs [terminal] way = "folder".'
    if settings.outbox.first_retry_s > settings.outbox.longest_retry_s:
        yield "[outbox] first_retry_s is longer than longest_retry_s."
    if settings.trust.revocation.mode == "crl" and not settings.trust.revocation.crl_source:
        yield '[trust.revocation] mode = "crl" needs a crl_source.'
    revocation = settings.trust.revocation
    listed = revocation.crl_source or settings.upstream.kind == "simulator"
    if "person_update" in settings.consent.items and (revocation.mode == "off" or not listed):
        yield "[consent] person_update needs a list of revocations: [trust.revocation] mode and crl_source."
    if len(set(settings.consent.items)) != len(settings.consent.items):
        yield "[consent] items names one item twice."
    if settings.upstream.kind == "http" and settings.trust.allow_test:
        yield "[trust] allow_test believes cards anyone can make; it goes with a simulated upstream only."
