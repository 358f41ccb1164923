"""Anything at all through every door: never a 500, never our insides in an answer, never a contact that is not filed.

The same examples on every run; `ONCALL_FUZZ=5000` tries so many at each door, with HYPOTHESIS_PROFILE=wander new ones.
Routes, fields of forms and webhooks are read from the house itself, so that a new one is tried without a word here.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from oncall.adapters.calendars.imported import Reading, Wish
from oncall.adapters.calendars.reading import read_schedule
from oncall.adapters.clock import VirtualClock
from oncall.adapters.identity.provider import Client, OpenIdProvider
from oncall.adapters.rehearsal.sample_ward import BRIDGE_TOKEN
from oncall.adapters.web.routes import internal_routes, public_routes
from oncall.service.people.accounts import csrf_of
from oncall.service.people.single_sign_on import NotVouched
from oncall.service.rota.calendars import CalendarLink
from tests.contract.test_identity_provider import AT as SIGNED_AT
from tests.contract.test_identity_provider import ATTEMPT, BACK, Liar
from tests.support.ward import ROOT, Ward, open_ward

BUDGET = int(os.environ.get("ONCALL_FUZZ", "25"))
tried = settings(
    max_examples=BUDGET,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SIDS = count(1)
NASTY = (
    "", " ", "0", "-1", "1e999", "9" * 5000, "nan", "true", "null", "none", "2026-02-30", "2026-11-01T01:30", "24:00",
    "0001-01-01", "9999-12-31", "+16175550142", "+1617555014２", "911", "<script>alert(1)</script>", "{{7*7}}", "%s%n",
    "' OR 1=1 --", "\x00", "a\r\nSet-Cookie: x=1", "\ud83d", "\u202e", "../../etc/passwd", "=1+1", "[]", "{}",
    "é" * 300, "pump-team", "maria", "leo", "x" * 20_000, "${jndi:x}", "²", "٣", "http://[", "//evil.example",
)  # fmt: skip
INSIDES = ("Traceback", "site-packages", "sqlite3", ".py", "aiohttp")
words = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.integers().map(str), st.dates().map(str))
names = st.text(max_size=20)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)


@dataclass
class Doors:
    """One open house for all examples: what they leave behind is what the next ones meet."""

    runner: asyncio.Runner
    ward: Ward
    client: ClientSession

    def ask(self, method: str, address: str, **how: Any) -> tuple[int, str, str]:
        """Status, words, and where it leads."""
        return self.runner.run(self._ask(method, address, **how))

    async def _ask(self, method: str, address: str, **how: Any) -> tuple[int, str, str]:
        async with self.client.request(method, address, allow_redirects=False, **how) as answer:
            leads = answer.headers.get("Location", "/")
            told = answer.status, (await answer.read()).decode("utf-8", "replace"), leads
        await self.ward.settle()
        return told


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    async def opened(stack: AsyncExitStack) -> Doors:
        ward = await stack.enter_async_context(open_ward(internal=True))
        client = await stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
        return Doors(runner, ward, client)

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        yield runner.run(opened(stack))
        runner.run(stack.aclose())


def is_sound(answer: tuple[int, str, str], *more: int) -> None:
    status, words, leads = answer
    assert status < 500 or status in more, (status, words[:500])
    assert [inside for inside in INSIDES if inside in re.sub(r"<pre.*?</pre>", "", words)] == [], words[:500]
    assert leads.startswith("/"), leads
    assert not leads.startswith(("//", "/\\")), leads


# --- the carrier ------------------------------------------------------------------------------------------------------

FIELDS = (
    "Body", "From", "To", "NumMedia", "MediaUrl0", "OptOutType", "MessageStatus", "CallStatus", "Digits",
    "SpeechResult", "Confidence", "Language", "Direction", "RecordingUrl", "RecordingDuration", "RecordingStatus",
    "ErrorCode", "AnsweredBy", "StatusCallbackEvent", "ConferenceSid", "DialCallStatus",
)  # fmt: skip
forms = st.dictionaries(st.sampled_from(FIELDS), words.filter(str.isprintable), max_size=8)
queries = st.dictionaries(st.sampled_from(["m", "q", "step", "silent", "c", "t", "turn", "who"]), words, max_size=5)


def hook(doors: Doors, path: str, form: dict[str, str]) -> tuple[int, str, str]:
    url = doors.ward.house.hospital.public_url + path
    signed = RequestValidator("token").compute_signature(url, form)
    headers = {"X-Twilio-Signature": signed, "Content-Type": "application/x-www-form-urlencoded"}
    return doors.ask("POST", url, data=urlencode(form).encode(), headers=headers)


@tried
@given(form=forms)
def test_no_text_is_lost_whatever_stands_in_the_carriers_form(doors: Doors, form: dict[str, str]) -> None:
    sid = f"SM{next(SIDS):032}"
    answer = hook(doors, "/twilio/text", {**form, "MessageSid": sid})
    is_sound(answer)
    assert answer[0] == 200
    assert answer[1].endswith("<Response />"), "words are in the answer only when the store refuses"
    received = doors.runner.run(doors.ward.house.journal.received(f"text:{sid}"))
    taken = form.get("From", "") in [phone.number for phone in doors.ward.carrier.phones.values()]
    assert received or taken, form


@tried
@given(form=forms)
def test_no_call_is_lost_whatever_stands_in_the_carriers_form(doors: Doors, form: dict[str, str]) -> None:
    form.pop("Direction", None)
    sid = f"CA{next(SIDS):032}"
    with capture_logs() as logged:
        answer = hook(doors, "/twilio/voice", {**form, "CallSid": sid})
    is_sound(answer)
    ElementTree.fromstring(answer[1])
    assert "Say" in answer[1] or "Gather" in answer[1]
    assert [one for one in logged if one["event"] == "webhook failed"] == []


@tried
@given(form=forms, query=queries, place=st.integers(0, 60))
def test_every_webhook_answers_the_carrier_in_its_own_language(
    doors: Doors, form: dict[str, str], query: dict[str, str], place: int
) -> None:
    paths = sorted({route.path for route in doors.ward.house.hooks.routes()})
    told = urlencode(query, errors="replace")
    answer = hook(doors, f"{paths[place % len(paths)]}?{told}", {"CallSid": f"CA{next(SIDS):032}", **form})
    is_sound(answer, 503)
    if answer[0] == 200 and answer[1].startswith("<?xml"):
        ElementTree.fromstring(answer[1])


@tried
@given(body=st.one_of(st.binary(max_size=300), words.map(lambda told: told.encode("utf-8", "replace"))))
def test_bytes_that_are_no_form_and_carry_no_signature_are_refused(doors: Doors, body: bytes) -> None:
    url = f"{doors.ward.house.hospital.public_url}/twilio/text"
    assert doors.ask("POST", url, data=body)[0] == 403


# --- programs ---------------------------------------------------------------------------------------------------------

KNOWN = (
    "id device_serial event device_model alarm_class alarm_reason tone reservoir_ml occurred_at patient_context alarms"
)
alarms = st.one_of(
    st.binary(max_size=200),
    anything.map(lambda told: json.dumps(told).encode("utf-8", "replace")),
    st.dictionaries(st.sampled_from(KNOWN.split()), anything, max_size=6).map(lambda told: json.dumps(told).encode()),
)


@tried
@given(body=alarms)
def test_whatever_a_known_sender_sends_becomes_a_case(doors: Doors, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {BRIDGE_TOKEN}"}
    answer = doors.ask("POST", f"{doors.ward.internal_url}/v1/alarms", data=body, headers=headers)
    is_sound(answer)
    assert answer[0] in (200, 201, 422), answer
    case = json.loads(answer[1])["case"]
    assert case in {one.code for one in doors.runner.run(doors.ward.open_cases())}


# --- pages ------------------------------------------------------------------------------------------------------------

TEMPLATES = ROOT / "oncall" / "adapters" / "web" / "templates"
INPUTS = sorted(
    {name for page in TEMPLATES.glob("*.html") for name in re.findall(r'name="([\w.]+)"', page.read_text())}
)
ROUTES = [
    (inside, guarded.route.method, guarded.route.path)
    for inside, routes in ((True, internal_routes()), (False, public_routes()))
    for guarded in routes
    if isinstance(guarded.route, web.RouteDef) and guarded.route.path not in ("/events", "/logout")
] + [(False, "GET", "/calendar/{token}.ics")]
HEADERS = (
    "Host", "Origin", "Sec-Fetch-Site", "X-Forwarded-For", "User-Agent", "Accept", "Range",
    "If-None-Match", "Content-Type",
)  # fmt: skip
ODD = ("[", "http://[", "a b", "x" * 3000, "é", "127.0.0.1:x", "bytes=9-1", "multipart/form-data", "text/html", "null")
fields = st.dictionaries(st.one_of(st.sampled_from(INPUTS), names), words, max_size=10)


@settings(tried, max_examples=BUDGET * 8)
@given(
    place=st.integers(0, 10_000),
    path=st.lists(words.filter(lambda told: told not in ("", ".", "..") and len(told) < 200), min_size=3, max_size=3),
    query=fields,
    form=fields,
    who=st.sampled_from(["maria", "ana", "nobody", "liar"]),
    odd=st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(ODD), max_size=2),
)
def test_no_page_and_no_api_breaks_whatever_is_asked(
    doors: Doors,
    place: int,
    path: list[str],
    query: dict[str, str],
    form: dict[str, str],
    who: str,
    odd: dict[str, str],
) -> None:
    inside, method, template = ROUTES[place % len(ROUTES)]
    parts = iter(path)
    filled = re.sub(r"{\w+}", lambda _: quote(next(parts), safe="", errors="replace"), template)
    base = doors.ward.internal_url if inside else doors.ward.house.hospital.public_url
    headers = doors.runner.run(asked_by(doors.ward, who, form))
    body = urlencode(form, errors="replace").encode() if method == "POST" else None
    headers |= {"Content-Type": "application/x-www-form-urlencoded", **odd}
    address = f"{base}{filled}?{urlencode(query, errors='replace')}"[:6000]
    is_sound(doors.ask(method, address, data=body, headers=headers), *([503] if template == "/readyz" else []))


async def asked_by(ward: Ward, who: str, form: dict[str, str]) -> dict[str, str]:
    """Somebody signed in, nobody, or somebody with a cookie and a token of their own invention."""
    if who == "nobody":
        return {}
    if who == "liar":
        told = quote(next(iter(form.values()), "x"), errors="replace")[:3000]
        return {"Cookie": f"session={told}; sign-in={told}; x", "Authorization": f"Bearer {told}"}
    token = await ward.house.sign_in.open_session(who)
    return {"Cookie": f"session={token}", "X-CSRF": csrf_of(token)}


NOT_TEXT = (b"\xff", b"\xff\xfe\xed\xa0\xbd", b"bearer \xff", b"\xc3", b"session=\xff")
RAW = (
    "Cookie",
    "Authorization",
    "X-CSRF",
    "Accept",
    "X-Forwarded-For",
    "User-Agent",
    "Range",
    "If-None-Match",
    "Origin",
)


@tried
@given(place=st.integers(0, 10_000), told=st.dictionaries(st.sampled_from(RAW), st.sampled_from(NOT_TEXT), max_size=4))
def test_bytes_that_are_no_text_in_a_header_break_no_page(doors: Doors, place: int, told: dict[str, bytes]) -> None:
    """No client of ours can send them, and a cookie may be set by any other host of the hospital's domain."""
    inside, method, template = ROUTES[place % len(ROUTES)]
    base = doors.ward.internal_url if inside else doors.ward.house.hospital.public_url
    path = re.sub(r"{\w+}", "x", template)
    answer = doors.runner.run(asked_raw(base, f"{method} {path}", told))
    assert int(answer.split(b" ", 2)[1]) < 500 or template == "/readyz", answer[:300]


