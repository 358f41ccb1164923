"""Every number of the report against SQL that knows nothing of our code, over a month that went through the desk.

The SQL reads the journal's entries (and the notices) alone; it shares neither functions nor the derived rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oncall.core.case.commands import Acknowledge, AddNote, Resolve
from oncall.core.case.facts import Directory
from oncall.core.rota.on_call import on_call_at, with_changes
from oncall.core.rota.shifts import Change, Kind
from oncall.service.reports.counting import Cell, Share
from oncall.service.reports.span_reports import SpanReport, month_named, report_on, span_asked
from tests.support.month import Month, a_month

Found = dict[tuple[str, str, str], Any]
BY_CASE = """
CREATE TEMP TABLE opened AS
  SELECT case_id, at AS opened, body FROM entries WHERE kind = 'CaseOpened'
  AND at >= strftime('%s', '{since}') * 1000000 AND at < strftime('%s', '{until}') * 1000000;
CREATE TEMP TABLE ends AS SELECT case_id, opened, body,
  (SELECT max(seq) FROM entries e WHERE e.case_id = o.case_id AND kind = 'Closed') AS closed,
  (SELECT min(seq) FROM entries e WHERE e.case_id = o.case_id AND kind = 'FamilyReached') AS reached FROM opened o;
CREATE TEMP TABLE takes AS SELECT *,
  (SELECT min(seq) FROM entries e WHERE e.case_id = x.case_id AND kind = 'Acknowledged' AND seq > coalesce(
    (SELECT max(seq) FROM entries u WHERE u.case_id = x.case_id AND kind = 'Undone' AND seq < coalesce(reached, 1e9)), 0
  )) AS taken FROM ends x;
CREATE TEMP TABLE paces AS SELECT *,
  (SELECT json_extract(body, '$.pace') FROM entries e WHERE e.case_id = t.case_id AND kind = 'PaceSet'
   ORDER BY seq DESC LIMIT 1) AS pace,
  (SELECT json_extract(body, '$.pace') FROM entries e WHERE e.case_id = t.case_id AND kind = 'PaceSet'
   AND seq < coalesce(taken, 1e9) ORDER BY seq DESC LIMIT 1) AS ran FROM takes t;
CREATE TEMP TABLE c AS SELECT case_id, opened, pace,
  (SELECT at FROM entries e WHERE e.case_id = p.case_id AND seq = closed) AS closed_at,
  (SELECT at FROM entries e WHERE e.case_id = p.case_id AND seq = taken) AS taken_at,
  (SELECT at FROM entries e WHERE e.case_id = p.case_id AND seq = reached) AS reached_at,
  (SELECT min(at) FROM entries e WHERE e.case_id = p.case_id AND kind = 'PageOrdered'
    AND NOT json_extract(e.body, '$.page.informs')) AS paged_at,
  1000000 * json_extract(body, '$.table.' || CASE ran WHEN 3 THEN 'emergency' WHEN 2 THEN 'urgent' WHEN 1
    THEN 'same_day' END || '.promise') AS target,
  1000000 * json_extract(body, '$.table.' || CASE ran WHEN 3 THEN 'emergency' WHEN 2 THEN 'urgent' WHEN 1
    THEN 'same_day' END || '.reach_family') AS reach,
  (SELECT json_extract(e.body, '$.outcome') FROM entries e WHERE e.case_id = p.case_id AND seq = closed) AS outcome,
  (SELECT json_extract(e.body, '$.needed') FROM entries e WHERE e.case_id = p.case_id AND seq = closed) AS needed,
  coalesce((SELECT json_extract(e.body, '$.language') FROM entries e WHERE e.case_id = p.case_id
    AND kind = 'LanguageChosen' ORDER BY seq DESC LIMIT 1), json_extract(body, '$.language')) AS language,
  (SELECT count(*) FROM entries e WHERE e.case_id = p.case_id AND kind = 'StepReached') AS steps,
  (SELECT max(json_extract(e.body, '$.round')) FROM entries e WHERE e.case_id = p.case_id
    AND kind = 'RoundStarted') AS rounds,
  (SELECT count(*) FROM entries e WHERE e.case_id = p.case_id AND kind = 'PromiseMissed') AS missed,
  (SELECT count(*) FROM entries e WHERE e.case_id = p.case_id AND kind = 'WrongPerson') AS not_me,
  (SELECT count(*) FROM entries e WHERE e.case_id = p.case_id AND kind = 'PageQuieted'
    AND json_extract(e.body, '$.declined')) AS passed,
  (SELECT count(*) FROM entries e WHERE e.case_id = p.case_id AND kind = 'PageQuieted'
    AND json_extract(e.body, '$.why') = 'off duty') AS off_duty,
  (SELECT time(opened / 1000000 - CASE WHEN opened < strftime('%s', '2026-11-01 06:00:00') * 1000000
    THEN 14400 ELSE 18000 END, 'unixepoch')) AS wall FROM paces p;
