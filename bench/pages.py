"""How long the server takes for its pages, in a hospital with many patients and years of cases.

A house of 10,000 patients with 15,000 phones and 50,000 past cases, all made up, is filled quickly and then served as
in production; each address of one table is asked over and over, signed in as a coordinator. Deliberately not here:
what a browser does with the bytes.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import aiohttp

from bench.stage import BEARER, Stage, arguments, show, spread, stage
from oncall.adapters.clock import SystemClock
from oncall.adapters.journal.counted import fill_figures
from oncall.adapters.journal.rows import micros
from oncall.adapters.register.rows import FamilyPhoneRow, PatientPhoneRow, PatientRow, Row
from oncall.core.as_json import to_json
from oncall.house import sign_in_of
from oncall.service.people.accounts import csrf_of
from oncall.stores import open_journal_and_register
from tests.support.web_house import MUM, web_house

PATIENTS, PAST, RECENT, OPEN, ROUNDS = 10_000, 50_000, 50, 5, 100
READY = 15  # seconds after a start in which nobody looks yet; the first look of each page is told apart
FIRST, LAST = ("Ana", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gil", "Hana"), ("Abbot", "Brandt", "Costa", "Doyle", "Eng")


@dataclass(frozen=True)
class Asked:
    """One address; a `form` is posted."""

    path: str
    form: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


PAGES = (
    Asked("/"),
    Asked("/patients"),
    Asked("/patients?after=p5000", name="/patients, in the middle"),
    Asked("/patients/p0", name="/patients/{id}, 1,250 past cases"),
    Asked("/cases/past0", name="/cases/{id}"),
    Asked("/board/kiosk"),
    Asked("/patients/due"),
    Asked("/tasks"),
    Asked("/reports"),
    Asked("/health"),
    Asked("/rota"),
    Asked("/search", {"q": "cleo costa"}, "search: two words of a name"),
    Asked("/search", {"q": "SN0004242"}, "search: a serial number"),
    Asked("/search", {"q": "(617) 600-4242"}, "search: a phone"),
    Asked("/search", {"q": "zzz"}, "search: nothing"),
    Asked("/search", {"q": "17"}, "search: a slot"),
)


def a_year() -> Asked:
    """The report of the last 365 days."""
    today = SystemClock().now().date()
    return Asked(f"/reports?from={today - timedelta(days=364)}&until={today}", name="/reports of a year")


def rows_of(today: date) -> Iterator[Row]:
    """Patients with one phone each, and every second one with another."""
    for n in range(PATIENTS):
        name = f"{FIRST[n % len(FIRST)]} {LAST[n // len(FIRST) % len(LAST)]} {n}"
        yield PatientRow(
            id=f"p{n}",
            name=name,
            serial=f"SN{n:07}",
            model="SynchroMed II",
            born_on=date(2010, 1, 1) + timedelta(days=n % 3000),
            last_refill_on=today - timedelta(days=n % 90),
            low_reservoir_on=today + timedelta(days=n % 90),
        )
    for n in range(PATIENTS * 3 // 2):
        number = f"+1617600{n:04}" if n < 10_000 else f"+1617700{n - 10_000:04}"
        yield FamilyPhoneRow(number=number, relation="mother")
        yield PatientPhoneRow(patient=f"p{n % PATIENTS}", number=number)


async def fill(made: Stage) -> str:
    """The cookie of a coordinator's session; the house must not run."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        _, register = open_journal_and_register(made.config(), clock, stack)
        started = time.perf_counter()
        changed = await register.put(rows_of(clock.now().date()), "bench")
        print(f"{changed} rows of patients and phones in one commit: {time.perf_counter() - started:.1f} s")
        token = await sign_in_of(register, clock).open_session("maria")
    await fill_cases(made, clock.now())
    return token


async def fill_cases(made: Stage, now: datetime) -> None:
    """One real case from its first text to its close, written again and again under other names and dates."""
    house = await web_house()
    case = await house.closed(await house.reached(await house.taken(await house.text(MUM, "she is stiff and hot"))))
    entries = house.journal._rows.entries[case.id]
    report = house.journal._rows.reports[case.reports[0].id]
    connection = sqlite3.connect(made.database)
    connection.execute("PRAGMA synchronous = OFF")
    for n in range(PAST):
        name = f"past{n}"
        age = timedelta(minutes=10 + n) if n < RECENT else timedelta(days=2) + timedelta(minutes=n * 40)
        moved = now - age - house.clock.now()
        own = report.id.replace(report.id, f"r{n}")

        def renamed(body: str, name: str = name, own: str = own) -> str:
            return body.replace(case.id, name).replace(report.id, own)

        opened, closed = micros(case.opened_at + moved), micros(house.clock.now() + moved)
        key = f"patient:p{n % 40 and n % PATIENTS}"
        connection.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(name, r.seq, micros(r.at + moved), k, v, renamed(b), d) for r, k, v, b, d in entries],
        )
        connection.execute(
            "INSERT INTO cases VALUES (?, ?, ?, 'closed', ?, ?, ?)",
            (name, key, case.code, opened, closed, len(entries)),
        )
        told = renamed(to_json(report))
        connection.execute("INSERT INTO reports VALUES (?, ?, ?, ?)", (own, name, opened, told))
        connection.executemany(
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, 0)",
            [(renamed(p.id), name, p.person, p.slot, f"t{n}-{i}", opened) for i, p in enumerate(case.pages)],
        )
    connection.commit()
    fill_figures(connection)
    connection.close()


async def measure(made: Stage, token: str) -> list[dict[str, Any]]:
    await made.house()
    await asyncio.sleep(READY)
    rows = []
    headers = {"Cookie": f"session={token}", "X-CSRF": csrf_of(token)}
    async with aiohttp.ClientSession() as session:
        for n in range(OPEN):
            alarm = {"id": f"a{n}", "device_serial": f"SN{n:07}", "tone": "two_tone"}
            async with session.post(f"{made.internal}/v1/alarms", json=alarm, headers=BEARER) as answer:
                answer.raise_for_status()
        for asked in (*PAGES, a_year()):
            seconds, size = [], 0
            for _ in range(ROUNDS):
                method = "POST" if asked.form else "GET"
                started = time.perf_counter()
                async with session.request(
                    method, made.internal + asked.path, data=asked.form or None, headers=headers
                ) as answer:
                    size = len(await answer.read())
                    answer.raise_for_status()
                seconds.append(time.perf_counter() - started)
            first, *again = seconds
            rows.append(spread(asked.name or asked.path, again, first_ms=round(first * 1000, 1), bytes=size))
    return rows


def main() -> None:
    told = arguments(__doc__ or "").parse_args()
    with stage() as made:
        token = asyncio.run(fill(made))
        rows = asyncio.run(measure(made, token))
    show(f"Pages with {PATIENTS} patients and {PAST} past cases", rows, told.json)


if __name__ == "__main__":
    main()
