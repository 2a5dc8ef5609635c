# SPDX-License-Identifier: Apache-2.0
"""The picture in the docs is the code's."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from kiosk.flow import events as ev
from kiosk.flow.diagram import _events, edges, mermaid
from kiosk.flow.states import State

DOCUMENT = Path(__file__).parents[3] / "docs" / "flow.md"


def test_the_diagram_in_the_docs_is_what_the_code_does() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    drawn = text.split("```mermaid\n")[1].split("```")[0]
    assert drawn == mermaid(), "run: python -m kiosk.flow.diagram, and put its output into docs/flow.md"


def test_every_state_is_reached_and_left() -> None:
    names = {kind.__name__ for kind in get_args(State)}
    pairs = edges()
    assert {before for before, _ in pairs} == names
    assert {after for _, after in pairs} | {"Starting"} == names


def test_every_event_is_tried() -> None:
    assert {type(event) for event in _events(1)} == set(get_args(ev.Event))
