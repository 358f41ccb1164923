"""How a sheet is drawn as PDF: Letter, black on white, one font with most of the world's alphabets in it.

The font is FiraGO from the wheel of pymupdf-fonts: Latin with all its accents, Greek, Cyrillic, Arabic, Hebrew, Thai,
Georgian, Devanagari. Words that run from right to left are shaped; a sign that the font lacks prints as a box instead
of vanishing. Imported only when something is printed (`files`). Deliberately not here: what stands on the sheets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pymupdf_fonts
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.svg import SVGObject

from oncall.adapters.web.paper.sheets import Block, Drawing, Facts, Heading, Paper, Table, Words
from oncall.adapters.web.rendering import harmless

FAMILY, FACES = "FiraGO", {"": "figo", "B": "figbo"}
MARGIN, FOOT = 12.0, 12.0  # mm
LINE = 4.2  # mm
SIZES = {1: 14.0, 2: 10.5}  # points
FACTS = (0.2, 0.8)  # the shares of the page for a name and what is said of it
_TITLES = re.compile(r"<title>.*?</title>", re.DOTALL)  # words for the pointer; paper has none
BOX = "▯"
TURNED = frozenset({"R", "AL", "AN"})  # directions of Hebrew and Arabic


@dataclass(frozen=True, slots=True)
class Pen:
    """`size` in points, `line` its height in mm."""

    size: float
    line: float
    bold: bool = False


BODY, BOLD, FINE = Pen(9.0, LINE), Pen(9.0, LINE, bold=True), Pen(7.5, 3.5)
Broken = list[list[str]]


def draw(paper: Paper) -> bytes:
    """See the module."""
    with TemporaryDirectory(prefix="fonts-") as folder:
        sheet = _Sheet(paper, Path(folder))
        for block in paper.blocks:
            sheet.put(block)
        made = bytes(sheet.output())
        sheet.close_faces()
        return made


class _Sheet(FPDF):
    """The pages while they are drawn."""

    def __init__(self, paper: Paper, folder: Path) -> None:
        super().__init__(format="letter")
        self._paper = paper
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, MARGIN + FOOT / 2)
        self.set_title(paper.title)
        self.set_lang("en")
        self.set_creation_date(paper.made_at)
        for style, face in FACES.items():
            path = folder / f"{face}.ttf"
            path.write_bytes(pymupdf_fonts.myfont(face))
            self.add_font(FAMILY, style, path)
        self.add_page()

    def close_faces(self) -> None:
        for style in FACES:
            self.fonts[f"{FAMILY.lower()}{style}"].ttfont.close()

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.set_font(FAMILY, "", FINE.size)
        self.set_text_shaping(False)
        self.cell(self.epw, FINE.line, f"{printable(self._paper.foot)}   page {self.page_no()} of {{nb}}")

    def put(self, block: Block) -> None:
        match block:
            case Heading():
                self.ln(1.0)
                self._say(block.text, Pen(SIZES[block.level], LINE * SIZES[block.level] / BODY.size, bold=True))
            case Words():
                self._say(block.text, replace(FINE if block.small else BODY, bold=block.bold))
            case Facts():
                for row in block.rows:
                    self._row(self._broken(row, FACTS, (BOLD, BODY)), FACTS, (BOLD, BODY))
            case Table():
                self._table(block)
            case Drawing():
                self._drawing(block)

    def _say(self, text: str, pen: Pen) -> None:
        self._row(self._broken((text,), (1.0,), (pen,)), (1.0,), (pen,))

    # --- rows ----------------------------------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        pens = (FINE,) * len(table.head)
        self._head(table)
        for done, row in enumerate(table.rows):
            broken = self._broken(row, table.widths, pens)
            if self._is_full(broken):
                self._say(self._paper.cut.format(count=len(table.rows) - done), replace(FINE, bold=True))
                return
            if _tall(broken, pens) > self._room():
                self.add_page()
                self._head(table)
            self._row(broken, table.widths, pens)

    def _head(self, table: Table) -> None:
        pens = (replace(FINE, bold=True),) * len(table.head)
        self._row(self._broken(table.head, table.widths, pens), table.widths, pens)

    def _is_full(self, broken: Broken) -> bool:
        """On the last page a line is kept for saying what was cut."""
        is_last = self._paper.most_pages is not None and self.page_no() >= self._paper.most_pages
        return is_last and _tall(broken, (FINE,)) + FINE.line * 1.5 > self._room()

    def _room(self) -> float:
        return float(self.page_break_trigger - self.get_y())

    def _broken(self, row: Sequence[str], widths: Sequence[float], pens: Sequence[Pen]) -> Broken:
        """Each cell of a row in its lines."""
        broken = []
        for text, width, pen in zip(row, widths, pens, strict=True):
            told = self._take(pen, printable(text))
            lines = self.multi_cell(self.epw * width, 1, told, align="L", dry_run=True, output="LINES")
            broken.append([str(line) for line in lines])
        return broken

    def _take(self, pen: Pen, text: str) -> str:
        self.set_font(FAMILY, "B" if pen.bold else "", pen.size)
        self.set_text_shaping(any(unicodedata.bidirectional(sign) in TURNED for sign in text))
        return text

    def _row(self, broken: Broken, widths: Sequence[float], pens: Sequence[Pen]) -> None:
        tall = _tall(broken, pens)
        if tall > self._room() and self.get_y() > self.t_margin:
            self.add_page()
        top, left = self.get_y(), self.l_margin
        for lines, width, pen in zip(broken, widths, pens, strict=True):
            for place, line in enumerate(lines):
                self.set_xy(left, top + place * pen.line)
                self.cell(self.epw * width, pen.line, self._take(pen, line))
            left += self.epw * width
        self.set_xy(self.l_margin, top + tall)

    def _drawing(self, block: Drawing) -> None:
        svg = _TITLES.sub("", printable(block.svg)).replace('font-family="sans-serif"', f'font-family="{FAMILY}"')
        _, _, width, height = SVGObject(svg).viewbox or (0, 0, 1, 1)
        tall = self.epw * height / width
        if tall > self._room():
            self.add_page()
        top = self.get_y()
        self.image(svg.encode(), x=self.l_margin, y=top, w=self.epw, h=tall)
        self.set_xy(self.l_margin, top + tall + 1.0)


def printable(text: str) -> str:
    """Signs that the font lacks as a box: named here, they would stand in the library's own log."""
    known = _known()
    return "".join(sign if sign == "\n" or sign in known else BOX for sign in harmless(text))


@cache
def _known() -> frozenset[str]:
    with TemporaryDirectory(prefix="fonts-") as folder:
        path = Path(folder) / "face.ttf"
        path.write_bytes(pymupdf_fonts.myfont(FACES["B"]))
        with TTFont(path, lazy=True) as face:
            return frozenset(map(chr, face.getBestCmap()))


def _tall(broken: Broken, pens: Sequence[Pen]) -> float:
    return max(map(len, broken)) * max(pen.line for pen in pens)
