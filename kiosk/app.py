# SPDX-License-Identifier: Apache-2.0
"""The composition root: the one module that knows every part and puts them together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.auth.certificate.revocation import RevocationCheck, revocation_check
from kiosk.auth.certificate.trust import Trust
from kiosk.auth.face.process import FaceProcess
from kiosk.auth.face.results import FaceResult
from kiosk.auth.face.session import FaceVerifier
from kiosk.camera.capture import V4l2Camera
from kiosk.camera.latest import LatestFrame
from kiosk.camera.mounting import mounted
from kiosk.camera.ports import Camera
from kiosk.camera.thread import CameraThread
from kiosk.clock import Clock
from kiosk.consent.items import ConsentItem
from kiosk.consent.texts import ConsentTexts
from kiosk.desk.staff import Role, StaffMember, StaffRegister
from kiosk.diagnostics.words import Words
from kiosk.errors import ConfigurationError, FailureCode, KioskError
from kiosk.flow.effects import Sound
from kiosk.flow.policy import FlowPolicy
from kiosk.ids import UlidFactory
from kiosk.jobs import SerialJobRunner, ThreadExecutor
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.custodian import Custodian
from kiosk.outbox.retry import BackOff
from kiosk.outbox.store import Store
from kiosk.outbox.upstream import HttpUpstream
from kiosk.outbox.worker import ItemResult, SyncWorker
from kiosk.reader.pcsc.driver import PcscDriver
from kiosk.reader.pcsc.library import load_scard
from kiosk.reader.ports import ReaderDriver
from kiosk.reader.service import CardService
from kiosk.reader.surface.digits import DigitReader
from kiosk.reader.surface.face import FaceReader
from kiosk.reader.surface.ocr import Tesseract
from kiosk.reader.surface.ports import SurfaceReader
from kiosk.reader.surface.reader import CameraSurface
from kiosk.reader.watch import CardEvent, name_pattern
from kiosk.runtime.card_effects import CardEffects, KioskIdentity, ReaderWatcher
from kiosk.runtime.checks import Surroundings, all_probes, camera_checks
from kiosk.runtime.choices import retention_of
from kiosk.runtime.controller import FlowController
from kiosk.runtime.core import Core
from kiosk.runtime.face_effects import FaceEffects
from kiosk.runtime.face_policy import challenges, face_policy
from kiosk.runtime.front import Front, StaffPhotoProvider, staff_forms
from kiosk.runtime.hand_overs import hand_overs_of, kinds_of, probes_of
from kiosk.runtime.house_effects import HouseEffects
from kiosk.runtime.number_checks import NumberChecks
from kiosk.runtime.paper_desk import PaperDesk
from kiosk.runtime.person_updates import downloads
from kiosk.runtime.ports import Surfaces
from kiosk.runtime.preview_pump import PreviewPump
from kiosk.runtime.record_effects import RecordEffects
from kiosk.runtime.upstreams import (
    ENDPOINT,
    endpoint_for_numbers,
    folder_exchange,
    gateway,
    own_certificate,
    places,
)
from kiosk.runtime.vault import SessionVault
from kiosk.secret import Secret
from kiosk.settings import Settings, lacking, unset
from kiosk.simulator.world import SimulatedWorld
from kiosk.texts import Catalogue
from kiosk.ui.bridge.diagnostics import DiagnosticsBridge
from kiosk.ui.bridge.kiosk import KioskBridge, UiSettings
from kiosk.ui.bridge.pictures import PreviewProvider
from kiosk.ui.bridge.staff import CodeAnswer, StaffBridge
from kiosk.ui.sound_player import make_player
from kiosk.ui.sounds import KeySound
from kiosk.ui.viewmodels.staff import SignedIn
from kiosk.ui.window import build_window
from kiosk.ui.words import part_of_catalogue

ASSETS = Path(__file__).resolve().parents[1] / "assets"
_SURFACE_SIZE = (
    1920,
    1080,
)  # a card that fills two thirds of it has the 300 dpi that the reading is made for


def check_runnable(settings: Settings) -> None:
    """Refuse to run with settings that lack something; one sentence each."""
    missing = lacking(settings)
    if missing:
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=" ".join(missing))


def reader_driver(settings: Settings, world: SimulatedWorld | None) -> ReaderDriver:
    """The way to the readers that the settings name."""
    if settings.reader.driver == "simulator" and world is not None:
        return world.driver
    return PcscDriver(load_scard())


def camera_of(settings: Settings, world: SimulatedWorld | None, clock: Clock) -> Camera:
    """The camera that the settings name."""
    camera = settings.camera
    if camera.driver == "simulator" and world is not None:
        bare: Camera = world.camera
    else:
        bare = V4l2Camera(clock, camera.device, (camera.width, camera.height), camera.fps)
    return mounted(bare, camera.rotation, mirrored=camera.mirrored)


def trust_of(settings: Settings, world: SimulatedWorld | None) -> Trust:
    """Whom the kiosk believes: the files of the settings, and in a demo the simulator's authorities."""
    files = [Path(file) for file in settings.trust.user_ca_files]
    issuers = Path(settings.trust.cv_issuers_file) if settings.trust.cv_issuers_file else None
    if world is not None:
        files.append(world.anchors.user_ca_file)
        issuers = issuers or world.anchors.cv_issuers_file
    return Trust.load(files, issuers, allow_test=settings.trust.allow_test)


