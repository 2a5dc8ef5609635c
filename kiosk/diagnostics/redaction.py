# SPDX-License-Identifier: Apache-2.0
"""The guard before a report: only facts that are known to be harmless, in the shape they should have.

A list of what may pass, not of what may not: a name looks like any other word, so nothing free gets through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

WITHHELD = "(withheld)"

_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,4})?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")
_DEVICES = re.compile(r"[\x20-\x7e]{0,300}")
_TEXT = re.compile(r"[\x20-\x7e]{0,200}")
_FOLDER = re.compile(r"[\w/~.: \\-]{1,200}", re.ASCII)

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "age_h": _NUMBER,
    "apdus": _NUMBER,
    "attempts": _NUMBER,
    "cards": _WORD,
    "count": _NUMBER,
    "detail": _TEXT,
    "families": _TEXT,
    "folder": _FOLDER,
    "fps": _NUMBER,
    "free_gb": _NUMBER,
    "kind": _WORD,
    "limit_s": _NUMBER,
    "median_ms": _NUMBER,
    "missing": _TEXT,
    "needs_staff": _NUMBER,
    "oldest_min": _NUMBER,
    "pending": _NUMBER,
    "readers": _DEVICES,
    "seconds": _NUMBER,
    "skew_s": _NUMBER,
    "state": _WORD,
    "total_gb": _NUMBER,
    "worst_ms": _NUMBER,
}

# a document number, a serial, a digest, a key, a certificate: long runs that no device name or setting needs
_LONG_RUNS = re.compile(
    r"-----BEGIN|[0-9]{6,}|(?:[0-9A-Fa-f]{2}[ :]?){10,}|[A-Za-z0-9+=_-]{28,}|[0-9](?:[ -]?[0-9]){7,}"
)
_SECRET_SETTING = re.compile(
    r"secret|password|token|passphrase|credential|pin\b|code\b|key|certificate", re.IGNORECASE
)
_HOME = re.compile(r"(/home|/Users)/[^/\s]+|/root(?=/|$)")


def clean_facts(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts that may be told; what does not have its shape is withheld, what is not known is dropped."""
    return {name: _clean(value, _SHAPES[name]) for name, value in facts.items() if name in _SHAPES}


def clean_setting(name: str, value: str) -> str:
    """A setting's value for a report: secrets as *set*, addresses without user, folders without a name."""
    if _SECRET_SETTING.search(name.rsplit(".", 1)[-1]):
        return "(set)" if value else "(not set)"
    if "://" in value:
        value = _without_user(value)
    value = _HOME.sub("~", value)
    return WITHHELD if _LONG_RUNS.search(value) or len(value) > 200 else value


def _clean(value: str, shape: re.Pattern[str]) -> str:
    if shape is _FOLDER:
        value = _HOME.sub("~", value)
    if not shape.fullmatch(value):
        return WITHHELD
    if shape is _DEVICES:
        return _LONG_RUNS.sub("…", value)  # a reader's name may carry its serial number
    if shape is not _NUMBER and _LONG_RUNS.search(value):
        return WITHHELD
    return value


def _without_user(address: str) -> str:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.port is not None:
        host = f"{host}:{parts.port}"
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
