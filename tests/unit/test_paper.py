"""Files that leave the house: cells that run nothing, and sheets on which every name prints."""

from __future__ import annotations

import csv
import io
import re
import zlib
from datetime import UTC, datetime

import pytest

from oncall.adapters.web.paper.files import cell, csv_of, pdf_of
from oncall.adapters.web.paper.pdf import BOX, printable
from oncall.adapters.web.paper.sheets import Drawing, Facts, Heading, Paper, Table, Words

AT = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)
PAGE = re.compile(rb"/Type /Page\b")
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 20" font-family="sans-serif">{}</svg>'


def sheets(count: int, **more: int) -> Paper:
    rows = [(f"03:04:{n:02d}", f"text {n}", "why " * 40) for n in range(count)]
    blocks = (Heading("Case", 1), Table(("at", "what", "why"), rows, (0.2, 0.3, 0.5)))
    return Paper("A case", "foot", AT, blocks, **more)


def inside(pdf: bytes) -> bytes:
    """What the pages draw, unpacked."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"".join(_unpacked(part) for part in found)


def _unpacked(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return part


@pytest.mark.parametrize("said", ["=1+1", "+16175550142", "-2", "@cmd", " =x", "\t=x", "＝1"])
def test_what_a_spreadsheet_would_run_is_plain_text(said: str) -> None:
    assert cell(said).startswith("'")


def test_a_table_for_a_spreadsheet_reads_back_as_it_was() -> None:
    told = csv_of(("at", "words"), [(3, 'she said "stiff",\nthen no more'), (-1, None)])
    assert list(csv.reader(io.StringIO(told))) == [
        ["at", "words"],
        ["3", 'she said "stiff",\nthen no more'],
        ["-1", ""],
    ]


async def test_a_sheet_with_every_kind_of_block_is_one_pdf() -> None:
    svg = SQUARE.format('<circle cx="5" cy="5" r="2" fill="#a00"/><text x="9" y="9">Łukasz 李</text>')
    blocks = (Heading("Case", 1), Words("bold", bold=True), Facts((("Situation", "stiff"),)), Drawing(svg))
    made = await pdf_of(Paper("Łukasz Nguyễn محمد 李", "foot", AT, blocks))
    assert made.startswith(b"%PDF")
    assert len(PAGE.findall(made)) == 1


async def test_a_table_with_a_last_page_ends_there_and_says_what_is_missing() -> None:
    whole, cut = await pdf_of(sheets(200)), await pdf_of(sheets(200, most_pages=2))
    assert len(PAGE.findall(whole)) > 2
    assert len(PAGE.findall(cut)) == 2
    assert len(inside(cut)) < len(inside(whole))


def test_names_of_many_alphabets_print_and_a_missing_sign_is_a_box() -> None:
    names = "Łukasz Nguyễn Дмитрий Ελένη محمد שרה"
    assert printable(names) == names
    assert printable("李 is here\x07") == f"{BOX} is here{BOX}"