def revocation_of(
    settings: Settings, world: SimulatedWorld | None, trust: Trust, clock: Clock
) -> RevocationCheck | None:
    """Whom the kiosk asks about revoked certificates, if anybody; in a demo the simulator's authority."""
    section = settings.trust.revocation
    simulated = world.revocation if world is not None else None
    return revocation_check(
        section.mode,
        trust,
        clock,
        settings.paths.state_folder(),
        crl_source=section.crl_source or (simulated.crl_url if simulated else ""),
        ocsp_url=section.ocsp_url or (simulated.ocsp_url if simulated else ""),
        max_crl_age_h=section.max_crl_age_h,
        ocsp_limit_s=section.ocsp_limit_s,
    )


def upstream_of(settings: Settings, world: SimulatedWorld | None, clock: Clock) -> HttpUpstream:
    """The client for the upstream that the settings name."""
    return gateway(settings, clock, world.server.url if world is not None else None)


def open_store(settings: Settings, clock: Clock) -> Store:
    """The records, opened as their owner."""
    return Store.open(
        settings.paths.state_folder(),
        settings.paths.records_key_file(),
        clock,
        settings.kiosk.letter,
        hand_overs=kinds_of(settings),
    )


def surface_of(
    settings: Settings, world: SimulatedWorld | None, clock: Clock
) -> tuple[SurfaceReader | None, CameraThread | None]:
    """What reads the printed face of the card, with the thread of its camera where it has one.

    Without it the patient types what stands there.
    """
    section = settings.surface
    if section.driver == "simulator" and world is not None:
        return world.surface, None
    if section.driver != "v4l2":
        return None, None
    lines = Tesseract()
    lines.check()
    frames = LatestFrame()
    camera = CameraThread(V4l2Camera(clock, section.device, _SURFACE_SIZE), frames, lambda _code: None)
    return CameraSurface(camera, frames, FaceReader(lines, DigitReader.shipped()), clock), camera


