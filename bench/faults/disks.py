# SPDX-License-Identifier: Apache-2.0
"""The disk is full, read-only, locked by somebody, damaged, or lost its power: nothing is pretended."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.faults.kiosk import CLOCK, Orders, commit, drain, inspect, start, told, wait_drained, worker_of
from bench.faults.world import Counts, Skipped, World, times
from kiosk.errors import KioskError
from kiosk.outbox.damage import kept_aside
from kiosk.outbox.store import DATABASE_NAME, Store
from tests.fakes.outbox import open_store

_EXT4_SHUTDOWN = 0x8004587D  # FS_IOC_SHUTDOWN
_WITHOUT_LOG = 2
_UNMOUNT_TRIES = 100


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """An ext4 file system of its own in a file; needs root and loop devices."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        raise Skipped("a file system of its own needs root and mkfs.ext4")
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(megabytes * 1024 * 1024)
    _run("mkfs.ext4", "-q", "-m", "0", str(image))
    if not _mount(folder):
        raise Skipped("no file system may be mounted here")
    try:
        yield folder
    finally:
        _run("umount", "-l", str(folder))


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _mount(folder: Path) -> bool:
    return _run("mount", "-o", "loop,errors=remount-ro", str(folder.with_suffix(".img")), str(folder))


def _unmount(folder: Path) -> None:
    """Take it away; what was killed on it may hold it for an instant, and mounted twice it stays cut off."""
    tick = threading.Event()
    for _ in range(_UNMOUNT_TRIES):
        if _run("umount", str(folder)):
            return
        tick.wait(0.05)
    raise AssertionError("the file system is still in use")


def break_file_system(folder: Path) -> None:
    """What a dying disk does to ext4: it becomes read-only under everybody's feet."""
    listing = subprocess.run(
        ["losetup", "-j", str(folder.with_suffix(".img"))], capture_output=True, text=True, check=True
    )
    device = Path(listing.stdout.split(":", 1)[0]).name
    (Path("/sys/fs/ext4") / device / "trigger_fs_error").write_text("1")


def mend_file_system(folder: Path, *, read_only: bool = False) -> None:
    """Check it and mount it again, as after a restart."""
    _unmount(folder)
    _run("e2fsck", "-fy", str(folder.with_suffix(".img")))
    _mount(folder)
    if read_only:
        _run("mount", "-o", "remount,ro", str(folder))


