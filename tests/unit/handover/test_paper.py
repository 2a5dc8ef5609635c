# SPDX-License-Identifier: Apache-2.0
"""Slips and declarations: what stands on them and what must not, and what a printer can do wrong."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.clock import TOKYO
from kiosk.eligibility.model import Answer, AnswerBody, Result
from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.handover.paper import CupsPrinter, Paper, PdfFolder, Slip, declaration_of

TEMPLATES = Path(__file__).parents[3] / "assets" / "paper"
AT = datetime(2026, 6, 1, 9, 12, tzinfo=TOKYO)
PERSON = Result(
    name="試験　<花子>",
    name_kana="ｼｹﾝ ﾊﾅｺ",
    sex="2",
    birth_date="19760327",
    address="東京都架空区一丁目",
    insurer_name="架空区",
    insurer_number="  138999",
    symbol="12-34",
    number="4260",
)


class Drawn:
    """Keeps the pages instead of drawing them."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.files: dict[str, bytes] = {}

    def draw(self, page: str, *, small: bool) -> bytes:
        self.pages.append(page)
        return b"small" if small else b"large"

    def paper(self) -> Paper:
        return Paper(TEMPLATES, self.draw, self.files.__setitem__)


def test_a_slip_says_the_number_the_time_and_what_is_open() -> None:
    drawn = Drawn()
    drawn.paper().slip(Slip("診療所", "受付番号", "A-012", "2026-06-01 09:12", "保険は受付で", "SIMULATION"))
    for text in ("診療所", "A-012", "2026-06-01 09:12", "保険は受付で", "SIMULATION"):
        assert text in drawn.pages[0]
    assert drawn.files == {"slip-A-012": b"small"}


def test_a_declaration_is_prefilled_and_carries_no_number_of_the_insured() -> None:
    drawn = Drawn()
    form = declaration_of(Answer(body=AnswerBody(results=(PERSON,))), "A-012", "診療所", AT)
    drawn.paper().declaration(form)
    (page,) = drawn.pages
    for text in (
        "試験　&lt;花子&gt;",
        "シケン ハナコ",
        "1976年3月27日",
        "女",
        "東京都架空区一丁目",
        "架空区",
        "2026年6月1日",
    ):
        assert text in page
    for text in ("138999", "12-34", "4260"):
        assert text not in page
    assert drawn.files == {"declaration-A-012": b"large"}
    assert "花子" not in repr(form)


@pytest.mark.parametrize("answer", [None, Answer(), Answer(body=AnswerBody(results=(PERSON, PERSON)))])
def test_what_is_not_known_is_left_to_be_written(answer: Answer | None) -> None:
    form = declaration_of(answer, "A-012", "", AT)
    assert (form.name, form.address, form.sex, form.birth) == ("", "", "男　・　女", "　　　　年　　月　　日")


def test_a_folder_takes_whole_files(tmp_path: Path) -> None:
    PdfFolder(tmp_path)("slip-A-012", b"%PDF")
    assert [file.name for file in tmp_path.iterdir()] == ["slip-A-012.pdf"]
    with pytest.raises(EnvironmentProblem) as caught:
        PdfFolder(tmp_path / "gone")("slip-A-012", b"%PDF")
    assert caught.value.code is FailureCode.PRINT_FAILED


def command(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


def test_a_page_goes_to_the_named_printer_by_its_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(tmp_path, "lp", f'echo "$@" > {tmp_path}/said; cat > {tmp_path}/page')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    CupsPrinter("desk")("slip-A-012", b"%PDF-1.4")
    assert (tmp_path / "said").read_text().split() == ["-d", "desk", "-s", "-t", "uketsuke", "-"]
    assert (tmp_path / "page").read_bytes() == b"%PDF-1.4"


def test_what_a_printer_can_do_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentProblem) as caught:
        CupsPrinter()("slip", b"")
    assert caught.value.code is FailureCode.PRINTER_MISSING
    command(tmp_path, "lp", "exit 1")
    command(tmp_path, "lpstat", "exit 1")
    with pytest.raises(EnvironmentProblem) as caught:
        CupsPrinter()("slip", b"%PDF")
    assert caught.value.code is FailureCode.PRINT_FAILED
    with pytest.raises(EnvironmentProblem) as caught:
        CupsPrinter("nobody").check()
    assert caught.value.code is FailureCode.PRINTER_MISSING
    command(tmp_path, "lpstat", "exit 0")
    CupsPrinter("desk").check()
