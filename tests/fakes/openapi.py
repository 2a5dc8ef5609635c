# SPDX-License-Identifier: Apache-2.0
"""Holds requests and responses against docs/upstream-api.yaml."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml  # type: ignore[import-untyped]  # comes without type information
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # as yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

PATH = Path(__file__).parents[2] / "docs" / "upstream-api.yaml"


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return loaded


@cache
def _registry() -> Registry[Any]:
    resource: Resource[Any] = DRAFT202012.create_resource(document())
    registry: Registry[Any] = Registry().with_resource("urn:api", resource)
    return registry


def conforms(value: object, pointer: str) -> None:
    """Raise unless the value is one of the schema at that place of the document."""
    Draft202012Validator({"$ref": f"urn:api#{pointer}"}, registry=_registry()).validate(value)


def schema_of(name: str) -> str:
    return f"/components/schemas/{name}"


def check_response(response: httpx.Response) -> None:
    """Raise unless the document foresees this status, this kind of content and this content."""
    method = response.request.method.lower()
    path = response.request.url.path
    template = next(
        name for name in document()["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", name), path)
    )
    responses = document()["paths"][template][method]["responses"]
    foreseen = responses[str(response.status_code)]
    if "$ref" in foreseen:
        foreseen = document()["components"]["responses"][foreseen["$ref"].rsplit("/", 1)[1]]
    media = foreseen["content"][response.headers["content-type"].partition(";")[0]]
    conforms(response.json(), media["schema"]["$ref"].removeprefix("#"))
    if "Retry-After" in response.headers:
        assert "Retry-After" in foreseen["headers"]
        assert response.headers["Retry-After"].isdecimal()
