"""Words of strangers stay words: in pages, in what a call says, in the database, in a table to download, in the log.

Every page that can be looked at is looked at, also one that is added tomorrow, with hostile words in every place where
a family, a device, a colleague or a file can put some.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import structlog
from aiohttp import web

from oncall.adapters.register.rows import FamilyPhoneRow, PatientPhoneRow, PatientRow, PersonRow
from oncall.adapters.rehearsal.sample_ward import BRIDGE_TOKEN
from oncall.adapters.web.routes import internal_routes
from oncall.logs import log_to
from tests.contract.test_twilio_hooks import post
from tests.support.ward import Ward, open_ward

MARK = "zqx"
HOSTILE = (
    f"<{MARK}>alert(1)</{MARK}>",
    f"\"><{MARK}><img src=x {MARK}=1>",
    f"' {MARK}='1' on{MARK}='2'",
    f"</textarea></title></script><{MARK}>",
    f"]]><{MARK}/><Say>{MARK}</Say><Dial>{MARK}</Dial>",
    "'); DROP TABLE reports; --",
    '{"event": "forged"}\n{"event": "forged", "level": "critical"}\r\n',
    "{{ 7*7 }}{% raw %}${7*7}#{7*7}",
    "=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "\t=1+1",
    "\u202e\u2066\x1b[31m\x07",
)  # fmt: skip
VERBS = {"Response", "Say", "Gather", "Record", "Redirect", "Dial", "Number", "Pause", "Hangup", "Conference"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Reader(HTMLParser):
    """A browser's view: which elements and attributes there are."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [name for name in (tag, *(attribute for attribute, _ in attrs)) if MARK in name]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    before, stream = structlog.get_config(), io.StringIO()
    log_to(stream, logging.DEBUG)
    yield stream
    structlog.configure(**before)


async def fill(ward: Ward) -> list[str]:
    """Hostile words from everywhere; the ids of what came of them."""
    everything = " ".join(HOSTILE)
    rows = [
        PatientRow(id="p9", name=everything, serial=HOSTILE[0], model=HOSTILE[1]),
        FamilyPhoneRow(number="+16175550177", relation=HOSTILE[2]),
        PatientPhoneRow(patient="p9", number="+16175550177"),
        PersonRow(id="eve", full_name=everything, name=HOSTILE[0], spoken=HOSTILE[4], role="clinician"),
    ]
    await ward.house.register.put(rows, "test")
    for number, words in zip(("+16175550177", "+16175550166"), (everything, "stiff " + everything), strict=True):
        await ward.phone(number).texts(words)
    alarm = {
        "id": HOSTILE[0],
        "device_serial": HOSTILE[0],
        "tone": "two_tone",
        "alarm_reason": everything,
        HOSTILE[1]: 1,
    }
    bearer = {"Authorization": f"Bearer {BRIDGE_TOKEN}"}
    address = f"{ward.internal_url}/v1/alarms"
    async with ward.client() as client, client.post(address, json=alarm | {HOSTILE[1]: 1}, headers=bearer) as answer:
        assert answer.status == 201
    await ward.settle()
    return [case.id for case in await ward.open_cases()]


async def pages(ward: Ward, ids: list[str]) -> list[tuple[str, str, str]]:
    """Address, type and words of every look, with each of our cases, patients and people in the addresses."""
    shown, fillings = [], [*ids, "p9", "eve", "primary", HOSTILE[1].replace("/", "")]
    inside = [guarded.route for guarded in internal_routes() if isinstance(guarded.route, web.RouteDef)]
    paths = {route.path for route in inside if route.method == "GET"}
    async with await ward.browser() as client:
        for path in sorted(paths - {"/events"}):
            for filled in fillings if "{" in path else [""]:
                address = re.sub(r"{\w+}", filled, path)
                query = {"name": HOSTILE[1], "q": HOSTILE[0], "next": HOSTILE[3], "case": HOSTILE[0]}
                async with client.get(ward.internal_url + address, params=query, allow_redirects=False) as answer:
                    words = (await answer.read()).decode("utf-8", "replace")  # a record on paper is no text
                    shown.append((path, answer.content_type, words))
    return shown


async def test_hostile_words_from_everywhere_stay_words_everywhere(tmp_path: Path, log: io.StringIO) -> None:
    async with open_ward(internal=True, database=f"sqlite:///{tmp_path}/oncall.db") as ward:
        ids = await fill(ward)
        assert len(ids) == 2, "the alarm is about the same child"
        shown = await pages(ward, ids)
        await ward.is_sound()  # what the database holds is what was filed
        notes = [note for case in await ward.open_cases() for note in case.reports]
        raw = [report.raw for note in notes if (report := await ward.house.journal.report(note.id))]
    assert sum(HOSTILE[5] in told for told in raw) == 3, "kept as they came"
    assert sum(MARK in told for _, _, told in shown) > 3, "the hostile words were shown at all"
    for path, kind, told in shown:
        if kind == "text/html":
            reader = Reader()
            reader.feed(told)
            assert reader.found == [], path
        if "csv" in kind or "spreadsheet" in kind:
            cells = [cell for row in csv.reader(io.StringIO(told)) for cell in row]
            assert [cell for cell in cells if cell.startswith(FORMULA)] == [], path
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert lines
    assert [line for line in lines if line["event"] == "forged"] == []


async def test_hostile_words_put_no_verb_into_what_a_call_is_told(ward: Ward) -> None:
    """The answer to a webhook is XML with our own verbs only."""
    plain = "".join(letter for words in HOSTILE for letter in words if letter.isprintable())
    form = {"CallSid": "CA" + "1" * 32, "From": "+16175550142", "To": plain, "SpeechResult": plain, "Digits": plain}
    for path in ("/twilio/voice", "/twilio/voice/said?q=danger&step=1", "/twilio/text"):
        status, told = await post(ward, path, form | {"MessageSid": "SM1", "Body": plain})
        assert status == 200
        document = ElementTree.fromstring(told)
        verbs = {element.tag for element in document.iter()}
        assert verbs <= set(
            ["Response", "Say", "Gather", "Record", "Redirect", "Dial", "Number", "Pause", "Hangup", "Conference"]
        )
        assert MARK not in "".join(document.itertext())