CREATE TEMP TABLE m AS SELECT e.case_id, json_extract(e.body, '$.message.id') AS id,
  json_extract(e.body, '$.message.channel') AS channel, json_extract(e.body, '$.message.person') AS person,
  json_extract(e.body, '$.message.page') AS page FROM entries e JOIN c USING (case_id) WHERE kind = 'MessageOwed';
CREATE TEMP TABLE went AS SELECT e.case_id, json_extract(e.body, '$.message') AS id,
  max(kind = 'MessageAttempted') AS sent, max(json_extract(e.body, '$.progress')) AS progress
  FROM entries e JOIN c USING (case_id) WHERE kind IN ('MessageAttempted', 'MessageProgressed') GROUP BY 2;
CREATE TEMP TABLE pages AS SELECT e.case_id, json_extract(e.body, '$.page.id') AS page,
  json_extract(e.body, '$.page.person') AS person, json_extract(e.body, '$.page.informs') AS informs
  FROM entries e JOIN c USING (case_id) WHERE kind = 'PageOrdered';
CREATE TEMP TABLE signs AS
  SELECT case_id, json_extract(body, '$.person') AS person FROM entries WHERE kind IN ('Acknowledged', 'WrongPerson')
  UNION SELECT e.case_id, p.person FROM entries e JOIN pages p ON p.page = json_extract(e.body, '$.page')
    WHERE kind = 'PageQuieted' AND json_extract(e.body, '$.declined')
  UNION SELECT e.case_id, m.person FROM entries e JOIN m ON m.id = json_extract(e.body, '$.message')
    WHERE kind = 'PageHeard';