def build_core(
    settings: Settings, policy: FlowPolicy, clock: Clock, world: SimulatedWorld | None, surfaces: Surfaces
) -> Core:
    """Everything below the screens, connected and not yet started."""
    check_runnable(settings)
    identity = KioskIdentity(settings.kiosk.institution_code, settings.kiosk.id)
    trust = trust_of(settings, world)
    revocation = revocation_of(settings, world, trust, clock)
    hand_overs = hand_overs_of(settings, clock, lambda: store)
    upstream = upstream_of(settings, world, clock)
    terminal = folder_exchange(settings, clock)
    store = open_store(settings, clock)
    ids = UlidFactory()
    vault = SessionVault()
    controller = FlowController(policy, clock, surfaces.timers, surfaces.to_main_thread)

    # Parts that speak to one another in both directions are closed into a ring by these late bindings.
    watcher = ReaderWatcher(controller.post, lambda: ids.new(clock.now()))
    driver = reader_driver(settings, world)

    def hear_card(event: CardEvent) -> None:
        watcher.hear(event)

    cards = CardService(driver, hear_card, reader_pattern=name_pattern(settings.reader.name_pattern))

    frames = LatestFrame()
    process = FaceProcess(clock, policy=face_policy(settings), challenges=challenges(settings))

    def hear_face(result: FaceResult) -> None:
        face.hear(result)

    def hear_camera(code: FailureCode | None) -> None:
        face.camera_status(code)

    verifier = FaceVerifier(frames, process, hear_face, clock, try_s=settings.face.try_s)
    camera = CameraThread(camera_of(settings, world, clock), frames, hear_camera)
    face = FaceEffects(verifier, camera, vault, controller.post, surfaces.to_main_thread)

    def hear_item(result: ItemResult) -> None:
        record_effects.hear(result)
        numbers.hear(result)

    sync = SyncWorker(
        store,
        places(settings, upstream, terminal),
        hand_overs,
        AnswerReader(settings.kiosk.institution_code),
        clock,
        back_off=BackOff(base_s=settings.outbox.first_retry_s, cap_s=settings.outbox.longest_retry_s),
        on_result=hear_item,
        custodian=Custodian(store.upkeep, clock, retention_of(settings)),
    )
    records = SerialJobRunner(ThreadExecutor("records"), surfaces.to_main_thread)
    enquiries = SerialJobRunner(ThreadExecutor("enquiries"), surfaces.to_main_thread)
    staff_checks = SerialJobRunner(ThreadExecutor("staff-checks"), surfaces.to_main_thread)
    record_effects = RecordEffects(
        store,
        sync,
        upstream,
        ENDPOINT,
        identity,
        policy,
        vault,
        records,
        enquiries,
        clock,
        controller.post,
    )
    numbers = NumberChecks(
        store, sync, endpoint_for_numbers(settings), identity, records, clock, surfaces.to_main_thread
    )
    surface, surface_camera = surface_of(settings, world, clock)
    card_effects = CardEffects(
        cards,
        trust,
        revocation,
        surface,
        identity,
        vault,
        clock,
        controller.post,
        surfaces.to_main_thread,
    )
    house = HouseEffects(
        vault,
        cards,
        face,
        controller.post,
        surfaces,
    )
    controller.connect([card_effects, face, record_effects, house])
    controller.listen(house.on_state)
    return Core(
        controller=controller,
        vault=vault,
        watcher=watcher,
        driver=driver,
        cards=cards,
        frames=frames,
        camera=camera,
        process=process,
        verifier=verifier,
        store=store,
        sync=sync,
        upstream=upstream,
        terminal=terminal,
        numbers=numbers,
        records=records,
        enquiries=enquiries,
        staff_checks=staff_checks,
        surface_camera=surface_camera,
        revocation=revocation,
        crl_downloads=downloads(revocation, store, sync, ENDPOINT, identity.institution_code),
    )


