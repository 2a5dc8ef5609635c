# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates made on first use and kept in a cache folder that several processes may share."""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kiosk.errors import EnvironmentProblem, FailureCode

KEY_SIZE = 2048
_PUBLIC_EXPONENT = 65537


class KeyStore:
    """A folder of test keys, readable by its owner only; what is unreadable in it is made anew.

    Lives on: any thread, and beside other processes on the same folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self._lock = threading.RLock()
        self._depth = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        except OSError as error:
            raise EnvironmentProblem(
                FailureCode.FOLDER_MISSING, detail=f"cache folder of the test keys: {error.strerror}"
            ) from error

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._folder

    def key(self, name: str) -> rsa.RSAPrivateKey:
        """The RSA key of that name."""
        with self._lock:
            known = self._keys.get(name)
            if known is None:
                known = self._load_or_make(name)
                self._keys[name] = known
            return known

    def file(self, name: str, usable: Callable[[bytes], bool], make: Callable[[], bytes]) -> bytes:
        """The bytes of that file if they are `usable`, else what `make` makes, written down."""
        with self._exclusive():
            content = self._read(name)
            if content is None or not usable(content):
                content = make()
                self.write(name, content)
            return content

    def write(self, name: str, content: bytes) -> None:
        """Write a file so that nobody ever sees half of it."""
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # made with 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return None

    def _load_or_make(self, name: str) -> rsa.RSAPrivateKey:
        file_name = f"keys/{name}.pem"
        with self._exclusive():
            content = self._read(file_name)
            key = None if content is None else _parse(content)
            if key is None:
                key = rsa.generate_private_key(_PUBLIC_EXPONENT, KEY_SIZE)
                pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
                self.write(file_name, pem)
            return key

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Keep other processes out, so that two of them cannot make two keys of one name."""
        with self._lock:
            if self._depth:  # making a certificate asks for keys
                yield
                return
            with (self._folder / ".lock").open("wb") as lock_file:
                fcntl.flock(lock_file, fcntl.LOCK_EX)
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1


def _parse(pem: bytes) -> rsa.RSAPrivateKey | None:
    try:
        # the slow arithmetic check is left out: the file is our own, and a wrong key shows at its first use
        key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != KEY_SIZE:
        return None
    return key