"""
PACES = (("emergency", 3), ("urgent", 2), ("same-day", 1), ("routine", 0), ("not judged", None), ("all", -1))
OF_PACE = "(? = -1 OR pace IS ?)"
WAITED = (
    ("taken", "paged_at IS NOT NULL", "paged_at", "taken_at", "target"),
    ("reached", "taken_at IS NOT NULL", "taken_at", "reached_at", "reach"),
    ("first", "paged_at IS NOT NULL", "opened", "reached_at", "target + reach"),
)
COUNTED = {  # table, line, column: one number each
    ("climbed", "first step only", "Cases"): "SELECT sum(steps <= 1), count(*) FROM c WHERE paged_at",
    ("climbed", "1 step further", "Cases"): "SELECT sum(steps = 2), count(*) FROM c WHERE paged_at",
    ("climbed", "2 steps further", "Cases"): "SELECT sum(steps = 3), count(*) FROM c WHERE paged_at",
    ("climbed", "3 steps further", "Cases"): "SELECT sum(steps = 4), count(*) FROM c WHERE paged_at",
    ("climbed", "4 or more", "Cases"): "SELECT sum(steps > 4), count(*) FROM c WHERE paged_at",
    ("climbed", "went into another round", "Cases"): "SELECT sum(rounds > 1), count(*) FROM c WHERE paged_at",
    (
        "climbed",
        "a promise to the family was missed",
        "Cases",
    ): "SELECT sum(missed > 0), count(*) FROM c WHERE paged_at",
    ("wrong", "passed on", "Pages"): "SELECT sum(passed) FROM c",
    ("wrong", "passed on", "Cases"): "SELECT sum(passed > 0) FROM c",
    ("wrong", "said “not me”", "Pages"): "SELECT sum(not_me) FROM c",
    ("wrong", "said “not me”", "Cases"): "SELECT sum(not_me > 0) FROM c",
    ("wrong", "went off duty while paged", "Pages"): "SELECT sum(off_duty) FROM c",
    ("wrong", "went off duty while paged", "Cases"): "SELECT sum(off_duty > 0) FROM c",
    ("delivered", "texts", "Handed over"): "SELECT count(*) FROM m JOIN went USING (id) WHERE sent AND channel = 'sms'",
    ("delivered", "texts", "Not brought"): (
        "SELECT sum(progress IN (11, 12)), count(*) FROM m JOIN went USING (id) WHERE sent AND channel = 'sms'"
    ),
    ("delivered", "texts", "Not answered"): "SELECT NULL",
    (
        "delivered",
        "calls",
        "Handed over",
    ): "SELECT count(*) FROM m JOIN went USING (id) WHERE sent AND channel = 'voice'",
    ("delivered", "calls", "Not brought"): (
        "SELECT sum(progress IN (11, 12)), count(*) FROM m JOIN went USING (id) WHERE sent AND channel = 'voice'"
    ),
    ("delivered", "calls", "Not answered"): (
        "SELECT sum(progress IN (8, 9)), count(*) FROM m JOIN went USING (id) WHERE sent AND channel = 'voice'"
    ),
    ("needed", "needed", "Cases"): "SELECT sum(needed IS 1), count(*) FROM c WHERE paged_at",
    ("needed", "not needed", "Cases"): "SELECT sum(needed IS 0), count(*) FROM c WHERE paged_at",
    ("needed", "not recorded", "Cases"): "SELECT sum(needed IS NULL), count(*) FROM c WHERE paged_at",
}
AT_NIGHT = """SELECT {what} FROM c WHERE paged_at AND NOT time(paged_at / 1000000 - CASE WHEN paged_at
  < strftime('%s', '2026-11-01 06:00:00') * 1000000 THEN 14400 ELSE 18000 END, 'unixepoch')
  BETWEEN '07:00' AND '20:59:59'
"""
SILENT = """SELECT DISTINCT m.case_id, p.person FROM m JOIN went USING (id) JOIN pages p ON p.page = m.page
  WHERE m.channel = 'voice' AND progress IN (7, 8, 9, 12) AND NOT informs AND NOT EXISTS
  (SELECT 1 FROM signs WHERE signs.case_id = m.case_id AND signs.person = p.person)"""
TESTED = """SELECT replace(about_kind, '-', ' '), count(*), sum(standing = 'answered') FROM notices
  WHERE is_test = 1 AND attempts > 0 AND ordered_at >= replace('{since}', ' ', 'T')
  AND ordered_at < replace('{until}', ' ', 'T') GROUP BY 1"""
FIRST, MIDDLE, LAST = "2026-11-01 04:00:00", "2026-11-16 05:00:00", "2026-12-01 05:00:00"  # midnights in New York
OCTOBER = "2026-10-01 04:00:00"


@pytest.fixture
async def month(tmp_path: Path) -> AsyncIterator[Month]:
    async with a_month(tmp_path / "oncall.db") as opened:
        yield opened


async def report_of(month: Month, query: dict[str, str] | None = None) -> SpanReport:
    stores = (month.journal, month.register.notices, month.register, month.handbooks)
    span = span_asked(query or {"month": "2026-11"}, month.clock.now(), "America/New_York")
    return await report_on(span, month.clock.now(), *stores, month.tallies)


def found_in(month: Month, directory: Directory, since: str, until: str) -> Found:
    """Every number that is there between two instants, by SQL alone."""
    with closing(sqlite3.connect(month.path)) as file:
        file.executescript(BY_CASE.replace("{since}", since).replace("{until}", until))
        found = {**_by_urgency(file), **_waits(file), **_by_name(file, since, until), **_counted(file)}
        silent = file.execute(f"SELECT person, count(*) FROM ({SILENT}) GROUP BY 1")
        return found | {("silent", directory.clinicians[person].name, "Cases"): count for person, count in silent}


def shown_by(report: SpanReport, now: bool) -> Found:
    """What the report says of its span, or of the one before it; the holes are the rota's own, below."""
    return {
        (table.id, line.label, column): _plain(cell)
        for table in report.tables
        if table.id != "holes"
        for line in table.lines
        for column, cell in zip(table.columns, line.cells if now else line.before, strict=True)
    }


