# SPDX-License-Identifier: Apache-2.0
"""The commands, as they are typed; what each does stands in ``kiosk.commands``.

Each command is imported when it is called, so that ``--help`` comes at once and a part that is not installed
breaks only what needs it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kiosk import __version__
from kiosk.commands.arguments import address, count, port, probes, words
from kiosk.commands.console import LANGUAGES, Console
from kiosk.commands.guard import guarded

ROLES = ("reception", "technician")
STATES = ("pending", "in_flight", "accepted", "done", "refused")
LIGHTS = ("good", "dark", "glare")
STANCES = ("plain", "far", "near", "aside", "low", "turned", "eyes-closed", "backlit", "mask", "sunglasses")
DEVICES = ("well", "unplugged", "busy", "silent", "black", "upside-down", "slow", "small")
UPSTREAM_MODES = ("normal", "slow", "down", "wrong", "unknown")
"""What `Role`, `ItemState` and the simulator call them: repeated, because a help text must not load those."""

Command = Callable[[Console, argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        options = parser().parse_args(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    console = Console(options.lang, json=getattr(options, "json", False), debug=options.debug)
    command: Command = options.command
    return guarded(console, lambda: _logged(console, command, options))


def _logged(console: Console, command: Command, options: argparse.Namespace) -> int:
    from kiosk import logs

    logs.configure("debug" if console.debug else "warning")
    return command(console, options)


# --- the commands -------------------------------------------------------------------------------------------


def _run(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands.run import run

    return run(options.config, debug=console.debug)


def _demo(_console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands.demo import DemoOptions, demo

    return demo(
        DemoOptions(
            headless=options.headless,
            scenario=options.scenario,
            reader=options.reader,
            pin_stdin=options.pin_stdin,
            out=options.out,
            json=options.json,
            config=options.config,
            debug=options.debug,
        )
    )


def _diagnose(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import diagnose

    return diagnose.diagnose(console, options.config, options.report)


def _card_info(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import card

    return card.info(console, options.config, options.reader)


def _face_evaluate(console: Console, options: argparse.Namespace) -> int:
    from kiosk.auth.face.evaluation import Wish
    from kiosk.commands import face

    wish = Wish(options.probe_images, options.card, options.all_pairs or options.table is not None)
    outputs = face.Outputs(options.plot, options.table, options.origin or options.pairs.name)
    return face.evaluate(console, options.config, options.pairs, wish, outputs)


def _face_liveness(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import face

    return face.evaluate_liveness(console, options.manifest)


def _face_compare(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import face

    return face.compare(console, options.config, options.first, options.second)


def _queue_stats(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import queue

    return queue.stats(console, options.config)


def _queue_list(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import queue

    return queue.listing(
        console, options.config, options.state, needs_staff=options.needs_staff, limit=options.limit
    )


def _queue_item(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import answer, queue, reference

    config, item = options.config, options.id
    match options.act:
        case "show":
            return queue.show(console, config, item)
        case "retry":
            return queue.retry(console, config, item, options.staff)
        case "settle":
            return queue.settle(console, config, item, reason=options.reason, staff=options.staff)
        case "reference":
            return reference.register(console, config, item, options.number, options.staff)
        case _:
            return answer.answer(console, config, item, options.staff)


def _updates(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import updates

    if options.act == "list":
        return updates.listing(console, options.config, news_only=options.news)
    act = updates.show if options.act == "show" else updates.withdraw
    return act(console, options.config, options.id, options.staff)


def _staff_add(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import staff

    return staff.add(console, options.config, options.name, options.role)


def _staff_list(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import staff

    return staff.listing(console, options.config)


def _staff_remove(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import staff

    return staff.remove(console, options.config, options.name)


def _audit_verify(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import audit

    return audit.verify(console, options.config, options.checkpoint)


def _audit_checkpoint(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import audit

    return audit.checkpoint(console, options.config)


def _key_rotate(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import key

    return key.rotate(console, options.config, options.staff, options.to)


def _config_check(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import config

    return config.check(console, options.config, demo=options.demo)


def _config_show(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import config

    return config.show(console, options.config, demo=options.demo)


def _simulate_card(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import simulate

    return simulate.card(console, options.config, options.whose, options.vpcd)


def _simulate_upstream(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import simulate

    return simulate.upstream(console, options.config, options.port, options.control_port, options.state)


def _simulate_ctl(console: Console, options: argparse.Namespace) -> int:
    from kiosk.commands import simulate

    order: Callable[[argparse.Namespace], Mapping[str, object]] = options.order
    return simulate.control(console, options.config, options.socket, order(options))


# --- how they are typed -------------------------------------------------------------------------------------


class _Group:
    """Commands that share what all of them understand."""

    def __init__(self, owner: argparse.ArgumentParser, title: str) -> None:
        self._commands = owner.add_subparsers(metavar="COMMAND", required=True, title=title)

    def group(self, name: str, text: str) -> _Group:
        """A family of commands."""
        return _Group(self._commands.add_parser(name, help=text, description=text), "commands")

    def command(self, name: str, text: str, run: Command, *, json: bool = True) -> argparse.ArgumentParser:
        """One command."""
        made = self._commands.add_parser(name, help=text, description=text)
        made.set_defaults(command=run)
        made.add_argument("--config", type=Path, metavar="FILE", help="the clinic's settings")
        if json:
            made.add_argument("--json", action="store_true", help="one JSON document on standard output")
        _common(made, default=argparse.SUPPRESS)
        return made


def _common(made: argparse.ArgumentParser, *, default: str | None = None) -> None:
    """What may stand before a command as well as after it."""
    made.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=default or LANGUAGES[0],
        help="language of errors and of the diagnosis (default: en)",
    )
    made.add_argument(
        "--debug",
        action="store_true",
        default=default or False,
        help="more log lines, and a traceback where the program itself breaks",
    )


def parser() -> argparse.ArgumentParser:
    """Every command and option there is."""
    made = argparse.ArgumentParser(
        prog="kiosk",
        description="A reception kiosk for Japanese clinics, hospitals and pharmacies.",
        epilog="Exit status: 0 done, 1 the answer is no, 2 wrong usage or configuration, "
        "3 something needed is missing or broken.",
    )
    made.add_argument("--version", action="version", version=f"kiosk {__version__}")
    _common(made)
    commands = _Group(made, "commands")
    commands.command("run", "the kiosk, on real hardware", _run, json=False)
    _add_demo(commands)
    diagnose = commands.command("diagnose", "the technician's checks without the window", _diagnose)
    diagnose.add_argument("--report", type=Path, metavar="FILE", help="write what is shown to a file, too")
    card = commands.group("card", "cards on the readers")
    info = card.command("info", "which card applications answer, and tries left", _card_info)
    info.add_argument("--reader", default="", metavar="NAME", help="part of the reader's name")
    _add_face(commands.group("face", "how well faces are told apart"))
    _add_queue(commands.group("queue", "what must reach upstream"))
    _add_updates(commands.group("updates", "news of patients' names and addresses"))
    _add_staff(commands.group("staff", "who may sign in at the kiosk"))
    audit = commands.group("audit", "what was written down")
    chain = audit.command("verify", "the audit chain, from the first entry to the last", _audit_verify)
    chain.add_argument("--checkpoint", metavar="TEXT|FILE", help="a checkpoint that was kept elsewhere")
    audit.command("checkpoint", "the audit chain as it stands, signed", _audit_checkpoint)
    key = commands.group("key", "what seals the records")
    rotate = key.command("rotate", "seal all records with a new key", _key_rotate)
    rotate.add_argument("--staff", required=True, type=words, metavar="NAME", help="who does it")
    rotate.add_argument("--to", type=Path, metavar="FILE", help="where a credential's new key goes")
    config = commands.group("config", "the settings")
    for name, text, run in (
        ("check", "whether a kiosk can run with the settings", _config_check),
        ("show", "the settings in force, secrets masked", _config_show),
    ):
        config.command(name, text, run).add_argument(
            "--demo", action="store_true", help="the settings of a demo"
        )
    _add_simulate(commands.group("simulate", "the simulators by themselves"))
    return made


def _add_demo(commands: _Group) -> None:
    demo = commands.command("demo", "a patient is received on simulated hardware", _demo)
    demo.add_argument("--headless", action="store_true", help="without a window")
    demo.add_argument("--scenario", default="", metavar="NAME", help="play a scenario of that name, or all")
    demo.add_argument("--reader", choices=("virtual", "pcsc"), default="virtual", help="where cards are laid")
    demo.add_argument(
        "--pin-stdin", action="store_true", help="read the PIN that is entered from standard input"
    )
    demo.add_argument("--out", type=Path, metavar="DIR", help="screenshots, hand-over files and a summary")


def _add_face(face: _Group) -> None:
    evaluate = face.command("evaluate", "accuracy on labelled pairs of pictures", _face_evaluate)
    evaluate.add_argument("pairs", type=Path, metavar="PAIRS.csv", help="img1,img2,same; paths from there")
    evaluate.add_argument(
        "--probe-images",
        type=probes,
        default=1,
        metavar="N",
        help="average N pictures of the second person (1)",
    )
    evaluate.add_argument("--card", action="store_true", help="make the first picture a card photo before")
    evaluate.add_argument("--all-pairs", action="store_true", help="every pair of the pictures named")
    evaluate.add_argument("--plot", type=Path, metavar="FILE", help="draw the DET curve (png, svg, pdf)")
    evaluate.add_argument(
        "--table", type=Path, metavar="FILE", help="write a table of thresholds (all pairs)"
    )
    evaluate.add_argument("--origin", type=words, metavar="TEXT", help="whose pictures; for the table")
    liveness = face.command(
        "evaluate-liveness", "attacks let through and people doubted, by passive signs", _face_liveness
    )
    liveness.add_argument("manifest", type=Path, metavar="MANIFEST.csv", help="file,live,kind; from there")
    compare = face.command("compare", "whether two pictures show one person", _face_compare)
    compare.add_argument("first", type=Path, metavar="A")
    compare.add_argument("second", type=Path, metavar="B")


def _add_queue(queue: _Group) -> None:
    queue.command("stats", "the queue in numbers", _queue_stats)
    listing = queue.command("list", "the items", _queue_list)
    listing.add_argument("--state", choices=STATES, default="", help="only those")
    listing.add_argument("--needs-staff", action="store_true", help="only those that need a person")
    listing.add_argument("--limit", type=count, default=100, metavar="N", help="at most so many (100)")
    show = queue.command("show", "one item", _queue_item)
    retry = queue.command("retry", "send an item again now", _queue_item)
    settle = queue.command("settle", "close an item that was dealt with by other means", _queue_item)
    read = queue.command("answer", "what was answered: codes, limit, share", _queue_item)
    number = queue.command("reference", "register the clinic's number of a checked patient", _queue_item)
    acts = {"show": show, "retry": retry, "settle": settle, "answer": read, "reference": number}
    for act, made in acts.items():
        made.add_argument("id", metavar="ID")
        made.set_defaults(act=act)
    retry.add_argument("--staff", default="", metavar="NAME", help="who wants it")
    settle.add_argument("--reason", type=words, required=True, metavar="TEXT", help="why; kept sealed")
    number.add_argument("--number", required=True, metavar="NUMBER", help="the clinic's own (照会番号)")
    for made in (settle, read, number):
        made.add_argument("--staff", required=True, metavar="NAME", help="who does it; written down")


def _add_updates(updates: _Group) -> None:
    listing = updates.command("list", "who agreed to be kept up to date, by reception number", _updates)
    listing.add_argument("--news", action="store_true", help="only those with news nobody has read")
    show = updates.command("show", "read the news, once", _updates)
    withdraw = updates.command("withdraw", "end a consent at the patient's wish", _updates)
    for act, command in (("list", listing), ("show", show), ("withdraw", withdraw)):
        command.set_defaults(act=act)
    for made in (show, withdraw):
        made.add_argument("id", metavar="ID|NUMBER", help="or the reception number of today")
        made.add_argument("--staff", required=True, metavar="NAME", help="who does it; written down")


def _add_staff(staff: _Group) -> None:
    add = staff.command("add", "add a person; the code is read from standard input", _staff_add)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", choices=ROLES, required=True)
    staff.command("list", "everybody who may sign in", _staff_list)
    staff.command("remove", "take a person's access away", _staff_remove).add_argument("name", metavar="NAME")


def _add_simulate(simulate: _Group) -> None:
    card = simulate.command("card", "lay a patient's card on the virtual PC/SC reader", _simulate_card)
    card.add_argument("whose", metavar="SCENARIO|PATIENT")
    card.add_argument(
        "--vpcd",
        type=address,
        metavar="HOST:PORT",
        help="where it listens; else as in the settings",
    )
    upstream = simulate.command("upstream", "serve the simulated upstream", _simulate_upstream)
    upstream.add_argument("--port", type=port, default=0, metavar="N", help="any free one if 0 (default)")
    upstream.add_argument("--control-port", type=port, default=0, metavar="N", help="where it is driven")
    upstream.add_argument("--state", type=Path, metavar="FILE", help="what it did outlives the process there")
    ctl = simulate.group("ctl", "drive a running demo")
    insert = _order(ctl, "insert", "lay a card down", lambda o: {"patient": o.patient})
    swap = _order(ctl, "swap", "put another card in its place", lambda o: {"patient": o.patient})
    _order(ctl, "remove", "take the card away", lambda _: {})
    camera = _order(
        ctl,
        "camera",
        "who stands at the camera",
        lambda o: {"patient": None if o.patient == "auto" else o.patient},
    )
    camera.add_argument("patient", metavar="PATIENT|auto", help="auto: whoever lays a card down")
    light = _order(ctl, "light", "how bright it is", lambda o: {"level": o.level})
    light.add_argument("level", choices=LIGHTS)
    beside = _order(
        ctl,
        "beside",
        "who comes beside whoever stands at the camera",
        lambda o: {"patient": None if o.patient == "nobody" else o.patient},
    )
    beside.add_argument("patient", metavar="PATIENT|nobody")
    stance = _order(ctl, "stance", "how they stand, or what they wear", lambda o: {"name": o.name})
    stance.add_argument("name", choices=STANCES)
    device = _order(ctl, "device", "what is the matter with the camera", lambda o: {"name": o.name})
    device.add_argument("name", choices=DEVICES)
    mode = _order(ctl, "upstream", "what upstream does", lambda o: {"mode": o.mode})
    mode.add_argument("mode", choices=UPSTREAM_MODES)
    tries = _order(
        ctl,
        "tries",
        "set the tries left on a card",
        lambda o: {"patient": o.patient, "reference": o.reference, "tries": o.tries},
    )
    for made in (insert, swap, tries):
        made.add_argument("patient", metavar="PATIENT")
    tries.add_argument("reference", metavar="REFERENCE", help="such as jpki_user_pin")
    tries.add_argument("tries", type=int, metavar="N")
    _order(ctl, "state", "what lies on the reader, and what upstream does", lambda _: {})


def _order(
    ctl: _Group, name: str, text: str, values: Callable[[argparse.Namespace], Mapping[str, object]]
) -> argparse.ArgumentParser:
    made = ctl.command(name, text, _simulate_ctl)
    made.add_argument("--socket", type=Path, metavar="PATH", help="where the demo listens")
    made.set_defaults(order=lambda options: {"do": name, **values(options)})
    return made
