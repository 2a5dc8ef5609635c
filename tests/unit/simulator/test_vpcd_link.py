# SPDX-License-Identifier: Apache-2.0
"""The link to the virtual reader: frames, controls, and a card that comes and goes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.card.options import ATR_CONTACTLESS
from kiosk.simulator.vpcd import VpcdLink
from tests.fakes.cards import card_of

SELECT_JPKI = bytes.fromhex("00A4040C0AD392F000260100000001")


class Reader:
    """The virtual reader's end of the wire."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        connection.settimeout(10)

    def say(self, message: bytes) -> None:
        self.connection.sendall(len(message).to_bytes(2, "big") + message)

    def hear(self) -> bytes:
        return self._take(int.from_bytes(self._take(2), "big"))

    def ask(self, message: bytes) -> bytes:
        self.say(message)
        return self.hear()

    def _take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            part = self.connection.recv(count - len(taken))
            if not part:
                raise EOFError
            taken += part
        return taken


@pytest.fixture
def port() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(10)
        yield server


def link_to(server: socket.socket) -> VpcdLink:
    return VpcdLink(port=server.getsockname()[1])


def test_controls_and_commands_are_told_apart(port: socket.socket) -> None:
    with link_to(port) as link:
        link.insert(card_of())
        with port.accept()[0] as connection:
            reader = Reader(connection)
            assert reader.ask(b"\x04") == ATR_CONTACTLESS
            reader.say(b"\x01")
            assert reader.ask(b"\x04") == ATR_CONTACTLESS
            assert reader.ask(SELECT_JPKI).hex() == "9000"
            assert reader.ask(bytes.fromhex("002000980432353830")).hex() == "9000"
            reader.say(b"\x02")
            assert reader.ask(bytes.fromhex("802A009702010200"))[-2:].hex() == "9000"
            reader.say(b"\x00")
            reader.say(b"\x01")
            assert reader.ask(SELECT_JPKI).hex() == "9000"
            assert reader.ask(bytes.fromhex("802A009702010200")).hex() == "6982"


def test_a_frame_may_arrive_in_pieces(port: socket.socket) -> None:
    with link_to(port) as link:
        link.insert(card_of())
        with port.accept()[0] as connection:
            reader = Reader(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in len(SELECT_JPKI).to_bytes(2, "big") + SELECT_JPKI:
                connection.sendall(bytes((byte,)))
            assert reader.hear().hex() == "9000"


def test_taking_the_card_closes_the_connection_and_cuts_its_power(port: socket.socket) -> None:
    card = card_of()
    with link_to(port) as link:
        link.insert(card)
        assert link.is_connected()
        with port.accept()[0] as connection:
            reader = Reader(connection)
            assert reader.ask(SELECT_JPKI).hex() == "9000"
            link.remove()
            assert not link.is_connected()
            with pytest.raises(EOFError):
                reader.hear()
        assert card.transmit(SELECT_JPKI).hex() == "6f00"
        link.remove()
        link.insert(card)
        with port.accept()[0] as connection:
            assert Reader(connection).ask(SELECT_JPKI).hex() == "9000"


def test_inserting_again_takes_the_first_card_away(port: socket.socket) -> None:
    with link_to(port) as link:
        link.insert(card_of())
        with port.accept()[0] as first:
            link.insert(card_of("taro"))
            with pytest.raises(EOFError):
                Reader(first).hear()
            with port.accept()[0] as second:
                assert Reader(second).ask(b"\x04") == ATR_CONTACTLESS


def test_a_reader_that_hangs_up_is_noticed(port: socket.socket) -> None:
    with link_to(port) as link:
        assert link.wait_until_dropped(0)
        link.insert(card_of())
        assert not link.wait_until_dropped(0.01)
        port.accept()[0].close()
        assert link.wait_until_dropped(10)
        assert not link.is_connected()


def test_no_reader_there_is_said_so() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        free = server.getsockname()[1]
    with pytest.raises(EnvironmentProblem, match="vpcd") as caught:
        VpcdLink(port=free).insert(card_of())
    assert caught.value.code is FailureCode.READER_SERVICE_DOWN