def something(found: Found) -> Found:
    """SQL has no sum of nothing, and no line for what is not there."""
    return {key: number for key, number in found.items() if number not in (0, None, [], (0, 0), (None, 0))}


async def test_every_number_of_a_month_is_what_plain_sql_finds_and_so_is_what_it_is_compared_with(
    month: Month,
) -> None:
    await month.tell(34)
    directory, halves = await month.register.directory(), {"from": "2026-11-16", "until": "2026-11-30"}
    for query, before, since, until in ((None, OCTOBER, FIRST, LAST), (halves, FIRST, MIDDLE, LAST)):
        report = await report_of(month, query)
        for now, began, ended in ((True, since, until), (False, before, since)):
            assert something(shown_by(report, now)) == something(found_in(month, directory, began, ended))
    shown = shown_by(await report_of(month), now=True)
    assert shown["urgency", "all", "Cases"] > 25
    assert all(any(key[0] == id and value for key, value in shown.items()) for id in ("silent", "tests", "wrong"))
    assert await month.journal.audit() == []


async def test_a_month_that_is_remembered_is_counted_again_when_one_of_its_cases_moves(month: Month) -> None:
    await month.tell(5)
    for case in await month.journal.open_cases():
        await month.desk.take(Acknowledge(case.id, "ana", "page"))
        await month.desk.take(Resolve(case.id, "ana", "phone advice"))
    month.clock.step(timedelta(days=60))
    cases = (await report_of(month)).line_of("urgency")
    known = dict(month.tallies._known)
    assert known
    assert (await report_of(month)).line_of("urgency") == cases
    assert month.tallies._known == known, "nothing has changed"
    [figures, *_] = await month.journal.figures(*month_named("2026-11").instants("America/New_York"))
    await month.desk.take(AddNote(figures.case, "ana", "a letter came"))
    await report_of(month)
    assert month.tallies._known[next(iter(known))] is not known[next(iter(known))]


