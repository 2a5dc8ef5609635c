# SPDX-License-Identifier: Apache-2.0
"""The simulated card: what it answers to each command, as far as that is known of real ones."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence

from kiosk.simulator.card.commands import Command, Refusal, Sw, parse
from kiosk.simulator.card.files import (
    Application,
    CardFile,
    KeyFile,
    RecordFile,
    ReferenceFile,
    TransparentFile,
)
from kiosk.simulator.card.options import CardOptions
from kiosk.simulator.card.printed import PrintedFields
from kiosk.simulator.card.references import CounterStore, ReferenceName
from kiosk.simulator.card.security import SecurityStatus
from kiosk.simulator.card.signing import SCHEMES, compute_signature

_CURRENT = 0x80
_MAX_REFERENCE = 16
_MAX_CHALLENGE = 256


class VirtualCard:
    """One My Number Card: applications, files, counters, and what is selected and verified while powered.

    Lives on: the reader thread or a vpcd link's; `set_tries` and `tries` on any.
    """

    def __init__(
        self,
        key: str,
        applications: Sequence[Application],
        *,
        printed: PrintedFields,
        options: CardOptions | None = None,
        counters: CounterStore | None = None,
    ) -> None:
        """`applications` in the order in which partial names find them; the first is selected at power-on."""
        self._key = key
        self._applications = tuple(applications)
        self._printed = printed
        self._options = options or CardOptions()
        self._security = SecurityStatus(key, counters or CounterStore(), self._options)
        self._lock = threading.Lock()
        self._powered = False
        self._fails_next = False
        self._application = self._applications[0]
        self._file: CardFile | None = None

    @property
    def key(self) -> str:
        """Whose card it is, by the patient's key."""
        return self._key

    @property
    def printed(self) -> PrintedFields | None:
        """What can be read off its face."""
        return self._printed

    def power_on(self) -> bytes:
        """Give it power; the answer to reset."""
        with self._lock:
            self._powered = True
            self._fails_next = self._options.first_command_fails
            self._select(self._applications[0])
            return self._options.atr

    def power_off(self) -> None:
        """Take its power: what was selected and verified is gone, the counters stay."""
        with self._lock:
            self._powered = False
            self._select(self._applications[0])

    def reset(self) -> bytes:
        """A warm reset, which selection and verification outlive; the answer to reset."""
        with self._lock:
            if self._options.warm_reset_clears:
                self._select(self._applications[0])
            return self._options.atr

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        """The answer to one command: data and status word."""
        with self._lock:
            if not self._powered or self._fails_next:
                self._fails_next = False
                return _status(Sw.TROUBLE)
            try:
                command = parse(bytes(apdu), extended_length=self._options.extended_length)
                return self._answer(command)
            except Refusal as refusal:
                return _status(refusal.sw)

    def tries(self, reference: ReferenceName) -> int:
        """Tries left of that reference; raises `KeyError` where the card has none of that name."""
        with self._lock:
            return self._security.tries(self._reference(reference))

    def set_tries(self, reference: ReferenceName, tries: int) -> None:
        """Change the tries left, from outside; raises `KeyError` where the card has none of that name."""
        with self._lock:
            self._security.set_tries(self._reference(reference), tries)

    def _answer(self, command: Command) -> bytes:
        if command.cla & 0x03:
            raise Refusal(Sw.CHANNEL)
        if command.cla & 0x0C:
            raise Refusal(Sw.SECURE_MESSAGING)
        match command.cla, command.ins:
            case 0x00, 0xA4:
                return self._on_select(command)
            case 0x00, 0xB0:
                return self._on_read_binary(command)
            case 0x00, 0xB2:
                return self._on_read_record(command)
            case 0x00, 0x20:
                return self._on_verify(command)
            case 0x00, 0x84:
                return self._on_get_challenge(command)
            case 0x00, 0x88:
                return self._on_internal_authenticate(command)
            case 0x00, 0xCA:
                return self._on_get_data(command)
            case 0x80, 0x2A:
                return self._on_compute_signature(command)
            case ((0x00 | 0x80), _):
                raise Refusal(Sw.WRONG_INS)
            case _:
                raise Refusal(Sw.WRONG_CLA)

    def _on_select(self, command: Command) -> bytes:
        match command.p1:
            case 0x04:
                return self._on_select_application(command)
            case 0x02:
                if command.p2 not in {0x00, 0x0C}:
                    raise Refusal(Sw.WRONG_P1P2)
                if len(command.data) != 2:
                    raise Refusal(Sw.WRONG_LENGTH)
                self._file = self._find(int.from_bytes(command.data, "big"))
                return _status(Sw.OK)
            case 0x00 if command.data:
                raise Refusal(Sw.NOT_FOUND)
            case 0x00 if self._application is not self._applications[0]:
                return _status(Sw.OK)  # misleading, but so do cards: nothing is selected by this
            case _:
                raise Refusal(Sw.WRONG_P1P2)

    def _on_select_application(self, command: Command) -> bytes:
        if command.p2 & ~0x0E:
            raise Refusal(Sw.WRONG_P1P2)
        matching = [entry for entry in self._applications if entry.aid.startswith(command.data)]
        if not command.data or not matching:
            raise Refusal(Sw.NOT_FOUND)
        chosen = matching[0]
        if command.p2 & 0x02 and self._application in matching:
            following = matching[matching.index(self._application) + 1 :]
            if not following:
                raise Refusal(Sw.NOT_FOUND)
            chosen = following[0]
        self._select(chosen)
        if command.p2 & 0x0C:
            return _status(Sw.OK)
        name = b"\x84" + bytes((len(chosen.aid),)) + chosen.aid
        return b"\x6f" + bytes((len(name),)) + name + _status(Sw.OK)

    def _on_read_binary(self, command: Command) -> bytes:
        if command.data or command.le is None:
            raise Refusal(Sw.WRONG_LENGTH)
        if command.p1 & 0x80:
            self._file = self._find(command.p1 & 0x1F)
            offset = command.p2
        else:
            offset = command.p1p2
        file = self._file
        if file is None:
            raise Refusal(Sw.NO_CURRENT_FILE)
        if not isinstance(file, TransparentFile):
            raise Refusal(Sw.NOT_THIS_FILE_KIND)
        if file.sealed:
            raise Refusal(Sw.NOT_ALLOWED)
        self._security.require(*file.opened_by)
        if offset >= len(file.content):
            raise Refusal(Sw.OK if self._options.empty_past_end else Sw.WRONG_OFFSET)
        part = file.content[offset : offset + command.le]
        warned = self._options.end_of_file_warning and len(part) < command.le
        return part + _status(Sw.END_OF_FILE if warned else Sw.OK)

    def _on_read_record(self, command: Command) -> bytes:
        if command.data or command.le is None:
            raise Refusal(Sw.WRONG_LENGTH)
        if command.p2 & 0x07 == 0x05:
            raise Refusal(Sw.FUNCTION)
        if command.p2 & 0x07 != 0x04:
            raise Refusal(Sw.WRONG_P1P2)
        if command.p2 >> 3:
            self._file = self._find(command.p2 >> 3)
        if self._file is None:
            raise Refusal(Sw.NO_CURRENT_FILE)
        if not isinstance(self._file, RecordFile):
            raise Refusal(Sw.NOT_THIS_FILE_KIND)
        if not 1 <= command.p1 <= len(self._file.records):
            raise Refusal(Sw.NO_RECORD)
        return self._file.records[command.p1 - 1][: command.le] + _status(Sw.OK)

    def _on_verify(self, command: Command) -> bytes:
        if command.p1 or command.le is not None or len(command.data) > _MAX_REFERENCE:
            raise Refusal(Sw.WRONG_P1P2 if command.p1 else Sw.WRONG_LENGTH)
        reference = self._pointed_at(command.p2)
        if not isinstance(reference, ReferenceFile):
            raise Refusal(Sw.NOT_THIS_FILE_KIND)
        if command.data:
            return _status(self._security.present(reference, command.data))
        return _status(self._security.query(reference))

    def _on_compute_signature(self, command: Command) -> bytes:
        if command.p1 not in SCHEMES:
            raise Refusal(Sw.WRONG_P1P2)
        if command.p2:
            file = self._pointed_at(command.p2)
        elif self._application.default_key is not None:
            file = self._find(self._application.default_key)
        else:
            raise Refusal(Sw.NO_CURRENT_FILE)
        if not isinstance(file, KeyFile) or not file.signs:
            raise Refusal(Sw.NO_CURRENT_FILE)
        if file.needs is not None:
            self._security.require(file.needs)
        if not command.data or command.le is None:
            raise Refusal(Sw.WRONG_LENGTH)
        return compute_signature(file.key(), command.p1, command.data) + _status(Sw.OK)

    def _on_internal_authenticate(self, command: Command) -> bytes:
        if command.p1:
            raise Refusal(Sw.WRONG_P1P2)
        file = self._pointed_at(command.p2)
        if not isinstance(file, KeyFile):
            raise Refusal(Sw.NO_CURRENT_FILE)
        if file.needs is not None:
            raise Refusal(Sw.NOT_ALLOWED)
        if not file.authenticates:
            raise Refusal(Sw.CONDITIONS)
        if not 1 <= len(command.data) <= 0xFF or command.le is None:
            raise Refusal(Sw.WRONG_LENGTH)
        return compute_signature(file.key(), 0x03, command.data) + _status(Sw.OK)

    def _on_get_challenge(self, command: Command) -> bytes:
        if command.p1p2:
            raise Refusal(Sw.WRONG_P1P2)
        if command.extended:
            raise Refusal(Sw.CONDITIONS)
        if command.data or command.le is None or command.le > _MAX_CHALLENGE:
            raise Refusal(Sw.WRONG_LENGTH)
        return secrets.token_bytes(command.le) + _status(Sw.OK)

    def _on_get_data(self, command: Command) -> bytes:
        value = self._application.data_objects.get(command.p1p2)
        if value is None or command.data:
            raise Refusal(Sw.WRONG_INS)
        return value[: command.le or 0] + _status(Sw.OK)

    def _select(self, application: Application) -> None:
        self._application = application
        self._file = None
        self._security.clear()

    def _find(self, identifier: int) -> CardFile:
        file = self._application.files.get(identifier)
        if file is None:
            raise Refusal(Sw.NOT_FOUND)
        return file

    def _pointed_at(self, p2: int) -> CardFile:
        """The file that P2 means: the current one (`80`) or one by its short name (`80|sfi`)."""
        if p2 & ~0x1F != _CURRENT:
            raise Refusal(Sw.WRONG_P1P2)
        if p2 == _CURRENT:
            if self._file is None:
                raise Refusal(Sw.NO_CURRENT_FILE)
            return self._file
        self._file = self._find(p2 & 0x1F)
        return self._file

    def _reference(self, name: ReferenceName) -> ReferenceFile:
        for application in self._applications:
            for file in application.files.values():
                if isinstance(file, ReferenceFile) and file.name is name:
                    return file
        raise KeyError(name.value)


def _status(sw: int) -> bytes:
    return sw.to_bytes(2, "big")