TAGS = ("*", "W/", '"', 'W/"x", *', '"' * 3000, "x" * 3000, '"a","b",' * 900, "\x85", "é")


@tried
@given(tag=st.one_of(st.sampled_from(TAGS), st.text(alphabet='W/"*, xé', max_size=30)), scheme=st.text(max_size=8))
def test_a_calendar_answers_whatever_a_program_says_of_its_copy(doors: Doors, tag: str, scheme: str) -> None:
    link, told = CalendarLink("fuzz", "ana", None), {"If-None-Match": tag.encode(), "Accept": scheme.encode()}
    doors.runner.run(doors.ward.house.register.add_calendar_link(link, "fuzz-token", "test"))
    if not set(tag + scheme) & set("\r\n\0"):
        asked = asked_raw(doors.ward.house.hospital.public_url, "GET /calendar/fuzz-token.ics", told)
        assert doors.runner.run(asked).split(b" ", 2)[1] in (b"200", b"304", b"400")


@pytest.mark.parametrize("name", ["seen", "session", "attempt"])
def test_a_foreign_cookie_keeps_nobody_from_the_link_of_a_page(doors: Doors, name: str) -> None:
    doors.runner.run(doors.ward.phone("mum of Leo").texts("she is stiff"))
    [page, *_] = [page for case in doors.runner.run(doors.ward.open_cases()) for page in case.pages]
    told = {"Cookie": name.encode() + b"=\xff"}
    for base, asked, status in (
        (doors.ward.house.hospital.public_url, f"GET /p/{page.token}", b"200"),
        (doors.ward.internal_url, "GET /", b"303"),
        (doors.ward.internal_url, "GET /login", b"200"),
    ):
        assert doors.runner.run(asked_raw(base, asked, told)).split(b" ", 2)[1] == status


