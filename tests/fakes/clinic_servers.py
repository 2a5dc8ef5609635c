# SPDX-License-Identifier: Apache-2.0
"""ORCA and a FHIR server as the kiosk sees them: real HTTP on a free port, after public pages alone."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from defusedxml import ElementTree

USER, PASSWORD = "kiosk", "secret-of-the-clinic"


class HttpDouble:
    """One server. `trouble` is asked before each answer: a status, "drop", or None."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.before: Callable[[str], int | str | None] = lambda _path: None
        self.after: Callable[[str], int | str | None] = lambda _path: None
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                path = self.path
                double.requests.append((self.command, path))
                if trouble := double.before(path):
                    return self._fail(trouble)
                expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
                if self.headers.get("Authorization") != f"Basic {expected}":
                    return self._fail(401)
                status, answer = double.answer(self.command, path, body)
                if trouble := double.after(path):
                    return self._fail(trouble)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                return None

            def _fail(self, trouble: int | str) -> None:
                self.close_connection = True
                if isinstance(trouble, int):
                    self.send_response(trouble)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """What the server says; a server that is none knows no address."""
        return 404, b""

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


class FakeOrca(HttpDouble):
    """A reception list. `patients` are those it knows; `result` is answered instead of a registration."""

    def __init__(self, *patients: str) -> None:
        super().__init__()
        self.patients = set(patients)
        self.receptions: list[dict[str, str]] = []
        self.result = ""
        self.list_result = ""
        self.raw = b""

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if self.raw:
            return 200, self.raw
        request = ElementTree.fromstring(body)[0]
        values = {child.tag: child.text or "" for child in request}
        match path:
            case "/api01rv2/acceptlstv2?class=03":
                return 200, self._list(values)
            case "/orca11/acceptmodv2?class=01":
                return 200, self._register(values)
            case "/api01rv2/system01lstv2?class=02":
                return 200, _xml("physicianres", "00", "")
            case _:
                return 404, b""

    def _list(self, values: dict[str, str]) -> bytes:
        found = [
            one
            for one in self.receptions
            if one["Acceptance_Date"] == values["Acceptance_Date"]
            and one["Department_Code"] == values["Department_Code"]
        ]
        if self.list_result or not found:
            return _xml("acceptlstres", self.list_result or "21", "")
        children = "".join(
            "<Acceptlst_Information_child type='record'>"
            + "".join(
                f"<{name}>{one[name]}</{name}>"
                for name in ("Acceptance_Time", "Department_Code", "Account_Time")
                if one.get(name)
            )
            + f"<Patient_Information><Patient_ID>{one.get('Patient_ID', '')}</Patient_ID>"
            + f"<WholeName>{one.get('WholeName', '')}</WholeName></Patient_Information>"
            + "</Acceptlst_Information_child>"
            for one in found
        )
        return _xml(
            "acceptlstres", "00", f"<Acceptlst_Information type='array'>{children}</Acceptlst_Information>"
        )

    def _register(self, values: dict[str, str]) -> bytes:
        if self.result and not self.result.startswith("K"):
            return _xml("acceptres", self.result, "")
        number = values.get("Patient_ID", "").zfill(5) if values.get("Patient_ID") else ""
        if number and number not in self.patients:
            return _xml("acceptres", "10", "")
        self.receptions.append(values | {"Patient_ID": number})
        return _xml("acceptres", self.result or "00", "")


def _xml(kind: str, code: str, more: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><xmlio2><{kind} type="record">'
        f'<Api_Result type="string">{code}</Api_Result>{more}</{kind}></xmlio2>'
    ).encode()


class FakeFhir(HttpDouble):
    """Conditional creates of a transaction, all or nothing; `store` is what was ever made, by type."""

    def __init__(self) -> None:
        super().__init__()
        self.store: dict[str, list[dict[str, Any]]] = {}
        self.last: dict[str, Any] = {}
        self.distort: Callable[[list[str]], list[str]] = lambda statuses: statuses

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if method == "GET" and path.endswith("/metadata"):
            return 200, json.dumps({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}).encode()
        bundle = json.loads(body)
        if bundle.get("type") != "transaction":
            return 400, b"{}"
        self.last = bundle
        statuses = []
        for entry in bundle["entry"]:
            resource, request = entry["resource"], entry["request"]
            kind = request["url"]
            matches = [one for one in self.store.get(kind, []) if _matches(one, request["ifNoneExist"])]
            if len(matches) > 1:
                return 412, b"{}"
            if not matches:
                self.store.setdefault(kind, []).append(resource)
            statuses.append("200 OK" if matches else "201 Created")
        answer = {
            "resourceType": "Bundle",
            "type": "transaction-response",
            "entry": [{"response": {"status": status}} for status in self.distort(statuses)],
        }
        return 200, json.dumps(answer).encode()


def _matches(resource: dict[str, Any], condition: str) -> bool:
    ((name, values),) = parse_qs(urlsplit("?" + condition).query).items()
    system, _, value = unquote(values[0]).rpartition("|")
    if name == "_tag":
        return any(tag == {"system": system, "code": value} for tag in resource["meta"]["tag"])
    return {"system": system, "value": value} in resource[name]