def build_front(
    settings: Settings,
    policy: FlowPolicy,
    clock: Clock,
    core: Core,
    surfaces: Surfaces,
    *,
    calm: bool = False,
) -> Front:
    """The window and what it is bound to; a `QGuiApplication` must be there."""
    texts = {name: Catalogue.load(ASSETS / "i18n", name) for name in Catalogue.languages(ASSETS / "i18n")}
    consent_texts = ConsentTexts.load(ASSETS / "consent", settings.consent.text_version)
    consent_texts.require([*policy.consent.items, ConsentItem.LIMIT], texts)
    display, names = settings.display, settings.kiosk
    ui = UiSettings(
        width_px=display.width_px,
        height_px=display.height_px,
        width_mm=display.width_mm,
        clinic=names.clinic_name_ja,
        clinic_en=names.clinic_name_en,
        languages=tuple(texts),
        default_language=names.language,
        simulated=settings.is_simulated(),
        calm=calm,
        fullscreen=display.fullscreen,
    )
    ids = UlidFactory()
    vault, post = core.vault, core.controller.post

    # a rehearsal is calm, and nobody listens to it
    sounds = make_player(enabled=settings.sound.enabled and not calm, volume=settings.sound.volume)

    paper = PaperDesk(settings, core.store, clock, core.staff_checks, ASSETS / "paper")
    core.controller.listen(paper.on_state)

    def click() -> None:
        sounds.play(KeySound.KEY)

    bridge = KioskBridge(
        post,
        vault.add_pin_digit,
        vault.erase_pin_digit,
        lambda: ids.new(clock.now()),
        texts,
        consent_texts,
        policy,
        ui,
        clock,
        click=click,
        field_digit_sink=vault.add_field_digit,
        field_erase_sink=vault.erase_field_digit,
        typed_digits=vault.typed_fields,
        print_slip=paper.slip if paper.offers_slips else None,
    )
    house_words = texts[names.language]
    register = StaffRegister(settings.paths.staff_file(), clock)

    def check_code(code: Secret, answer: Callable[[CodeAnswer], None]) -> None:
        def done(result: StaffMember | KioskError | None) -> None:
            code.clear()
            answer(_code_answer(result))

        core.staff_checks.submit(lambda: register.check(code), done)

    staff = StaffBridge(
        check_code,
        post,
        part_of_catalogue(ASSETS / "i18n", "staff", house_words),
        has_photo=lambda: vault.photo is not None,
        click=click,
        forms=staff_forms(core, names.letter),
        declarations=paper,
    )
    diagnostics = DiagnosticsBridge(
        lambda: all_probes(surroundings(settings, clock, core)),
        post,
        Words.load(ASSETS / "i18n", names.language),
        part_of_catalogue(ASSETS / "i18n", "staff", house_words),
        clock,
    )
    provider = PreviewProvider()
    window = build_window(bridge, ui, provider, ASSETS / "icons", staff=staff, diagnostics=diagnostics)
    window.engine().addImageProvider("staff", StaffPhotoProvider(lambda: vault.photo))
    front = Front(
        bridge=bridge,
        staff=staff,
        diagnostics=diagnostics,
        window=window,
        pump=PreviewPump(core.frames, provider, bridge.preview_arrived, lambda: core.verifier.place),
        sounds=sounds,
    )
    bridge.longPressedCorner.connect(staff.open)
    core.controller.listen(front.on_state)
    surfaces.play = lambda sound, step: front.sounds.play(Sound(sound), step)
    surfaces.diagnose = diagnostics.run
    return front


def _code_answer(result: StaffMember | KioskError | None) -> CodeAnswer:
    match result:
        case KioskError():
            return CodeAnswer(code=result.code)
        case None:
            return CodeAnswer(code=FailureCode.STAFF_CODE_WRONG)
        case StaffMember(name=name, role=role):
            return CodeAnswer(SignedIn(name, technician=role is Role.TECHNICIAN))


def surroundings(settings: Settings, clock: Clock, core: Core) -> Surroundings:
    """What the running kiosk's own diagnostics look at."""
    face_file = settings.handover.face_file
    has_face = settings.camera.driver != "off"
    revocation = core.revocation

    def store_check() -> None:
        core.store.stats()

    return Surroundings(
        settings_doubts=lambda: unset(settings),
        driver=core.driver,
        exchange=lambda: core.exchange(clock),
        camera=camera_checks(settings, lambda s: core.sample_camera(s, clock)) if has_face else None,
        face_round_trip=(lambda: core.face_round_trip(clock)) if has_face else None,
        store_check=store_check,
        queue=core.store.stats,
        handover_folder=Path(face_file.folder) if face_file.enabled else None,
        hand_overs=probes_of(settings, clock),
        revocation=revocation.crl.state if revocation is not None and revocation.crl else None,
        certificate=own_certificate(settings, clock),
        terminal=core.terminal.figures if core.terminal is not None else None,
        health=core.upstream.health,
        state_folder=settings.paths.state_folder(),
        clock=clock,
    )