def cut_power(folder: Path) -> None:
    """Nothing that is not on the disk by now gets there: ext4 is shut down without writing anything out."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(descriptor, _EXT4_SHUTDOWN, struct.pack("I", _WITHOUT_LOG))
    finally:
        os.close(descriptor)


def received(store: Store, counts: Counts, body: bytes) -> str:
    """The key that a patient was told, or nothing and why in the counts."""
    try:
        return commit(store, body)
    except KioskError as error:
        counts.note(f"refused: {error.code.value}")
        return ""


def finished(store: Store, world: World, folder: Path, keys: list[str], counts: Counts) -> None:
    """Send everything, close, and judge."""
    worker, upstream = worker_of(store, world.url, folder / "faces")
    worker.start()
    counts.want(wait_drained(store, worker), "the queue did not drain")
    worker.stop()
    worker.join(10)
    upstream.close()
    store.close()
    effects = {key: n for key, n in world.effects().items() if key not in world.judged}
    world.judged |= set(effects)
    counts.add(inspect(folder, effects, also_told=tuple(keys)))


def full(world: World, share: float) -> Counts:
    """Receptions until the disk is full, and on; then there is room again."""
    counts = Counts()
    for number in range(times(10, share)):
        with small_disk(world.place(), 8) as folder:
            store = open_store(folder, CLOCK)
            keys = [received(store, counts, body) for body in world.bodies(2)]
            if number % 2:  # full of other people's files, to the last byte
                _fill(folder)
            keys += [received(store, counts, body + b" " * 200_000) for body in world.bodies(60)]
            refused = keys.count("")
            counts.want(refused, "the disk was never full")
            counts.faults += refused
            (folder / "filler").unlink(missing_ok=True)
            if number % 2:
                keys.append(commit(store, world.bodies(1)[0]))
                finished(store, world, folder, [key for key in keys if key], counts)
                continue
            store.close()
            shutil.copytree(folder, larger := world.place(), dirs_exist_ok=True)  # moved to a larger disk
            finished(open_store(larger, CLOCK), world, larger, [key for key in keys if key], counts)
    return counts


def _fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def read_only(world: World, share: float) -> Counts:
    """The file system fails and becomes read-only under a running kiosk; later it is so at the start."""
    counts = Counts()
    for _ in range(times(10, share)):
        with small_disk(world.place(), 24) as folder:
            store = open_store(folder, CLOCK)
            first, second, third = world.bodies(3)
            keys = [commit(store, first)]
            break_file_system(folder)
            counts.faults += 1
            counts.want(not received(store, counts, second), "a commit on a read-only disk was told")
            store.close()
            mend_file_system(folder, read_only=True)
            counts.faults += 1
            try:
                open_store(folder, CLOCK).close()
                counts.want(False, "a read-only disk was opened for receptions")  # noqa: FBT003
            except KioskError as error:
                counts.note(f"start refused: {error.code.value}")
            mend_file_system(folder)
            store = open_store(folder, CLOCK)
            keys.append(commit(store, third))
            finished(store, world, folder, keys, counts)
    return counts


def file_system_loses_power(world: World, share: float) -> Counts:
    """One kiosk at work; the file system below it is cut off at random instants and mounted again."""
    counts = Counts()
    beside = world.place()
    with small_disk(world.place(), 64) as folder:
        for _ in range(times(100, share, least=2)):
            process = start(
                Orders(folder, world.url, world.bodies(40), registrations=True, pause_s=0.01, memory=beside)
            )
            threading.Event().wait(world.chance.uniform(0.01, 0.6))
            cut_power(folder)
            process.kill()
            process.join(10)
            counts.faults += 1
            _unmount(folder)
            counts.want(_mount(folder), "the file system did not come back")
        remembered = tuple(told(beside))
        drain(folder, world.url)
        counts.add(inspect(folder, world.effects(), also_told=remembered))
    return counts


def locked(world: World, share: float) -> Counts:
    """Another process holds the database for longer than we wait."""
    counts = Counts()
    folder = world.place()
    store = open_store(folder, CLOCK)
    keys = []
    holder = (
        "import sqlite3,sys\n"
        "c=sqlite3.connect(sys.argv[1],isolation_level=None,timeout=10)\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "print('held',flush=True)\n"
        "sys.stdin.read()\n"
    )
    for _ in range(times(5, share)):
        first, second, third = world.bodies(3)
        keys.append(commit(store, first))
        path = str(folder / "records" / DATABASE_NAME)
        with subprocess.Popen(
            [sys.executable, "-c", holder, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdout.readline()
            counts.faults += 1
            counts.want(not received(store, counts, second), "a commit into a locked database was told")
            other.stdin.close()
        keys.append(commit(store, third))
    finished(store, world, folder, keys, counts)
    return counts


def damaged(world: World, share: float) -> Counts:
    """Header, a page, bytes here and there, half a file, rubbish in the log: told, or nothing is lost."""
    counts = Counts()
    ways = ("header", "page", "bytes", "truncated", "log", "log header", "emptied")
    for number in range(times(105, share, least=len(ways))):
        way = ways[number % len(ways)]
        folder = world.place()
        store = open_store(folder, CLOCK)
        keys = [commit(store, body) for body in world.bodies(4)]
        store.close()  # these are in the file, the next ones in the log
        store = open_store(folder, CLOCK)
        keys += [commit(store, body) for body in world.bodies(4)]
        left = folder / "left"
        shutil.copytree(folder / "records", left / "records")
        shutil.copytree(folder / "keys", left / "keys")
        store.close()
        if not way.startswith("log"):  # an orderly end: all is in the one file
            shutil.rmtree(left / "records")
            shutil.copytree(folder / "records", left / "records")
        _spoil(left / "records" / DATABASE_NAME, way, world)
        counts.faults += 1
        counts.note(way)
        _judge_damaged(world, left, keys, counts, way)
    return counts


def _spoil(path: Path, way: str, world: World) -> None:
    log = path.with_name(f"{path.name}-wal")
    file = log if way.startswith("log") else path
    data = bytearray(file.read_bytes())
    used = len(data.rstrip(b"\0"))
    chance = world.chance
    if way in ("header", "log header"):
        data[: 100 if way == "header" else 32] = chance.randbytes(100 if way == "header" else 32)
    elif way == "page":
        start = chance.randrange(len(data) // 4096) * 4096
        data[start : start + 4096] = chance.randbytes(4096)
    elif way == "truncated":
        del data[chance.randrange(1, len(data)) :]
    elif way == "emptied":
        data.clear()
    else:
        for _ in range(chance.randrange(1, 30)):
            data[chance.randrange(used)] = chance.randrange(256)
    file.write_bytes(data)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def _judge_damaged(world: World, folder: Path, keys: list[str], counts: Counts, way: str) -> None:
    """Every reception reached upstream, or staff are told that some may be lost."""
    try:
        store = open_store(folder, CLOCK)
    except KioskError as error:
        counts.note(f"start refused: {error.code.value}")
        return
    worker, upstream = worker_of(store, world.url, folder / "faces")
    worker.start()
    wait_drained(store, worker, 3.0)
    worker.stop()
    worker.join(10)
    upstream.close()
    shown = bool(kept_aside(folder / "records")) or store.stats().needs_staff > 0
    fresh = commit(store, world.bodies(1)[0])
    store.close()
    effects = world.effects()
    world.judged |= set(effects)
    lost = [key for key in keys if key not in effects]
    counts.told += len(keys)
    counts.effects += len(keys) - len(lost)
    counts.want(all(times_ == 1 for times_ in effects.values()), "an effect came twice")
    counts.want(not lost or shown, f"{way}: {len(lost)} receptions lost and nobody told")
    counts.want(fresh, f"{way}: no reception possible afterwards")
    counts.note("some lost, and said" if lost else "nothing lost, and said" if shown else "nothing lost")


def power_cut(world: World, share: float) -> Counts:
    """The log as a power cut leaves it: all that was synced, and any piece of what was not."""
    counts = Counts()
    folder = world.place()
    store = open_store(folder, CLOCK)
    log = folder / "records" / f"{DATABASE_NAME}-wal"
    synced = []  # after each commit: how much of the log is on the disk for certain
    for body in world.bodies(12):
        commit(store, body)
        synced.append(len(log.read_bytes().rstrip(b"\0")))
    base = (folder / "records" / DATABASE_NAME).read_bytes()
    whole = log.read_bytes()
    store.close()
    for _ in range(times(300, share, least=5)):
        count = world.chance.randrange(1, len(synced))
        cut = world.chance.randrange(synced[count - 1], synced[count])
        rest = world.chance.choice([b"", world.chance.randbytes(5000), bytes(5000)])
        counts.faults += 1
        found = _opened(world, base, whole[:cut] + rest, folder)
        counts.want(found >= count, f"{count} receptions were synced, {found} are there")
        counts.told += count
        counts.effects += min(found, count)
    return counts


def _opened(world: World, base: bytes, log: bytes, like: Path) -> int:
    """How many receptions are there when these two files are all that is left."""
    place = world.place()
    (place / "records").mkdir()
    shutil.copytree(like / "keys", place / "keys")
    (place / "records" / DATABASE_NAME).write_bytes(base)
    (place / "records" / f"{DATABASE_NAME}-wal").write_bytes(log)
    store = open_store(place, CLOCK)
    found = store.stats().pending
    aside = kept_aside(place / "records")
    store.close()
    shutil.rmtree(place)
    return -1 if aside else found
