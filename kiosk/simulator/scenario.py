# SPDX-License-Identifier: Apache-2.0
"""Scenario files: what is done, what must be seen, and how it must end."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kiosk.consent.items import ConsentItem
from kiosk.errors import ConfigurationError, FailureCode


class End(StrEnum):
    """How a scenario can end (contract: Codes to outcomes)."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    ASK_STAFF = "ask_staff"
    TO_BE_CONFIRMED = "to_be_confirmed"
    CLEARED = "cleared"
    HANDED_TO_STAFF = "handed_to_staff"


ReaderOrderName = Literal["unplug", "plug", "stop-service", "start-service", "plug-second"]
StanceName = Literal[
    "plain", "far", "near", "aside", "low", "turned", "eyes-closed", "backlit", "mask", "sunglasses"
]
DeviceName = Literal["well", "unplugged", "busy", "silent", "black", "upside-down", "slow", "small"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Step(_Part):
    """One step; exactly one of its keys is set.

    `insert` and `swap` lay a patient's card down (``hanako:cloned`` one of its variants, ``mute`` a card that
    does not answer), `remove` takes it away, `second` lays one on the second reader, `reader` is what happens
    to the readers; `camera` says who stands there (``hanako:print``, ``hanako:screen``: a picture of
    somebody; ``hanako:still``: somebody who does not move as asked), `light` how bright it is, `beside` who
    comes next to them (``nobody`` goes away again), `stance` how they stand or what they wear, `device` what
    happens to the camera, `surface` whether the printed face can be read, `upstream` what upstream does,
    `worker` what happens to the face process while it compares; `hint` waits for a hint of the face screen,
    `screen` for a screen, `tap` uses a control of it, `pin` enters right or wrong digits, `fields` what is
    printed on the card, `staff` signs a person in and uses a control of the staff corner, `number` types
    what a patient's paper certificate says; `moves` has a person move house, the list of
    revocations say so and the news come, `news` waits until the staff corner shows where they live now.
    """

    insert: str | None = None
    swap: str | None = None
    remove: bool | None = None
    second: str | None = None
    reader: ReaderOrderName | None = None
    camera: str | None = None
    surface: Literal["clean", "dirty"] | None = None
    light: Literal["good", "dark", "glare"] | None = None
    beside: str | None = None
    stance: StanceName | None = None
    device: DeviceName | None = None
    hint: str | None = None
    upstream: Literal["normal", "slow", "down", "wrong", "unknown"] | None = None
    worker: Literal["kill", "freeze"] | None = None
    screen: str | None = None
    tap: str | None = None
    pin: Literal["right", "wrong"] | None = None
    fields: Literal["right"] | None = None
    staff: str | None = None
    number: str | None = None
    moves: str | None = None
    news: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a step has exactly one key")
        return self


class Scenario(_Part):
    """One story: the steps, and the end that must come of them.

    `asks` is what the clinic of this story asks, where that is more than the settings' own; `consents` and
    `limit` are what must have been recorded, `later` what the outbox must reach afterwards. With the
    `verification` *number* it is a check that staff made, beside any session.
    """

    name: str = ""
    story: str
    asks: tuple[Annotated[ConsentItem, Field(strict=False)], ...] = Field((), strict=False)
    steps: tuple[Step, ...] = Field(strict=False)
    end: End = Field(strict=False)
    reason: str = ""
    code: str = ""
    verification: Literal["face", "pin", "staff", "number", ""] = ""
    consents: dict[str, Literal["yes", "no", "not_due", "skipped_by_rule"]] = {}
    limit: Literal["yes", "no", "skipped_by_rule", ""] = ""
    later: Literal["done", ""] = ""


def load_scenarios(folder: Path) -> dict[str, Scenario]:
    """All scenarios of a folder by name, in the order of their names."""
    return {file.stem: load_scenario(folder, file.stem) for file in sorted(folder.glob("*.toml"))}


def load_scenario(folder: Path, name: str) -> Scenario:
    """The scenario of that name; `ConfigurationError` where there is none, or it is broken."""
    file = folder / f"{name}.toml"
    if not name.replace("-", "").isalnum() or not file.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.toml")))
        raise ConfigurationError(
            FailureCode.SCENARIO_UNKNOWN, detail=f"There is no scenario of that name. There are: {known}."
        )
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
        return Scenario.model_validate({"name": name, **values})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            FailureCode.SCENARIO_INVALID, detail=f"The scenario {name} cannot be read: {error}."
        ) from error
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ConfigurationError(
            FailureCode.SCENARIO_INVALID, detail=f"The scenario {name} is not one: {places}."
        ) from None
