# SPDX-License-Identifier: Apache-2.0
"""Every screen, in both languages, both sizes, plain and in large text."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAccessible

from kiosk.flow.states import Idle
from kiosk.ui.gallery import Look, examples
from kiosk.ui.gallery_stage import LANDSCAPE, PORTRAIT, Stage
from kiosk.ui.window import QML_FOLDER, missing_fonts
from tests.ui.conftest import StageMaker
from tests.ui.tree import controls, everything, named, place, texts, words

LOOKS = [
    Look(language, landscape, scale)
    for language, landscape, scale in itertools.product(("ja", "en"), (False, True), (1.0, 1.5))
]
FLOOR_MM = 16.0


def all_screens(stage: Stage) -> dict[str, str]:
    """Put up one screen after another; what is wrong with each, by its name."""
    wrong: dict[str, str] = {}
    for name, state in (*examples().items(), *((page, Idle()) for page in Stage.PAGES)):
        stage.show(name, state)
        found = [*cut_texts(stage), *small_controls(stage)]
        if found:
            wrong[name] = "; ".join(found)
    return wrong


def cut_texts(stage: Stage) -> list[str]:
    found = []
    width, height = stage.view.width(), stage.view.height()
    for item in texts(stage):
        at = place(item)
        if at.left() < -1 or at.top() < -1 or at.right() > width + 1 or at.bottom() > height + 1:
            found.append(f"outside: {words(item)}")
        if item.property("truncated"):
            found.append(f"elided: {words(item)}")
        if item.property("contentWidth") > item.width() + 1:
            found.append(f"too wide: {words(item)}")
        # the last line's leading may stand out of the box, letters may not
        spare = item.property("font").pixelSize() * 0.3
        if item.property("contentHeight") > item.height() + spare:
            found.append(f"too high: {words(item)} {item.property('contentHeight')} > {item.height()}")
    return found


def small_controls(stage: Stage) -> list[str]:
    width, _, millimetres = LANDSCAPE if stage.look.landscape else PORTRAIT
    floor = FLOOR_MM * width / millimetres
    found = []
    areas = {action: place(item) for action, item in controls(stage).items()}
    for action, area in areas.items():
        if area.width() < floor - 1 or area.height() < floor - 1:
            found.append(f"small: {action} {area.width():.0f}x{area.height():.0f}")
        if area.right() > stage.view.width() or area.bottom() > stage.view.height():
            found.append(f"outside: {action}")
    for (one, first), (other, second) in itertools.combinations(areas.items(), 2):
        if first.intersects(second):
            found.append(f"overlap: {one} and {other}")
    return found


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_nothing_is_cut_small_or_outside(make_stage: StageMaker, look: Look) -> None:
    assert all_screens(make_stage(look)) == {}


def test_every_control_has_a_role_and_a_name(make_stage: StageMaker) -> None:
    stage = make_stage()
    for name, state in examples().items():
        stage.show(name, state)
        for action, item in controls(stage).items():
            spoken, role = named(item)
            assert role is QAccessible.Role.Button, (name, action)
            assert spoken, (name, action)
            assert not set(spoken) & {"\u2060", "\u200b"}


def test_each_screen_has_its_heading_as_a_heading(make_stage: StageMaker) -> None:
    stage = make_stage()
    stage.show("choose", examples()["choose"])
    (heading,) = [item for item in everything(stage) if item.objectName() == "heading"]
    assert named(heading) == ("本人確認の方法を選んでください", QAccessible.Role.Heading)
    steps = [
        named(item)[0] for item in everything(stage) if "4つのうち" in str(item.property("spoken") or "")
    ]
    assert steps == []  # the step is named by its own element, not by a control


@pytest.mark.parametrize("simulated", [True, False])
def test_a_simulated_run_says_so_on_every_screen(make_stage: StageMaker, *, simulated: bool) -> None:
    stage = make_stage(simulated=simulated)
    for name, state in examples().items():
        stage.show(name, state)
        said = [words(item) for item in texts(stage) if "SIMULATION" in words(item)]
        assert bool(said) is simulated, name


def test_the_fonts_are_there(qapp: QCoreApplication) -> None:
    assert missing_fonts() == ()


def test_the_screens_are_clean_for_the_linter() -> None:
    linter = Path(sys.executable).with_name("pyside6-qmllint")
    files = sorted(str(file) for file in QML_FOLDER.rglob("*.qml"))
    assert len(files) > 15
    done = subprocess.run([str(linter), *files], capture_output=True, text=True, timeout=100, check=False)
    assert done.stderr + done.stdout == ""
    assert done.returncode == 0