async def asked_raw(base: str, asked: str, told: dict[str, bytes]) -> bytes:
    place = base.partition("://")[2]
    host, _, port = place.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [f"{asked} HTTP/1.1".encode(), f"Host: {place}".encode(), b"Connection: close"]
    lines += [name.encode() + b": " + words for name, words in told.items()]
    writer.write(b"\r\n".join([*lines, b"", b""]))
    answer = await reader.read()
    writer.close()
    return answer


# --- schedules --------------------------------------------------------------------------------------------------------

SPAN = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC))
HEADINGS = ("person", "tier", "date", "start time", "end time", "hours", "StaffFName", "Monday", "x")
sheet_rows = st.lists(st.lists(st.one_of(st.sampled_from(HEADINGS), words), max_size=6), max_size=5)
LINES = (
    "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "END:VCALENDAR", "DTSTART:20261123T190000",
    "DTSTART;TZID=Nowhere/Land:20261123T190000", "DTSTART;VALUE=DATE:20261123", "DTEND:20261124T070000Z", "UID:1",
    "DTEND:19991124T070000Z", "DURATION:P9999D", "RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY;UNTIL=x", "EXDATE:x",
    "RECURRENCE-ID:20261124T190000", "SUMMARY:Ana Lee (primary)", "STATUS:CANCELLED", "SEQUENCE:x", "TZID:x", ":", ";=",
)  # fmt: skip
calendars = st.lists(st.one_of(st.sampled_from(LINES), names), max_size=14).map(
    lambda lines: "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines]).encode("utf-8", "replace")
)
tables = st.tuples(sheet_rows, st.sampled_from(",;\t")).map(
    lambda told: "\n".join(told[1].join(row) for row in told[0]).encode("utf-8", "replace")
)


