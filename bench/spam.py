"""One true emergency among ten thousand texts of strangers: how long until it is paged?

A thousand numbers write ten texts each, as fast as the house takes them, through the carrier's signed webhook; no text
is refused and no number is blocked (law 1). In the middle of it a family that is known writes that a child does not
wake. Measured from that text's first byte to the carrier's receipt of the first page of its case. Goal: 2 s.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlencode

import aiohttp
from twilio.request_validator import RequestValidator

from bench.stage import TOKEN, Row, Stage, arguments, show, spread, stage
from oncall.adapters.rehearsal.sample_ward import LINE, PHONE_BOOK

GOAL_MS = 2000
AT_ONCE = 32
WORDS = "You have won! Reply YES to claim your prize now"
EMERGENCY = "he wont wake up and his pump alarm is beeping"
SERIAL = itertools.count(1)


async def text(session: aiohttp.ClientSession, made: Stage, number: str, words: str) -> tuple[str, float]:
    """The text's own name, and how long the carrier waited for its yes."""
    sid, url = f"SM{next(SERIAL):032x}", f"{made.public}/twilio/text"
    form = {"MessageSid": sid, "From": number, "To": LINE, "Body": words, "NumMedia": "0"}
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    at = time.time()
    async with session.post(url, data=urlencode(form).encode(), headers=headers) as answer:
        await answer.read()
        assert answer.status == 200, answer.status
    return sid, time.time() - at


async def flood(session: aiohttp.ClientSession, made: Stage, numbers: Iterator[str]) -> list[float]:
    return [(await text(session, made, number, WORDS))[1] for number in numbers]


def strangers_of(texts: int) -> Iterator[str]:
    """The number of each text's sender: each writes ten times."""
    return (f"+1415{2000000 + turn % max(texts // 10, 1)}" for turn in range(texts))


def told_when(half: asyncio.Event, turn: int, numbers: Iterator[str]) -> Iterator[str]:
    for place, number in enumerate(numbers):
        if place == turn:
            half.set()
        yield number


async def measured(made: Stage, texts: int) -> list[Row]:
    await made.house()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        began = time.time()
        half = asyncio.Event()
        numbers = told_when(half, texts // 2, strangers_of(texts))
        floods = [asyncio.create_task(flood(session, made, numbers)) for _ in range(AT_ONCE)]
        await half.wait()
        sent_at = time.time()
        sid, waited = await text(session, made, PHONE_BOOK["mum of Leo"], EMERGENCY)
        waits = [wait for one in await asyncio.gather(*floods) for wait in one]
        took = time.time() - began
    case = case_of(made, sid)
    first = min((at for at, _, message in await made.stamps() if message.split(".")[0] == case), default=float("inf"))
    return [
        spread("stranger's text -> 200", waits, texts_per_s=round(len(waits) / took)),
        spread("the emergency's text -> 200", [waited]),
        spread("the emergency's text -> carrier asked for its page", [first - sent_at], goal_ms=GOAL_MS),
    ]


def case_of(made: Stage, sid: str) -> str:
    """Read beside the house, as `oncall` commands do."""
    with closing(sqlite3.connect(f"file:{made.database}?mode=ro", uri=True)) as database:
        [(cases,)] = database.execute("SELECT cases FROM received WHERE key = ?", (f"text:{sid}",))
    return str(json.loads(cases)[0])


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--texts", type=int, default=10_000)
    told = parser.parse_args()
    with stage() as made:
        rows = asyncio.run(measured(made, told.texts))
    show("one emergency among strangers' texts", rows, told.json)


if __name__ == "__main__":
    main()
