"""A case taken out of the house: as text, on two sheets of paper, as a table, as JSON; each of them without names too.

Whoever takes one out is kept in the list of looks. Deliberately not here: what a record says (`service.cases.record`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, astuple, fields
from zoneinfo import ZoneInfo

from aiohttp import web

from oncall.adapters.web.asker import looking_at, signed_in
from oncall.adapters.web.cases.board_pages import case_of, reader
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.paper.files import csv_of, download, pdf_of
from oncall.adapters.web.paper.sheets import Block, Drawing, Facts, Heading, Paper, Table, Words
from oncall.adapters.web.rendering import harmless, render
from oncall.core.case.case import Case
from oncall.service.cases.picture import picture_of
from oncall.service.cases.record import Row, Whole, record_text, rows_of, rows_without_names
from oncall.service.cases.story import StoryRow

MAY_TAKE_OUT = frozenset({"clinician", "coordinator"})
TWO_PAGES = 2
FIRST, LAST = 36, 28  # rows of a long night on paper, from its beginning and from its end
_AGAIN = re.compile(r", \d+(st|nd|rd|th) time$")
HEAD = tuple(field.name for field in fields(Row))
CUT = "{count} more rows: they are in the table (CSV) and in the JSON."


async def text(request: web.Request) -> web.Response:
    """GET /cases/{case}/record.txt; with `names=out` nothing that says of whom."""
    whole, without = await _asked(request)
    told = _lines_without_names(whole) if without else record_text(whole)
    return download(harmless(told), "text/plain", _name(whole, without, "txt"))


async def table(request: web.Request) -> web.Response:
    """GET /cases/{case}/record.csv."""
    whole, without = await _asked(request)
    rows = await _rows(request.app[GIVEN], whole, without)
    return download(csv_of(HEAD, map(astuple, rows)), "text/csv", _name(whole, without, "csv"))


async def data(request: web.Request) -> web.Response:
    """GET /cases/{case}/record.json."""
    whole, without = await _asked(request)
    rows = [asdict(row) for row in await _rows(request.app[GIVEN], whole, without)]
    about = {} if without else {"case": whole.case.id, "code": whole.case.code, "chain_head": whole.chain[-1]}
    told = json.dumps({**about, "without_names": without, "entries": rows}, ensure_ascii=False, indent=1)
    return download(told, "application/json", _name(whole, without, "json"))


async def paper(request: web.Request) -> web.Response:
    """GET /cases/{case}/record.pdf."""
    whole, without = await _asked(request)
    given, now = request.app[GIVEN], request.app[GIVEN].clock.now()
    blocks = _sheets_without_names(whole) if without else _sheets(request, whole)
    printed = f"{given.hospital.name}, printed {now:%Y-%m-%d %H:%M} UTC by {signed_in(request).name}"
    head = "" if without else f", chain ends {whole.chain[-1][:16]}"
    title = "A case of the pump line" if without else f"Pump line, case #{whole.case.code}"
    made = await pdf_of(Paper(title, f"{printed}{head}", now, blocks, TWO_PAGES, CUT))
    return download(made, "application/pdf", _name(whole, without, "pdf"))


async def whole_of(given: Given, case: Case) -> Whole:
    """Everything of one case. What is written while it is read belongs to the next look."""
    read, entries = reader(given), await given.journal.entries(case.id)
    return Whole(
        case=case,
        row=await read.row(case),
        card=await read.card(case),
        sheet=await read.sheet(case),
        origin=await read.origin(case, entries),
        entries=entries,
        story=await read.story(case.id),
        chain=(await given.journal.chain(case.id))[: len(entries)],
        directory=await given.register.directory(),
        zone=given.hospital.zone,
    )


async def _asked(request: web.Request) -> tuple[Whole, bool]:
    case = await case_of(request)
    looking_at(request, case.id)
    return await whole_of(request.app[GIVEN], case), request.query.get("names") == "out"


async def _rows(given: Given, whole: Whole, without: bool) -> Sequence[Row]:
    if without:
        return rows_without_names(whole)
    return rows_of(whole, await reader(given).told_by_entry(whole.case, whole.entries))


def _name(whole: Whole, without: bool, kind: str) -> str:
    return f"case-without-names.{kind}" if without else f"case-{whole.case.code}.{kind}"


# --- on paper --------------------------------------------------------------------------------------------------------


def _outcome(whole: Whole) -> str:
    closed = whole.row.closed
    if closed is None:
        return "the case is open"
    task = closed.follow_up
    follow_up = f"follow-up by {task.due_at.astimezone(_zone(whole)):%d %b}: {task.title}" if task else ""
    return "\n".join(part for part in (closed.outcome, closed.cause, closed.note, follow_up) if part)


def on_paper(story: Sequence[StoryRow], zone: str) -> list[tuple[str, str, str]]:
    """When, what, why: of a long night the beginning and the end."""
    hospital = ZoneInfo(zone)
    rows = [(f"{line.at.astimezone(hospital):%H:%M:%S}", _what(line), line.why) for line in _for_paper(story)]
    left_out = len(rows) - FIRST - LAST
    if left_out <= 0:
        return rows
    between = f"{left_out} rows between: they are in the table (CSV) and in the JSON"
    return [*rows[:FIRST], ("", between, ""), *rows[-LAST:]]


def _for_paper(story: Sequence[StoryRow]) -> list[StoryRow]:
    """Without the machine's own notes, and without ringing and texting again: a long night has hundreds of those."""
    return [line for line in story if line.kind not in ("clocks", "system") and not _AGAIN.search(line.text)]