def _plain(cell: Cell) -> Any:
    match cell:
        case timedelta():
            return cell // timedelta(microseconds=1)
        case tuple():
            return [wait // timedelta(microseconds=1) for wait in cell]
        case Share():
            return (cell.of, cell.among)
    return cell


def _one(file: sqlite3.Connection, sql: str, *values: Any) -> Any:
    row = file.execute(sql, values).fetchone()
    return row[0] if len(row) == 1 else row


def _by_urgency(file: sqlite3.Connection) -> Found:
    found: Found = {}
    for label, pace in PACES:
        found["urgency", label, "Cases"] = _one(file, f"SELECT count(*) FROM c WHERE {OF_PACE}", pace, pace)
        sql = f"SELECT count(*) FROM c WHERE closed_at IS NULL AND {OF_PACE}"
        found["urgency", label, "Still open"] = _one(file, sql, pace, pace)
    for hour in range(24):
        sql = "SELECT count(*) FROM c WHERE substr(wall, 1, 2) = ?"
        found["hours", f"{hour:02}:00", "Cases"] = _one(file, sql, f"{hour:02}")
    return found


def _waits(file: sqlite3.Connection) -> Found:
    found: Found = {}
    for table, which, began, ended, target in WAITED:
        for label, pace in PACES:
            those = f"FROM c WHERE {which} AND {OF_PACE}"
            if not _one(file, f"SELECT count(*) {those}", pace, pace):
                continue
            known = f"SELECT {ended} - {began} AS wait {those} AND {ended} IS NOT NULL"
            count = _one(file, f"SELECT count(*) FROM ({known})", pace, pace)
            ranked = f"SELECT wait, row_number() OVER (ORDER BY wait) AS place FROM ({known})"
            at = {
                column: _one(
                    file, f"SELECT wait FROM ({ranked}) WHERE place = (? * ? + 99) / 100", pace, pace, count, part
                )
                for column, part in (("Median", 50), ("9 in 10 within", 90), ("Longest", 100))
                if count >= 10
            }
            each = [wait for (wait,) in file.execute(f"{known} ORDER BY 1", (pace, pace))] if count < 10 else None
            never = _one(file, f"SELECT count(*) {those} AND {ended} IS NULL AND closed_at", pace, pace)
            judged = f"SELECT coalesce(sum({ended} - {began} <= {target}), 0), count(*) {those}"
            share = _one(file, f"{judged} AND {target} > 0 AND coalesce({ended}, closed_at)", pace, pace)
            cells = (count, never, *(at.get(name) for name in ("Median", "9 in 10 within", "Longest")), share, each)
            names = (
                "Cases",
                "Never",
                "Median",
                "9 in 10 within",
                "Longest",
                "Within target",
                "Each, if fewer than ten",
            )
            found |= {(table, label, name): cell for name, cell in zip(names, cells, strict=True)}
    return found


def _by_name(file: sqlite3.Connection, since: str, until: str) -> Found:
    found: Found = {}
    for table, column, where in (("outcomes", "outcome", "closed_at"), ("languages", "language", "1")):
        for word, count in file.execute(f"SELECT {column}, count(*) FROM c WHERE {where} GROUP BY 1"):
            found[table, word, "Cases"] = count
    for kind, sent, answered in file.execute(TESTED.format(since=since, until=until)):
        found["tests", kind, "Sent or rung"] = sent
        found["tests", kind, "Answered"] = (answered, sent)
    return found


def _counted(file: sqlite3.Connection) -> Found:
    night = {
        "paged somebody at night": AT_NIGHT.format(what="count(*)"),
        "of these closed as “not a pump problem”": AT_NIGHT.format(what="sum(outcome IS 'not a pump problem')"),
    }
    found = {key: _one(file, sql) for key, sql in COUNTED.items()}
    return found | {("night", line, "Cases"): _one(file, sql) for line, sql in night.items()}


async def test_the_holes_of_a_month_are_the_hours_at_which_nobody_is_on(month: Month) -> None:
    """Who has the night of the 10th is on leave, and nobody takes it: asked every half hour, who is on?"""
    book = month.handbooks.current()
    begins, half = datetime(2026, 11, 1, 5, tzinfo=UTC), timedelta(minutes=30)
    holder = on_call_at(book.rota.rotations["pump-team"], "primary", begins + timedelta(days=10))[0].person
    away = Change("L1", Kind.LEAVE, holder, begins + timedelta(days=9), begins + timedelta(days=11))
    rota = with_changes(book.rota, [away])
    month.handbooks.handbook = replace(book, rota=rota)
    holes = (await report_of(month)).table("holes").lines
    primary = [line for line in holes if line.label == "Pump team, primary"]
    told = sum((cell for line in primary for cell in line.cells if isinstance(cell, timedelta)), timedelta(0))
    at = (begins + place * half for place in range(29 * 48))
    empty = sum(not on_call_at(rota.rotations["pump-team"], "primary", one) for one in at)
    assert told == empty * half
    assert empty > 0