def zipped(parts: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as book:
        for name, inside in parts.items():
            book.writestr(name, inside)
    return whole.getvalue()


PARTS = ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/sharedStrings.xml", "xl/styles.xml")
books = st.dictionaries(st.sampled_from(PARTS), st.binary(max_size=60), max_size=4).map(zipped)
objects = st.lists(st.dictionaries(st.sampled_from(("StaffFName", "StartDate", "x")), anything, max_size=3)).map(
    lambda told: json.dumps(told).encode()
)


@settings(tried, max_examples=BUDGET * 8)
@given(content=st.one_of(st.binary(max_size=400), calendars, tables, books, objects))
def test_every_file_is_a_schedule_or_a_sentence(content: bytes) -> None:
    reading = read_schedule(content, Wish("America/New_York"), SPAN)
    assert isinstance(reading, Reading)
    assert all(error.wanted for error in reading.errors)


# --- single sign-on ---------------------------------------------------------------------------------------------------


@tried
@given(
    claims=st.dictionaries(
        st.sampled_from(["iss", "sub", "aud", "nonce", "iat", "exp", "email", "email_verified", "azp"]),
        anything,
        max_size=3,
    ),
    description=st.dictionaries(
        st.sampled_from(["issuer", "jwks_uri", "token_endpoint", "userinfo_endpoint"]),
        st.one_of(anything, st.sampled_from(["http://[", "https://", "http://127.0.0.1:1/x", "javascript:x"])),
        max_size=1,
    ),
    key=st.dictionaries(st.sampled_from(["kty", "n", "e", "kid", "alg", "use", "x", "y", "crv"]), anything, max_size=4),
    swapped=st.booleans(),
)
def test_whatever_a_provider_says_it_vouches_or_is_refused(
    claims: dict[str, Any], description: dict[str, Any], key: dict[str, Any], swapped: bool
) -> None:
    async def asked() -> None:
        liar, app = Liar(), web.Application()
        app.router.add_route("*", "/{path:.*}", liar.answer)
        async with TestServer(app) as server:
            liar.issuer = str(server.make_url("")).rstrip("/")
            liar.claims, liar.description = claims, description
            liar.keys = [liar.keys[0] | key] if swapped else liar.keys
            provider = OpenIdProvider(Client(liar.issuer, "pump-line", "secret", BACK), VirtualClock(SIGNED_AT))
            try:
                liar.token()
            except (TypeError, ValueError):  # not even the liar can sign that
                return
            try:
                vouched = await provider.vouched("code", "", ATTEMPT)
            except NotVouched:
                return
            assert vouched.subject.startswith(liar.issuer)

    asyncio.run(asked())