def _what(line: StoryRow) -> str:
    """One line of the story with what became of it; a family's or clinician's own words below."""
    fate = f" ({line.then[-1][1]})" if line.then else ""
    words = f"\n“{line.words}”" if line.words and line.kind != "pages" else ""
    return f"{line.text}{fate}{words}"


def _zone(whole: Whole) -> ZoneInfo:
    return ZoneInfo(whole.zone)


def _sheets_without_names(whole: Whole) -> list[Block]:
    rows = [(row.since_start, row.kind, row.actor, row.text or row.rules) for row in _telling(whole)]
    return [
        Heading("A case of the pump line, without names", 1),
        Words("Time is counted from the first contact; people are letters; nobody's words are in it.", small=True),
        Table(("since", "entry", "by or to", "what"), rows, (0.1, 0.2, 0.15, 0.55)),
    ]


def _telling(whole: Whole) -> list[Row]:
    """Paper leaves out the machine's own notes; the table has them."""
    own = ("ClockSet", "ClockEnded", "MessageAttempted", "MessageAccepted")
    return [row for row in rows_without_names(whole) if row.kind not in own]


def _lines_without_names(whole: Whole) -> str:
    lines = (f"{row.since_start} {row.kind} {row.actor} {row.text or row.rules}".rstrip() for row in _telling(whole))
    return "\n".join(("A case of the pump line, without names", *lines, ""))


def _sheets(request: web.Request, whole: Whole) -> list[Block]:
    row, card, given = whole.row, whole.card, request.app[GIVEN]
    names = {person.id: person.name for person in whole.directory.clinicians.values()}
    drawn = picture_of(whole.case.code, whole.entries, names, given.clock.now(), whole.zone)
    urgency = row.urgency.word.upper().replace("_", " ") if row.urgency is not None else "not judged"
    pump = ", ".join(f"{name} {told}" for name, told in whole.sheet.pump)
    decided = "\n".join(f"{one.rule}: {one.says} ({one.signs})" for one in whole.sheet.decided)
    facts = (
        ("Situation", "\n".join((card.situation, *(f"“{words}”" for words in card.words)))),
        ("Background", "\n".join((card.who, pump, *card.background, f"language: {card.language}"))),
        ("Assessment", f"{card.leans}\n{decided}\nedition {card.edition}; a rule's opinion, never a diagnosis"),
        ("Told to the family", card.advice),
        ("Outcome", _outcome(whole)),
    )
    svg = render(request, "case_picture.svg", picture=drawn).strip()
    rows = on_paper(whole.story, whole.zone)
    return [
        Heading(f"{urgency}  case #{row.code}", 1),
        Words(f"{row.label}, first contact {row.opened_at.astimezone(_zone(whole)):%a %d %b %Y %H:%M %Z}"),
        Facts(facts),
        Heading("In time"),
        Drawing(svg),
        Heading("What happened"),
        Table(("at", "what", "why this person, why now"), rows, (0.09, 0.56, 0.35)),
    ]
